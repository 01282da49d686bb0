"""Projectors that a person chose for models, in place of those that lie beside them. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.domain import settings
from app.store import JsonValue, Repository
from inference.errors import ProjectorFailed


def is_projector_path(path: Path) -> bool:
    """Whether a file is a projector by its name."""
    return path.suffix.lower() == ".gguf" and "mmproj" in path.name.lower()


def chosen_projectors(repository: Repository) -> dict[Path, Path]:
    """Those that were chosen, by their models."""
    stored = repository.setting(settings.MODEL_PROJECTORS)
    if not isinstance(stored, dict):
        return {}
    return {Path(model): Path(path) for model, path in stored.items() if isinstance(path, str)}


def without(projectors: Mapping[Path, Path], model: Path) -> dict[Path, Path]:
    """Those of the other models."""
    return {path: projector for path, projector in projectors.items() if path != model}


def as_setting(projectors: Mapping[Path, Path]) -> JsonValue:
    """How they are stored."""
    return {str(model): str(path) for model, path in projectors.items()}


def no_model_for(path: Path) -> ProjectorFailed:
    """The error for a projector that is opened before any model."""
    return ProjectorFailed(
        "This is a projector and not a model",
        f"{path.name} lets a model see pictures, and no model is chosen.",
        "Choose the model that it belongs to, then open it again.",
    )
