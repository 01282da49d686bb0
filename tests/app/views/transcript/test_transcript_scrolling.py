"""Large conversations, following the end, and holding still."""

from __future__ import annotations

import time

from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.conversations import Status
from app.item_models.transcript import TranscriptModel
from app.views.theme import DARK
from app.views.transcript import TranscriptView

from .conftest import MessageMaker

PARAGRAPH = "Some *words* of an answer that is long enough to be wrapped over a few lines. " * 4
ANSWER = f"# Title\n\n{PARAGRAPH}\n\n- a\n- b\n\n```python\nx = 1\n```\n\n{PARAGRAPH}"


def picture(view: TranscriptView) -> QImage:
    QApplication.processEvents()
    return view.viewport().grab().toImage()


def first_in_sight(view: TranscriptView) -> tuple[str, float]:
    """The text at the upper edge and how far its piece is scrolled out."""
    spot = view.sight.spot_at(QPointF(60, 5))
    assert spot is not None
    return spot.entry.piece.text(0, None), spot.point.y()


def test_5000_messages_are_shown_at_once(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    messages = [make(i, ANSWER if i % 2 == 0 else "question") for i in range(1, 5001)]
    began = time.thread_time()
    model.reset(messages)
    picture(view)
    assert time.thread_time() - began < 0.4
    assert view.is_at_end()
    assert view.verticalScrollBar().maximum() > 5000 * 50


def test_scrolling_up_from_the_end_moves_by_what_was_asked(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(i, ANSWER if i % 2 == 0 else "q") for i in range(1, 301)])
    picture(view)
    for _ in range(60):
        text, y = first_in_sight(view)
        if y < 20 or not text:
            view.scroll_by(-7)
            continue
        view.scroll_by(-10)
        assert first_in_sight(view) == (text, y - 10)


def test_new_text_is_followed_at_the_end_only(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(1, "q"), make(2, "", status=Status.STREAMING)])
    for _ in range(40):
        model.append_delta(2, PARAGRAPH + "\n\n", "")
    QTest.qWait(80)
    assert view.is_at_end()
    assert view.verticalScrollBar().maximum() > 1000

    view.scroll_by(-600)
    assert not view.is_at_end()
    before = picture(view)
    for _ in range(20):
        model.append_delta(2, PARAGRAPH + "\n\n", "")
        QTest.qWait(10)
    QTest.qWait(60)
    assert picture(view) == before
    view.scroll_to_end()
    assert view.is_at_end()


def test_resizing_keeps_the_reader_in_place(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(2 * i, f"{i} {PARAGRAPH}") for i in range(1, 200)])
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    picture(view)
    text, _ = first_in_sight(view)
    for width in (420, 900, 700):
        view.resize(width, 500)
        picture(view)
        assert first_in_sight(view)[0] == text


def test_changing_the_theme_keeps_the_place_and_changes_the_colours(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(2 * i, f"{i} {PARAGRAPH}") for i in range(1, 200)])
    view.verticalScrollBar().setValue(2000)
    assert picture(view).pixelColor(2, 2) == "#ffffff"
    text, _ = first_in_sight(view)
    view.set_theme(DARK)
    assert picture(view).pixelColor(2, 2) == DARK.ground
    assert first_in_sight(view)[0] == text


def test_rows_come_change_and_go(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([])
    picture(view)
    assert view.verticalScrollBar().maximum() == 0
    for i in range(1, 30):
        model.append(make(i, PARAGRAPH))
    picture(view)
    assert view.is_at_end()
    full = view.verticalScrollBar().maximum()
    for i in range(1, 30):
        model.replace(make(i, "short"))
    picture(view)
    assert view.verticalScrollBar().maximum() < full
    for i in range(29, 0, -1):
        model.remove(i)
    picture(view)
    assert view.verticalScrollBar().maximum() == 0


def test_documents_out_of_sight_are_dropped(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(2 * i, ANSWER) for i in range(1, 400)])
    for _ in range(300):
        view.scroll_by(-200)
    alive = sum(1 for row in range(model.rowCount()) if view._layout.opened(row) is not None)
    assert alive <= 60
    documents = [
        entry.piece
        for row in range(model.rowCount())
        if (item := view._layout.opened(row)) is not None
        for entry in item.entries
        if getattr(entry.piece, "_document", None) is not None
    ]
    assert 0 < len(documents) < 200


def test_copying_all_moves_nothing(
    qtbot: QtBot, view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(2 * i, f"{i}\n\n{ANSWER}") for i in range(1, 100)])
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    picture(view)
    qtbot.waitUntil(lambda: not view.finishing.is_colouring)
    before = picture(view)
    view.selecting.select_all()
    text = view.selecting.text()
    view.selecting.select(None)
    assert picture(view) == before
    assert text.count("Title") == 99
