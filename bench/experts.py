"""What recording experts costs, on a mixture of a small but real shape.

The shape is that of Granite 3.0 1B-A400M: 24 layers, 32 experts of which 8 serve a token, 1,024
wide, 512 in an expert, 49,152 tokens, here all in Q4_0. In a smaller model the callback,
which costs the same for each tensor of the graph, would look dearer than it is.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

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
N_LAYER, N_EXPERT, N_USED, N_EMBD, N_FF, N_HEAD, N_HEAD_KV = 24, 32, 8, 1024, 512, 16, 8
N_VOCAB = 49_152
QUESTION = ChatMessage("user", "Who")


def measure(_model: Path, repetitions: int) -> list[Line]:
    """Alternate answers with and without recording, each in a process of its own."""
    off, on, ratios = [], [], []
    with tempfile.TemporaryDirectory(prefix="conclave-bench-") as folder:
        params = ModelParams(_write_mixture(Path(folder) / "mixture.gguf"), n_ctx=512)
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
        Line("mixture of 24 x 32 experts, nothing recorded", off, "tokens/s"),
        Line("the same, experts recorded", on, "tokens/s"),
        Line("ratio", ratios, digits=3, at_least=0.97),
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


def _write_mixture(path: Path) -> Path:
    """A qwen3moe of these shapes; all its layers have the same random weights."""
    writer = gguf.GGUFWriter(path, "qwen3moe")
    writer.add_name("A mixture to measure")
    writer.add_context_length(4096)
    writer.add_embedding_length(N_EMBD)
    writer.add_block_count(N_LAYER)
    writer.add_feed_forward_length(N_FF)
    writer.add_head_count(N_HEAD)
    writer.add_head_count_kv(N_HEAD_KV)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(N_EMBD // N_HEAD)
    writer.add_expert_count(N_EXPERT)
    writer.add_expert_used_count(N_USED)
    writer.add_expert_feed_forward_length(N_FF)
    _add_vocabulary(writer)
    chance = np.random.default_rng(0)
    for name, shape in {"token_embd": (N_VOCAB, N_EMBD), "output": (N_VOCAB, N_EMBD)}.items():
        _add_matrix(writer, f"{name}.weight", _matrix(chance, shape))
    writer.add_tensor("output_norm.weight", np.ones(N_EMBD, np.float32))
    n_kv = N_EMBD // N_HEAD * N_HEAD_KV
    attention = {"q": (N_EMBD, N_EMBD), "k": (n_kv, N_EMBD), "v": (n_kv, N_EMBD)}
    matrices = {f"attn_{name}": _matrix(chance, shape) for name, shape in attention.items()}
    matrices["attn_output"] = _matrix(chance, (N_EMBD, N_EMBD))
    for name in ("gate", "up"):
        matrices[f"ffn_{name}_exps"] = _matrix(chance, (N_EXPERT, N_FF, N_EMBD))
    matrices["ffn_down_exps"] = _matrix(chance, (N_EXPERT, N_EMBD, N_FF))
    router = chance.standard_normal((N_EXPERT, N_EMBD), dtype=np.float32)
    norms = {"attn_norm": N_EMBD, "ffn_norm": N_EMBD}
    norms |= dict.fromkeys(("attn_q_norm", "attn_k_norm"), N_EMBD // N_HEAD)
    for layer in range(N_LAYER):
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


def _add_vocabulary(writer: gguf.GGUFWriter) -> None:
    """Three control tokens, all bytes, and fillers."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    types = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.BYTE] * 256
    n_more = N_VOCAB - len(tokens)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens + [f"filler{index}" for index in range(n_more)])
    writer.add_token_scores([0.0] * N_VOCAB)
    writer.add_token_types(types + [gguf.TokenType.NORMAL] * n_more)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template("{% for m in messages %}{{ m.content }}{% endfor %}")
