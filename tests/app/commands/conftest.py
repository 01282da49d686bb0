from __future__ import annotations

import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    collect_ignore_glob = ["test_*"]

from tests.app.commands.shell import Shell
from tests.converters.shared_kernels import shared_kernels
from tests.inference.tiny_models import write_tiny_model

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


@pytest.fixture
def tiny_shell(empty_shell: Shell) -> Shell:
    """A user with a model of random weights: it answers at once, and nobody minds what."""
    empty_shell.models.mkdir(parents=True)
    write_tiny_model(empty_shell.models / "Tiny-Llama.F32.gguf", "llama")
    return empty_shell
