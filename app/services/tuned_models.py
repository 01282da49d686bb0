"""What tuning has found, kept in the store: once for each model and machine. No Qt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.domain import settings
from app.store import Repository, Store
from inference.tune import Tuned

_HASHED_BYTES = 1 << 20


def model_key(path: Path) -> str:
    """A model's content: a hash of the beginning of its file, and the size.

    Raises:
        OSError: It cannot be read.
    """
    import hashlib

    with path.open("rb") as file:
        beginning = file.read(_HASHED_BYTES)
    return f"{hashlib.sha256(beginning).hexdigest()[:32]}-{path.stat().st_size}"


def find_tuned(store: Store, path: Path) -> Tuned | None:
    """What was found for this model on this machine; waits for the disk.

    A model that cannot be read counts as not tuned: loading it says what is wrong.
    """
    from inference.machine import this_machine

    try:
        model = model_key(path)
    except OSError:
        return None
    machine = this_machine().words
    return store.submit(lambda repository: _read(repository, machine, model)).result()


def remember_tuned(store: Store, path: Path, tuned: Tuned | None) -> None:
    """Keep this for the model on this machine; None forgets what is kept. Waits for the disk.

    Raises:
        OSError: The model cannot be read.
        StoreError: It could not be written.
    """
    from inference.machine import this_machine

    machine, model = this_machine().words, model_key(path)
    store.submit(lambda repository: _write(repository, machine, model, tuned)).result()


def _read(repository: Repository, machine: str, model: str) -> Tuned | None:
    import msgspec

    try:
        return msgspec.convert(_kept(repository).get(machine, {}).get(model), Tuned)
    except (msgspec.ValidationError, AttributeError):
        return None


def _write(repository: Repository, machine: str, model: str, tuned: Tuned | None) -> None:
    import msgspec

    kept = _kept(repository)
    of_machine = kept.get(machine)
    models = dict(of_machine) if isinstance(of_machine, dict) else {}
    models.pop(model, None)
    if tuned is not None:
        models[model] = msgspec.to_builtins(tuned)
    repository.set_setting(settings.TUNED, {**kept, machine: models})


def _kept(repository: Repository) -> dict[str, Any]:
    kept = repository.setting(settings.TUNED)
    return kept if isinstance(kept, dict) else {}
