"""How far each model has come; the engine holds one of them at a time."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from app.services.model_files import model_name
from inference.engine import Loaded


class ModelPhase(StrEnum):
    """How far a model has come."""

    NONE = "none"
    """No model is chosen."""
    UNLOADED = "unloaded"
    """It loads with the next message."""
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class ModelState(Struct, frozen=True):
    """A model and its phase; `tuned` has the settings that tuning found, in words."""

    phase: ModelPhase
    name: str = ""
    path: Path | None = None
    fraction: float = 0.0
    loaded: Loaded | None = None
    tuned: str = ""


class ModelStates:
    """The states of all models that were met, by their files."""

    def __init__(self) -> None:
        self._states: dict[Path, ModelState] = {}
        self._facts: dict[Path, Loaded] = {}

    def of(self, path: Path | None) -> ModelState:
        """The state of a model; None is no model."""
        if path is None:
            return ModelState(ModelPhase.NONE)
        unmet = ModelState(ModelPhase.UNLOADED, model_name(path), path)
        return self._states.get(path, unmet)

    def facts(self, path: Path | None) -> Loaded | None:
        """What was learned of a model when it was loaded last."""
        return self._facts.get(path) if path is not None else None

    def put(self, path: Path, state: ModelState) -> None:
        """Note a model's state; where it takes the engine, the others are not loaded any more."""
        if state.phase in (ModelPhase.LOADING, ModelPhase.READY):
            self.unload_others(path)
        if state.loaded is not None:
            self._facts[path] = state.loaded
        self._states[path] = state

    def unload_others(self, path: Path | None) -> None:
        """The engine holds no other model than this; None: it holds none."""
        for other, state in self._states.items():
            if other != path and state.phase in (ModelPhase.LOADING, ModelPhase.READY):
                self._states[other] = replace(state, phase=ModelPhase.UNLOADED, loaded=None)
