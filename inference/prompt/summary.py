"""The words around summaries: how the model is asked for one, and where it stands in a prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from inference.engine import ChatMessage
from inference.prompt.context_window import tail_of

HEADING = "Summary of the earlier part of this conversation, which is not shown any more:"
_TASK = (
    "You write summaries of conversations. Keep names, numbers, facts, decisions, wishes and open "
    "questions. Write in the language of the conversation, in plain sentences, and nothing else."
)
_WORDS_PER_TOKEN = 0.6
"""A cautious figure for English; the limit that holds is that of the tokens."""
_SPEAKERS = {"user": "User", "assistant": "Assistant", "system": "System"}
_SHARE_OF_HEAD = 0.5

CountTokens = Callable[[str], int]


def summary_room(n_ctx: int) -> int:
    """Tokens that a summary may have."""
    return min(n_ctx // 8, 512)


def with_summary(messages: Sequence[ChatMessage], text: str) -> tuple[ChatMessage, ...]:
    """The messages with a summary at the end of the system prompt, which is made if need be."""
    words = f"{HEADING}\n{text}"
    if messages and messages[0].role == "system":
        first = replace(messages[0], content=f"{messages[0].content}\n\n{words}")
        return (first, *messages[1:])
    return (ChatMessage("system", words), *messages)


def with_summary_in_question(messages: Sequence[ChatMessage], text: str) -> tuple[ChatMessage, ...]:
    """The same before the first question, for templates that know no system prompt."""
    index = next(i for i, message in enumerate(messages) if message.role == "user")
    question = messages[index]
    first = replace(question, content=f"{HEADING}\n{text}\n\n{question.content}")
    return (*messages[:index], first, *messages[index + 1 :])


def summary_question(part: str, earlier: str, max_tokens: int) -> tuple[ChatMessage, ...]:
    """What asks the model for a summary of a part of a conversation, after an earlier summary.

    It is one message of the user's, which every template knows.
    """
    n_words = max(20, round(max_tokens * _WORDS_PER_TOKEN))
    told = f"Summary so far:\n{earlier}\n\n" if earlier else ""
    wanted = "Bring the summary up to date" if earlier else "Summarise this conversation"
    request = f"{told}Conversation:\n{part}\n\n{wanted}, in at most {n_words} words."
    return (ChatMessage("user", f"{_TASK}\n\n{request}"),)


def parts_of(messages: Sequence[ChatMessage], max_tokens: int, count: CountTokens) -> list[str]:
    """The messages as text, in parts of so many tokens; of a longer message the middle is left out.

    Each part is summarised together with the summary of those before it.
    """
    parts: list[str] = []
    used = 0
    for message in messages:
        text = shortened(
            f"{_SPEAKERS.get(message.role, message.role)}: {message.content}", max_tokens, count
        )
        n_tokens = count(text)
        if parts and used + n_tokens <= max_tokens:
            parts[-1] += f"\n\n{text}"
            used += n_tokens
        else:
            parts.append(text)
            used = n_tokens
    return parts


def shortened(text: str, max_tokens: int, count: CountTokens) -> str:
    """The beginning and the end of a text that has too many tokens."""
    if count(text) <= max_tokens:
        return text
    room = max(max_tokens - count("\n[…]\n"), 2)
    head_room = int(room * _SHARE_OF_HEAD)
    head = text
    while (n_tokens := count(head)) > head_room and len(head) > 1:
        head = head[: max(1, int(len(head) * 0.95 * head_room / n_tokens))]
    return f"{head}\n[…]\n{tail_of(text, room - head_room, count)}"
