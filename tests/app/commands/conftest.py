from __future__ import annotations

import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    collect_ignore_glob = ["test_*"]

from tests.app.commands.shell import Shell
from tests.converters.shared_kernels import shared_kernels

__all__ = ["shared_kernels"]


@pytest.fixture
def empty_shell(data_dir: Path) -> Shell:
    """A user without a model."""
    return Shell(data_dir)


@pytest.fixture
def shell(empty_shell: Shell, starter_model: Path) -> Shell:
    """A user with the starter model."""
    empty_shell.models.mkdir(parents=True)
    (empty_shell.models / starter_model.name).symlink_to(starter_model)
    return empty_shell
