"""What a person can set about the engine: read from the store, written there, used at once."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from app.domain import settings
from app.services.engine_settings import (
    DEFAULT_IDLE_UNLOAD_S,
    engine_options,
    rpc_workers,
)
from app.services.futures import FutureRelay, run_in_thread
from app.services.models import ModelService
from app.services.notices import notice_of
from app.services.tuned_models import find_tuned, remember_tuned
from app.store import JsonValue, Repository, Store
from inference.engine import ConfigurableEngine, EngineOptions, ModelParams
from inference.tune import Tuned

log = logging.getLogger(__name__)

_DEFAULT = EngineOptions()


class EnginePreferences(Struct, frozen=True):
    """What holds for all models; the defaults are those of a new installation."""

    state_memory_bytes: int = _DEFAULT.state_memory_bytes
    state_disk_bytes: int = _DEFAULT.state_disk_bytes
    idle_unload_s: float = DEFAULT_IDLE_UNLOAD_S
    rpc_workers: tuple[str, ...] = ()


class WindowPreferences(Struct, frozen=True):
    """How the window makes itself felt."""

    notifies: bool = True
    in_tray: bool = False


class ModelPreferences(Struct, frozen=True):
    """How one model is run; `tuned` is what holds, `default` what holds where nothing is kept."""

    path: Path
    name: str
    tuned: Tuned
    default: Tuned


class Preferences(Struct, frozen=True):
    """All of it; `model` is None where none is chosen or its file cannot be read."""

    engine: EnginePreferences
    model: ModelPreferences | None = None
    window: WindowPreferences = WindowPreferences()


class PreferenceService(QObject):
    """Reads and writes preferences; what is written holds from the next request on."""

    known = Signal(object)
    """Preferences"""
    window_changed = Signal(object)
    """WindowPreferences: they hold from now on."""
    failed = Signal(object)
    """Notice"""

    def __init__(
        self,
        store: Store,
        engine: ConfigurableEngine,
        models: ModelService,
        states_folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._engine = engine
        self._models = models
        self._states_folder = states_folder
        self._relay = FutureRelay(self)

    def read(self) -> None:
        """Find out what is set; `known` follows."""
        store, choice = self._store, self._models.current()
        reading = run_in_thread(
            lambda: _read(store, choice.params if choice else None, choice.name if choice else ""),
            "preferences",
        )
        self._relay.watch(reading, self.known.emit, self._on_failed)

    def start(self) -> None:
        """Find out how the window is to behave; `window_changed` follows."""
        reading = self._store.submit(_window_preferences)
        self._relay.watch(reading, self.window_changed.emit, self._on_failed)

    def save(self, before: Preferences, after: Preferences) -> None:
        """Keep what has changed and use it."""
        store, folder = self._store, self._states_folder
        writing = run_in_thread(lambda: _write(store, folder, before, after), "preferences")
        self._relay.watch(writing, partial(self._on_written, before, after), self._on_failed)

    def _on_written(self, before: Preferences, after: Preferences, options: EngineOptions) -> None:
        self._engine.configure(options)
        self.window_changed.emit(after.window)
        workers = after.engine.rpc_workers
        if workers != before.engine.rpc_workers:
            self._models.use_workers(workers)
        elif after.model != before.model:
            self._models.load_again()

    def _on_failed(self, error: BaseException) -> None:
        log.warning("preferences: %s", error)
        self.failed.emit(notice_of(error))


def _read(store: Store, params: ModelParams | None, name: str) -> Preferences:
    engine = store.submit(_engine_preferences).result()
    window = store.submit(_window_preferences).result()
    if params is None or not params.path.is_file():
        return Preferences(engine, None, window)
    default = Tuned.of(ModelParams(params.path))
    tuned = find_tuned(store, params.path) or default
    return Preferences(engine, ModelPreferences(params.path, name, tuned, default), window)


def _engine_preferences(repository: Repository) -> EnginePreferences:
    options = engine_options(repository, Path())
    return EnginePreferences(
        options.state_memory_bytes,
        options.state_disk_bytes,
        options.idle_unload_s,
        rpc_workers(repository),
    )


def _window_preferences(repository: Repository) -> WindowPreferences:
    default = WindowPreferences()
    notifies = repository.setting(settings.NOTIFIES)
    in_tray = repository.setting(settings.IN_TRAY)
    return WindowPreferences(
        notifies if isinstance(notifies, bool) else default.notifies,
        in_tray if isinstance(in_tray, bool) else default.in_tray,
    )


def _write(store: Store, folder: Path, before: Preferences, after: Preferences) -> EngineOptions:
    model = after.model
    if model is not None and model != before.model:
        remember_tuned(store, model.path, None if model.tuned == model.default else model.tuned)
    return store.submit(partial(_write_settings, folder, after)).result()


def _write_settings(folder: Path, after: Preferences, repository: Repository) -> EngineOptions:
    """Keep what differs from the default: what does not shall follow it."""
    chosen, default = after.engine, EnginePreferences()
    window, usual_window = after.window, WindowPreferences()
    values: dict[str, tuple[JsonValue, JsonValue]] = {
        settings.STATE_MEMORY_BYTES: (chosen.state_memory_bytes, default.state_memory_bytes),
        settings.STATE_DISK_BYTES: (chosen.state_disk_bytes, default.state_disk_bytes),
        settings.ENGINE_IDLE_UNLOAD_S: (chosen.idle_unload_s, default.idle_unload_s),
        settings.ENGINE_RPC_WORKERS: (list(chosen.rpc_workers), []),
        settings.NOTIFIES: (window.notifies, usual_window.notifies),
        settings.IN_TRAY: (window.in_tray, usual_window.in_tray),
    }
    with repository.transaction():
        for key, (value, usual) in values.items():
            repository.set_setting(key, None if value == usual else value)
    return engine_options(repository, folder)
