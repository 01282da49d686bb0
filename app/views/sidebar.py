"""The left side of the window: a new conversation, the old ones, and the way back from deleting."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.domain.conversations import Conversation
from app.item_models.conversation_list import ConversationListModel
from app.views.buttons import IconButton, text_button
from app.views.conversation_view import ConversationView
from app.views.icons import icon
from app.views.theme import SPACING, Theme

UNDO_MS = 8000


class UndoBar(QFrame):
    """Offers for some seconds to take a deleted conversation back."""

    undone = Signal(object)
    """Conversation"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("undo")
        self.setAccessibleName("Deleted conversation")
        self._conversation: Conversation | None = None
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self.button = text_button("Undo", parent=self)
        self.button.clicked.connect(self._on_clicked)
        self._timer = QTimer(self, singleShot=True, interval=UNDO_MS)
        self._timer.timeout.connect(self._on_timeout)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING * 3 // 2, SPACING // 2, SPACING // 2, SPACING // 2)
        row.addWidget(self._label, 1)
        row.addWidget(self.button)
        self.hide()

    def offer(self, conversation: Conversation) -> None:
        """Offer to restore this one."""
        self._conversation = conversation
        room = self._label_room() - self.fontMetrics().horizontalAdvance("Deleted “”")
        title = self.fontMetrics().elidedText(conversation.title, Qt.TextElideMode.ElideRight, room)
        self._label.setText(f"Deleted “{title}”")
        self.button.setAccessibleName(f"Undo deleting {conversation.title}")
        self._timer.start()
        self.show()

    def _label_room(self) -> int:
        parent = self.parentWidget()
        width = parent.width() if parent else self.width()
        return width - self.button.sizeHint().width() - SPACING * 6

    def _on_clicked(self) -> None:
        self._timer.stop()
        self.hide()
        if self._conversation is not None:
            self.undone.emit(self._conversation)

    def _on_timeout(self) -> None:
        if self.button.hasFocus():
            # Whoever is on the button by keyboard gets the time to press it.
            self._timer.start()
        else:
            self.hide()


class Sidebar(QFrame):
    """New conversation, list, undo."""

    new_requested = Signal()
    temporary_requested = Signal()

    def __init__(
        self, model: ConversationListModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAccessibleName("Sidebar")
        self.new_button = QPushButton("New conversation", self)
        self.new_button.setProperty("kind", "wide")
        self.new_button.setIconSize(QSize(20, 20))
        self.new_button.setToolTip("New conversation (Ctrl+N)")
        self.new_button.clicked.connect(self.new_requested)
        self.temporary_button = IconButton(
            "temporary", self.tr("Temporary conversation, kept nowhere"), "Ctrl+Shift+N"
        )
        self.temporary_button.clicked.connect(self.temporary_requested)
        self.list = ConversationView(model, theme, self)
        self.undo = UndoBar(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACING, 0, SPACING)
        column.setSpacing(SPACING // 2)
        column.addLayout(_with_margins(self.new_button, self.temporary_button))
        column.addWidget(self.list, 1)
        column.addLayout(_with_margins(self.undo))
        self.setMinimumWidth(SPACING * 25)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.new_button.setIcon(icon("new", theme.accent))
        self.temporary_button.set_theme(theme)
        self.list.set_theme(theme)


def _with_margins(widget: QWidget, *further: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(SPACING, 0, SPACING, 0)
    row.addWidget(widget, 1)
    for other in further:
        row.addWidget(other)
    return row
