"""LoRA adapters: what they change, against merged weights, and those that do not fit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from inference import errors
from inference.engine import (
    Adapter,
    ChatMessage,
    GenerateRequest,
    LoadRequest,
    ModelParams,
    Sampling,
    TextDelta,
)
from inference.host import EngineHost
from tests.inference.changed_gguf import Values, changed_copy, write_adapter
from tests.inference.conftest import ENGINE_COMMAND
from tests.inference.tiny_models import write_tiny_model

RANK, ALPHA, SCALE = 4, 6.0, 0.5
CHANGED = ("blk.0.attn_q.weight", "blk.1.ffn_down.weight", "blk.3.ffn_up.weight")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    return write_tiny_model(folder / "tiny.gguf", "llama", gguf.GGMLQuantizationType.F32)


@pytest.fixture(scope="module")
def host() -> Iterator[EngineHost]:
    made = EngineHost(ENGINE_COMMAND)
    yield made
    made.close()


def pair(weights: Values, seed: int = 0) -> tuple[Values, Values]:
    """A of shape (rank, n_in) and B of shape (n_out, rank) for weights of shape (n_out, n_in)."""
    n_out, n_in = weights.shape
    chance = np.random.default_rng(seed)
    a = chance.standard_normal((RANK, n_in), dtype=np.float32)
    b = chance.standard_normal((n_out, RANK), dtype=np.float32)
    return a, 0.1 * b


def weights_of(model: Path) -> dict[str, Values]:
    return {tensor.name: tensor.data for tensor in gguf.GGUFReader(model).tensors}


def answer(host: EngineHost, path: Path, *adapters: Adapter) -> str:
    params = ModelParams(path, n_ctx=512, n_threads=1, adapters=adapters)
    sampling = Sampling(temperature=0, max_tokens=24)
    request = GenerateRequest(os.urandom(4).hex(), params, (ChatMessage("user", "hi"),), sampling)
    return "".join(event.text for event in host.run(request) if isinstance(event, TextDelta))


def test_an_adapter_changes_what_merged_weights_change(
    host: EngineHost, tiny: Path, tmp_path: Path
) -> None:
    weights = weights_of(tiny)
    changes = {name: pair(weights[name], seed) for seed, name in enumerate(CHANGED)}
    adapter = write_adapter(tmp_path / "lora.gguf", changes, alpha=ALPHA)
    # Hu et al. 2021, section 4.1: W + alpha / rank * B A, here times the scale asked for.
    merged = changed_copy(
        tiny,
        tmp_path / "merged.gguf",
        tensors={
            name: weights[name] + np.float32(SCALE * ALPHA / RANK) * (b @ a)
            for name, (a, b) in changes.items()
        },
    )

    with_adapter = answer(host, tiny, Adapter(adapter, SCALE))
    assert with_adapter == answer(host, merged)
    assert with_adapter != answer(host, tiny)
    assert answer(host, tiny, Adapter(adapter, 0.0)) == answer(host, tiny)
    # Two of them add up.
    assert with_adapter == answer(host, tiny, Adapter(adapter, 0.2), Adapter(adapter, 0.3))


def refused(host: EngineHost, tiny: Path, adapter: Path) -> errors.EngineError:
    params = ModelParams(tiny, n_ctx=512, n_threads=1, adapters=(Adapter(adapter),))
    with pytest.raises(errors.AdapterFailed) as caught:
        list(host.run(LoadRequest("1", params)))
    assert caught.value.hint
    assert list(host.run(LoadRequest("2", ModelParams(tiny, n_ctx=512, n_threads=1))))
    return caught.value


def test_an_adapter_of_another_architecture(host: EngineHost, tiny: Path, tmp_path: Path) -> None:
    changes = {CHANGED[0]: pair(weights_of(tiny)[CHANGED[0]])}
    path = write_adapter(tmp_path / "qwen.gguf", changes, architecture="qwen3")
    error = refused(host, tiny, path)

    assert type(error) is errors.AdapterMismatch
    assert error.detail == (
        "qwen.gguf is for the architecture 'qwen3', and tiny.gguf is of 'llama'."
    )


def test_an_adapter_of_another_size(host: EngineHost, tiny: Path, tmp_path: Path) -> None:
    larger = np.zeros((640, 320), dtype=np.float32)
    error = refused(host, tiny, write_adapter(tmp_path / "big.gguf", {CHANGED[0]: pair(larger)}))

    assert type(error) is errors.AdapterMismatch
    assert f"{CHANGED[0]} as a matrix of 320 x 640; in tiny.gguf it is 256 x 256" in error.detail


def test_an_adapter_of_more_layers(host: EngineHost, tiny: Path, tmp_path: Path) -> None:
    name = "blk.7.attn_q.weight"
    changes = {name: pair(np.zeros((256, 256), dtype=np.float32))}
    error = refused(host, tiny, write_adapter(tmp_path / "deep.gguf", changes))

    assert type(error) is errors.AdapterMismatch
    assert f"deep.gguf changes {name}, which tiny.gguf does not have" in error.detail


def test_half_an_adapter(host: EngineHost, tiny: Path, tmp_path: Path) -> None:
    whole = write_adapter(tmp_path / "whole.gguf", {CHANGED[0]: pair(weights_of(tiny)[CHANGED[0]])})
    half = changed_copy(whole, tmp_path / "half.gguf", without_tensors={f"{CHANGED[0]}.lora_b"})
    assert f"one half of the change of {CHANGED[0]}" in refused(host, tiny, half).detail


def test_a_model_as_adapter_and_no_file(host: EngineHost, tiny: Path, tmp_path: Path) -> None:
    assert "tiny.gguf is no adapter" in refused(host, tiny, tiny).detail
    error = refused(host, tiny, tmp_path / "gone.gguf")
    assert type(error) is errors.AdapterFailed
    assert str(tmp_path / "gone.gguf") in error.detail
