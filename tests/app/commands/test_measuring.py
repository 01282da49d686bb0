"""`conclave calibrate` and `conclave measure` as programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.inference.tiny_models import write_tiny_model

TEXT = Path(__file__).parents[2] / "converters" / "measurement" / "text.txt"
SHORT = ("--text", str(TEXT), "--n-ctx", "128", "--threads", "1")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "model.gguf", "qwen3moe")


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _events(text: str) -> Iterator[tuple[str, dict[str, object]]]:
    for line in text.splitlines():
        event = json.loads(line)
        yield event["event"], event


def test_calibrates_and_measures(model: Path, tmp_path: Path) -> None:
    matrix = tmp_path / "matrix.gguf"
    done = _run("calibrate", model, "-o", matrix, *SHORT, "--chunks", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{matrix}: 32 matrices, 256 tokens\n")
    done = _run("calibrate", model, "-o", matrix, *SHORT, "--chunks", "2")
    assert done.returncode == 1
    assert "file of this name already" in done.stderr
    done = _run("measure", model, *SHORT, "--chunks", "2", "--reference", model, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    (measured,) = json.loads(done.stdout)
    assert measured["quality"]["n_tokens"] == 2 * 63
    assert measured["divergence"]["kl_max"] == 0


def test_progress_as_json(model: Path, tmp_path: Path) -> None:
    done = _run("measure", model, *SHORT, "--chunks", "2", "--json-progress")
    events = list(_events(done.stdout))
    assert [name for name, _ in events] == ["MeasureProgress", "MeasureProgress", "Measured"]
    assert (events[0][1]["done"], events[0][1]["total"], events[0][1]["n_tokens"]) == (1, 2, 128)
    done = _run("measure", tmp_path / "none.gguf", *SHORT, "--json-progress")
    assert done.returncode == 2
    assert [(name, event["kind"]) for name, event in _events(done.stdout)] == [
        ("error", "ModelNotFound")
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="sends Ctrl+C as a signal")
def test_ctrl_c_ends_it_and_keeps_what_was_read(model: Path, tmp_path: Path) -> None:
    matrix, text = tmp_path / "matrix.gguf", tmp_path / "text.txt"
    text.write_text(TEXT.read_text() * 8)  # so much that it is not read before the key is pressed
    order = ["calibrate", model, "-o", matrix, *SHORT, "--text", text]
    at_once = _run("calibrate", model, "-o", tmp_path / "at-once.gguf", *SHORT, "--text", text)
    command = [sys.executable, "-m", "app", *map(str, order), "--json-progress"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        process.stdout.read()
    assert process.returncode == 130
    assert not matrix.exists()
    done = _run(*order)
    assert done.stdout.startswith(f"{matrix}: 32 matrices, ")
    assert done.stdout == at_once.stdout.replace("at-once", "matrix")
    assert not list(tmp_path.glob("matrix.gguf?*"))
