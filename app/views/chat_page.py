"""One conversation: transcript, notice, composer, and what binds them to the chat service."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.domain.conversations import Message, Role
from app.domain.steering import Steering
from app.item_models.transcript import TranscriptModel
from app.services.chat import ChatService
from app.services.chat_events import Activity, Phase, ReplyChunk, SendFailed, TurnFailed
from app.services.conversations import ConversationService, OpenedConversation
from app.services.notices import Notice
from app.services.steering import SteeringService
from app.services.turns import Question
from app.views.composer import Composer
from app.views.drafting import Drafting, Writing
from app.views.editing import Editing
from app.views.find_bar import FindBar
from app.views.language import follow_language
from app.views.messages_page import StartPage, WelcomePage
from app.views.notice_bar import NoticeAction, NoticeBar
from app.views.theme import SPACING, TRANSCRIPT_WIDTH, Theme, grown
from app.views.transcript import TranscriptView
from app.views.turn_notices import Way, activity_words, editing_notice, turn_notice, way_words


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
        start_page: StartPage,
        writing: Writing,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._chat = chat
        self._conversations = conversations
        self._steering = steering
        self._beginning = Steering()
        self._conversation_id: int | None = None
        self._opening = 0
        self._reading_again = 0
        self._changed_row: int | None = None
        self._sending = ""
        self._failures: dict[int, TurnFailed] = {}
        self._send_failure: Notice | None = None
        self._has_models = True
        self.messages = TranscriptModel(self)
        self.transcript = TranscriptView(self)
        self.transcript.setModel(self.messages)
        self.welcome = WelcomePage(self)
        self.start = start_page
        self._introduction: QWidget | None = None
        self.stack = QStackedWidget(self)
        self.notice = NoticeBar(self)
        self.activity = QLabel(self)
        self.activity.setObjectName("activity")
        self.composer = Composer(self)
        self.editing = Editing(self.composer)
        self.find_bar = FindBar(self.transcript, self)
        self.tokens = QLabel(self)
        self.tokens.setObjectName("activity")
        self.drafting = Drafting(
            self.composer,
            self.editing,
            self.tokens,
            writing,
            self._path_before,
            steering.beginning,
            self,
        )
        self._refresh_timer = QTimer(self, singleShot=True, interval=0)
        self._lay_out()
        self._connect()
        self._show_body()
        follow_language(self, self._say)

    @property
    def conversation_id(self) -> int | None:
        """The conversation on the page; None on the empty one."""
        return self._conversation_id

    def show_conversation(self, conversation_id: int | None) -> None:
        """Open a conversation, or the empty page for a new one."""
        self.editing.leave(self._conversation_id)
        self._conversation_id = conversation_id
        self._sending = ""
        self._send_failure = None
        self.find_bar.close_search()
        self.messages.reset(())
        self.drafting.switch(conversation_id)
        self._opening = self._conversations.open(conversation_id) if conversation_id else 0
        self._steering.show(conversation_id)
        self._show_body()
        self._refresh_now()

    def read_again(self) -> None:
        """Show what another program, such as a terminal, has added to the conversation."""
        conversation_id = self._conversation_id
        if conversation_id is not None and not self._sending and not self._opening:
            self._reading_again = self._conversations.open(conversation_id)

    def set_has_models(self, has_models: bool) -> None:
        """Without models the empty page says how to get one."""
        self._has_models = has_models
        self._show_body()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours and the size of text."""
        self.transcript.set_theme(theme)
        self.find_bar.set_theme(theme)
        self.notice.set_theme(theme)
        self.composer.set_theme(theme)
        self.welcome.set_text_size()
        self.start.set_text_size()
        self._holder.setMaximumWidth(grown(TRANSCRIPT_WIDTH) + SPACING * 4)

    def stop(self) -> None:
        """End the answer that is on its way in this conversation, if there is one."""
        if self._conversation_id is not None:
            self._chat.stop(self._conversation_id)

    def copy_last_answer(self) -> None:
        """Put the newest answer on the clipboard as it was written."""
        for row in reversed(range(self.messages.rowCount())):
            message = self.messages.message_at(row)
            if message.role is Role.ASSISTANT:
                QGuiApplication.clipboard().setText(message.content)
                return

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the composer grow to a third of the window."""
        super().resizeEvent(event)
        self.composer.edit.set_max_height(self.window().height() // 3)

    def introduce(self, introduction: QWidget | None) -> None:
        """Show this on the empty page in place of what is there else; None takes it away."""
        if introduction is not None and self.stack.indexOf(introduction) < 0:
            self.stack.addWidget(introduction)
        self._introduction = introduction
        self._show_body()

    def add_notice(self, bar: NoticeBar) -> None:
        """Give a bar its place over the composer."""
        self._bottom.insertWidget(0, bar)

    # What the reader does

    def edit_message(self, message: Message, text: str | None = None) -> None:
        """Change a message in the composer; `text` in place of its own words."""
        self._failures.pop(message.conversation_id, None)
        self.editing.begin(message, text)
        self.drafting.show_edit()
        self._refresh_soon()

    def continue_last(self) -> None:
        """Go on with the last answer, which was cut off."""
        self._take(Way.CONTINUE)

    def show_again(self, conversation_id: int, changed_row: int | None = None) -> None:
        """Read the conversation anew, if it is this one: other messages of it are to be shown.

        Args:
            conversation_id: The one that has changed.
            changed_row: This row stays where it is seen.
        """
        if conversation_id != self._conversation_id:
            return
        opening = self._conversations.open(conversation_id)
        if self._opening:
            # What is being read is older than the change.
            self._opening = opening
        else:
            self._changed_row, self._reading_again = changed_row, opening

    def _on_submitted(self, text: str) -> None:
        self._send_failure = None
        edited = self.editing.message
        attachments = self.drafting.attachments
        self.drafting.take()
        if edited is not None and edited.role is Role.ASSISTANT:
            self._edit_sent()
            self.answer_edited.emit(edited, text)
            self._refresh_now()
            return
        if self._conversation_id is not None:
            self._failures.pop(self._conversation_id, None)
        self._beginning = self._steering.beginning()
        self._sending = self._chat.send(
            self._conversation_id,
            text,
            replacing=edited,
            steering=self._beginning,
            attachments=attachments,
        )
        if not self._sending:
            self.drafting.give_back(self._conversation_id, text, attachments)
        self._refresh_now()

    def _on_notice_dismissed(self) -> None:
        self._send_failure = None
        if self._conversation_id is not None:
            self._failures.pop(self._conversation_id, None)
        self._refresh_soon()

    def _take(self, way: Way) -> None:
        conversation_id = self._conversation_id
        last = self._last_message()
        if conversation_id is None:
            return
        match way:
            case Way.CONTINUE:
                self._failures.pop(conversation_id, None)
                self._chat.continue_reply(conversation_id)
                self.composer.setFocus()
            case Way.RETRY | Way.ANSWER:
                self._failures.pop(conversation_id, None)
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
        rows = range(self.messages.rowCount())
        messages = (self.messages.message_at(row) for row in reversed(rows))
        asked = next((message for message in messages if message.role is Role.USER), None)
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

    def _path_before(self) -> tuple[Message, ...]:
        """The messages that what is written now would follow."""
        count = self.messages.rowCount()
        edited = self.editing.message
        if edited is not None:
            row = self.messages.row_of(edited.id)
            count = count if row is None else row
        return tuple(self.messages.message_at(row) for row in range(count))

    def _on_draft_refused(self, notice: Notice) -> None:
        self._send_failure = notice
        self._refresh_soon()

    # What the services tell

    def _on_opened(self, opened: OpenedConversation) -> None:
        if opened.request_id == self._reading_again:
            self._take_news(opened)
            return
        if opened.request_id != self._opening:
            return
        self._opening = 0
        self.messages.reset(opened.messages)
        live = self._chat.live_reply(opened.conversation_id)
        if live is not None:
            # The store is behind what has been shown already.
            if self.messages.row_of(live.id) is None:
                self.messages.append(live)
            else:
                self.messages.replace(live)
        self.transcript.scroll_to_end()
        self._show_body()
        self._refresh_soon()
        self.conversation_read.emit(opened.conversation_id)
        self.path_changed.emit(opened.conversation_id)

    def _take_news(self, opened: OpenedConversation) -> None:
        row, self._changed_row = self._changed_row, None
        if opened.conversation_id != self._conversation_id or self._sending:
            return
        if self._activity_now().phase is not Phase.IDLE:
            return
        at_end = self.transcript.is_at_end() and row is None
        if row is None:
            self.messages.become(opened.messages)
        else:
            self.transcript.scrolling.hold_row(row, partial(self.messages.become, opened.messages))
        if at_end:
            self.transcript.scroll_to_end()
        self._refresh_soon()
        self.path_changed.emit(opened.conversation_id)

    def _on_question_stored(self, question: Question) -> None:
        if question.request_id == self._sending:
            self._sending = ""
            self._edit_sent()
            if question.created:
                self._conversation_id = question.conversation_id
                self.drafting.move_to(question.conversation_id)
                self._steering.begun(question.conversation_id, self._beginning)
                self.conversation_changed.emit(question.conversation_id)
        if question.conversation_id == self._conversation_id:
            self._append(question.message)
            self.transcript.scroll_to_end()

    def _on_send_failed(self, failed: SendFailed) -> None:
        if failed.request_id == self._sending:
            self._sending = ""
            self._send_failure = failed.notice
            self._refresh_soon()
        self.drafting.give_back(failed.conversation_id, failed.text, failed.attachments)

    def _on_message_added(self, message: Message) -> None:
        if message.conversation_id == self._conversation_id:
            self._append(message)

    def _on_message_changed(self, message: Message) -> None:
        self.messages.replace(message)
        self._refresh_soon()

    def _on_message_removed(self, message: Message) -> None:
        self.messages.remove(message.id)
        # Another version of it may be there.
        self.show_again(message.conversation_id)
        self._refresh_soon()

    def _on_reply_grew(self, chunk: ReplyChunk) -> None:
        self.messages.append_delta(chunk.message_id, chunk.text, chunk.thinking)

    def _on_activity_changed(self, activity: Activity) -> None:
        if activity.conversation_id == self._conversation_id:
            self._refresh_soon()

    def _on_turn_failed(self, failed: TurnFailed) -> None:
        self._failures[failed.conversation_id] = failed
        if failed.conversation_id == self._conversation_id:
            self._refresh_soon()

    # Showing

    def _append(self, message: Message) -> None:
        if self.messages.row_of(message.id) is None:
            # What stood behind its parent is another version now.
            parent = self.messages.row_of(message.parent_id) if message.parent_id else -1
            if parent is not None:
                self.messages.truncate(parent + 1)
            self.messages.append(message)
            self._show_body()
            self._refresh_soon()
            self.path_changed.emit(message.conversation_id)

    def _last_message(self) -> Message | None:
        count = self.messages.rowCount()
        return self.messages.message_at(count - 1) if count else None

    def _show_body(self) -> None:
        if self._conversation_id is not None:
            body: QWidget = self.transcript
        elif self._introduction is not None:
            body = self._introduction
        elif self._has_models:
            body = self.welcome
        else:
            body = self.start
        self.stack.setCurrentWidget(body)

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
        self._refresh_notice(activity)
        # Otherwise its line stays, empty or not: the transcript shall not jump at every answer.
        self.activity.setVisible(bool(self.activity.text()) or self.notice.notice is None)

    def _activity_now(self) -> Activity:
        if self._conversation_id is None:
            return Activity(0, Phase.IDLE)
        return self._chat.activity(self._conversation_id)

    def _refresh_notice(self, activity: Activity) -> None:
        if self._send_failure is not None:
            self.notice.show_notice(self._send_failure, error=True)
            return
        edited = self.editing.message
        if edited is not None:
            shown = editing_notice(edited)
        else:
            failure = self._failures.get(self._conversation_id or 0)
            found = None if self._sending else turn_notice(self._last_message(), activity, failure)
            if found is None:
                self.notice.clear()
                return
            shown = found
        actions = [NoticeAction(way_words(way), partial(self._take, way)) for way in shown.ways]
        self.notice.show_notice(shown.notice, actions, error=shown.error)

    def _connect(self) -> None:
        self._refresh_timer.timeout.connect(self._refresh_now)
        self.composer.submitted.connect(self._on_submitted)
        self.composer.stopped.connect(self.stop)
        self.find_bar.closed.connect(self.transcript.setFocus)
        self.composer.cancelled.connect(self._cancel_edit)
        self.composer.last_requested.connect(self._on_last_requested)
        self.transcript.attachment_opened.connect(self.drafting.show_text)
        self.drafting.refused.connect(self._on_draft_refused)
        self.notice.dismissed.connect(self._on_notice_dismissed)
        self._conversations.opened.connect(self._on_opened)
        chat = self._chat
        chat.question_stored.connect(self._on_question_stored)
        chat.send_failed.connect(self._on_send_failed)
        chat.message_added.connect(self._on_message_added)
        chat.message_changed.connect(self._on_message_changed)
        chat.message_removed.connect(self._on_message_removed)
        chat.reply_grew.connect(self._on_reply_grew)
        chat.activity_changed.connect(self._on_activity_changed)
        chat.turn_failed.connect(self._on_turn_failed)

    def _lay_out(self) -> None:
        for body in (self.transcript, self.welcome, self.start):
            self.stack.addWidget(body)
        # In a low window it gives way to the notice and the composer.
        self.stack.setMinimumHeight(SPACING * 10)
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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.find_bar)
        column.addWidget(self.stack, 1)
        column.addLayout(middle)
