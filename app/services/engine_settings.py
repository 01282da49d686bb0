"""What the settings say about the engine, for the window and the terminal."""

from __future__ import annotations

import math
from pathlib import Path

from app.domain import settings
from app.store import JsonValue, Repository
from inference.engine import EngineOptions

DEFAULT_IDLE_UNLOAD_S = 1800.0
"""Half an hour: who comes back from a meal finds the model loaded, and overnight memory is free."""


def engine_options(repository: Repository, states_folder: Path) -> EngineOptions:
    """The options as they are set; what is not set, or makes no sense, is the default."""
    default = EngineOptions()
    idle_s = _seconds(repository.setting(settings.ENGINE_IDLE_UNLOAD_S))
    memory = _bytes(repository.setting(settings.STATE_MEMORY_BYTES))
    disk = _bytes(repository.setting(settings.STATE_DISK_BYTES))
    return EngineOptions(
        state_memory_bytes=default.state_memory_bytes if memory is None else memory,
        state_disk_bytes=default.state_disk_bytes if disk is None else disk,
        state_folder=states_folder,
        idle_unload_s=DEFAULT_IDLE_UNLOAD_S if idle_s is None else idle_s,
    )


def _seconds(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def _bytes(value: JsonValue) -> int | None:
    return value if type(value) is int and value >= 0 else None


def rpc_workers(repository: Repository) -> tuple[str, ...]:
    """Addresses of the workers that are set."""
    workers = repository.setting(settings.ENGINE_RPC_WORKERS)
    if not isinstance(workers, list):
        return ()
    return tuple(worker.strip() for worker in workers if isinstance(worker, str) and worker.strip())
