"""`conclave tune` as a process, with the real engine; how fast the machine is does not matter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.services.tuned_models import find_tuned
from app.store import Store
from inference.tune import Tuned
from tests.app.commands.shell import Shell
from tests.inference.tiny_models import write_tiny_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.gguf", "llama", n_layer=1)


def kept(shell: Shell, model: Path) -> Tuned | None:
    store = Store(shell.data_dir / "conclave.db")
    try:
        return find_tuned(store, model)
    finally:
        store.close()


def test_what_is_found_is_kept_used_and_forgotten(empty_shell: Shell, model: Path) -> None:
    done = empty_shell.run("tune", str(model), "--seconds", "3")

    assert (done.returncode, done.stderr) == (0, "")
    assert "tiny: from" in done.stdout
    tuned = kept(empty_shell, model)
    assert tuned is not None
    assert tuned.words in done.stdout.splitlines()[-1] or "no time" in done.stdout

    small = ("--depths", "0", "--n-prompt", "8", "--n-generate", "2", "--repetitions", "2")
    bench = empty_shell.run("bench", str(model), *small, "--json")
    assert {test["n_batch"] for test in json.loads(bench.stdout)} == {tuned.n_batch}
    assert {test["n_threads"] for test in json.loads(bench.stdout)} == {tuned.n_threads}

    forgotten = empty_shell.run("tune", str(model), "--forget")
    assert forgotten.stdout == "tiny: forgotten; the usual settings hold\n"
    assert kept(empty_shell, model) is None


def test_a_model_that_cannot_be_used_is_told(empty_shell: Shell, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a model")

    done = empty_shell.run("tune", str(broken))

    assert done.returncode == 2
    assert "broken.gguf" in done.stderr
    assert kept(empty_shell, broken) is None
