"""The left side of the window: a new conversation, the old ones, search, the way from deleting."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.conversations import Conversation
from app.domain.search import Found
from app.item_models.conversation_list import ConversationListModel
from app.item_models.search_results import SearchResultsModel
from app.views.buttons import IconButton, PressButton, text_button
from app.views.conversation_view import ConversationView
from app.views.icons import icon
from app.views.language import follow_language
from app.views.search_field import SearchField
from app.views.tab_order import follow_layout
from app.views.theme import SPACING, Theme, grown

if TYPE_CHECKING:
    from app.views.search_results import SearchResults

UNDO_MS = 8000
_WIDEST = SPACING * 46
"""It takes no more than this where text is large."""


class UndoBar(QFrame):
    """Offers for some seconds to take a deleted conversation back."""

    undone = Signal(object)
    """Conversation"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("undo")
        self._conversation: Conversation | None = None
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self.button = text_button("", parent=self)
        self.button.clicked.connect(self._on_clicked)
        self._timer = QTimer(self, singleShot=True, interval=UNDO_MS)
        self._timer.timeout.connect(self._on_timeout)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING * 3 // 2, SPACING // 2, SPACING // 2, SPACING // 2)
        row.addWidget(self._label, 1)
        row.addWidget(self.button)
        self.hide()
        follow_language(self, self._say)

    def offer(self, conversation: Conversation) -> None:
        """Offer to restore this one."""
        self._conversation = conversation
        self._say()
        self._timer.start()
        self.show()

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Deleted conversation"))
        self.button.setText(self.tr("Undo"))
        if self._conversation is None:
            return
        title = self._conversation.title
        words, metrics = self.tr("Deleted “{title}”"), self.fontMetrics()
        room = self._label_room() - metrics.horizontalAdvance(words.format(title=""))
        elided = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
        self._label.setText(words.format(title=elided))
        self.button.setAccessibleName(self.tr("Undo deleting {title}").format(title=title))

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
    """New conversation, search, list or hits, undo."""

    new_requested = Signal()
    folder_requested = Signal()
    temporary_requested = Signal()
    hit_opened = Signal(object)
    """Hit"""
    results_left = Signal()
    """Enough of searching."""
    undone = Signal(object)
    """Conversation, which was deleted."""

    def __init__(
        self, model: ConversationListModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.new_button = PressButton(parent=self)
        self.new_button.setProperty("kind", "wide")
        self.new_button.setIconSize(QSize(20, 20))
        self.new_button.clicked.connect(self.new_requested)
        self.folder_button = IconButton("folder-new", "", parent=self)
        fixed = QSizePolicy.Policy.Fixed
        self.folder_button.setSizePolicy(fixed, fixed)
        self.folder_button.clicked.connect(self.folder_requested)
        self.search = SearchField(self)
        self.hits = SearchResultsModel(self)
        self._theme = theme
        self.model = model
        self.temporary_button = IconButton("temporary", "", "Ctrl+Shift+N")
        self.temporary_button.clicked.connect(self.temporary_requested)
        self.list = ConversationView(model, theme, self)
        self.found_label = QLabel(self)
        self.found_label.setObjectName("hint")
        self.found_label.setTextFormat(Qt.TextFormat.PlainText)
        self.found_label.setWordWrap(True)
        self.found_label.setContentsMargins(SPACING, 0, SPACING, 0)
        self.found_label.hide()
        self.lists = QStackedWidget(self)
        self.lists.addWidget(self.list)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACING, 0, SPACING)
        column.setSpacing(SPACING // 2)
        buttons = _with_margins(self.new_button, self.temporary_button)
        buttons.setSpacing(0)
        buttons.addWidget(self.folder_button)
        column.addLayout(buttons)
        for above in (self.search, self.found_label):
            column.addLayout(_with_margins(above))
        column.addWidget(self.lists, 1)
        follow_language(self, self._say)

    def minimumSizeHint(self) -> QSize:
        """Narrower than its buttons it does not get."""
        hint = super().minimumSizeHint()
        hint.setWidth(min(max(hint.width(), grown(SPACING * 28)), _WIDEST))
        return hint

    @cached_property
    def results(self) -> SearchResults:
        """The hits, which are made when something is first looked for."""
        from app.views.search_results import SearchResults

        results = SearchResults(self.hits, self._theme, self)
        results.opened.connect(self.hit_opened)
        results.left.connect(self.results_left)
        self.lists.addWidget(results)
        follow_layout(self.window())
        return results

    @cached_property
    def undo(self) -> UndoBar:
        """The way back, which is made when a conversation is first deleted."""
        undo = UndoBar(self)
        undo.undone.connect(self.undone)
        self._column.addLayout(_with_margins(undo))
        follow_layout(self.window())
        return undo

    def show_results(self, shown: bool) -> None:
        """Show hits in the place of the conversations, or the conversations again."""
        self.lists.setCurrentWidget(self.results if shown else self.list)
        self.found_label.setVisible(shown and bool(self.found_label.text()))

    def show_found(self, found: Found) -> None:
        """Show these hits, with how many there are."""
        self.hits.set_found(found)
        words = self.hits.words()
        if words != self.found_label.text():
            self.found_label.setText(words)
            if words:
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
        self.found_label.setVisible(bool(words))

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Sidebar"))
        self.new_button.setText(self.tr("New conversation"))
        self.new_button.setToolTip(self.tr("New conversation (Ctrl+N)"))
        self.folder_button.set_words(self.tr("New folder"))
        self.temporary_button.set_words(self.tr("Temporary conversation, kept nowhere"))
        self.model.say_anew()
        self.found_label.setText(self.hits.words())

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours and the size of text."""
        self.updateGeometry()
        self.folder_button.set_theme(theme)
        self.search.set_theme(theme)
        self._theme = theme
        if "results" in self.__dict__:
            self.results.set_theme(theme)
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
