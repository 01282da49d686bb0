"""The engine breaks in load, prefill and decode: its parent answers, and the next request works."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from inference.engine import (
    ChatMessage,
    EngineOptions,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    ModelParams,
    Sampling,
    TextDelta,
)
from inference.errors import (
    EngineDied,
    EngineError,
    EngineHung,
    EngineOutOfMemory,
    ModelTooLarge,
)
from inference.host import EngineHost
from tests.inference.tiny_models import write_tiny_model

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and limits of Linux")

PROMPT = (ChatMessage("user", "AllWorkAndNoPlay." * 20),)
SHORT_PROMPT = (ChatMessage("user", "Hello."),)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf", "llama")


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the next fault is ordered."""
    return tmp_path_factory.mktemp("orders") / "fault"


@pytest.fixture(scope="module")
def host(order: Path) -> Iterator[EngineHost]:
    """One host for this file; its engine is replaced each time it breaks."""
    made = EngineHost([sys.executable, "-m", "tests.fakes.faulty_engine", str(order)])
    yield made
    made.close()


def ask(
    model: Path,
    max_tokens: int = 8,
    n_ctx: int = 1024,
    prompt: tuple[ChatMessage, ...] = PROMPT,
) -> GenerateRequest:
    return GenerateRequest(
        os.urandom(4).hex(),
        ModelParams(model, n_ctx=n_ctx, n_threads=1),
        prompt,
        Sampling(temperature=0, max_tokens=max_tokens),
    )


def check_answers(host: EngineHost, model: Path, prompt: tuple[ChatMessage, ...] = PROMPT) -> None:
    *_, end = host.run(ask(model, prompt=prompt))
    assert isinstance(end, Finished)
    assert end.reason is FinishReason.LENGTH
    assert end.tokens_out == 8


def end_engine(host: EngineHost) -> None:
    if host.process_id is not None:
        process = psutil.Process(host.process_id)
        process.kill()
        process.wait()


@pytest.mark.parametrize("phase", ["load", "prefill", "decode"])
@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("kill", EngineDied, "SIGKILL"),
        ("abort", EngineDied, "GGML_ASSERT(seeded) failed"),
        ("memory", EngineOutOfMemory, "bad_alloc"),
    ],
)
def test_each_fault_in_each_phase(
    host: EngineHost,
    tiny: Path,
    order: Path,
    phase: str,
    fault: str,
    kind: type[EngineError],
    words: str,
) -> None:
    if (phase, fault) == ("load", "memory"):
        kind, words = ModelTooLarge, "tiny.gguf"  # llama.cpp itself copes with this one
    if phase == "load":
        end_engine(host)  # an old one that dies without a word is replaced without a word
    # Another length is another context, so the model is loaded in any case.
    request = ask(tiny, n_ctx=1536)
    order.write_text(f"{phase} {fault}")
    seen: list[Event] = []

    with pytest.raises(EngineError) as caught:
        seen.extend(host.run(request))

    assert type(caught.value) is kind
    assert words in caught.value.detail
    assert caught.value.hint
    assert any(isinstance(event, Loaded) for event in seen) == (phase != "load")
    check_answers(host, tiny)


def test_a_stopped_process_counts_as_hung_and_is_replaced(host: EngineHost, tiny: Path) -> None:
    events = host.run(ask(tiny, max_tokens=0))
    next(event for event in events if isinstance(event, TextDelta))
    assert host.process_id is not None
    process = psutil.Process(host.process_id)
    process.send_signal(signal.SIGSTOP)
    host.hang_timeout_s = 1.0

    with pytest.raises(EngineHung, match="stuck"):
        list(events)
    assert not process.is_running()
    host.hang_timeout_s = 300.0
    check_answers(host, tiny)


def test_a_file_cut_short_in_use_ends_the_engine_and_is_told(
    host: EngineHost, tiny: Path, tmp_path: Path
) -> None:
    path = tmp_path / "shrinks.gguf"
    path.write_bytes(tiny.read_bytes())
    events = host.run(ask(path, max_tokens=0))
    next(event for event in events if isinstance(event, TextDelta))
    os.truncate(path, 4096)

    with pytest.raises(EngineDied, match="SIGBUS") as caught:
        list(events)
    assert "cut short" in caught.value.hint
    check_answers(host, tiny)


def test_an_idle_model_is_given_back_and_comes_again(host: EngineHost, tiny: Path) -> None:
    told: list[None] = []
    host.configure(EngineOptions(idle_unload_s=0.2))
    host.on_unloaded = lambda: told.append(None)
    before = [event for event in host.run(ask(tiny)) if not isinstance(event, Finished)]
    wait_for(lambda: told == [None])
    assert host.process_id is not None
    maps = Path(f"/proc/{host.process_id}/maps").read_text()
    assert tiny.name not in maps

    again = [event for event in host.run(ask(tiny)) if not isinstance(event, Finished)]
    assert text_of(again) == text_of(before)
    assert any(isinstance(event, Loaded) for event in again)
    wait_for(lambda: told == [None, None])

    host.configure(EngineOptions(idle_unload_s=0.0))
    host.on_unloaded = None
    check_answers(host, tiny)
    assert not [event for event in host.run(ask(tiny)) if isinstance(event, Loaded)]


@dataclass(frozen=True)
class Held:
    uss: int
    n_threads: int
    n_files: int


def held(process: psutil.Process) -> Held:
    memory = process.memory_full_info()
    return Held(memory.uss, process.num_threads(), process.num_fds())


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_fifty_loads_leave_nothing_behind(host: EngineHost, tiny: Path, tmp_path: Path) -> None:
    models = (tiny, write_tiny_model(tmp_path / "mixture.gguf", "qwen3moe"))

    def cycles(n: int) -> None:
        for index in range(n):
            # It is loaded, since the one before was the other.
            check_answers(host, models[index % 2], SHORT_PROMPT)

    cycles(6)  # what is allocated once
    child, parent = psutil.Process(host.process_id), psutil.Process()
    before = [held(child), held(parent)]
    cycles(50)
    after = [held(child), held(parent)]

    for then, now in zip(before, after, strict=True):
        assert now.uss - then.uss < 20e6
        assert now.n_threads == then.n_threads
        assert now.n_files == then.n_files
