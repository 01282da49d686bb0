"""Brings questions to the store; what cannot be stored goes back to the person."""

from __future__ import annotations

import logging
from functools import partial
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from app.domain.attachments import Attachment
from app.domain.conversations import Message
from app.domain.steering import Steering
from app.services.chat_events import SendFailed
from app.services.futures import FutureRelay
from app.services.notices import notice_of
from app.services.stored_turns import store_question
from app.store import Store

log = logging.getLogger(__name__)


class QuestionKeeper(QObject):
    """Stores questions one after the other, as the store does everything."""

    stored = Signal(object)
    """Question"""
    failed = Signal(object)
    """SendFailed"""

    def __init__(self, store: Store, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)

    def keep(
        self,
        conversation_id: int | None,
        text: str,
        replacing: Message | None,
        steering: Steering | None,
        attachments: tuple[Attachment, ...],
    ) -> str:
        """Store a question, as `ChatService.send` says; gives the id of the request."""
        request_id = uuid4().hex
        future = self._store.submit(
            lambda repository: store_question(
                repository,
                request_id,
                conversation_id,
                text,
                replacing,
                steering,
                attachments,
            )
        )
        self._relay.watch(
            future,
            self.stored.emit,
            partial(self._on_failed, request_id, conversation_id, text, attachments),
        )
        return request_id

    def _on_failed(
        self,
        request_id: str,
        conversation_id: int | None,
        text: str,
        attachments: tuple[Attachment, ...],
        error: BaseException,
    ) -> None:
        log.warning("question not stored: %s", error)
        notice = notice_of(error)
        self.failed.emit(SendFailed(request_id, conversation_id, text, notice, attachments))
