"""Model files made for the tests, and the real engine in its child process."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gguf
import llama_cpp.llama_cpp as llama
import numpy as np
import pytest

from inference.engine import (
    ChatMessage,
    Finished,
    FinishReason,
    GenerateRequest,
    ModelParams,
    Sampling,
    TextDelta,
)
from inference.host import EngineHost
from tests.conftest import STARTER

Answer = Callable[..., tuple[str, FinishReason]]
QUESTION = ChatMessage("user", "Name the capital of France.")
ENGINE_COMMAND = [sys.executable, "-m", "app", "--child=engine"]


@pytest.fixture
def engine_host(tmp_path: Path) -> Iterator[EngineHost]:
    """The real engine, in a child process of its own."""
    host = EngineHost(ENGINE_COMMAND, tmp_path / "engine.log")
    yield host
    host.close()


@pytest.fixture(scope="module")
def host() -> Iterator[EngineHost]:
    """One engine for this file: the model is loaded once."""
    host = EngineHost(ENGINE_COMMAND)
    yield host
    host.close()


@pytest.fixture
def answer(host: EngineHost, starter_model: Path) -> Answer:
    """Asks the starter model: the text of the answer and why it ended."""

    def ask(
        sampling: Sampling,
        messages: Sequence[ChatMessage] = (QUESTION,),
        *,
        go_on: bool = False,
        **more: Any,
    ) -> tuple[str, FinishReason]:
        request = GenerateRequest(
            os.urandom(4).hex(),
            ModelParams(STARTER, n_ctx=1024, n_threads=1),
            tuple(messages),
            sampling,
            continue_last=go_on,
            **more,
        )
        *events, end = host.run(request)
        assert isinstance(end, Finished)
        return "".join(e.text for e in events if isinstance(e, TextDelta)), end.reason

    return ask


@pytest.fixture(scope="session")
def vocab() -> Iterator[int]:
    """The starter model's vocabulary; no weights are read."""
    log = llama.llama_log_callback(lambda _level, _text, _data: None)
    llama.llama_log_set(log, ctypes.c_void_p(0))
    params = llama.llama_model_default_params()
    params.vocab_only = True
    model = llama.llama_model_load_from_file(os.fsencode(STARTER), params)
    yield llama.llama_model_get_vocab(model)
    llama.llama_model_free(model)


@pytest.fixture
def write_gguf(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small GGUF file with the reference writer of the `gguf` package."""

    def write(architecture: str = "llama", name: str = "tiny.gguf") -> Path:
        path = tmp_path / name
        writer = gguf.GGUFWriter(path, architecture)
        writer.add_name("Tiny test model")
        writer.add_block_count(2)
        writer.add_context_length(2048)
        writer.add_embedding_length(64)
        writer.add_feed_forward_length(128)
        writer.add_head_count(4)
        writer.add_head_count_kv(2)
        writer.add_token_list([f"token-{index}" for index in range(2000)])
        writer.add_array("tiny.short", [1, 2, 3])
        writer.add_tensor("token_embd.weight", np.zeros((2000, 64), dtype=np.float32))
        writer.add_tensor("output_norm.weight", np.ones(64, dtype=np.float16))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path

    return write
