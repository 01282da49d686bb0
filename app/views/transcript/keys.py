"""What the keys do in the transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView

LINE_STEP = 48


def handle_key(view: TranscriptView, event: QKeyEvent) -> bool:
    """Do what a key asks for; False where it means nothing here."""
    if event.matches(QKeySequence.StandardKey.Copy):
        view.selecting.copy()
        return True
    if event.matches(QKeySequence.StandardKey.SelectAll):
        view.selecting.select_all()
        return True
    return _scroll(view, event.key()) or _act(view, event.key())


def _scroll(view: TranscriptView, key: int) -> bool:
    page = view.viewport().height() - LINE_STEP
    steps = {
        Qt.Key.Key_Up: -LINE_STEP,
        Qt.Key.Key_Down: LINE_STEP,
        Qt.Key.Key_PageUp: -page,
        Qt.Key.Key_PageDown: page,
    }
    if key in steps:
        view.scroll_by(steps[Qt.Key(key)])
    elif key == Qt.Key.Key_Home:
        view.verticalScrollBar().setValue(0)
    elif key == Qt.Key.Key_End:
        view.scroll_to_end()
    else:
        return False
    return True


def _act(view: TranscriptView, key: int) -> bool:
    if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        row = view.sight.thought()
        if row is not None:
            view.toggle_thought(row)
            return True
    if key == Qt.Key.Key_Escape and view.selecting.selection is not None:
        view.selecting.select(None)
        return True
    return False
