"""Which messages of a conversation go into the prompt where the context does not hold them all.

The oldest turns leave in blocks: once the prompt is over its limit, so many leave that half of the
room is free again. Until that is used up the beginning of the prompt stays as it is, and with it
what the KV cache holds. The choice is a function of the messages alone. Each earlier question is
looked at as it was when it was asked, so the next turn, a regenerated answer and a program that was
started again find the same boundary without having to remember it.

Counting tokens and rendering are others' work; see docs/decisions/full-context.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from inference.engine import ChatMessage

MIN_ANSWER_TOKENS = 32
"""Without so much room an answer is not begun."""
_MAX_ANSWER_ROOM = 4096
_KEPT = 0.5
"""How much of the room the turns that stay may take when a block leaves."""


class Turn(Struct, frozen=True):
    """A question with what came of it: `messages[start:stop]`; `asked` is where the answer began.

    In the last turn `asked` is its end: what stands there is what is to be answered or continued.
    """

    start: int
    asked: int
    stop: int


class TurnTokens(Struct, frozen=True):
    """Tokens of a turn when it was asked, and with its answer."""

    asked: int
    whole: int


def answer_room(n_ctx: int) -> int:
    """Tokens that are kept free for an answer; of the context alone, so that it never wavers."""
    return max(MIN_ANSWER_TOKENS, min(n_ctx // 4, _MAX_ANSWER_ROOM))


def n_system(messages: Sequence[ChatMessage]) -> int:
    """How many messages at the beginning are system prompts, which always stay."""
    return next((i for i, message in enumerate(messages) if message.role != "system"), 0)


def turns_of(messages: Sequence[ChatMessage]) -> list[Turn]:
    """The turns behind the system prompts; what stands before the first question belongs to it."""
    first, end = n_system(messages), len(messages)
    questions = [i for i in range(first, end) if messages[i].role == "user"]
    starts = [first, *(i for i in questions[1:] if messages[i - 1].role != "user")]
    turns = []
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        users = [i for i in range(start, stop) if messages[i].role == "user"]
        is_last = stop == end
        asked = stop if is_last or not users else _end_of_question(messages, users[0])
        turns.append(Turn(start, asked, stop))
    return turns


def _end_of_question(messages: Sequence[ChatMessage], index: int) -> int:
    while index < len(messages) and messages[index].role == "user":
        index += 1
    return index


def first_seen(turns: Sequence[TurnTokens], limit: int) -> int:
    """The first turn that stays.

    Args:
        turns: All turns from the first one that may leave; the last one always stays.
        limit: Tokens that they may have together when the last one is asked.
    """
    first = used = 0
    for index, turn in enumerate(turns):
        if used + turn.asked > limit:
            leaving = block(turns[first : index + 1], limit)
            used -= sum(turn.whole for turn in turns[first : first + leaving])
            first += leaving
        used += turn.whole
    return first


def block(turns: Sequence[TurnTokens], limit: int) -> int:
    """How many of the oldest turns leave at once, so that half of the limit is free again."""
    used = sum(turn.whole for turn in turns[:-1]) + turns[-1].asked
    leaving = 0
    while leaving < len(turns) - 1 and used > limit * _KEPT:
        used -= turns[leaving].whole
        leaving += 1
    return leaving


def tail_of(text: str, max_tokens: int, count: Callable[[str], int]) -> str:
    """The end of a text, of so many tokens at most, from the beginning of a line if one is near."""
    start = 0
    while (n_tokens := count(text[start:])) > max_tokens:
        rest = len(text) - start
        start += max(1, rest - int(rest * 0.95 * max_tokens / n_tokens))
    if not start:
        return text
    for mark in ("\n\n", "\n", " "):
        found = text.find(mark, start, start + (len(text) - start) // 4)
        if found >= 0:
            return text[found + len(mark) :]
    return text[start:]
