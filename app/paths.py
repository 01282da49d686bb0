"""Where Conclave keeps things on this computer.

`CONCLAVE_DATA_DIR` in the environment moves everything elsewhere; tests and portable installations
use it.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def data_dir() -> Path:
    """The folder of everything that belongs to this user."""
    override = os.environ.get("CONCLAVE_DATA_DIR")
    return Path(override) if override else platformdirs.user_data_path("conclave", appauthor=False)


def database_path() -> Path:
    """The conversations."""
    return data_dir() / "conclave.db"


def models_dir() -> Path:
    """Where GGUF files are looked for."""
    return data_dir() / "models"


def states_dir() -> Path:
    """What the engine has evaluated of conversations, so that a next start need not do it again."""
    return data_dir() / "states"


def log_dir() -> Path:
    """Logs of the window and of its child processes."""
    return data_dir() / "logs"
