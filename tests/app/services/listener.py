"""Writes down what the chat service tells."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.domain.conversations import Message
from app.services.chat import ChatService
from app.services.chat_events import Activity, Phase, ReplyChunk, SendFailed, TurnFailed
from app.services.stored_turns import Question


class ChatListener(QObject):
    def __init__(self, chat: ChatService) -> None:
        super().__init__()
        self.questions: list[Question] = []
        self.added: list[Message] = []
        self.changed: list[Message] = []
        self.removed: list[Message] = []
        self.chunks: list[ReplyChunk] = []
        self.activities: list[Activity] = []
        self.send_failures: list[SendFailed] = []
        self.failures: list[TurnFailed] = []
        chat.question_stored.connect(self.questions.append)
        chat.message_added.connect(self.added.append)
        chat.message_changed.connect(self.changed.append)
        chat.message_removed.connect(self.removed.append)
        chat.reply_grew.connect(self.chunks.append)
        chat.activity_changed.connect(self.activities.append)
        chat.send_failed.connect(self.send_failures.append)
        chat.turn_failed.connect(self.failures.append)

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks)

    @property
    def ends(self) -> int:
        """How many turns have ended or left the line."""
        return sum(activity.phase is Phase.IDLE for activity in self.activities)
