"""A bar that says what happened and offers ways on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFont, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.services.notices import Notice
from app.views.buttons import IconButton, text_button
from app.views.language import follow_language
from app.views.reported import translated_notice
from app.views.tab_order import insert_before
from app.views.theme import SPACING, Theme

_NARROW = SPACING * 65


Told: TypeAlias = Notice | Callable[[], Notice]
"""What a bar shows; one in the window's own words is made anew when the language changes."""


class NoticeAction(Struct, frozen=True):
    """A button of a notice and what it does; `words` gives what stands on it."""

    words: Callable[[], str]
    call: Callable[[], object]


class NoticeBar(QFrame):
    """Title, detail, hint and buttons; the first button is the primary one."""

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._notice: Notice | None = None
        self._make: Callable[[], Notice] | None = None
        self._actions: tuple[NoticeAction, ...] = ()
        self._buttons: list[QPushButton] = []
        self._title = _label("noticeTitle")
        font = QFont(self._title.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(font)
        self._detail = _label("noticeDetail")
        self._hint = _label("hint")
        self._close = IconButton("close", "", parent=self)
        self._close.clicked.connect(self._on_close_clicked)
        self._button_row = QHBoxLayout()
        self._button_row.setSpacing(SPACING)
        self._lay_out()
        self.hide()
        follow_language(self, self._say)

    @property
    def notice(self) -> Notice | None:
        """What is shown, None where the bar is hidden."""
        return self._notice

    @property
    def buttons(self) -> list[QPushButton]:
        """The buttons of the actions, in their order."""
        return list(self._buttons)

    def show_notice(
        self,
        told: Told,
        actions: Sequence[NoticeAction] = (),
        *,
        error: bool = False,
    ) -> None:
        """Show a notice in place of the one before.

        Args:
            told: What is said.
            actions: The ways on.
            error: Something failed.
        """
        self._make = None if isinstance(told, Notice) else told
        notice = told if isinstance(told, Notice) else told()
        same = notice == self._notice
        self._notice = notice
        self._set_texts(translated_notice(notice))
        self._set_actions(tuple(actions))
        self.setProperty("tone", "error" if error else "plain")
        self._close.setVisible(error)
        for widget in (self, self._title):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self.show()
        if not same:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self) -> None:
        """Hide the bar."""
        self._notice = None
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._close.set_theme(theme)

    def _say(self) -> None:
        self._close.set_words(self.tr("Dismiss"))
        if self._notice is None:
            return
        if self._make is not None:
            self._notice = self._make()
        self._set_texts(translated_notice(self._notice))
        for action, button in zip(self._actions, self._buttons, strict=True):
            button.setText(action.words())

    def _set_texts(self, notice: Notice) -> None:
        for label, text in (
            (self._title, notice.title),
            (self._detail, notice.detail),
            (self._hint, notice.hint),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        parts = (notice.title, notice.detail, notice.hint)
        self.setAccessibleDescription(". ".join(part.rstrip(".") for part in parts if part))

    def _set_actions(self, actions: tuple[NoticeAction, ...]) -> None:
        if [action.words() for action in actions] != [button.text() for button in self._buttons]:
            self._rebuild_buttons(actions)
        # The calls may differ although the words are the same.
        self._actions = actions

    def _rebuild_buttons(self, actions: tuple[NoticeAction, ...]) -> None:
        for button in self._buttons:
            self._button_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for number, action in enumerate(actions):
            button = text_button(action.words(), primary=number == 0, parent=self)
            button.clicked.connect(self._on_button_clicked)
            self._button_row.insertWidget(number, button)
            self._buttons.append(button)
        insert_before(self._buttons, self._close)

    def _on_button_clicked(self) -> None:
        button = self.sender()
        for action, candidate in zip(self._actions, self._buttons, strict=True):
            if candidate is button:
                action.call()
                return

    def _on_close_clicked(self) -> None:
        self.clear()
        self.dismissed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow bar the buttons stand under the words."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        narrow = event.size().width() < _NARROW
        self._body.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(SPACING // 4)
        for label in (self._title, self._detail, self._hint):
            words.addWidget(label)
        self._button_row.addStretch(1)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(SPACING)
        self._body.addLayout(words, 1)
        self._body.addLayout(self._button_row)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING * 2, SPACING, SPACING, SPACING)
        row.setSpacing(SPACING)
        row.addLayout(self._body, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
