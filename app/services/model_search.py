"""Which models there are: those in the folder, and what the store remembers of others."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from msgspec import Struct

from app.domain import settings
from app.services.engine_settings import rpc_workers
from app.services.model_files import ModelFile, find_models
from app.services.projectors import chosen_projectors
from app.store import Repository


class FoundModels(Struct, frozen=True):
    """The models, and how they are run."""

    models: tuple[ModelFile, ...]
    others: tuple[Path, ...]
    chosen: Path | None
    workers: tuple[str, ...]
    projectors: dict[Path, Path]


class RememberedModels(Struct, frozen=True):
    """What the settings say, of whatever type that is."""

    chosen: object
    others: object
    workers: tuple[str, ...]
    projectors: dict[Path, Path]


def remembered_models(repository: Repository) -> RememberedModels:
    """What the settings say of models."""
    return RememberedModels(
        repository.setting(settings.MODEL_PATH),
        repository.setting(settings.MODEL_FILES),
        rpc_workers(repository),
        chosen_projectors(repository),
    )


def look_for_models(folder: Path, remembered: Future[RememberedModels]) -> FoundModels:
    """Look into the folder, which is made where there is none, and wait for what is remembered."""
    known = remembered.result()
    chosen, others = known.chosen, known.others
    paths = tuple(Path(item) for item in others) if isinstance(others, list) else ()
    folder.mkdir(parents=True, exist_ok=True)
    return FoundModels(
        find_models(folder, paths),
        paths,
        Path(chosen) if isinstance(chosen, str) else None,
        known.workers,
        known.projectors,
    )
