"""What recording experts costs, on mixtures of real shapes.

The shapes are those of Granite 3.0 1B-A400M and of OLMoE 1B-7B, all in Q4_0. The callback costs
the same for each tensor of the graph, however large: in the first model, about the smallest mixture
that people run, it looks as dear as it gets.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import gguf
import numpy as np

from app.child import child_command
from bench.report import Line
from inference.engine import (
    ChatMessage,
    ExpertCounts,
    Finished,
    GenerateRequest,
    ModelParams,
    Sampling,
)
from inference.host import EngineHost

N_TOKENS = 48


class Shape(NamedTuple):
    """What a mixture is made of."""

    name: str
    n_layer: int
    n_expert: int
    n_used: int
    n_embd: int
    n_ff: int
    n_head: int
    n_head_kv: int
    n_vocab: int


SHAPES = (
    Shape("Granite 1B-A400M", 24, 32, 8, 1024, 512, 16, 8, 49_152),
    Shape("OLMoE 1B-7B", 16, 64, 8, 2048, 1024, 16, 16, 50_304),
)
QUESTION = ChatMessage("user", "Who")


def measure(_model: Path, repetitions: int) -> Iterator[Line]:
    """Each shape for itself."""
    for shape in SHAPES:
        yield from _measure(shape, repetitions)


def _measure(shape: Shape, repetitions: int) -> list[Line]:
    """Alternate answers with and without recording, each in a process of its own."""
    off, on, ratios = [], [], []
    with tempfile.TemporaryDirectory(prefix="conclave-bench-") as folder:
        params = ModelParams(_write_mixture(Path(folder) / "mixture.gguf", shape), n_ctx=512)
        plain, recording = (EngineHost(child_command("engine")) for _ in range(2))
        try:
            for round_ in range(repetitions + 1):
                without = _speed(plain, params, record=False)
                with_ = _speed(recording, params, record=True)
                if round_ == 0:
                    continue
                off.append(without)
                on.append(with_)
                ratios.append(with_ / without)
        finally:
            plain.close()
            recording.close()
    return [
        Line(f"{shape.name}, nothing recorded", off, "tokens/s"),
        Line(f"{shape.name}, experts recorded", on, "tokens/s"),
        Line(f"{shape.name}, ratio", ratios, digits=3, at_least=0.97),
    ]


def _speed(engine: EngineHost, params: ModelParams, *, record: bool) -> float:
    """Tokens per second of an answer as the engine's process sees it."""
    request = GenerateRequest(
        str(time.monotonic_ns()),
        params,
        (QUESTION,),
        Sampling(temperature=0, max_tokens=N_TOKENS),
        record_experts=record,
    )
    n_counts = 0
    for event in engine.run(request):
        n_counts += isinstance(event, ExpertCounts)
        if isinstance(event, Finished):
            if bool(n_counts) != record:
                raise RuntimeError("what was recorded is not what was asked for")
            return event.tokens_out / event.decode_ms * 1000
    raise RuntimeError("the engine did not finish")


def _write_mixture(path: Path, shape: Shape) -> Path:
    """A qwen3moe of these shapes; all its layers have the same random weights."""
    writer = gguf.GGUFWriter(path, "qwen3moe")
    writer.add_name("A mixture to measure")
    writer.add_context_length(4096)
    writer.add_embedding_length(shape.n_embd)
    writer.add_block_count(shape.n_layer)
    writer.add_feed_forward_length(shape.n_ff)
    writer.add_head_count(shape.n_head)
    writer.add_head_count_kv(shape.n_head_kv)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.n_embd // shape.n_head)
    writer.add_expert_count(shape.n_expert)
    writer.add_expert_used_count(shape.n_used)
    writer.add_expert_feed_forward_length(shape.n_ff)
    _add_vocabulary(writer, shape.n_vocab)
    chance = np.random.default_rng(0)
    for name in ("token_embd", "output"):
        matrix = _matrix(chance, (shape.n_vocab, shape.n_embd))
        _add_matrix(writer, f"{name}.weight", matrix)
    writer.add_tensor("output_norm.weight", np.ones(shape.n_embd, np.float32))
    n_kv = shape.n_embd // shape.n_head * shape.n_head_kv
    attention = {
        "q": (shape.n_embd, shape.n_embd),
        "k": (n_kv, shape.n_embd),
        "v": (n_kv, shape.n_embd),
    }
    matrices = {f"attn_{name}": _matrix(chance, size) for name, size in attention.items()}
    matrices["attn_output"] = _matrix(chance, (shape.n_embd, shape.n_embd))
    for name in ("gate", "up"):
        matrices[f"ffn_{name}_exps"] = _matrix(chance, (shape.n_expert, shape.n_ff, shape.n_embd))
    matrices["ffn_down_exps"] = _matrix(chance, (shape.n_expert, shape.n_embd, shape.n_ff))
    router = chance.standard_normal((shape.n_expert, shape.n_embd), dtype=np.float32)
    norms = {"attn_norm": shape.n_embd, "ffn_norm": shape.n_embd}
    norms |= dict.fromkeys(("attn_q_norm", "attn_k_norm"), shape.n_embd // shape.n_head)
    for layer in range(shape.n_layer):
        for name, data in matrices.items():
            _add_matrix(writer, f"blk.{layer}.{name}.weight", data)
        writer.add_tensor(f"blk.{layer}.ffn_gate_inp.weight", router)
        for name, width in norms.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(width, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _matrix(chance: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    weights = 0.02 * chance.standard_normal(shape, dtype=np.float32)
    data: np.ndarray = gguf.quantize(weights, gguf.GGMLQuantizationType.Q4_0)
    return data


def _add_matrix(writer: gguf.GGUFWriter, name: str, data: np.ndarray) -> None:
    writer.add_tensor(name, data, raw_dtype=gguf.GGMLQuantizationType.Q4_0)


def _add_vocabulary(writer: gguf.GGUFWriter, n_vocab: int) -> None:
    """Three control tokens, all bytes, and fillers."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    types = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.BYTE] * 256
    n_more = n_vocab - len(tokens)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens + [f"filler{index}" for index in range(n_more)])
    writer.add_token_scores([0.0] * n_vocab)
    writer.add_token_types(types + [gguf.TokenType.NORMAL] * n_more)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template("{% for m in messages %}{{ m.content }}{% endfor %}")
