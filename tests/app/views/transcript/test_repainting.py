"""What stands on the screen while an answer grows is what painting all of it gives."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.conversations import Status
from app.item_models.transcript import TranscriptModel
from app.views.transcript import TranscriptView

from .conftest import MessageMaker

ANSWER = (
    "A first paragraph that is long enough to be broken into several lines of the column, with "
    "**strong** words, `code` and [a link](https://example.org) in it.\n\n"
    "> Quoted words\n> on two lines\n\n"
    "1. one\n2. two\n   - a point below\n3. three\n\n"
    "```\ndef double(number):\n    return 2 * number\n```\n\n"
    "| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |\n\n"
    "Prices and $x^2$ and more words, so that the view has to move down. " * 8
)

QUOTE = (
    "\n\n> Quoted words\n>\n> ```\n> code in the quote\n> ```\n>\n> - a point in it\n> - another"
)


class Painted(QObject):
    """Adds up how many pixels a widget was asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.n_pixels = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.n_pixels += event.rect().width() * event.rect().height()
        return super().eventFilter(watched, event)


def on_screen(view: TranscriptView) -> QImage:
    QApplication.processEvents()
    screen = view.screen()
    assert screen is not None
    return screen.grabWindow(view.winId()).toImage()


def differing_rows(one: QImage, other: QImage) -> list[int]:
    assert one.size() == other.size()
    lines = range(one.height())
    return [y for y in lines if bytes(one.constScanLine(y)) != bytes(other.constScanLine(y))]


def test_the_screen_shows_what_painting_all_of_it_gives(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(1, "Question"), make(2, "", status=Status.STREAMING)])
    view.scroll_to_end()
    text = ANSWER + QUOTE
    for start in range(0, len(text), 17):
        model.append_delta(2, text[start : start + 17], "")
        view._growth.flush()
        shown = on_screen(view)
        view.viewport().repaint()
        assert differing_rows(shown, on_screen(view)) == [], f"after {start + 17} characters"
    assert view.scrolling.top > 300


@pytest.mark.parametrize("more", [" and one", " and a line" * 10])
def test_little_is_painted_for_words_at_the_end(
    more: str, qtbot: QtBot, view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    words = ANSWER + "\n\nLast words"
    model.reset([make(1, "Question"), make(2, words, status=Status.STREAMING)])
    view.scroll_to_end()
    on_screen(view)
    # Colours of code come a moment later, and paint all.
    qtbot.waitUntil(lambda: not any(piece.wants_colours for piece in view.sight.code()))
    on_screen(view)
    painted = Painted()
    view.viewport().installEventFilter(painted)
    model.append_delta(2, more, "")
    view._growth.flush()
    on_screen(view)
    whole = view.viewport().width() * view.viewport().height()
    assert 0 < painted.n_pixels < whole // 2
