"""One turn of a chat: what the engine is asked, and the answer while it grows."""

from __future__ import annotations

import time
from concurrent.futures import Future
from pathlib import Path

from msgspec import Struct
from msgspec.structs import fields, replace

from app.domain.context import ConversationContext
from app.domain.conversations import Message, ReplyStats, Status
from app.domain.steering import Steering
from app.services.history import Hidden, History
from inference.engine import (
    ContextPolicy,
    Finished,
    FinishReason,
    GenerateRequest,
    MessagesUnseen,
    ModelParams,
    Sampling,
)

SAVE_INTERVAL_S = 0.3
"""An answer on its way is saved this often."""

STATUS_OF_REASON = {
    FinishReason.STOP: Status.COMPLETE,
    FinishReason.LENGTH: Status.LENGTH,
    FinishReason.CANCELLED: Status.STOPPED,
}


class Begun(Struct, frozen=True):
    """An answer has its row: `before` is None for a new one, else the row as it was."""

    reply: Message
    before: Message | None
    history: History
    continue_last: bool
    context: ConversationContext
    steering: Steering

    def request(
        self,
        request_id: str,
        model: ModelParams,
        sampling: Sampling | None = None,
        policy: ContextPolicy | None = None,
        private_name: str = "",
    ) -> GenerateRequest:
        """What the engine is asked.

        Args:
            request_id: Names the request.
            model: The model that answers.
            sampling: What it sets takes the place of the conversation's own, for this time.
            policy: The same.
            private_name: The conversation's name where nothing of it may touch the disk.
        """
        steering = self.steering
        return GenerateRequest(
            request_id,
            model,
            self.history.messages,
            overridden(steering.sampling, sampling or Sampling()),
            continue_last=self.continue_last,
            thinking=steering.thinking,
            thinking_budget=steering.thinking_budget,
            context_policy=policy or self.context.policy,
            summary=self.history.summary(self.context),
            conversation=private_name or str(self.reply.conversation_id),
            is_private=bool(private_name),
        )


def overridden(base: Sampling, over: Sampling) -> Sampling:
    """The base with all that the other one sets."""
    default = Sampling()
    names = (item.name for item in fields(Sampling))
    return replace(
        base,
        **{
            name: getattr(over, name)
            for name in names
            if getattr(over, name) != getattr(default, name)
        },
    )


class Turn(Struct):
    """An answer on its way, from the waiting line to its end."""

    request_id: str
    conversation_id: int
    continuing: bool
    begun: Future[Begun] | None = None
    reply: Message | None = None
    before: Message | None = None
    content: str = ""
    thinking: str = ""
    stopped: bool = False
    saved_at: float = 0.0
    saving: bool = False
    save_failed: bool = False
    history: History | None = None
    question_id: int | None = None
    """The question to answer once more; None answers the last message."""
    model_path: Path | None = None
    """The model for this answer; None: the conversation's, or else the chosen one."""
    thinking_since: float | None = None

    def begin(self, begun: Begun) -> None:
        """Take over the row, with what it holds already."""
        self.reply, self.before, self.history = begun.reply, begun.before, begun.history
        self.content, self.thinking = begun.reply.content, begun.reply.thinking

    def append(self, text: str, thinking: str) -> None:
        """More of the answer."""
        if thinking and self.thinking_since is None:
            self.thinking_since = time.monotonic()
        if text:
            self._end_thinking()
        self.content += text
        self.thinking += thinking

    def _end_thinking(self) -> None:
        if self.thinking_since is None or self.reply is None:
            return
        thought_s = time.monotonic() - self.thinking_since
        self.thinking_since = None
        # At least one, since 0 stands for a time that is not known.
        thought_ms = self.reply.thought_ms + max(round(thought_s * 1000), 1)
        self.reply = replace(self.reply, thought_ms=thought_ms)

    def hide(self, event: MessagesUnseen) -> Hidden:
        """Note what the model does not see; gives what is to be remembered."""
        assert self.reply is not None
        assert self.history is not None
        hidden = self.history.hidden(event)
        self.reply = replace(self.reply, unseen=hidden.unseen)
        return hidden

    @property
    def has_grown(self) -> bool:
        """Whether the engine has added anything."""
        before = self.before
        if before is None:
            return bool(self.content or self.thinking)
        return (self.content, self.thinking) != (before.content, before.thinking)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing worth keeping."""
        return not self.content and not self.thinking

    def message(self) -> Message:
        """The answer as it is now."""
        assert self.reply is not None
        return replace(self.reply, content=self.content, thinking=self.thinking)

    def ended(self, status: Status, finished: Finished | None) -> Message:
        """The answer as it ends; one that got nothing more keeps what it was before."""
        self._end_thinking()
        before = self.before
        if before is not None and not self.has_grown and status is not Status.COMPLETE:
            status = before.status if before.status.can_continue else Status.INTERRUPTED
        earlier = before.stats if before else None
        return replace(self.message(), status=status, stats=added(earlier, finished))


def added(earlier: ReplyStats | None, finished: Finished | None) -> ReplyStats | None:
    """The cost of an answer with what its last part cost."""
    if finished is None:
        return earlier
    base = earlier or ReplyStats(0, 0, 0, 0.0, 0.0)
    return ReplyStats(
        tokens_in=base.tokens_in + finished.tokens_in,
        tokens_out=base.tokens_out + finished.tokens_out,
        tokens_reused=base.tokens_reused + finished.tokens_reused,
        prefill_ms=base.prefill_ms + finished.prefill_ms,
        decode_ms=base.decode_ms + finished.decode_ms,
        n_used=finished.n_used,
        n_ctx=finished.n_ctx,
        seed=finished.seed,
        sampling=finished.sampling,
        tokens_of_pictures=base.tokens_of_pictures + finished.tokens_of_pictures,
    )
