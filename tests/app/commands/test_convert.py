"""`conclave convert`, `conclave quantize` and the converter's process, as programs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer import BadParameter

from app.commands.conversion import gathered, split_bytes
from tests.app.commands.shell import Shell
from tests.converters.comparing import is_same_file
from tests.converters.tiny_checkpoints import write_checkpoint


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path, "qwen3")


def _run(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_converts_and_quantizes(checkpoint: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.gguf"
    done = _run("convert", checkpoint, "-o", plain, "--type", "bf16", "--threads", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{plain}\n")
    assert is_same_file(plain, "qwen3", "bf16")
    done = _run("quantize", plain, "-o", tmp_path, "--type", "q8_0", "--json-progress")
    last = _lines(done.stdout)[-1]
    assert last["event"] == "Converted"
    assert last["paths"] == [str(tmp_path / "plain-Q8_0.gguf")]


def test_layers_that_predict_further_are_left_out_when_asked(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path, "glm4moe")
    output = tmp_path / "x.gguf"
    done = _run("convert", checkpoint, "-o", output, "--type", "f32", "--mtp", "drop")
    assert (done.returncode, done.stderr) == (0, "")
    assert is_same_file(output, "glm4moe-without-mtp", "f32")


def test_errors_are_one_line_or_one_object(checkpoint: Path, tmp_path: Path) -> None:
    done = _run("convert", tmp_path / "none", "-o", tmp_path / "x.gguf")
    assert done.returncode == 1
    assert done.stderr.startswith("conclave: This is not a checkpoint.")
    existing = tmp_path / "x.gguf"
    existing.write_bytes(b"mine")
    done = _run("convert", checkpoint, "-o", existing, "--json-progress")
    assert _lines(done.stdout)[-1]["kind"] == "OutputExists"
    assert existing.read_bytes() == b"mine"


def test_a_person_is_asked_before_a_file_is_replaced(
    checkpoint: Path, tmp_path: Path, empty_shell: Shell
) -> None:
    existing = tmp_path / "x.gguf"
    existing.write_bytes(b"mine")
    order = ("convert", str(checkpoint), "-o", str(existing), "--type", "f32", "--threads", "1")
    for answer, is_replaced in (("n", False), ("y", True)):
        with empty_shell.terminal(*order) as terminal:
            assert "x.gguf" in terminal.wait_for(r"Replace it\? \[y/N\]: ")
            terminal.type(f"{answer}\n")
            terminal.wait_end()
        assert terminal.process.returncode == int(not is_replaced)
        assert (existing.read_bytes() == b"mine") is not is_replaced
    assert is_same_file(existing, "qwen3", "f32")


def test_the_converters_process_tells_of_its_work(checkpoint: Path, tmp_path: Path) -> None:
    options = {"source": str(checkpoint), "output": str(tmp_path / "x.gguf"), "type": "F32"}
    order = json.dumps({"op": "convert", "options": options}) + "\n"
    with subprocess.Popen(
        [sys.executable, "-m", "app", "--child=convert"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(order)
        process.stdin.flush()
        events = _lines(process.stdout.read())
        process.stdin.close()
    assert process.returncode == 0
    assert [event["event"] for event in events if event["event"] != "Progress"] == ["Converted"]
    assert is_same_file(tmp_path / "x.gguf", "qwen3", "f32")


def test_the_converters_process_is_cancelled(checkpoint: Path, tmp_path: Path) -> None:
    options = {"source": str(checkpoint), "output": str(tmp_path / "x.gguf"), "type": "F32"}
    with subprocess.Popen(
        [sys.executable, "-m", "app", "--child=convert"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"op": "convert", "options": options}) + "\n")
        process.stdin.write('{"op": "cancel"}\n')
        process.stdin.flush()
        events = _lines(process.stdout.read())
        process.stdin.close()
    assert events[-1]["event"] == "Cancelled"
    assert not list(tmp_path.glob("x.gguf*"))


def test_sizes_of_parts() -> None:
    assert [split_bytes(text) for text in ("", "500M", "4G", "70000")] == [
        0, 500_000_000, 4_000_000_000, 70_000,
    ]  # fmt: skip
    for text in ("M", "0", "4 G", "-3M"):
        with pytest.raises(BadParameter):
            split_bytes(text)


def test_a_gguf_file_is_sent_to_quantize(tmp_path: Path) -> None:
    model = tmp_path / "model.GGUF"
    model.write_bytes(b"GGUF")
    done = _run("convert", model, "-o", tmp_path / "x.gguf")
    assert done.returncode == 1
    assert "is a GGUF file already. Give it another type with conclave quantize" in done.stderr


def test_notes_that_say_the_same_of_many_tensors_are_one_line() -> None:
    notes = [f"blk.{n}.attn_k.weight has rows of 576 weights: Q5_0 instead" for n in range(120)]
    other = "tokenizer.json has no template"
    assert gathered([notes[0], other, *notes[1:]]) == [
        "blk.0.attn_k.weight and 119 more: each has rows of 576 weights: Q5_0 instead",
        other,
    ]
    assert gathered([]) == []
