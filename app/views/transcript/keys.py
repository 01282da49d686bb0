"""What the keys do in the transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from app.views.transcript.extending import extend_selection

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView

LINE_STEP = 48
SIDEWAYS_SHARE = 1 / 3
"""Of the frame that something wide is seen in: so far a key moves it."""


def handle_key(view: TranscriptView, event: QKeyEvent) -> bool:
    """Do what a key asks for; False where it means nothing here."""
    if event.matches(QKeySequence.StandardKey.Copy):
        view.selecting.copy()
        return True
    if event.matches(QKeySequence.StandardKey.SelectAll):
        view.selecting.select_all()
        return True
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if extend_selection(view, event.key(), far=far):
            return True
    if event.modifiers() == Qt.KeyboardModifier.AltModifier:
        return _move_sideways(view, event.key())
    return _scroll(view, event.key()) or _act(view, event.key())


def _move_sideways(view: TranscriptView, key: int) -> bool:
    shares = {Qt.Key.Key_Left: -SIDEWAYS_SHARE, Qt.Key.Key_Right: SIDEWAYS_SHARE}
    return key in shares and view.sight.move_sideways(shares[Qt.Key(key)])


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
