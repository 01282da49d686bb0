"""The engine's options from what is remembered."""

from __future__ import annotations

from pathlib import Path

from app.domain import settings
from app.store import Repository
from inference.engine import EngineOptions


def engine_options(repository: Repository, states_folder: Path) -> EngineOptions:
    """The options as they are set; what is not set, or makes no sense, is the default."""
    default = EngineOptions()
    return EngineOptions(
        state_memory_bytes=_bytes(
            repository, settings.STATE_MEMORY_BYTES, default.state_memory_bytes
        ),
        state_disk_bytes=_bytes(repository, settings.STATE_DISK_BYTES, default.state_disk_bytes),
        state_folder=states_folder,
    )


def _bytes(repository: Repository, key: str, default: int) -> int:
    value = repository.setting(key)
    return value if type(value) is int and value >= 0 else default
