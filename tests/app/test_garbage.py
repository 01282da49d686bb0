from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest
from pytestqt.qtbot import QtBot

from app.garbage import GuiGarbageCollector


class Knot:
    """Lies in a cycle, and tells on which thread it ends."""

    ended_on: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        self.ended_on.append(threading.get_ident())


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[GuiGarbageCollector]:
    gc.enable()
    made = GuiGarbageCollector()
    yield made
    made.close()
    # As all other tests have it.
    gc.disable()


def test_cycles_end_on_the_gui_thread(collector: GuiGarbageCollector) -> None:
    def make() -> None:
        for _ in range(5000):
            Knot()

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert Knot.ended_on == []
    collector.collect()
    assert len(Knot.ended_on) == 5000
    assert set(Knot.ended_on) == {threading.get_ident()}


def test_python_collects_again_afterwards(collector: GuiGarbageCollector) -> None:
    assert not gc.isenabled()
    collector.close()
    assert gc.isenabled()
