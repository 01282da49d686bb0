"""What is left behind when a conversion does not come to its end: nothing that looks finished."""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from converters.errors import (
    BadWeights,
    NativeCheckFailed,
    OutputDamaged,
    OutputExists,
    OutputFailed,
    OutputInUse,
    SourceChanged,
    WrongTensors,
)
from converters.llama import Judge
from converters.making import Converted
from converters.progress import Cancelled
from converters.writing import output as output_module
from converters.writing.output import Output
from tests.converters.comparing import is_same_file
from tests.converters.making import converted
from tests.converters.tiny_checkpoints import stored_tensors, write_checkpoint, write_tensors
from tests.converters.tiny_checkpoints.weights import Stored

FAMILY = "mixtral"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path, FAMILY)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "x.gguf"


def _left(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def _fail_after(monkeypatch: pytest.MonkeyPatch, count: int, number: int) -> None:
    """The disk takes `count` pieces more, then answers with an error."""
    real = output_module.write_at
    calls = 0

    def write_at(descriptor: int, data: memoryview, offset: int, flags: int = 0) -> None:
        nonlocal calls
        calls += 1
        if calls > count:
            raise OSError(number, os.strerror(number))
        real(descriptor, data, offset, flags)

    monkeypatch.setattr(output_module, "write_at", write_at)


def test_a_full_disk_leaves_what_can_be_resumed(
    checkpoint: Path, target: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _fail_after(patch, 9, errno.ENOSPC)
        with pytest.raises(OutputFailed, match="No space left") as caught:
            converted(checkpoint, target, judge, type="BF16")
    assert "kept and used next time" in caught.value.hint
    assert _left(target) == ["x.gguf.partial"]
    result = converted(checkpoint, target, judge, type="BF16")
    assert isinstance(result, Converted)
    assert "taken over" in " ".join(result.notes)
    assert is_same_file(target, FAMILY, "bf16")
    assert _left(target) == ["x.gguf"]


def test_a_finished_tensor_that_was_changed_is_made_anew(
    checkpoint: Path, target: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _fail_after(patch, 9, errno.EIO)
        with pytest.raises(OutputFailed):
            converted(checkpoint, target, judge, type="BF16")
    partial = target.with_name("x.gguf.partial") / "x.gguf"
    content = bytearray(partial.read_bytes())
    for place in range(len(content) // 8, len(content), 4096):
        content[place] ^= 1
    partial.write_bytes(content)
    converted(checkpoint, target, judge, type="BF16")
    assert is_same_file(target, FAMILY, "bf16")


def test_another_conversion_does_not_resume(
    checkpoint: Path, target: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _fail_after(patch, 9, errno.EIO)
        with pytest.raises(OutputFailed):
            converted(checkpoint, target, judge, type="BF16")
    result = converted(checkpoint, target, judge, type="F16")
    assert isinstance(result, Converted)
    assert result.notes == ()
    assert is_same_file(target, FAMILY, "f16")


def test_too_little_room_is_told_before_the_work(
    checkpoint: Path, target: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(target.parent)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(OutputFailed, match="1,000 free"):
        converted(checkpoint, target, judge, type="BF16")
    assert _left(target) == []


@pytest.mark.parametrize("after", [0, 1, 3, 6])
def test_a_cancel_leaves_nothing(checkpoint: Path, target: Path, judge: Judge, after: int) -> None:
    asked = 0

    def is_cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > after

    assert converted(checkpoint, target, judge, is_cancelled, type="BF16") == Cancelled()
    assert _left(target) == []


def _change(source: Path, change: str) -> None:
    if change == "truncated":
        os.truncate(source, source.stat().st_size // 2)
    elif change == "deleted":
        source.unlink()
    elif change == "overwritten":
        with source.open("rb+") as file:
            file.seek(-100_000, os.SEEK_END)
            file.write(bytes(100_000))
    else:
        other = source.with_name("other")
        shutil.copy(source, other)
        other.replace(source)


@pytest.mark.parametrize("change", ["truncated", "deleted", "overwritten", "replaced"])
def test_a_source_that_changes_in_mid_run(
    checkpoint: Path, target: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    source = checkpoint / "model.safetensors"
    real = Output.write
    calls = 0

    def write(self: Output, *arguments: Any) -> int:
        nonlocal calls
        calls += 1
        if calls == 5:
            _change(source, change)
        return real(self, *arguments)

    monkeypatch.setattr(Output, "write", write)
    with pytest.raises(SourceChanged, match=r"model\.safetensors"):
        converted(checkpoint, target, judge, type="BF16")
    assert _left(target) == []


def test_bytes_that_read_back_otherwise_are_an_error(
    checkpoint: Path, target: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Output.read_sum
    monkeypatch.setattr(
        Output, "read_sum", lambda self, file, offset, n: real(self, file, offset, n) ^ (n > 9999)
    )
    with pytest.raises(OutputDamaged):
        converted(checkpoint, target, judge, type="BF16")
    assert _left(target) == []


def test_a_file_that_exists_is_replaced_only_when_asked(
    checkpoint: Path, target: Path, judge: Judge
) -> None:
    target.write_bytes(b"mine")
    with pytest.raises(OutputExists, match=r"x\.gguf"):
        converted(checkpoint, target, judge, type="BF16")
    assert target.read_bytes() == b"mine"
    converted(checkpoint, target, judge, type="BF16", force=True)
    assert is_same_file(target, FAMILY, "bf16")


def test_two_conversions_do_not_write_the_same_file(
    checkpoint: Path, target: Path, judge: Judge
) -> None:
    fcntl = pytest.importorskip("fcntl")  # Windows itself keeps two writers apart
    folder = target.with_name("x.gguf.partial")
    folder.mkdir()
    with (folder / "journal").open("w") as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)
        with pytest.raises(OutputInUse, match="Another process"):
            converted(checkpoint, target, judge, type="BF16")
        assert folder.is_dir()


def _with_value(folder: Path, name: str, value: float) -> None:
    """Write a value into the middle of a tensor of the checkpoint."""
    tensors = stored_tensors(FAMILY)
    codes = np.frombuffer(tensors[name].data, "<u2").copy()
    codes[len(codes) // 2] = int(np.float32(value).view(np.uint32)) >> 16
    tensors[name] = Stored("BF16", tensors[name].shape, codes.tobytes())
    write_tensors(folder, tensors)


_EXPERT = "model.layers.1.block_sparse_moe.experts.2.w1.weight"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_counted_and_refused(
    checkpoint: Path, target: Path, judge: Judge, value: float
) -> None:
    _with_value(checkpoint, _EXPERT, value)
    for kind in ("BF16", "Q8_0"):
        with pytest.raises(BadWeights, match=r"blk\.1\.ffn_gate_exps\.weight has 1 that"):
            converted(checkpoint, target, judge, type=kind)
    with pytest.raises(BadWeights, match="Q8_0 cannot hold"):
        converted(checkpoint, target, judge, type="Q8_0", allow_not_finite=True)
    assert _left(target) == []
    result = converted(checkpoint, target, judge, type="F16", allow_not_finite=True)
    assert isinstance(result, Converted)
    assert result.notes == ("blk.1.ffn_gate_exps.weight has 1 weights that are NaN or infinite",)


def test_weights_too_large_for_float16_are_refused(
    checkpoint: Path, target: Path, judge: Judge
) -> None:
    _with_value(checkpoint, _EXPERT, 70_000.0)
    with pytest.raises(BadWeights, match="has 1 that F16 cannot hold"):
        converted(checkpoint, target, judge, type="F16")
    assert isinstance(converted(checkpoint, target, judge, type="BF16"), Converted)


def test_missing_layers_are_listed_before_anything_is_written(
    checkpoint: Path, target: Path, judge: Judge
) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    config["num_hidden_layers"] = 3
    (checkpoint / "config.json").write_text(json.dumps(config))
    with pytest.raises(WrongTensors) as caught:
        converted(checkpoint, target, judge, type="BF16")
    assert caught.value.detail.startswith("10 problems: ")  # 4 of attention, 4 of experts, 2 norms
    assert "blk.2.ffn_gate_inp.weight is missing" in caught.value.detail
    assert _left(target) == []


def test_a_header_that_llama_cpp_refuses_is_an_error_with_its_words(
    checkpoint: Path, target: Path, judge: Judge
) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    config["head_dim"] = 32
    (checkpoint / "config.json").write_text(json.dumps(config))
    with pytest.raises(NativeCheckFailed, match=r"attn_q\.weight"):
        converted(checkpoint, target, judge, type="BF16")
    assert _left(target) == []


def test_killed_processes_leave_nothing_under_the_name(
    checkpoint: Path, target: Path, judge: Judge
) -> None:
    """Killed at several moments of one conversion, which then comes to its end."""
    options = {"source": str(checkpoint), "output": str(target), "type": "F32", "n_threads": 1}
    for stage, delay_s in (("preparing", 0.3), ("writing", 0.0)):
        with subprocess.Popen(
            [sys.executable, "-m", "app", "--child=convert"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            order = {"op": "convert", "options": options}
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
            for line in process.stdout:
                if json.loads(line).get("stage") == stage:
                    break
            time.sleep(delay_s)
            process.kill()
        assert not target.exists() or is_same_file(target, FAMILY, "f32")
        target.unlink(missing_ok=True)
    converted(checkpoint, target, judge, type="F32")
    assert is_same_file(target, FAMILY, "f32")
    assert _left(target) == ["x.gguf"]
