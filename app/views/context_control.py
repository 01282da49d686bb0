"""Binds what the window shows of the context to the services: its use, its policy, its summary."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.domain.conversations import ReplyStats, Role
from app.services.conversations import ContextRead, ConversationService
from app.services.notices import Notice
from app.views.chat_page import ChatPage
from app.views.context_button import ContextButton
from inference.engine import ContextPolicy


class ContextControl(QObject):
    """Follows the conversation on the page."""

    noticed = Signal(object)
    """Told"""

    def __init__(
        self,
        page: ChatPage,
        button: ContextButton,
        conversations: ConversationService,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._page = page
        self._button = button
        self._conversations = conversations
        self._window = window
        self._menu_id = self._summary_id = 0
        messages = page.messages
        for signal in (messages.modelReset, messages.rowsInserted, messages.rowsRemoved):
            signal.connect(self._on_messages_changed)
        messages.dataChanged.connect(self._on_messages_changed)
        page.transcript.summary_requested.connect(self.open_summary)
        button.clicked.connect(self._on_button_clicked)
        button.summary_requested.connect(self.open_summary)
        button.policy_chosen.connect(self._on_policy_chosen)
        conversations.context_read.connect(self._on_context_read)

    def open_summary(self) -> None:
        """Show the summary of the conversation on the page."""
        conversation_id = self._page.conversation_id
        if conversation_id is not None:
            self._summary_id = self._conversations.read_context(conversation_id)

    def _on_messages_changed(self) -> None:
        stats = self._newest_stats()
        self._button.set_usage(stats.n_used if stats else 0, stats.n_ctx if stats else 0)

    def _newest_stats(self) -> ReplyStats | None:
        messages = self._page.messages
        for row in reversed(range(messages.rowCount())):
            message = messages.message_at(row)
            if message.role is Role.ASSISTANT and message.stats is not None:
                return message.stats
        return None

    def _on_button_clicked(self) -> None:
        conversation_id = self._page.conversation_id
        if conversation_id is not None:
            self._menu_id = self._conversations.read_context(conversation_id)

    def _on_policy_chosen(self, policy: ContextPolicy) -> None:
        conversation_id = self._page.conversation_id
        if conversation_id is not None:
            self._conversations.set_context_policy(conversation_id, policy)

    def _on_context_read(self, read: ContextRead) -> None:
        if read.conversation_id != self._page.conversation_id:
            return
        if read.request_id == self._menu_id:
            self._button.show_menu(read.context)
        elif read.request_id == self._summary_id:
            self._show_summary(read)

    def _show_summary(self, read: ContextRead) -> None:
        from app.views.summary_dialog import SummaryDialog

        if read.context.summary is None:
            self.noticed.emit(
                lambda: Notice(
                    self.tr("The summary was undone"),
                    self.tr("The next answer is given without it."),
                )
            )
            return
        dialog = SummaryDialog(read.context.summary.text, self._window)
        conversation_id = read.conversation_id
        dialog.saved.connect(partial(self._conversations.edit_summary, conversation_id))
        dialog.removed.connect(partial(self._conversations.remove_summary, conversation_id))
        dialog.open()
