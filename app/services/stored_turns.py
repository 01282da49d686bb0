"""What a turn of a chat does on the store's thread: its question, its answer's row, their end."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from app.domain.attachments import Attachment
from app.domain.conversations import Message, Role
from app.domain.steering import Steering
from app.errors import AppError
from app.services.history import history_of
from app.services.model_files import model_name
from app.services.titles import title_from
from app.services.turns import Begun
from app.store import Repository


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


class Question(Struct, frozen=True):
    """A stored question; `created` where it started a new conversation."""

    request_id: str
    conversation_id: int
    message: Message
    created: bool
    replaced_id: int | None = None
    """The question that it stands for now."""


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
