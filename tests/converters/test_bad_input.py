"""Checkpoints that are strange rather than broken."""

from __future__ import annotations

import json
from pathlib import Path

from converters.llama import Judge
from converters.making import Converted
from tests.converters.making import converted
from tests.converters.tiny_checkpoints import write_checkpoint


def test_code_of_a_checkpoint_is_never_run(tmp_path: Path, judge: Judge) -> None:
    checkpoint = write_checkpoint(tmp_path, "qwen3")
    trace = tmp_path / "trace"
    for name in ("configuration_x", "modeling_x", "tokenization_x"):
        (checkpoint / f"{name}.py").write_text(f"open({str(trace)!r}, 'w')")
    for file, key, value in (
        ("config.json", "AutoModelForCausalLM", "modeling_x.X"),
        ("tokenizer_config.json", "AutoTokenizer", ["tokenization_x.X", None]),
    ):
        content = json.loads((checkpoint / file).read_text())
        content["auto_map"] = {key: value, "AutoConfig": "configuration_x.X"}
        (checkpoint / file).write_text(json.dumps(content))
    result = converted(checkpoint, tmp_path / "x.gguf", judge, type="BF16")
    assert isinstance(result, Converted)
    assert not trace.exists()


def test_rows_that_a_type_cannot_hold_are_told(tmp_path: Path, judge: Judge) -> None:
    """Where no super-block of 256 fits, llama.cpp takes Q5_0 instead of Q4_K."""
    checkpoint = write_checkpoint(tmp_path, "qwen3")
    result = converted(checkpoint, tmp_path / "x.gguf", judge, type="Q4_K_M")
    assert isinstance(result, Converted)
    assert any("do not fit" in note and "Q5_0 instead" in note for note in result.notes)
