"""That batch, flash attention and giving way reach llama.cpp and its process."""

from __future__ import annotations

import re
from pathlib import Path

import psutil
import pytest

from inference.engine import (
    ChatMessage,
    GenerateRequest,
    Loaded,
    LoadRequest,
    ModelParams,
    PrefillProgress,
    Sampling,
)
from inference.errors import ModelLoadFailed
from inference.host import EngineHost
from tests.inference.conftest import ENGINE_COMMAND
from tests.inference.tiny_models import write_tiny_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.gguf", "llama", n_layer=1)


def load(host: EngineHost, params: ModelParams) -> Loaded:
    [loaded] = [
        event for event in host.run(LoadRequest("load", params)) if isinstance(event, Loaded)
    ]
    return loaded


def test_a_batch_is_the_step_of_the_prefill(engine_host: EngineHost, model: Path) -> None:
    request = GenerateRequest(
        "1",
        ModelParams(model, n_ctx=1024, n_threads=1, n_batch=128),
        (ChatMessage("user", "x" * 300),),
        Sampling(max_tokens=1),
    )
    done = [e.done for e in engine_host.run(request) if isinstance(e, PrefillProgress)]

    # <s>, the tokenizer's own space of three bytes, 300 letters, and the template's line end.
    assert done == [0, 128, 256, 305]


def test_the_planned_memory_knows_batch_and_cache_type(
    engine_host: EngineHost, model: Path
) -> None:
    usual = ModelParams(model, n_ctx=4096, n_threads=1)
    small = ModelParams(model, n_ctx=4096, n_threads=1, n_batch=128)
    short = ModelParams(model, n_ctx=4096, n_threads=1, kv_type="q8_0")
    sizes = [sum(load(engine_host, one).memory_bytes.values()) for one in (usual, small, short)]

    assert sizes[1] < sizes[0]
    # K and V of 64 numbers for 4,096 tokens: 2 bytes each, or 34 bytes for 32 of them.
    saved = 2 * 64 * 4096 * (2 - 34 / 32)
    assert sizes[0] - sizes[2] == pytest.approx(saved, rel=0.25)


@pytest.mark.parametrize("choice", ["on", "off"])
def test_flash_attention_can_be_chosen(tmp_path: Path, model: Path, choice: str) -> None:
    log = tmp_path / "engine.log"
    host = EngineHost(ENGINE_COMMAND, log)
    load(host, ModelParams(model, n_ctx=512, n_threads=1, flash_attention=choice))
    host.close()

    words = {"on": "enabled", "off": "disabled"}[choice]
    assert re.search(rf"flash_attn += {words}\n", log.read_text())


def test_another_choice_of_flash_attention_is_refused(engine_host: EngineHost, model: Path) -> None:
    with pytest.raises(ModelLoadFailed, match="'perhaps'") as caught:
        load(engine_host, ModelParams(model, flash_attention="perhaps"))

    assert caught.value.hint == "Choose one of auto, on, off."


def test_giving_way_needs_another_process(engine_host: EngineHost, model: Path) -> None:
    spins = []
    for n_ctx, gives_way in ((512, False), (512, True), (1024, True)):
        load(engine_host, ModelParams(model, n_ctx, n_threads=1, gives_way=gives_way))
        environment = psutil.Process(engine_host.process_id).environ()
        spins.append((engine_host.process_id, environment.get("GOMP_SPINCOUNT")))

    assert [spin for _, spin in spins] == [None, "300", "300"]
    assert len({process for process, _ in spins}) == 2
