"""The services of a page whose conversations are in memory only, and gone at its end."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.services.attaching import AttachService
from app.services.chat import ChatService
from app.services.conversations import ConversationService
from app.services.drafts import DraftService
from app.services.engine_runner import EngineRunner
from app.services.message_tree import MessageTreeService
from app.services.models import ModelService
from app.services.steering import SteeringService
from app.services.token_count import TokenCounter
from app.store import MemoryStore


class UnkeptServices(QObject):
    """Like the window's own, over a store that nothing writes to a disk."""

    def __init__(
        self,
        runner: EngineRunner,
        models: ModelService,
        files: AttachService,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.store = MemoryStore()
        self.chat = ChatService(
            self.store, runner, models.current, self, model_at=models.at, is_private=True
        )
        self.conversations = ConversationService(self.store, self)
        self.steering = SteeringService(self.store, models, self)
        self.tree = MessageTreeService(self.store, self)
        self.drafts = DraftService(self.store, self)
        self.counter = TokenCounter(self.store, runner, models.current, self)
        self.files = files
        self.sees = models.sees

    def end(self, conversation_id: int | None) -> None:
        """End an answer that is on its way in this conversation, and forget everything."""
        if conversation_id is not None:
            self.chat.stop(conversation_id)
        self.drafts.flush()
        self.chat.flush()
        self.store.close()
