"""One turn of a chat: its state while it runs, and what it does on the store's thread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, fields, replace
from pathlib import Path

from app.domain.attachments import Attachment
from app.domain.context import ConversationContext
from app.domain.conversations import Message, ReplyStats, Role, Status
from app.domain.steering import Steering
from app.errors import AppError
from app.services.history import Hidden, History, history_of
from app.services.model_files import model_name
from app.services.titles import title_from
from app.store import Repository
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


class ConversationChanged(AppError):
    """The conversation does not end any more as the window thought."""

    def __init__(self) -> None:
        super().__init__(
            "The conversation has changed meanwhile",
            "Another window or a terminal has written to it.",
            "Open it again from the list.",
        )


class NoModelChosen(AppError):
    """Neither the conversation nor the window has a model."""

    def __init__(self) -> None:
        super().__init__(
            "No model is chosen",
            "Your message is kept.",
            "Choose a model at the top of the window, then try again.",
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A stored question; `created` where it started a new conversation."""

    request_id: str
    conversation_id: int
    message: Message
    created: bool
    replaced_id: int | None = None
    """The question that it stands for now."""


@dataclass(frozen=True, slots=True)
class Begun:
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


@dataclass(slots=True)
class Turn:
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
    )


def store_question(
    repository: Repository,
    request_id: str,
    conversation_id: int | None,
    text: str,
    replaced: Message | None,
    steering: Steering | None = None,
    attachments: Sequence[Attachment] = (),
) -> Question:
    """Commit a question and its files, with a new conversation around it where there is none.

    Args:
        repository: The store.
        request_id: Comes back with the question.
        conversation_id: None starts a conversation.
        text: The question.
        replaced: A question which this one stands for.
        steering: How a conversation that starts is answered.
        attachments: Files that belong to the question.
    """
    created = conversation_id is None
    with repository.transaction():
        if conversation_id is None:
            conversation_id = repository.create_conversation(_title(text, attachments)).id
            if steering is not None:
                repository.steering.set(conversation_id, steering)
        parent_id = _parent_id(repository, conversation_id, replaced)
        message = repository.add_user_message(conversation_id, text, parent_id=parent_id)
        message = repository.attachments.add(message, attachments)
    replaced_id = replaced.id if replaced else None
    return Question(request_id, conversation_id, message, created, replaced_id)


def _title(text: str, attachments: Sequence[Attachment]) -> str:
    return title_from(text or ", ".join(file.name for file in attachments))


def _parent_id(
    repository: Repository, conversation_id: int, replaced: Message | None
) -> int | None:
    if replaced is not None:
        return replaced.parent_id
    path = repository.messages(conversation_id)
    return path[-1].id if path else None


def begin_answer(
    repository: Repository,
    conversation_id: int,
    model: str,
    question_id: int | None = None,
    *,
    is_fixed: bool = False,
) -> Begun:
    """Make the row of an answer to the last message, or to an earlier question once more.

    Args:
        repository: The store.
        conversation_id: Which conversation.
        model: The name of the model where the conversation has none of its own; "": there is none.
        question_id: An earlier question that is to be answered once more.
        is_fixed: This model answers in any case.

    Raises:
        ConversationChanged: That message is not a question.
        NoModelChosen: There is no model to answer.
    """
    with repository.transaction():
        if question_id is not None:
            repository.tree.end_at(question_id)
        return _begin(repository, conversation_id, model, is_fixed=is_fixed)


def _begin(repository: Repository, conversation_id: int, model: str, *, is_fixed: bool) -> Begun:
    steering = repository.steering.get(conversation_id)
    path = repository.messages(conversation_id)
    if not path or path[-1].role is not Role.USER:
        raise ConversationChanged
    name = model if is_fixed else _model_name(steering, model)
    reply = repository.begin_reply(conversation_id, parent_id=path[-1].id, model=name)
    context = repository.contexts.get(conversation_id)
    history = history_of(path, continuing=False, system_prompt=steering.system_prompt)
    return Begun(reply, None, history, False, context, steering)


def _model_name(steering: Steering, default: str) -> str:
    name = model_name(steering.model) if steering.model is not None else default
    if not name:
        raise NoModelChosen
    return name


def resume_answer(repository: Repository, conversation_id: int, model: str) -> Begun:
    """Open the row of the last answer again; arguments as in `begin_answer`.

    Raises:
        ConversationChanged: The last message is not an answer that was cut off.
        NoModelChosen: There is no model to go on with.
    """
    steering = repository.steering.get(conversation_id)
    path = repository.messages(conversation_id)
    if not path or path[-1].role is not Role.ASSISTANT or not path[-1].status.can_continue:
        raise ConversationChanged
    before = path[-1]
    _model_name(steering, model)
    reply = repository.resume_reply(before.id)
    # An answer that ended before its first word is simply given again.
    continue_last = bool(before.content or before.thinking)
    history = history_of(path, continuing=continue_last, system_prompt=steering.system_prompt)
    context = repository.contexts.get(conversation_id)
    return Begun(reply, before, history, continue_last, context, steering)


def record_end(repository: Repository, ended: Message) -> Message | None:
    """Store an answer as it ended; one without a word leaves no row, and gives None."""
    if not ended.content and not ended.thinking:
        discard_answer(repository, ended)
        return None
    return repository.finish_reply(
        ended.id, ended.content, ended.thinking, ended.status, ended.stats, ended.thought_ms
    )


def discard_answer(repository: Repository, reply: Message) -> None:
    """Remove an answer that never began; another version of it, if there is one, is shown again."""
    with repository.transaction():
        repository.discard_reply(reply.id)
        if reply.parent_id is not None:
            repository.tree.show(reply.parent_id)
