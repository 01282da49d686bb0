"""The host against a child that misbehaves; the real child is in test_llama_engine.py."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from inference import host as host_module
from inference.engine import Event, Finished, FinishReason, LoadRequest, ModelParams, TextDelta
from inference.errors import EngineDied, EngineHung, EngineStartFailed
from inference.host import EngineHost

CHILD = Path(__file__).parents[1] / "fakes" / "engine_child.py"
MODEL = ModelParams(Path("any.gguf"))


@pytest.fixture
def make_host(tmp_path: Path) -> Iterator[Callable[[str], EngineHost]]:
    hosts: list[EngineHost] = []

    def make(mode: str) -> EngineHost:
        hosts.append(EngineHost([sys.executable, str(CHILD), mode], tmp_path / "engine.log"))
        return hosts[-1]

    yield make
    for host in hosts:
        host.close()


def run(host: EngineHost, request_id: str = "1") -> list[Event]:
    return list(host.run(LoadRequest(request_id, MODEL)))


def test_lines_that_are_not_for_the_request_are_passed_over(
    make_host: Callable[[str], EngineHost],
) -> None:
    (event,) = run(make_host("noise"))

    assert isinstance(event, TextDelta)
    assert event.text.startswith("pid ")


def test_one_child_serves_many_requests(make_host: Callable[[str], EngineHost]) -> None:
    host = make_host("good")

    assert run(host, "1") == run(host, "2")


def test_an_abort_is_told_with_the_last_words(
    make_host: Callable[[str], EngineHost], tmp_path: Path
) -> None:
    host = make_host("abort")
    events = host.run(LoadRequest("1", MODEL))

    assert next(events) == TextDelta("half")
    with pytest.raises(EngineDied) as caught:
        next(events)
    assert "SIGABRT" in caught.value.detail
    assert "GGML_ASSERT(false) failed" in caught.value.detail
    assert "GGML_ASSERT(false) failed" in (tmp_path / "engine.log").read_text()


def test_each_request_after_a_death_gets_a_new_child(
    make_host: Callable[[str], EngineHost],
) -> None:
    host = make_host("exit")
    for request_id in ("1", "2"):
        with pytest.raises(EngineDied, match="ended with code 7"):
            run(host, request_id)
    assert host.process_id is None


def test_a_child_killed_between_requests_is_replaced(
    make_host: Callable[[str], EngineHost],
) -> None:
    host = make_host("good")
    first = run(host, "1")
    assert host.process_id is not None
    psutil.Process(host.process_id).kill()

    assert run(host, "2") != first


def test_a_child_that_ignores_a_cancel_is_ended(
    make_host: Callable[[str], EngineHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "CANCEL_GRACE_S", 0.3)
    host = make_host("deaf")
    events = host.run(LoadRequest("1", MODEL))
    next(events)
    process = psutil.Process(host.process_id)
    host.cancel("1")

    (last,) = events
    assert isinstance(last, Finished)
    assert last.reason is FinishReason.CANCELLED
    assert not process.is_running()


def test_a_consumer_that_goes_away_frees_the_engine(
    make_host: Callable[[str], EngineHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "CANCEL_GRACE_S", 0.3)
    host = make_host("deaf")
    events = host.run(LoadRequest("1", MODEL))
    next(events)
    events.close()  # type: ignore[attr-defined]

    again = host.run(LoadRequest("2", MODEL))
    assert next(again) == TextDelta("for ever")
    host.cancel("2")
    assert [type(event) for event in again] == [Finished]


def test_a_waiting_request_can_be_cancelled(make_host: Callable[[str], EngineHost]) -> None:
    host = make_host("deaf")
    first = host.run(LoadRequest("1", MODEL))
    next(first)
    waiting = host.run(LoadRequest("2", MODEL))
    host.cancel("2")
    seen: list[Event] = []
    thread = threading.Thread(target=lambda: seen.extend(waiting))
    thread.start()
    host.close()
    with pytest.raises(EngineDied):
        next(first)
    thread.join(10)

    assert [type(event) for event in seen] == [Finished]


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("stillborn", "cannot find libllama"),
        ("foreign", "protocol 99 instead of 1"),
        ("mute", "did not answer within"),
    ],
)
def test_a_child_that_does_not_start_is_told(
    make_host: Callable[[str], EngineHost],
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    reason: str,
) -> None:
    monkeypatch.setattr(host_module, "START_TIMEOUT_S", 0.5 if mode == "mute" else 20.0)
    with pytest.raises(EngineStartFailed, match=reason):
        run(make_host(mode))


def test_a_hung_child_is_ended_and_replaced(make_host: Callable[[str], EngineHost]) -> None:
    host = make_host("hung")
    host.hang_timeout_s = 0.5
    events = host.run(LoadRequest("1", MODEL))
    assert next(events) == TextDelta("half")
    process = psutil.Process(host.process_id)

    with pytest.raises(EngineHung) as caught:
        next(events)
    assert "0 s" in caught.value.detail
    assert "about to wait for ever" in caught.value.detail
    assert caught.value.hint
    assert not process.is_running()
    assert host.process_id is None

    again = host.run(LoadRequest("2", MODEL))
    assert next(again) == TextDelta("half")
    again.close()  # type: ignore[attr-defined]


def test_a_child_that_tells_of_progress_is_not_hung(
    make_host: Callable[[str], EngineHost],
) -> None:
    host = make_host("slow")
    host.hang_timeout_s = 0.75  # it takes 1 s, and tells of a step each 0.1 s

    (event,) = run(host)
    assert isinstance(event, TextDelta)


def test_an_idle_model_that_was_given_back_is_told(
    make_host: Callable[[str], EngineHost],
) -> None:
    host = make_host("idle")
    told = threading.Event()
    host.on_unloaded = told.set
    assert len(run(host)) == 1

    assert told.wait(10)
    assert len(run(host, "2")) == 1


def test_a_command_that_does_not_exist_is_told(tmp_path: Path) -> None:
    host = EngineHost([str(tmp_path / "nothing")])

    with pytest.raises(EngineStartFailed, match="nothing"):
        run(host)


def test_a_log_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    host = EngineHost([sys.executable, str(CHILD), "good"], Path("/dev/null/engine.log"))

    assert len(run(host)) == 1
    host.close()


def test_a_closed_host_refuses(make_host: Callable[[str], EngineHost]) -> None:
    host = make_host("good")
    host.close()

    with pytest.raises(EngineDied):
        run(host)
