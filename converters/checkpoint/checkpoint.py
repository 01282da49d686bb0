"""A checkpoint: its configuration and its tensors, from one file or from shards with an index.

Code that lies in the folder is never run. Weights are read from safetensors files alone: pickled
ones are programs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from converters.checkpoint.safetensors_file import SafetensorsFile, StoredTensor
from converters.errors import DamagedCheckpoint, NotACheckpoint, PickledCheckpoint

CONFIG = "config.json"
INDEX = "model.safetensors.index.json"
MAX_JSON_BYTES = 1 << 28
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_LONGEST_NAME = 255
_SHOWN_NAMES = 8


@dataclass(frozen=True)
class Checkpoint:
    """A published model.

    Attributes:
        folder: Where its files are.
        config: `config.json`, as it is.
        files: Its weights, in the order of their names.
        model_id: "organization/name" where the folder lies in a cache of the Hub, else "".
    """

    folder: Path
    config: Mapping[str, Any]
    files: tuple[SafetensorsFile, ...]
    model_id: str = ""

    @classmethod
    def open(cls, path: Path) -> Checkpoint:
        """Open a folder, a model's folder in a cache of the Hub, or a single safetensors file.

        Raises:
            NotACheckpoint: It is none.
            PickledCheckpoint: Its weights are pickled.
            DamagedCheckpoint: A file is broken, or the index disagrees with the files.
        """
        if path.is_file() and path.suffix == ".safetensors":
            folder, names = path.parent, [path.name]
        else:
            folder = _snapshot(path)
            names = []
        if path.is_file() and path.suffix.lower() == ".gguf":
            raise NotACheckpoint(
                "This is not a checkpoint",
                f"{path} is a GGUF file already.",
                "Give it another type with conclave quantize, or choose the folder that it was "
                "made from.",
            )
        if not folder.is_dir():
            raise _not_a_checkpoint(path, "is neither a folder nor a safetensors file")
        if not (folder / CONFIG).is_file():
            raise _not_a_checkpoint(folder, f"holds no {CONFIG}")
        config = read_json_object(folder / CONFIG)
        index = {} if names else _weight_map(folder)
        names = names or sorted(set(index.values())) or _shards_without_index(folder)
        files = tuple(_open_shards(folder, names, index))
        _check_tensors(files, index)
        return cls(folder, config, files, _model_id(folder))

    @cached_property
    def tensors(self) -> dict[str, StoredTensor]:
        """All tensors by name: file by file, by name in each file."""
        return {name: tensor for file in self.files for name, tensor in file.tensors.items()}

    @property
    def n_bytes(self) -> int:
        """Bytes of all tensors."""
        return sum(tensor.n_bytes for tensor in self.tensors.values())

    def check_unchanged(self) -> None:
        """Make sure that no file of weights was changed since it was opened.

        Raises:
            SourceChanged: One was.
        """
        for file in self.files:
            file.check_unchanged()

    def close(self) -> None:
        """Close all files."""
        for file in self.files:
            file.close()


def read_json_object(path: Path) -> dict[str, Any]:
    """A JSON file whose outermost value is an object.

    Raises:
        DamagedCheckpoint: It cannot be read, or holds something else.
    """
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise ValueError(f"it has more than {MAX_JSON_BYTES:,} bytes")
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError("it holds no object")
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedCheckpoint(
            "A file of the checkpoint cannot be read",
            f"{path.name}: {error}",
            "Download it again.",
        ) from error
    return value


def _snapshot(path: Path) -> Path:
    """The folder of the files: for a model in a cache of the Hub, that of its newest snapshot."""
    snapshots = path / "snapshots"
    if (path / CONFIG).is_file() or not snapshots.is_dir():
        return path
    main = path / "refs" / "main"
    if main.is_file():
        named = snapshots / main.read_text(encoding="utf-8").strip()
        if named.is_dir():
            return named
    found = sorted(snapshots.iterdir(), key=lambda folder: folder.stat().st_mtime)
    return found[-1] if found else path


def _model_id(folder: Path) -> str:
    """What the cache's folder names say: `models--ORGANIZATION--NAME/snapshots/COMMIT`."""
    if folder.parent.name != "snapshots":
        return ""
    kind, _, model_id = folder.parent.parent.name.partition("--")
    return model_id.replace("--", "/") if kind == "models" else ""


def _weight_map(folder: Path) -> dict[str, str]:
    """File by name of tensor, from the index; empty where there is no index."""
    if not (folder / INDEX).is_file():
        return {}
    weight_map = read_json_object(folder / INDEX).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise _disagreement(f"{INDEX} has no `weight_map`")
    for name, file in weight_map.items():
        if not _is_file_name(file):
            raise _disagreement(f"{INDEX} puts {name} into {file!r:.80}, which is no file name")
    return weight_map


def _is_file_name(value: object) -> bool:
    if not isinstance(value, str) or "\0" in value or len(value) > _LONGEST_NAME:
        return False
    return Path(value).name == value and value not in ("", ".", "..")


def _shards_without_index(folder: Path) -> list[str]:
    names = sorted(path.name for path in folder.glob("model*.safetensors"))
    if names:
        return names
    others = sorted(path.name for path in folder.glob("*.safetensors"))
    if len(others) == 1:
        return others
    pickled = sorted(path.name for pattern in _PICKLED for path in folder.glob(pattern))
    if pickled and not others:
        raise PickledCheckpoint(
            "This checkpoint is pickled",
            f"{folder} has {', '.join(pickled[:3])}, but no safetensors file. A pickled file is a "
            "program that runs when it is read.",
            "Take a revision of the model with .safetensors files; nearly all have one.",
        )
    found = (
        f"has {', '.join(others[:3])} but no {INDEX}" if others else "holds no .safetensors file"
    )
    raise _not_a_checkpoint(folder, found)


def _open_shards(
    folder: Path, names: list[str], index: Mapping[str, str]
) -> Iterable[SafetensorsFile]:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        waiting = [tensor for tensor, file in index.items() if file in missing]
        raise _disagreement(
            f"{len(missing)} of {len(names)} files are not there: {_listed(missing)}; "
            f"they hold {len(waiting)} tensors: {_listed(waiting)}"
        )
    return (SafetensorsFile(folder / name) for name in names)


def _check_tensors(files: Iterable[SafetensorsFile], index: Mapping[str, str]) -> None:
    """Every tensor must be in one file, and where there is an index, in the file it names."""
    places: dict[str, str] = {}
    for file in files:
        for name in file.tensors:
            if name in places:
                raise _disagreement(f"{name} is both in {places[name]} and in {file.path.name}")
            places[name] = file.path.name
    if not places:
        raise _disagreement("its files hold no tensors")
    if not index:
        return
    wrong = [
        f"{name} should be in {index[name]} and is {_place(places.get(name))}"
        for name in index
        if places.get(name) != index[name]
    ]
    wrong += [f"{name} is in {places[name]} and not in the index" for name in places.keys() - index]
    if wrong:
        raise _disagreement(f"{INDEX} disagrees with the files: {_listed(wrong, '; ')}")


def _place(file: str | None) -> str:
    return f"in {file}" if file else "missing"


def _listed(names: list[str], separator: str = ", ") -> str:
    rest = len(names) - _SHOWN_NAMES
    return separator.join(names[:_SHOWN_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _not_a_checkpoint(path: Path, problem: str) -> NotACheckpoint:
    return NotACheckpoint(
        "This is not a checkpoint",
        f"{path} {problem}.",
        f"Choose a folder with {CONFIG} and .safetensors files, as downloaded from the Hub.",
    )


def _disagreement(problem: str) -> DamagedCheckpoint:
    return DamagedCheckpoint(
        "The checkpoint is incomplete or mixed up",
        problem if problem.endswith(".") else f"{problem}.",
        "Download the missing or changed files again, all from one revision.",
    )
