"""One conversation: transcript, notice, composer, and what binds them to the chat service."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.conversations import Message, Role
from app.domain.steering import Steering
from app.item_models.figures import number
from app.item_models.transcript import TranscriptModel
from app.services.chat import ChatService
from app.services.chat_events import Activity, Phase, SendFailed, TurnFailed
from app.services.conversations import ConversationService
from app.services.notices import Notice
from app.services.steering import SteeringService
from app.services.stored_turns import Question
from app.views.composer import Composer
from app.views.drafting import Drafting
from app.views.editing import Editing
from app.views.language import follow_language
from app.views.notice_bar import NoticeBar, Told
from app.views.page_body import PageBody
from app.views.shown_path import ShownPath
from app.views.tab_order import follow_layout
from app.views.theme import SPACING, TRANSCRIPT_WIDTH, Theme, grown
from app.views.transcript import TranscriptView
from app.views.turn_control import TurnControl
from app.views.turn_notices import Way, activity_words
from app.views.writing import Writing

MAX_EDITED_CHARS = 100_000
"""So many are laid out in some hundredths of a second, each time something changes."""

if TYPE_CHECKING:
    from app.views.find_bar import FindBar


class ChatPage(QWidget):
    """Shows a conversation and lets it go on."""

    conversation_changed = Signal(object)
    """int: the first message has made a conversation of the empty page."""
    conversation_read = Signal(int)
    """The messages of this conversation are on the page."""
    choose_model_requested = Signal()
    answer_edited = Signal(object, str)
    """Message, what it is to say."""
    path_changed = Signal(int)
    """Conversation id: other messages of it are shown than before."""

    def __init__(
        self,
        chat: ChatService,
        conversations: ConversationService,
        steering: SteeringService,
        models_folder: Path,
        writing: Writing,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._chat = chat
        self._steering = steering
        self._beginning = Steering()
        self._sending = ""
        self.transcript = TranscriptView(self)
        self.path = ShownPath(
            self.transcript, chat, conversations, lambda: bool(self._sending), self
        )
        self.body = PageBody(self.transcript, models_folder, self)
        self.notice = NoticeBar(self)
        self.turns = TurnControl(self.notice, self)
        self.activity = QLabel(self)
        self.activity.setObjectName("activity")
        self.composer = Composer(self)
        self.editing = Editing(self.composer, writing.drafts)
        self.tokens = QLabel(self)
        self.tokens.setObjectName("activity")
        self.drafting = Drafting(
            self.composer,
            self.editing,
            self.tokens,
            writing,
            lambda: self.path.before(self.editing.message),
            steering.beginning,
            self,
        )
        self._refresh_timer = QTimer(self, singleShot=True, interval=0)
        self._lay_out()
        self._connect()
        follow_language(self, self._say)

    @property
    def conversation_id(self) -> int | None:
        """The conversation on the page; None on the empty one."""
        return self.path.conversation_id

    @cached_property
    def find_bar(self) -> FindBar:
        """The bar over the messages, which is made when something is first looked for."""
        from app.views.find_bar import FindBar

        bar = FindBar(self.transcript, self)
        bar.set_theme(self.transcript.theme)
        bar.closed.connect(self.transcript.setFocus)
        self._column.insertWidget(0, bar)
        follow_layout(self.window())
        return bar

    @property
    def messages(self) -> TranscriptModel:
        """The messages on the page."""
        return self.path.messages

    def show_conversation(self, conversation_id: int | None) -> None:
        """Open a conversation, or the empty page for a new one."""
        self.editing.leave(self.conversation_id)
        self._sending = ""
        self.turns.refuse(None)
        if "find_bar" in self.__dict__:
            self.find_bar.close_search()
        self.path.show(conversation_id)
        self.drafting.switch(conversation_id)
        self._steering.show(conversation_id)
        self.body.set_empty(conversation_id is None)
        self._refresh_now()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours and the size of text."""
        self.transcript.set_theme(theme)
        if "find_bar" in self.__dict__:
            self.find_bar.set_theme(theme)
        self.notice.set_theme(theme)
        self.composer.set_theme(theme)
        self.body.set_text_size()
        self._holder.setMaximumWidth(grown(TRANSCRIPT_WIDTH) + SPACING * 4)

    def stop(self) -> None:
        """End the answer that is on its way in this conversation, if there is one."""
        if self.conversation_id is not None:
            self._chat.stop(self.conversation_id)

    def copy_last_answer(self) -> None:
        """Put the newest answer on the clipboard as it was written."""
        answer = self.path.newest(Role.ASSISTANT)
        if answer is not None:
            QGuiApplication.clipboard().setText(answer.content)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the composer grow to a third of the window."""
        super().resizeEvent(event)
        self.composer.edit.set_max_height(self.window().height() // 3)

    def add_notice(self, bar: NoticeBar) -> None:
        """Give a bar its place over the composer."""
        self._bottom.insertWidget(0, bar)

    # What the reader does

    def edit_message(self, message: Message, text: str | None = None) -> None:
        """Change a message in the composer; `text` in place of its own words."""
        if len(message.content) > MAX_EDITED_CHARS:
            words = self.tr("It has {count} characters; up to {most} can be edited.")
            self._on_draft_refused(
                Notice(
                    self.tr("This message is too long to be edited here"),
                    words.format(count=number(len(message.content)), most=number(MAX_EDITED_CHARS)),
                    self.tr("Copy it, change it in another program, and attach it as a file."),
                )
            )
            return
        self.turns.forget(message.conversation_id)
        self.editing.begin(message, text)
        self.drafting.show_edit()
        self._refresh_soon()

    def continue_last(self) -> None:
        """Go on with the last answer, which was cut off."""
        self._take(Way.CONTINUE)

    def _on_submitted(self, text: str) -> None:
        self.turns.refuse(None)
        edited = self.editing.message
        attachments = self.drafting.attachments
        self.drafting.take()
        if edited is not None and edited.role is Role.ASSISTANT:
            self._edit_sent()
            self.answer_edited.emit(edited, text)
            self._refresh_now()
            return
        self.turns.forget(self.conversation_id)
        self._beginning = self._steering.beginning()
        self._sending = self._chat.send(
            self.conversation_id,
            text,
            replacing=edited,
            steering=self._beginning,
            attachments=attachments,
        )
        if not self._sending:
            self.drafting.give_back(self.conversation_id, text, attachments)
        self._refresh_now()

    def _on_notice_dismissed(self) -> None:
        self.turns.refuse(None)
        self.turns.forget(self.conversation_id)
        self._refresh_soon()

    def _take(self, way: Way) -> None:
        conversation_id = self.conversation_id
        last = self.path.last()
        if conversation_id is None:
            return
        match way:
            case Way.CONTINUE:
                self.turns.forget(conversation_id)
                self._chat.continue_reply(conversation_id)
                self.composer.setFocus()
            case Way.RETRY | Way.ANSWER:
                self.turns.forget(conversation_id)
                self._chat.retry(conversation_id)
                self.composer.setFocus()
            case Way.EDIT if last is not None:
                self.edit_message(last)
            case Way.CANCEL_EDIT:
                self._cancel_edit()
            case Way.CHOOSE_MODEL:
                self.choose_model_requested.emit()
        self._refresh_soon()

    def _on_last_requested(self) -> None:
        asked = self.path.newest(Role.USER)
        if asked is not None and self._activity_now().phase is Phase.IDLE and not self._sending:
            self.edit_message(asked)

    def _cancel_edit(self) -> None:
        if self.editing.message is not None:
            self.drafting.forget_edit()
            self.editing.cancel()
            self.drafting.show_files()
            self._refresh_soon()

    def _edit_sent(self) -> None:
        self.editing.sent()
        self.drafting.show_files()

    def _on_draft_refused(self, told: Told) -> None:
        self.turns.refuse(told)
        self._refresh_soon()

    # What the services tell

    def _on_question_stored(self, question: Question) -> None:
        if question.request_id == self._sending:
            self._sending = ""
            self._edit_sent()
            if question.created:
                self.path.begin(question.conversation_id)
                self.drafting.move_to(question.conversation_id)
                self._steering.begun(question.conversation_id, self._beginning)
                self.conversation_changed.emit(question.conversation_id)
        if question.conversation_id == self.conversation_id:
            self.path.add(question.message)
            self.body.set_empty(False)
            self.transcript.scroll_to_end()

    def _on_send_failed(self, failed: SendFailed) -> None:
        if failed.request_id == self._sending:
            self._sending = ""
            self.turns.refuse(failed.notice)
            self._refresh_soon()
        self.drafting.give_back(failed.conversation_id, failed.text, failed.attachments)

    def _on_activity_changed(self, activity: Activity) -> None:
        if activity.conversation_id == self.conversation_id:
            self._refresh_soon()

    def _on_turn_failed(self, failed: TurnFailed) -> None:
        self.turns.fail(failed)
        if failed.conversation_id == self.conversation_id:
            self._refresh_soon()

    # Showing

    def _say(self) -> None:
        self.notice.setAccessibleName(self.tr("About this conversation"))
        self.activity.setAccessibleName(self.tr("Activity"))
        self.tokens.setAccessibleName(self.tr("Tokens of your message with the conversation"))
        self._refresh_soon()

    def _refresh_soon(self) -> None:
        # Several changes that belong together come one after the other.
        self._refresh_timer.start()

    def _refresh_now(self) -> None:
        self._refresh_timer.stop()
        activity = self._activity_now()
        busy = bool(self._sending) or activity.phase is not Phase.IDLE
        self.composer.set_busy(busy)
        self.transcript.set_busy(busy)
        if not busy:
            self.drafting.recount()
        self.activity.setText(activity_words(activity))
        self.turns.show(
            activity, self.path.last(), self.editing.message, is_sending=bool(self._sending)
        )
        # Otherwise its line stays, empty or not: the transcript shall not jump at every answer.
        self.activity.setVisible(bool(self.activity.text()) or self.notice.notice is None)

    def _activity_now(self) -> Activity:
        if self.conversation_id is None:
            return Activity(0, Phase.IDLE)
        return self._chat.activity(self.conversation_id)

    def _connect(self) -> None:
        self._refresh_timer.timeout.connect(self._refresh_now)
        self.composer.submitted.connect(self._on_submitted)
        self.composer.stopped.connect(self.stop)
        self.composer.cancelled.connect(self._cancel_edit)
        self.composer.last_requested.connect(self._on_last_requested)
        self.transcript.attachment_opened.connect(self.drafting.show_text)
        self.drafting.refused.connect(self._on_draft_refused)
        self.notice.dismissed.connect(self._on_notice_dismissed)
        self.turns.chosen.connect(self._take)
        self.path.read.connect(self.drafting.resume_edit)
        self.path.read.connect(self.conversation_read)
        self.path.changed.connect(self.path_changed)
        self.path.refreshed.connect(self._refresh_soon)
        chat = self._chat
        chat.question_stored.connect(self._on_question_stored)
        chat.send_failed.connect(self._on_send_failed)
        chat.activity_changed.connect(self._on_activity_changed)
        chat.turn_failed.connect(self._on_turn_failed)

    def _lay_out(self) -> None:
        bottom = self._bottom = QVBoxLayout()
        bottom.setContentsMargins(0, SPACING // 2, 0, 0)
        bottom.setSpacing(SPACING)
        line = QHBoxLayout()
        line.setSpacing(SPACING)
        line.addWidget(self.activity)
        line.addStretch(1)
        line.addWidget(self.tokens)
        bottom.addWidget(self.notice)
        bottom.addLayout(line)
        bottom.addWidget(self.composer)
        holder = self._holder = QWidget(self)
        holder.setLayout(bottom)
        middle = QHBoxLayout()
        middle.setContentsMargins(SPACING * 2, 0, SPACING * 2, SPACING * 2)
        middle.addStretch(1)
        middle.addWidget(holder, 1000)
        middle.addStretch(1)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.body, 1)
        column.addLayout(middle)
