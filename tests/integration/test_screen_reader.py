"""The window over the real accessibility bus, on a virtual X server.

What only the bus shows: Qt asks more of each message than a walk in the same process does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.at_spi import AccessibilityBus, session_bus
from tests.integration.x_server import x_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI is Linux's")

FOCUSABLE, MULTI_LINE = 1 << 11, 1 << 17
"""Bits of states. Source: AtspiStateType of at-spi2-core 2.46, atspi-constants.h."""


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[tuple[AccessibilityBus, dict[str, str]]]:
    with x_server() as display, session_bus(tmp_path) as env:
        bus = AccessibilityBus(env)
        bus.enable()
        yield bus, {**env, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}


@pytest.fixture
def window(bus: tuple[AccessibilityBus, dict[str, str]]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.spoken_window"],
        env={**os.environ, **bus[1]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.stdin.close()
    # It ends by itself: nothing that was asked of it has harmed it.
    assert process.wait(30) == 0
    process.stdout.close()


def test_a_screen_reader_reads_the_conversation_and_hears_the_answer(
    bus: tuple[AccessibilityBus, dict[str, str]], window: subprocess.Popen[str], tmp_path: Path
) -> None:
    heard = tmp_path / "heard.txt"
    with bus[0].hearing(heard):
        assert window.stdin is not None
        window.stdin.write("Who is there?\n")
        window.stdin.flush()
        deadline = time.monotonic() + 60
        while "The answer is complete." not in heard.read_text():
            assert time.monotonic() < deadline, heard.read_text()
            time.sleep(0.1)
    words = heard.read_text()
    assert words.index("Hello you.") < words.index("The answer is complete.")

    things = list(bus[0].program("conclave").walk())
    items = [thing for thing in things if thing.role == "list item"]
    messages = [thing for thing in items if "Text" in thing.interfaces]
    assert [thing.name for thing in messages] == ["You", "Answer of Small-Q4"]
    assert [thing.text for thing in messages] == ["Who is there?", "Hello you. This is whole."]
    assert messages[1].word_at(7) == "you"
    for message in messages:
        assert message.interfaces >= {"Accessible", "Component", "Action", "Text"}
        assert message.states & FOCUSABLE
        assert message.states & MULTI_LINE
