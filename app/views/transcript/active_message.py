"""Which message the pointer or the keyboard is at, and where its buttons stand."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen

from app.domain.conversations import Status
from app.views.tab_order import follow_layout
from app.views.theme import SCALE_SMALL, SPACING, Theme, ui_font
from app.views.transcript.message_bar import (
    BAR_HEIGHT,
    KEYS,
    MessageAction,
    MessageBar,
    version_words,
)
from app.views.transcript.message_item import MESSAGE_GAP

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView

_INSET = SPACING * 3 // 4
"""So far the pictures of the buttons stand from the buttons' edges."""


class ActiveMessage(QObject):
    """Places the bar under a message: the one under the pointer, else the keyboard's."""

    moved = Signal()
    """The keyboard has come to a message."""
    triggered = Signal(object, int)
    """MessageAction, message id"""

    def __init__(self, view: TranscriptView) -> None:
        super().__init__(view)
        self._view = view
        self._hovered: int | None = None
        self._current: int | None = None
        self.busy = False
        """Whether an answer is on its way: nothing can be changed then."""

    @cached_property
    def bar(self) -> MessageBar:
        """The buttons, which are made when the first message needs them."""
        bar = MessageBar(self._view.viewport())
        bar.set_theme(self._view.theme)
        bar.triggered.connect(self.triggered)
        bar.focused.connect(self._on_bar_focused)
        # Queued: where the focus goes to another button of the bar, that one has it by then.
        bar.left.connect(self.place, Qt.ConnectionType.QueuedConnection)
        follow_layout(self._view.window())
        return bar

    @property
    def _made_bar(self) -> MessageBar | None:
        bar: MessageBar | None = self.__dict__.get("bar")
        return bar

    @property
    def is_shown(self) -> bool:
        """Whether the buttons are in sight."""
        return self._made_bar is not None and self._made_bar.isVisible()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        if self._made_bar is not None:
            self._made_bar.set_theme(theme)

    @property
    def row(self) -> int | None:
        """The row of the message whose buttons are shown."""
        model = self._view.model
        if model is None:
            return None
        bar = self._made_bar
        on_bar = bar is not None and bar.has_focus()
        by_keyboard = self._view.hasFocus() or on_bar
        message_id = self._current if by_keyboard and self._current is not None else None
        if bar is not None and on_bar and bar.message_id is not None:
            message_id = bar.message_id
        elif self._hovered is not None:
            message_id = self._hovered
        return model.row_of(message_id) if message_id is not None else None

    @property
    def keyboard_row(self) -> int | None:
        """The row of the message that the keyboard is at, or was at last."""
        model = self._view.model
        return model.row_of(self._current) if model and self._current is not None else None

    def hover(self, row: int | None) -> None:
        """The pointer is over this message."""
        model = self._view.model
        self._hovered = model.message_at(row).id if model and row is not None else None
        self.place()

    def forget(self) -> None:
        """Another conversation is shown."""
        self._hovered = self._current = None
        self._hide()

    def focus_came(self) -> None:
        """The keyboard is in the transcript: it begins with the lowest message in sight."""
        rows = self._view.sight.rows()
        known = self.keyboard_row
        if rows and known not in rows:
            self._set_current(rows[-1])
        self.place()
        self.moved.emit()

    def step(self, by: int) -> None:
        """Go to another message by the keyboard."""
        model = self._view.model
        if model is None or not model.rowCount():
            return
        rows = self._view.sight.rows()
        known = self.keyboard_row
        row = (rows[-1] if rows else 0) if known is None else known + by
        self.go_to(min(max(row, 0), model.rowCount() - 1))

    def go_to(self, row: int) -> None:
        """Put the keyboard at a message and bring that into sight."""
        self._hovered = None
        self._set_current(row)
        self._view.note_keyboard()
        self._view.sight.show_row(row)
        self.place()
        self.moved.emit()

    def handle_key(self, event: QKeyEvent) -> bool:
        """Do with the message what a key says; False where it says nothing."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(-1 if event.key() == Qt.Key.Key_Up else 1)
            return True
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        action = KEYS.get(Qt.Key(event.key())) if plain else None
        return action is not None and self.trigger(action)

    def trigger(self, action: MessageAction) -> bool:
        """Do this with the message, where its buttons offer it; whether they do."""
        row = self.row
        if row is None or not self._offers(action):
            return False
        assert self._view.model is not None
        self.triggered.emit(action, self._view.model.message_at(row).id)
        return True

    def place(self) -> None:
        """Show the bar where it belongs, or not at all."""
        row = self.row
        model = self._view.model
        if model is None or row is None or model.message_at(row).status is Status.STREAMING:
            self._hide()
            return
        message = model.message_at(row)
        self.bar.show_message(
            message,
            model.versions_of(message.id),
            is_last=row == model.rowCount() - 1,
            busy=self.busy,
        )
        self.bar.move(self._corner(row, self.bar.width()))
        self.bar.show()

    def paint(self, painter: QPainter, row: int) -> None:
        """Draw which version a message is, and whether the keyboard is at it."""
        model = self._view.model
        if model is None:
            return
        message = model.message_at(row)
        covered = self.is_shown and self.bar.message_id == message.id
        words = version_words(message.id, model.versions_of(message.id))
        if words and not covered:
            self._paint_versions(painter, row, words)
        if self._view.has_keyboard_focus and message.id == self._current:
            box = self._view.sight.box_of(row)
            painter.setPen(QPen(self._view.theme.color("accent"), 2))
            left = box.left() - SPACING * 3 // 2
            painter.drawLine(left, box.top(), left, box.bottom() - MESSAGE_GAP)

    def _paint_versions(self, painter: QPainter, row: int, words: str) -> None:
        """Where the bar shows it, so that nothing moves when the bar comes."""
        font = ui_font(SCALE_SMALL)
        width = QFontMetrics(font).horizontalAdvance(words) + 1
        corner = self._corner(row, 2 * BAR_HEIGHT + width)
        painter.setFont(font)
        painter.setPen(self._view.theme.color("muted"))
        for text, room in (("‹", BAR_HEIGHT), (words, width), ("›", BAR_HEIGHT)):
            rect = QRect(corner, QSize(room, BAR_HEIGHT))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
            corner += QPoint(room, 0)

    def _corner(self, row: int, width: int) -> QPoint:
        """The upper left corner of a bar of that width, in the gap below the message."""
        box = self._view.sight.box_of(row)
        left = box.left() - _INSET
        if self._view.sight.is_bubble(row):
            left = box.right() + 1 + _INSET - width
        return QPoint(max(left, 0), box.bottom() + 1 - MESSAGE_GAP)

    def _offers(self, action: MessageAction) -> bool:
        """Whether the bar has that button, or its menu that entry."""
        self.place()
        if not self.is_shown or action not in self.bar.offered:
            return False
        button = self.bar.buttons.get(action)
        return not self.busy if button is None else button.isEnabled() and not button.isHidden()

    def _hide(self) -> None:
        if self._made_bar is not None:
            self._made_bar.hide()

    def _set_current(self, row: int) -> None:
        assert self._view.model is not None
        self._current = self._view.model.message_at(row).id

    def _on_bar_focused(self) -> None:
        self._view.sight.show_widget(self.bar)
