"""What a transcript does for assistive technology: items for its messages, news of what happens.

An item is made when somebody asks for it, so that 5,000 messages cost nothing where nobody does. Qt
knows items by address only: they are held here in Python until Qt has been told to forget them.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QModelIndex, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent

from app.item_models.transcript import TranscriptModel
from app.views.transcript.accessible import AccessibleMessage, install
from app.views.transcript.announcer import Announcer
from app.views.transcript.layout import TranscriptLayout

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView


class MessageItems:
    """The items that were asked for so far."""

    def __init__(self, view: TranscriptView, layout: TranscriptLayout) -> None:
        self._view = view
        self._layout = layout
        self._made: dict[int, AccessibleMessage] = {}
        # Items do not hold the view, so that it can go, and they with it.
        forget = weakref.finalize(view, _drop_all, self._made)
        forget.atexit = False

    def __len__(self) -> int:
        return len(self._made)

    def at(self, row: int) -> AccessibleMessage | None:
        """The item of a row."""
        model = self._view.model
        if model is None or not 0 <= row < model.rowCount():
            return None
        message_id = model.message_at(row).id
        item = self._made.get(message_id)
        if item is None or not shiboken6.isValid(item):
            item = self._made[message_id] = AccessibleMessage(self._view, message_id)
        return item

    def rect_of(self, row: int) -> QRect:
        """Where a message stands on the screen; out of sight nothing is laid out for it."""
        layout = self._layout
        top = layout.top_of(row)
        below = layout.top_of(row + 1) if row + 1 < layout.n_rows else layout.total_height
        corner = QPoint(layout.column_left, top - self._view.verticalScrollBar().value())
        at = self._view.viewport().mapToGlobal(corner)
        return QRect(at.x(), at.y(), layout.column_width, below - top)

    def thought_is_open(self, row: int) -> bool:
        """Whether the thinking of a message can be read."""
        return self._layout.thought_is_open(row)

    def forget_absent(self) -> None:
        """Let go of the items of messages that are not shown any more."""
        model = self._view.model
        for message_id in list(self._made):
            if model is None or model.row_of(message_id) is None:
                _drop(self._made.pop(message_id))

    def forget_all(self) -> None:
        """Let go of all."""
        _drop_all(self._made)


def _drop_all(items: dict[int, AccessibleMessage]) -> None:
    while items:
        _drop(items.popitem()[1])


def _drop(item: AccessibleMessage) -> None:
    # Qt deletes it: were it to end with its Python object, Qt would go on asking it.
    if shiboken6.isValid(item):
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(item))


class Accessibility(QObject):
    """Made with its view; costs nothing until assistive technology is there."""

    def __init__(self, view: TranscriptView, layout: TranscriptLayout) -> None:
        super().__init__(view)
        install()
        self.view = view
        self.items = MessageItems(view, layout)
        self.announcer: Announcer | None = None

    def set_model(self, model: TranscriptModel) -> None:
        """Tell of this model's messages."""
        self.items.forget_all()
        if self.announcer is not None:
            self.announcer.deleteLater()
        self.announcer = Announcer(model, self.view)
        model.modelReset.connect(self._on_rows_changed)
        model.rowsRemoved.connect(self._on_rows_changed)
        model.rowsInserted.connect(self._on_rows_inserted)

    def watch_keyboard(self) -> None:
        """Tell where the keyboard goes in the transcript."""
        # Queued: after Qt has told that the transcript itself has got the focus.
        self.view.active.moved.connect(self._on_moved, Qt.ConnectionType.QueuedConnection)

    def _on_rows_changed(self) -> None:
        self.items.forget_absent()

    def _on_rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        if not QAccessible.isActive():
            return
        for row in range(first, last + 1):
            self._tell(row, QAccessible.Event.ObjectCreated)

    def _on_moved(self) -> None:
        row = self.view.active.keyboard_row
        if QAccessible.isActive() and row is not None and self.view.hasFocus():
            self._tell(row, QAccessible.Event.Focus)

    def _tell(self, row: int, event: QAccessible.Event) -> None:
        item = self.items.at(row)
        if item is not None:
            QAccessible.updateAccessibility(QAccessibleEvent(item, event))
