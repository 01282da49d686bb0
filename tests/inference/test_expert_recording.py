"""Counts of experts against a routing computed here from the weights in the file.

Everything that a layer would add to a token is silent in these models, so each layer sees the
token's embedding alone, and both its experts and the likeliest next token follow from that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from pathlib import Path

import gguf
import llama_cpp.llama_cpp as llama
import numpy as np
import numpy.typing as npt
import pytest

from inference.engine import (
    ChatMessage,
    Event,
    ExpertCounts,
    Finished,
    GenerateRequest,
    ModelParams,
    Rank,
    Sampling,
    TextDelta,
)
from inference.gguf_header import read_header
from inference.host import EngineHost
from inference.llama.expert_recording import ExpertRecorder
from inference.llama.model import LoadedModel
from tests.inference.tiny_models import N_EXPERT, write_tiny_model

N_USED = 2
N_LAYER = 3
SILENT = ("attn_output", "ffn_down")
PLAIN = {"more_keys": {}, "more_tensors": {}}
SIGMOID = {
    "more_keys": {"expert_gating_func": 2},
    "more_tensors": {"exp_probs_b.bias": (N_EXPERT,)},
}
TEXT = "Which,of-you,is-called?"
# How a vocabulary of bytes sees "▁Which,of-you,is-called?\n" behind <s>: three control tokens
# come before the bytes, and the first space is added by the tokenizer.
PROMPT = [1, *(3 + byte for byte in f" {TEXT}\n".replace(" ", "\u2581").encode())]


class Reference:
    """The routing of one model file, read with the `gguf` package."""

    def __init__(self, path: Path) -> None:
        reader = gguf.GGUFReader(path)
        self._tensors = {tensor.name: tensor.data for tensor in reader.tensors}

    def layers(self) -> list[int]:
        return [at for at in range(N_LAYER) if f"blk.{at}.ffn_gate_inp.weight" in self._tensors]

    def picked(self, layer: int, token: int) -> list[int]:
        prefix = f"blk.{layer}"
        scores = self._tensors[f"{prefix}.ffn_gate_inp.weight"] @ self._normed(token)
        if f"{prefix}.ffn_gate_inp.bias" in self._tensors:
            scores = scores + self._tensors[f"{prefix}.ffn_gate_inp.bias"]
        if f"{prefix}.exp_probs_b.bias" in self._tensors:
            scores = 1 / (1 + np.exp(-scores)) + self._tensors[f"{prefix}.exp_probs_b.bias"]
        return [int(expert) for expert in np.argsort(scores)[-N_USED:]]

    def table(self, tokens: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        rows = []
        for layer in self.layers():
            times = Counter(expert for token in tokens for expert in self.picked(layer, token))
            rows.append(tuple(times[expert] for expert in range(N_EXPERT)))
        return tuple(rows)

    def answer(self, n_tokens: int) -> list[int]:
        tokens = [PROMPT[-1]]
        for _ in range(n_tokens):
            logits = self._tensors["output.weight"] @ self._normed(tokens[-1])
            tokens.append(int(np.argmax(logits)))
        return tokens[1:]

    def _normed(self, token: int) -> npt.NDArray[np.float32]:
        embedding = self._tensors["token_embd.weight"][token]
        return np.asarray(embedding / np.sqrt(np.mean(embedding**2) + 1e-5), np.float32)


def _model(folder: Path, kind: str, routing: dict[str, dict[str, object]]) -> Path:
    return write_tiny_model(
        folder / f"{kind}.gguf",
        kind,
        gguf.GGMLQuantizationType.F32,
        n_layer=N_LAYER,
        silent=SILENT,
        **routing,
    )


def _request(path: Path, n_tokens: int = 6, **more: object) -> GenerateRequest:
    return GenerateRequest(
        f"request-{np.random.default_rng().integers(1 << 60)}",
        ModelParams(path, n_ctx=512, n_threads=1),
        (ChatMessage("user", TEXT),),
        Sampling(temperature=0, max_tokens=n_tokens),
        **more,
    )


def _run(host: EngineHost, request: GenerateRequest) -> tuple[list[Event], list[ExpertCounts]]:
    events = list(host.run(request))
    return events, [event for event in events if isinstance(event, ExpertCounts)]


@pytest.mark.parametrize(
    ("kind", "routing"),
    [("qwen3moe", PLAIN), ("olmoe", PLAIN), ("gpt-oss", PLAIN), ("deepseek2", SIGMOID)],
)
def test_counts_are_those_of_the_routing(
    host: EngineHost, tmp_path: Path, kind: str, routing: dict[str, dict[str, object]]
) -> None:
    path = _model(tmp_path, kind, routing)
    reference = Reference(path)

    events, counts = _run(host, _request(path, record_experts=True))

    assert isinstance(events[-2], ExpertCounts)
    final = counts[-1]
    answer = reference.answer(6)
    assert final.is_final
    assert (final.n_experts, final.n_used) == (N_EXPERT, N_USED)
    assert list(final.layers) == reference.layers()
    assert final.answer == reference.table(answer)
    assert final.prompt[:-1] == reference.table(PROMPT)[:-1]
    # Most architectures evaluate the last layer only for the token whose output is needed.
    in_last_layer = PROMPT if kind == "gpt-oss" else PROMPT[-1:]
    assert final.prompt[-1] == reference.table(in_last_layer)[-1]


def test_totals_grow_and_a_reused_prompt_is_not_counted_again(
    host: EngineHost, tmp_path: Path
) -> None:
    path = _model(tmp_path, "qwen3moe", PLAIN)
    reference = Reference(path)

    _, [first] = _run(host, _request(path, 4, record_experts=True))
    _, [second] = _run(host, _request(path, 5, record_experts=True))

    assert second.prompt == reference.table(PROMPT[-1:])
    assert second.answer == reference.table(reference.answer(5))
    added = np.add(first.total, np.add(second.prompt, second.answer))
    assert np.array_equal(second.total, added)


def test_switching_on_and_off_keeps_what_the_cache_holds(host: EngineHost, tmp_path: Path) -> None:
    path = _model(tmp_path, "qwen3moe", PLAIN)
    reused = []
    for record in (False, True, False):
        events, counts = _run(host, _request(path, 4, record_experts=record))
        assert bool(counts) is record
        assert isinstance(events[-1], Finished)
        reused.append(events[-1].tokens_reused)

    assert reused == [0, len(PROMPT) - 1, len(PROMPT) - 1]


def test_what_runs_behind_the_screen_is_not_recorded(host: EngineHost, tmp_path: Path) -> None:
    path = _model(tmp_path, "qwen3moe", PLAIN)

    _, [first] = _run(host, _request(path, 4, record_experts=True))
    _, none = _run(host, _request(path, 4, rank=Rank.BACKGROUND))
    _, [second] = _run(host, _request(path, 4, record_experts=True))

    assert none == []
    assert np.array_equal(second.total, np.add(first.total, np.add(second.prompt, second.answer)))


def test_a_model_without_experts_tells_nothing(host: EngineHost, tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "dense.gguf", "llama", n_layer=1)

    events, counts = _run(host, _request(path, record_experts=True))

    assert counts == []
    assert isinstance(events[-1], Finished)


def test_an_answer_tells_its_counts_while_it_grows(tmp_path: Path) -> None:
    recorder = ExpertRecorder(interval_s=0)
    header = read_header(_model(tmp_path, "qwen3moe", PLAIN))
    recorder.attach(_NoModel(), header)
    recorder.begin(_request(header.path, record_experts=True))

    def answer() -> Generator[Event, None, None]:
        yield TextDelta("one")
        yield TextDelta("two")

    events = list(recorder.watched(answer()))

    assert [type(event) for event in events] == [TextDelta, ExpertCounts] * 2
    assert not any(event.is_final for event in events if isinstance(event, ExpertCounts))


class _NoModel(LoadedModel):
    """Takes any context."""

    def __init__(self) -> None:
        """Nothing is loaded."""
        self.context_params = llama.llama_context_default_params()

    def make_context_anew(self) -> None:
        """There is none."""
