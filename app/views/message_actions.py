"""Binds the buttons under messages to the services: copy, edit, answer again, branch, delete."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.conversations import Message, Role
from app.services.chat import ChatService
from app.services.message_tree import Deleted, MessageTreeService, Versions
from app.services.models import ModelService
from app.services.notices import Notice
from app.views.actions import Group, KeyHint
from app.views.chat_page import ChatPage
from app.views.language import follow_language
from app.views.notice_bar import NoticeAction, NoticeBar
from app.views.transcript.copying import message_text
from app.views.transcript.menu import add_links
from app.views.transcript.message_bar import KEY_NAMES, MessageAction, action_words
from app.views.translatable import QT_TRANSLATE_NOOP

UNDO_MS = 10_000


class MessageActions(QObject):
    """Carries out what the reader wants to be done with single messages.

    Args:
        page: Shows them.
        tree: Changes them.
        chat: Gives answers.
        models: Finds models.
        window: Owns dialogs.
    """

    branch_requested = Signal(object)
    """Message: the last one of a new conversation."""

    def __init__(
        self,
        page: ChatPage,
        tree: MessageTreeService,
        chat: ChatService,
        models: ModelService,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._page = page
        self._tree = tree
        self._chat = chat
        self._models = models
        self._window = window
        self._changed: tuple[int, int] | None = None
        self._deleted: Deleted | None = None
        self.undo = NoticeBar(page)
        self._undo_timer = QTimer(self, singleShot=True, interval=UNDO_MS)
        self._undo_timer.timeout.connect(self._on_undo_timeout)
        page.add_notice(self.undo)
        follow_language(self.undo, self._say)
        page.transcript.active.triggered.connect(self._on_triggered)
        page.transcript.menu_opened.connect(self._on_menu_opened)
        page.path_changed.connect(tree.read_versions)
        page.answer_edited.connect(tree.edit_answer)
        tree.versions_read.connect(self._on_versions_read)
        tree.changed.connect(self._on_changed)
        tree.deleted.connect(self._on_deleted)
        tree.edit_failed.connect(page.edit_message)

    def do(self, action: MessageAction, message: Message) -> None:
        """Carry out an action."""
        from app.views.statistics_dialog import StatisticsDialog

        match action:
            case MessageAction.COPY:
                _copy(message.content)
            case MessageAction.COPY_PLAIN:
                _copy("".join(message_text(message)))
            case MessageAction.COPY_THINKING:
                _copy(f"{message.thinking.strip()}\n\n{message.content}")
            case MessageAction.EDIT:
                self._page.edit_message(message)
            case MessageAction.REGENERATE:
                self._regenerate(message)
            case MessageAction.CONTINUE:
                self._page.continue_last()
            case MessageAction.BRANCH:
                self.branch_requested.emit(message)
            case MessageAction.DELETE:
                self._tree.delete(message)
            case MessageAction.STATISTICS:
                StatisticsDialog(message, self._window).open()
            case MessageAction.PREVIOUS:
                self._switch(message, -1)
            case MessageAction.NEXT:
                self._switch(message, 1)
            case MessageAction.MORE:
                self._show_more(message)

    def fill_menu(self, menu: QMenu, message: Message) -> None:
        """Add what can be done with a message and has no button of its own."""
        busy = self._chat.is_busy(message.conversation_id)
        self._add(menu, MessageAction.COPY_PLAIN, message)
        if message.thinking:
            self._add(menu, MessageAction.COPY_THINKING, message)
        row = self._page.messages.row_of(message.id)
        if row is not None:
            add_links(menu, self._page.transcript, row)
        menu.addSeparator()
        is_answer = message.role is Role.ASSISTANT
        if is_answer and MessageAction.REGENERATE in self._page.transcript.active.bar.offered:
            self._add_models(menu, message, enabled=not busy)
        self._add(menu, MessageAction.BRANCH, message)
        self._add(menu, MessageAction.DELETE, message, enabled=not busy)

    # What the reader does

    def _on_triggered(self, action: MessageAction, message_id: int) -> None:
        message = self._message(message_id)
        if message is not None:
            self.do(action, message)

    def _show_more(self, message: Message) -> None:
        menu = QMenu(self._window)
        menu.setAccessibleName(action_words(MessageAction.MORE))
        menu.aboutToHide.connect(menu.deleteLater)
        self.fill_menu(menu, message)
        button = self._page.transcript.active.bar.buttons[MessageAction.MORE]
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _on_menu_opened(self, menu: QMenu, message_id: int) -> None:
        message = self._message(message_id)
        if message is None:
            return
        busy = self._chat.is_busy(message.conversation_id)
        menu.addSeparator()
        self._add(menu, MessageAction.EDIT, message, enabled=not busy)
        if message.role is Role.ASSISTANT:
            self._add(menu, MessageAction.REGENERATE, message, enabled=not busy)
            self._add(menu, MessageAction.STATISTICS, message)
        self.fill_menu(menu, message)

    def _add(
        self, menu: QMenu, action: MessageAction, message: Message, *, enabled: bool = True
    ) -> None:
        if action not in self._page.transcript.active.bar.offered:
            return
        key = KEY_NAMES.get(action)
        made = menu.addAction(action_words(action) + (f"\t{key}" if key else ""))
        made.setEnabled(enabled)
        made.triggered.connect(partial(self.do, action, message))

    def _add_models(self, menu: QMenu, message: Message, *, enabled: bool) -> None:
        models = menu.addMenu(self.tr("Answer again with"))
        models.setEnabled(enabled and bool(self._models.models))
        for file in self._models.models:
            made = models.addAction(file.name)
            made.triggered.connect(partial(self._regenerate, message, file.path))

    def _regenerate(self, message: Message, model_path: Path | None = None) -> None:
        if message.parent_id is not None:
            self._chat.regenerate(message.conversation_id, message.parent_id, model_path)

    def _switch(self, message: Message, by: int) -> None:
        versions = self._page.messages.versions_of(message.id)
        position = versions.index(message.id) + by if message.id in versions else -1
        row = self._page.messages.row_of(message.id)
        if 0 <= position < len(versions) and row is not None:
            self._changed = (message.conversation_id, row)
            self._tree.show(message.conversation_id, versions[position])

    def _on_undo_clicked(self) -> None:
        self._undo_timer.stop()
        self.undo.clear()
        if self._deleted is not None:
            self._tree.restore(self._deleted)
            self._deleted = None

    def _on_undo_timeout(self) -> None:
        if any(button.hasFocus() for button in self.undo.buttons):
            # Whoever is on the button by keyboard gets the time to press it.
            self._undo_timer.start()
        else:
            self.undo.clear()

    # What the services tell

    def _on_versions_read(self, versions: Versions) -> None:
        if versions.conversation_id == self._page.conversation_id:
            self._page.messages.set_versions(versions.of_message)

    def _on_changed(self, conversation_id: int) -> None:
        row = None
        if self._changed is not None and self._changed[0] == conversation_id:
            row = self._changed[1]
        self._changed = None
        self._page.path.show_again(conversation_id, row)

    def _on_deleted(self, deleted: Deleted) -> None:
        self._deleted = deleted
        self._offer_undo(deleted)
        self._undo_timer.start()

    def _offer_undo(self, deleted: Deleted) -> None:
        words = self.tr("The message was deleted.")
        if deleted.count > 1:
            words = self.tr("The message and its answers were deleted.")
        action = NoticeAction(lambda: self.tr("Undo"), self._on_undo_clicked)
        self.undo.show_notice(Notice(words), (action,))

    def _say(self) -> None:
        self.undo.setAccessibleName(self.tr("Deleted message"))
        if self._deleted is not None and self.undo.notice is not None:
            self._offer_undo(self._deleted)

    def _message(self, message_id: int) -> Message | None:
        row = self._page.messages.row_of(message_id)
        return None if row is None else self._page.messages.message_at(row)


def message_key_hints() -> tuple[KeyHint, ...]:
    """The keys for the message that the keyboard is at."""
    texts = {
        "Ctrl+Up": QT_TRANSLATE_NOOP("Actions", "Previous message, in the conversation"),
        "Ctrl+Down": QT_TRANSLATE_NOOP("Actions", "Next message, in the conversation"),
        "C": QT_TRANSLATE_NOOP("Actions", "Copy the message"),
        "E": QT_TRANSLATE_NOOP("Actions", "Edit the message"),
        "R": QT_TRANSLATE_NOOP("Actions", "Answer again"),
        "G": QT_TRANSLATE_NOOP("Actions", "Continue the answer"),
        "B": QT_TRANSLATE_NOOP("Actions", "Branch from the message"),
        "I": QT_TRANSLATE_NOOP("Actions", "Statistics of the answer"),
        "M": QT_TRANSLATE_NOOP("Actions", "More about the message"),
        "Left": QT_TRANSLATE_NOOP("Actions", "Previous version of the message"),
        "Right": QT_TRANSLATE_NOOP("Actions", "Next version of the message"),
        "Alt+Left": QT_TRANSLATE_NOOP("Actions", "Back in wide code, tables and formulas"),
        "Alt+Right": QT_TRANSLATE_NOOP("Actions", "Further in wide code, tables and formulas"),
        "Shift+Right": QT_TRANSLATE_NOOP("Actions", "Select letters, in the conversation"),
        "Ctrl+Shift+Right": QT_TRANSLATE_NOOP("Actions", "Select words, in the conversation"),
        "Shift+Down": QT_TRANSLATE_NOOP("Actions", "Select paragraphs, in the conversation"),
        "Ctrl+Shift+Down": QT_TRANSLATE_NOOP("Actions", "Select messages, in the conversation"),
        "Del": QT_TRANSLATE_NOOP("Actions", "Delete the message"),
    }
    return tuple(KeyHint(Group.WRITING, text, keys) for keys, text in texts.items())


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
