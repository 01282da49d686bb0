"""Which models there are, which one is chosen, and how far its loading has come."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from app.domain import settings
from app.services.chat_events import ModelChoice
from app.services.engine_runner import EngineEvent, EngineRunner, RequestFailed
from app.services.futures import FutureRelay, run_in_thread
from app.services.model_files import ModelFile, model_name
from app.services.model_search import FoundModels, look_for_models, remembered_models
from app.services.model_states import ModelPhase, ModelState, ModelStates
from app.services.notices import Notice, notice_of
from app.services.projectors import (
    as_setting,
    is_projector_path,
    no_model_for,
    without,
)
from app.services.tuned_models import find_tuned
from app.store import JsonValue, Store
from inference.engine import Finished, Loaded, LoadProgress, LoadRequest, ModelParams
from inference.errors import EngineDied, ModelError, ProjectorFailed
from inference.tune import Tuned

__all__ = ["LoadFailed", "ModelPhase", "ModelService", "ModelState"]

log = logging.getLogger(__name__)


class LoadFailed(Struct, frozen=True):
    """The chosen model could not be loaded."""

    path: Path
    notice: Notice


class ModelService(QObject):
    """Finds, chooses and loads models."""

    models_found = Signal(object)
    """tuple[ModelFile, ...]"""
    state_changed = Signal(object)
    """ModelState"""
    chosen = Signal(object)
    """Path: a person chose this model."""
    facts_changed = Signal(object)
    """Path: something was learned of this model."""
    load_failed = Signal(object)
    """LoadFailed"""
    failed = Signal(object)
    """Notice: finding or remembering did not work."""

    def __init__(
        self, store: Store, runner: EngineRunner, folder: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._runner = runner
        self._folder = folder
        self._relay = FutureRelay(self)
        self._models: tuple[ModelFile, ...] = ()
        self._others: tuple[Path, ...] = ()
        self._workers: tuple[str, ...] = ()
        self._projectors: dict[Path, Path] = {}
        self._states = ModelStates()
        self._told = self._states.of(None)
        self._chosen: Path | None = None
        self._shown: Path | None = None
        self._params: dict[Path, ModelParams] = {}
        self._load_id = ""
        runner.event_arrived.connect(self._on_event_arrived)
        runner.request_failed.connect(self._on_request_failed)
        runner.unloaded.connect(self._on_unloaded)

    @property
    def folder(self) -> Path:
        """Where models are looked for."""
        return self._folder

    @property
    def models(self) -> tuple[ModelFile, ...]:
        """The models found last."""
        return self._models

    @property
    def state(self) -> ModelState:
        """The model that is shown and its phase."""
        return self._states.of(self._shown or self._chosen)

    @property
    def chosen_path(self) -> Path | None:
        """The model of conversations that have none of their own."""
        return self._chosen

    def current(self) -> ModelChoice | None:
        """The model of conversations that have none of their own."""
        return self._choice(self._chosen)

    def shown(self) -> ModelChoice | None:
        """The model that is shown, once it was used."""
        return self._choice(self._shown or self._chosen)

    def at(self, path: Path) -> Future[ModelChoice]:
        """The model of a file, to be run as it was tuned."""
        params = self._params.get(path)
        if params is not None:
            done: Future[ModelChoice] = Future()
            done.set_result(ModelChoice(model_name(path), params))
            return done
        future = run_in_thread(lambda: self._found_at(path), "tuned")
        self._relay.watch(future, self._on_choice_found, self._on_failed)
        return future

    def facts(self, path: Path | None) -> Loaded | None:
        """What was learned of a model when it was loaded last; None before."""
        return self._states.facts(path)

    def sees(self) -> bool | None:
        """Whether the model that is shown sees pictures; None before it was loaded."""
        facts = self.facts(self._shown or self._chosen)
        return facts.sees if facts is not None else None

    def show(self, path: Path | None) -> None:
        """Show the model of the conversation on the page; None: the chosen one. Loads nothing."""
        self._shown = path
        self._tell()

    def start(self) -> None:
        """Look for models and load the one chosen last, or else the first."""
        self._look(partial(self._on_found, first=True))

    def rescan(self) -> None:
        """Look for models again; a first one is chosen at once."""
        self._look(partial(self._on_found, first=False))

    def add(self, path: Path) -> None:
        """Choose a model file that may lie anywhere, and remember it; a projector: use it."""
        path = path.absolute()
        if is_projector_path(path):
            self._use_projector(path)
            return
        if path not in self._others and not path.is_relative_to(self._folder.absolute()):
            self._others = (*self._others, path)
            self._remember(settings.MODEL_FILES, [str(other) for other in self._others])
        self.choose(path)
        self.rescan()

    def choose(self, path: Path) -> None:
        """Load a model and remember it as the chosen one."""
        self._remember(settings.MODEL_PATH, str(path))
        self._choose(path)
        self.chosen.emit(path)

    def _use_projector(self, projector: Path) -> None:
        """Let the model that is shown see pictures through this file."""
        model = self._shown or self._chosen
        if model is None:
            self.failed.emit(notice_of(no_model_for(projector)))
            return
        self._remember_projectors({**self._projectors, model: projector})
        self.load_again()

    def _remember_projectors(self, projectors: dict[Path, Path]) -> None:
        self._projectors = projectors
        self._remember(settings.MODEL_PROJECTORS, as_setting(projectors))

    def load_again(self) -> None:
        """Try once more to load the model that is shown."""
        path = self._shown or self._chosen
        if path is not None:
            self._load(path)

    def use_workers(self, workers: tuple[str, ...]) -> None:
        """Let these machines hold part of each model; the chosen one is loaded again."""
        self._workers = workers
        self.load_again()

    # Looking

    def _look(self, on_found: partial[None]) -> None:
        remembered = self._store.submit(remembered_models)
        folder = self._folder
        self._relay.watch(
            run_in_thread(lambda: look_for_models(folder, remembered), "model-finder"),
            on_found,
            self._on_failed,
        )

    def _on_found(self, found: FoundModels, *, first: bool) -> None:
        self._models, self._others, self._workers = found.models, found.others, found.workers
        self._projectors = found.projectors
        self.models_found.emit(found.models)
        if self._chosen is not None:
            return
        if first and found.chosen is not None:
            self._choose(found.chosen)
        elif found.models:
            self._choose(found.models[0].path)

    def _remember(self, key: str, value: JsonValue) -> None:
        future = self._store.submit(lambda repository: repository.set_setting(key, value))
        self._relay.watch(future, self._on_remembered, self._on_failed)

    def _on_remembered(self, _done: None) -> None:
        """Nothing to tell."""

    def _on_failed(self, error: BaseException) -> None:
        log.warning("models: %s", error)
        self.failed.emit(notice_of(error))

    # Loading

    def _choose(self, path: Path) -> None:
        self._chosen, self._shown = path, None
        self._load(path)

    def _load(self, path: Path) -> None:
        if self._load_id:
            self._runner.cancel(self._load_id)
        self._load_id = uuid4().hex
        self._params[path] = params = self._plain_params(path)
        self._put(path, ModelState(ModelPhase.LOADING, model_name(path), path))
        store = self._store
        self._relay.watch(
            run_in_thread(lambda: find_tuned(store, path), "tuned"),
            partial(self._on_tuned_known, self._load_id, params),
            partial(self._on_tuned_unknown, self._load_id, params),
        )

    def _on_tuned_known(self, load_id: str, params: ModelParams, tuned: Tuned | None) -> None:
        if load_id == self._load_id:
            path = params.path
            self._params[path] = params = tuned.applied_to(params) if tuned else params
            self._put(path, replace(self._states.of(path), tuned=tuned.words if tuned else ""))
            self._runner.start(LoadRequest(load_id, params))

    def _on_tuned_unknown(self, load_id: str, params: ModelParams, error: BaseException) -> None:
        log.warning("models: what tuning found cannot be read: %s", error)
        self._on_tuned_known(load_id, params, None)

    def _choice(self, path: Path | None) -> ModelChoice | None:
        params = self._params.get(path) if path is not None else None
        return ModelChoice(model_name(params.path), params) if params else None

    def _plain_params(self, path: Path) -> ModelParams:
        projector = self._projectors.get(path)
        return ModelParams(path, rpc_servers=self._workers, projector_path=projector)

    def _found_at(self, path: Path) -> ModelChoice:
        tuned = find_tuned(self._store, path)
        params = self._plain_params(path)
        return ModelChoice(model_name(path), tuned.applied_to(params) if tuned else params)

    def _on_choice_found(self, choice: ModelChoice) -> None:
        self._params.setdefault(choice.params.path, choice.params)

    def _on_unloaded(self) -> None:
        if not self._load_id:
            self._states.unload_others(None)
            self._tell()

    def _on_event_arrived(self, arrived: EngineEvent) -> None:
        path = arrived.path
        is_load = arrived.request_id == self._load_id
        before = self._states.of(path)
        # A message loads its model too, where the engine does not hold it.
        if before.phase is ModelPhase.LOADING and self._load_id and not is_load:
            return
        match arrived.event:
            case LoadProgress(fraction):
                self._put(
                    path,
                    replace(before, phase=ModelPhase.LOADING, fraction=fraction, loaded=None),
                )
            case Loaded() as loaded:
                self._load_id = "" if is_load else self._load_id
                self._put(
                    path, replace(before, phase=ModelPhase.READY, fraction=1.0, loaded=loaded)
                )
                self.facts_changed.emit(path)
            case Finished() if is_load:
                self._load_id = ""
                self._put(path, replace(before, phase=ModelPhase.UNLOADED))

    def _on_request_failed(self, failed: RequestFailed) -> None:
        before = self._states.of(failed.path)
        if isinstance(failed.error, ProjectorFailed):  # the next load goes without it
            self._remember_projectors(without(self._projectors, failed.path))
        if failed.request_id == self._load_id:
            self._load_id = ""
            self._put(failed.path, replace(before, phase=ModelPhase.FAILED, loaded=None))
            self.load_failed.emit(LoadFailed(failed.path, notice_of(failed.error)))
        elif isinstance(failed.error, ModelError) and not self._load_id:
            self._put(failed.path, replace(before, phase=ModelPhase.FAILED, loaded=None))
        elif isinstance(failed.error, EngineDied) and not self._load_id:
            self._put(failed.path, replace(before, phase=ModelPhase.UNLOADED, loaded=None))

    def _put(self, path: Path, state: ModelState) -> None:
        self._states.put(path, state)
        self._tell()

    def _tell(self) -> None:
        if self.state != self._told:
            self._told = self.state
            self.state_changed.emit(self._told)
