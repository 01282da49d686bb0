"""Finds model files on the disk; what is in them is the engine's business."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from app import resources

_PART = re.compile(r"-(\d{5})-of-(\d{5})$")


class ModelFile(Struct, frozen=True):
    """One model that can be chosen; `size_bytes` of all its parts."""

    path: Path
    name: str
    size_bytes: int


def is_model_path(path: Path) -> bool:
    """Whether a file of this name is a model by itself: no projector and no later part."""
    if path.suffix.lower() != ".gguf" or "mmproj" in path.name.lower():
        return False
    part = _PART.search(path.stem)
    return part is None or int(part.group(1)) == 1


def model_name(path: Path) -> str:
    """The name of a model as a person reads it: the file's, without suffix and part number."""
    return _PART.sub("", path.stem)


def starter_model(folder: Path) -> Path:
    """Where `dev.py` puts the starter model in the models folder; it may be missing."""
    described = json.loads(resources.path("models/starter.json").read_text(encoding="utf-8"))
    return folder / str(described["file"])


def find_models(folder: Path, others: Iterable[Path] = ()) -> tuple[ModelFile, ...]:
    """The models of a folder and those of `others` that still exist, by name."""
    found = {path for path in folder.rglob("*") if is_model_path(path) and path.is_file()}
    found |= {path for path in others if path.is_file()}
    files = (ModelFile(path, model_name(path), _size_bytes(path)) for path in found)
    return tuple(sorted(files, key=lambda file: (file.name.lower(), str(file.path))))


def _size_bytes(path: Path) -> int:
    part = _PART.search(path.stem)
    if part is None:
        return path.stat().st_size
    stem = _PART.sub("", path.stem)
    parts = path.parent.glob(f"{_escaped(stem)}-?????-of-{part.group(2)}.gguf")
    return sum(file.stat().st_size for file in parts)


def _escaped(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)
