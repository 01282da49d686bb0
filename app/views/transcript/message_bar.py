"""The buttons under one message, and its versions as `‹ 2 / 3 ›`."""

from __future__ import annotations

from enum import StrEnum
from functools import partial

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from app.domain.conversations import Message, Role, Status
from app.views.buttons import IconButton
from app.views.language import follow_language
from app.views.theme import SCALE_SMALL, SPACING, Theme, ui_font

BAR_HEIGHT = SPACING * 3 + SPACING // 4
_ICON = SPACING * 2


class MessageAction(StrEnum):
    """What can be done with a message."""

    COPY = "copy"
    COPY_PLAIN = "copy plain"
    COPY_THINKING = "copy thinking"
    EDIT = "edit"
    REGENERATE = "regenerate"
    CONTINUE = "continue"
    BRANCH = "branch"
    DELETE = "delete"
    STATISTICS = "statistics"
    PREVIOUS = "previous"
    NEXT = "next"
    MORE = "more"


KEYS = {
    Qt.Key.Key_C: MessageAction.COPY,
    Qt.Key.Key_E: MessageAction.EDIT,
    Qt.Key.Key_R: MessageAction.REGENERATE,
    Qt.Key.Key_G: MessageAction.CONTINUE,
    Qt.Key.Key_B: MessageAction.BRANCH,
    Qt.Key.Key_Delete: MessageAction.DELETE,
    Qt.Key.Key_I: MessageAction.STATISTICS,
    Qt.Key.Key_Left: MessageAction.PREVIOUS,
    Qt.Key.Key_Right: MessageAction.NEXT,
    Qt.Key.Key_M: MessageAction.MORE,
}
"""Keys that do something with the message that the keyboard is at."""

KEY_NAMES = {
    MessageAction.COPY: "C",
    MessageAction.EDIT: "E",
    MessageAction.REGENERATE: "R",
    MessageAction.CONTINUE: "G",
    MessageAction.BRANCH: "B",
    MessageAction.DELETE: "Del",
    MessageAction.STATISTICS: "I",
    MessageAction.PREVIOUS: "←",
    MessageAction.NEXT: "→",
    MessageAction.MORE: "M",
}


def action_words(action: MessageAction) -> str:
    """The action in words, as a button's name or in a menu."""
    words = {
        MessageAction.COPY: QCoreApplication.translate("MessageBar", "Copy"),
        MessageAction.COPY_PLAIN: QCoreApplication.translate("MessageBar", "Copy as plain text"),
        MessageAction.COPY_THINKING: QCoreApplication.translate(
            "MessageBar", "Copy with the thinking"
        ),
        MessageAction.EDIT: QCoreApplication.translate("MessageBar", "Edit"),
        MessageAction.REGENERATE: QCoreApplication.translate("MessageBar", "Answer again"),
        MessageAction.CONTINUE: QCoreApplication.translate("MessageBar", "Continue the answer"),
        MessageAction.BRANCH: QCoreApplication.translate("MessageBar", "Branch from here"),
        MessageAction.DELETE: QCoreApplication.translate("MessageBar", "Delete"),
        MessageAction.STATISTICS: QCoreApplication.translate("MessageBar", "Statistics"),
        MessageAction.PREVIOUS: QCoreApplication.translate("MessageBar", "Previous version"),
        MessageAction.NEXT: QCoreApplication.translate("MessageBar", "Next version"),
        MessageAction.MORE: QCoreApplication.translate("MessageBar", "More"),
    }
    return words[action]


def version_words(message_id: int, versions: tuple[int, ...]) -> str:
    """Which of its versions a message is; empty where there is only one."""
    if len(versions) < 2 or message_id not in versions:
        return ""
    return f"{versions.index(message_id) + 1} / {len(versions)}"


class MessageBar(QFrame):
    """The buttons for the message that the pointer or the keyboard is at."""

    triggered = Signal(object, int)
    """MessageAction, message id"""
    focused = Signal()
    """One of the buttons has got the focus by the keyboard."""
    left = Signal()
    """One of the buttons has lost the focus."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.message_id: int | None = None
        self.offered = frozenset(MessageAction)
        """What can be done where this conversation is shown."""
        self.label = QLabel(self)
        self.label.setObjectName("muted")
        self.buttons = {
            action: self._button(action)
            for action in (
                MessageAction.PREVIOUS,
                MessageAction.NEXT,
                MessageAction.COPY,
                MessageAction.REGENERATE,
                MessageAction.CONTINUE,
                MessageAction.EDIT,
                MessageAction.STATISTICS,
                MessageAction.MORE,
            )
        }
        versions = (
            self.buttons[MessageAction.PREVIOUS],
            self.label,
            self.buttons[MessageAction.NEXT],
        )
        others = [button for button in self.buttons.values() if button not in versions]
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        for widgets in (versions, others):
            group = QHBoxLayout()
            group.setDirection(QHBoxLayout.Direction.LeftToRight)
            for widget in widgets:
                group.addWidget(widget)
            self._row.addLayout(group)
        self.setFixedHeight(BAR_HEIGHT)
        self.hide()
        follow_language(self, self._say)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours and the size of text."""
        self.label.setFont(ui_font(SCALE_SMALL))
        for button in self.buttons.values():
            button.set_theme(theme)

    def show_message(
        self, message: Message, versions: tuple[int, ...], *, is_last: bool, busy: bool
    ) -> None:
        """Offer what can be done with this message; while `busy` nothing that changes it."""
        self.message_id = message.id
        # The versions stand at the outer edge, where they are drawn without the buttons too.
        direction = QHBoxLayout.Direction
        user = message.role is Role.USER
        self._row.setDirection(direction.RightToLeft if user else direction.LeftToRight)
        answer = message.role is Role.ASSISTANT
        words = version_words(message.id, versions)
        position = versions.index(message.id) if words else 0
        shown = {
            MessageAction.PREVIOUS: bool(words),
            MessageAction.NEXT: bool(words),
            MessageAction.REGENERATE: answer,
            MessageAction.CONTINUE: answer and is_last and message.status.can_continue,
            MessageAction.STATISTICS: answer and message.status is not Status.STREAMING,
        }
        enabled = {
            MessageAction.PREVIOUS: position > 0 and not busy,
            MessageAction.NEXT: position < len(versions) - 1 and not busy,
            MessageAction.COPY: True,
            MessageAction.STATISTICS: True,
        }
        for action, button in self.buttons.items():
            button.setVisible(shown.get(action, True) and action in self.offered)
            button.setEnabled(enabled.get(action, not busy))
        self.label.setText(words)
        self.label.setVisible(bool(words))
        told = self.tr("Version {position} of {count}")
        self.label.setAccessibleName(told.format(position=position + 1, count=len(versions)))
        self.adjustSize()

    def has_focus(self) -> bool:
        """Whether the keyboard is on one of the buttons."""
        return any(button.hasFocus() for button in self.buttons.values())

    def _say(self) -> None:
        self.setAccessibleName(self.tr("This message"))
        for action, button in self.buttons.items():
            button.set_words(action_words(action))

    def _button(self, action: MessageAction) -> IconButton:
        name = "rename" if action is MessageAction.EDIT else action.value
        button = _BarButton(name, "", KEY_NAMES[action], parent=self)
        button.setProperty("kind", "bar")
        button.setIconSize(QSize(_ICON, _ICON))
        button.setFixedSize(BAR_HEIGHT, BAR_HEIGHT)
        button.clicked.connect(partial(self._on_clicked, action))
        button.focused.connect(self.focused)
        button.left.connect(self.left)
        return button

    def _on_clicked(self, action: MessageAction) -> None:
        if self.message_id is not None:
            self.triggered.emit(action, self.message_id)


class _BarButton(IconButton):
    """A small button that tells when the keyboard comes to it."""

    focused = Signal()
    left = Signal()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell, unless it was the mouse."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason:
            self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell."""
        super().focusOutEvent(event)
        self.left.emit()
