"""The window against what it is held to, on Qt's offscreen platform and on an X screen.

Clock times are printed beside processor times; where other programs work on the same machine, the
processor times tell. Everything runs in processes of their own, with a folder of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from app import paths
from bench import streaming
from bench.report import Line
from bench.startup import Start, screen_environment, start_once
from bench.window_data import fill

MAX_START_RATIO = 1.8
_SCREEN = "1280x1024x24"

Environment = Mapping[str, str]
Work = Callable[[], list[Line]]


def measure(model: Path, repetitions: int) -> Iterator[Line]:
    """All lines, on each platform that there is."""
    filled = paths.data_dir() / "filled.db"
    fill(filled)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"load of the machine before: {load}", flush=True)
    with _x_display() as display:
        platforms = {"offscreen": {"QT_QPA_PLATFORM": "offscreen"}}
        if display:
            platforms["xcb"] = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display}
        for name, variables in platforms.items():
            print(f"on {name}:", flush=True)
            run = partial(_scene, filled, variables)
            yield from _start_lines(filled, variables, repetitions)
            yield from _open_lines(run("open", repetitions))
            memories = [run("memory", 1) for _ in range(repetitions)]
            yield from _memory_lines(memories)
            yield from _stream_lines(run("stream", repetitions))
            yield from _scroll_lines(run("scroll", repetitions))
            yield from _typing_lines(run("typing", repetitions))
    yield from _engine_lines(model, repetitions)


def _start_lines(filled: Path, variables: Environment, repetitions: int) -> list[Line]:
    """Alternate both windows, after one round that is thrown away."""
    bare: list[Start] = []
    whole: list[Start] = []
    with _data_folder(filled) as folder:
        environment = {**screen_environment(), **variables, "CONCLAVE_DATA_DIR": folder}
        for round_ in range(repetitions + 1):
            starts = [
                start_once(f"bench.{name}", environment)
                for name in ("bare_window", "started_window")
            ]
            if round_:
                bare.append(starts[0])
                whole.append(starts[1])
    pairs = list(zip(whole, bare, strict=True))
    clock = [one.elapsed_s / other.elapsed_s for one, other in pairs]
    cpu = [one.cpu_s / other.cpu_s for one, other in pairs]
    return [
        Line("start of a bare PySide6 window", [one.elapsed_s for one in bare], "s", 2),
        Line("start to a window that takes typing", [one.elapsed_s for one in whole], "s", 2),
        Line("ratio of the two", clock, "", 2, at_most=MAX_START_RATIO),
        Line("the same ratio in processor time", cpu, "", 2),
    ]


def _open_lines(found: dict[str, list[float]]) -> list[Line]:
    return [
        Line("opening 200 messages, by the clock", found["short"], "ms"),
        Line("opening 200 messages, processor", found["short_cpu"], "ms", at_most=80),
        Line("opening 5,000 messages, by the clock", found["long"], "ms"),
        Line("opening 5,000 messages, processor", found["long_cpu"], "ms", at_most=150),
    ]


def _memory_lines(found: list[dict[str, list[float]]]) -> list[Line]:
    opened = [value for one in found for value in one["opened_mb"]]
    scrolled = [value for one in found for value in one["scrolled_mb"]]
    return [
        Line("memory added by 5,000 messages against 200", opened, "MB", at_most=15),
        Line("the same after scrolling through 2,000", scrolled, "MB", at_most=40),
    ]


def _stream_lines(found: dict[str, list[float]]) -> list[Line]:
    return [
        Line("streaming 4,000 tokens, per token", found["token"], "ms", 3, at_most=1.0),
        Line("the last 500 against the first 500", found["growth"], "", 2, at_most=1.5),
        Line("between two beats of 5 ms, p99", found["p99"], "ms", at_most=16),
        Line("between two beats of 5 ms, longest", found["longest"], "ms", at_most=50),
        Line("code block of 17 KB, longest", found["code_longest"], "ms", at_most=50),
        Line("code block of 17 KB, per token", found["code_token"], "ms", 3),
        Line("against usual text", found["code_ratio"], "", 2, at_most=2.5),
    ]


def _scroll_lines(found: dict[str, list[float]]) -> list[Line]:
    return [
        Line("scrolling through 2,000 messages, p99", found["p99"], "ms", at_most=16),
        Line("scrolling through 2,000 messages, longest", found["longest"], "ms", at_most=50),
    ]


def _typing_lines(found: dict[str, list[float]]) -> list[Line]:
    return [Line("a keystroke while an answer streams, p99", found["p99"], "ms", at_most=16)]


def _engine_lines(model: Path, repetitions: int) -> list[Line]:
    answers = streaming.answers(model, repetitions)
    return [
        Line("engine's speed while the window shows it", answers["ratio"], "", 3, at_least=0.95)
    ]


def _scene(
    filled: Path, variables: Environment, name: str, repetitions: int
) -> dict[str, list[float]]:
    """Play a scene in a window of its own."""
    with _data_folder(filled) as folder:
        finished = subprocess.run(
            [sys.executable, "-m", "bench.window_stage", name, str(repetitions)],
            stdout=subprocess.PIPE,
            text=True,
            env={**screen_environment(), **variables, "CONCLAVE_DATA_DIR": folder},
            check=True,
        )
    found: dict[str, list[float]] = json.loads(finished.stdout.splitlines()[-1])
    return found


@contextmanager
def _data_folder(filled: Path) -> Iterator[str]:
    """A data folder with a copy of the filled database."""
    with tempfile.TemporaryDirectory(prefix="conclave-window-") as folder:
        shutil.copy(filled, Path(folder) / paths.database_path().name)
        yield folder


@contextmanager
def _x_display() -> Iterator[str]:
    """An X screen: the present one, else one of Xvfb for the time of the block, else ""."""
    present = os.environ.get("DISPLAY", "")
    program = shutil.which("Xvfb")
    if present or program is None:
        yield present
        return
    reader, writer = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writer), "-screen", "0", _SCREEN, "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        yield f":{number}" if number else ""
    finally:
        server.terminate()
        server.wait(10)
