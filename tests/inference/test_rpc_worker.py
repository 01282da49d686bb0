"""A second device for real: a worker on the loopback interface holds layers of a tiny mixture."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from bench.native_sizes import MIB, last_report
from inference import rpc_address
from inference.engine import (
    ChatMessage,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    LoadRequest,
    ModelParams,
    Sampling,
    TextDelta,
)
from inference.errors import WorkerLost, WorkerUnreachable
from inference.host import EngineHost
from inference.rpc_address import check_worker, is_loopback, split_address
from inference.rpc_worker import exposure
from tests.inference.tiny_models import write_tiny_model
from tests.inference.workers import free_port, running_worker

HELLO = (ChatMessage("user", "hello"),)
SHORT = Sampling(temperature=0, max_tokens=8)


def ask(params: ModelParams, sampling: Sampling = SHORT) -> GenerateRequest:
    return GenerateRequest(os.urandom(4).hex(), params, HELLO, sampling)


def loaded_of(events: list[Event]) -> Loaded:
    return next(event for event in events if isinstance(event, Loaded))


def end_of(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


@pytest.fixture
def mixture(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "mixture.gguf", "qwen3moe")


def params(path: Path, *workers: str, **more: int) -> ModelParams:
    return ModelParams(path, n_ctx=1024, n_threads=1, rpc_servers=workers, **more)


@pytest.mark.parametrize(
    ("more", "placement"),
    [
        ({}, "all 5 layers on RPC0"),
        ({"n_gpu_layers": 3}, "3 layers on RPC0, 2 in system memory"),
        ({"n_expert_layers": 0}, "all 5 layers on RPC0; experts of 4 of them in system memory"),
        ({"n_expert_layers": 2}, "all 5 layers on RPC0; experts of 2 of them in system memory"),
    ],
)
def test_layers_and_experts_lie_where_they_were_planned(
    engine_host: EngineHost,
    mixture: Path,
    tmp_path: Path,
    more: dict[str, int],
    placement: str,
) -> None:
    with running_worker() as (address, _):
        events = list(engine_host.run(ask(params(mixture, address, **more))))
        loaded, report = loaded_of(events), last_report(tmp_path / "engine.log", 1)

    assert end_of(events).tokens_out == 8
    assert loaded.placement == placement
    assert loaded.device == f"worker {address}"
    assert loaded.memory_bytes["RPC0"] / MIB == pytest.approx(report.total("RPC0"), abs=0.1)
    # A file is mapped from the first to the last tensor that stays, whatever lies between them.
    assert loaded.memory_bytes["CPU"] / MIB <= report.total("CPU") + 0.1
    held = report.weights["RPC0"] + loaded.memory_bytes["CPU"] / MIB - report.compute["CPU"]
    cache_in_memory = report.cache["CPU"]
    assert held - cache_in_memory == pytest.approx(loaded.size_bytes / MIB, abs=0.1)


def test_two_workers_share_a_model(engine_host: EngineHost, mixture: Path, tmp_path: Path) -> None:
    # Each may use 8.5 MiB, of which 3.5 are its buffers: not enough for the 8.5 MiB of layers.
    limit = int(8.5 * MIB)
    with running_worker() as (one, _), running_worker() as (other, _):
        wanted = params(mixture, one, other, max_device_bytes=limit)
        events = list(engine_host.run(ask(wanted)))
        loaded, report = loaded_of(events), last_report(tmp_path / "engine.log", 1)

    assert end_of(events).tokens_out == 8
    assert loaded.device == f"worker {one}, worker {other}"
    assert max(loaded.memory_bytes["RPC0"], loaded.memory_bytes["RPC1"]) <= limit
    assert report.weights["RPC0"] > 2  # both are called RPC0 by their own worker
    planned = loaded.memory_bytes["RPC0"] + loaded.memory_bytes["RPC1"]
    # Without memory behind it, llama.cpp misses the activations of one micro-batch: 512 * 256
    # numbers of float32.
    assert planned / MIB == pytest.approx(report.total("RPC0"), abs=0.6)


def test_a_worker_that_dies_is_told_and_the_next_request_works(
    engine_host: EngineHost, mixture: Path
) -> None:
    port = free_port()
    with running_worker(port) as (address, worker):
        wanted = params(mixture, address)
        events = engine_host.run(ask(wanted, Sampling(temperature=0)))
        next(event for event in events if isinstance(event, TextDelta))
        worker.kill()
        with pytest.raises(WorkerLost, match="A worker that held part of the model is gone"):
            list(events)

    with pytest.raises(WorkerUnreachable, match=address):
        list(engine_host.run(ask(wanted)))
    alone = list(engine_host.run(ask(params(mixture))))
    assert loaded_of(alone).device == "CPU"
    assert end_of(alone).reason is FinishReason.LENGTH
    with running_worker(port):
        again = list(engine_host.run(ask(wanted)))
        assert loaded_of(again).placement == "all 5 layers on RPC0"


def test_a_worker_that_is_not_wanted_any_more_gets_nothing(
    engine_host: EngineHost, mixture: Path
) -> None:
    with running_worker() as (address, _):
        list(engine_host.run(LoadRequest("1", params(mixture, address))))
        alone = list(engine_host.run(LoadRequest("2", params(mixture))))
        none = list(engine_host.run(LoadRequest("3", params(mixture, address, n_gpu_layers=0))))

    assert set(loaded_of(alone).memory_bytes) == {"CPU"}
    assert set(loaded_of(none).memory_bytes) == {"CPU"}
    assert loaded_of(none).notes.startswith(
        f"RPC0 (worker {address}) is not used: no layers are to be put on devices."
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the worker's memory is limited by rlimit")
def test_a_load_that_fails_for_lack_of_memory_is_planned_tighter(
    engine_host: EngineHost, tmp_path: Path
) -> None:
    path = write_tiny_model(tmp_path / "mixture.gguf", "olmoe")
    with running_worker() as (address, worker):
        # It says that it has the system's memory, but gets 320 MiB: 64k tokens take 256 MiB of
        # cache, and with weights and buffers about 360.
        process = psutil.Process(worker.pid)
        limit = process.memory_info().vms + 320 * MIB
        process.rlimit(psutil.RLIMIT_AS, (limit, limit))
        wanted = ModelParams(path, n_ctx=65_536, n_threads=1, rpc_servers=(address,))
        events = list(engine_host.run(ask(wanted)))

    loaded = loaded_of(events)
    assert end_of(events).tokens_out == 8
    assert "Instead of all 5 layers on RPC0" in loaded.notes
    assert 0 < loaded.memory_bytes["RPC0"] < 320 * MIB


def test_an_address_must_be_host_and_port() -> None:
    assert split_address("192.168.0.10:50052") == ("192.168.0.10", 50_052)
    for wrong in ("192.168.0.10", ":50052", "host:", "host:0", "host:65536", "host:http"):
        with pytest.raises(WorkerUnreachable, match="host:port"):
            split_address(wrong)
    assert is_loopback("localhost:1")
    assert is_loopback("127.0.0.5:1")
    assert not is_loopback("192.168.0.10:1")
    assert not is_loopback("0.0.0.0:1")


@contextmanager
def answering(reply: bytes | None) -> Iterator[str]:
    """A server that gives one answer, or keeps its callers waiting."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(reply or b"")

        if reply is not None:
            threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_workers_that_cannot_be_used_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkerUnreachable, match="does not answer"):
        check_worker(f"127.0.0.1:{free_port()}")
    older = struct.pack("<QBBBB24s", 28, 6, 0, 0, 0, b"")
    with answering(older) as address, pytest.raises(WorkerUnreachable, match="speaks version 6"):
        check_worker(address)
    with answering(b"HTTP/1.1 400") as address, pytest.raises(WorkerUnreachable, match="version"):
        check_worker(address)
    monkeypatch.setattr(rpc_address, "TIMEOUT_S", 0.05)
    with answering(None) as address, pytest.raises(WorkerUnreachable, match="busy"):
        check_worker(address)


def test_a_worker_others_can_reach_is_warned_of() -> None:
    assert exposure("127.0.0.1") == ""
    for host in ("0.0.0.0", "192.168.0.10"):
        assert host in exposure(host)
        assert "no password" in exposure(host)


def test_a_worker_that_cannot_listen_says_so() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "app", "rpc-worker", "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert ended.returncode == 1
    assert "The worker could not be started" in ended.stderr
    assert port in ended.stderr
