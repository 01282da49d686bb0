"""Which turns stay, as a pure function."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from inference.engine import ChatMessage
from inference.prompt.context_window import (
    Turn,
    TurnTokens,
    answer_room,
    first_seen,
    n_system,
    tail_of,
    turns_of,
)
from inference.prompt.message_costs import Frame, TextTokens, measured_frame
from inference.prompt.summary import parts_of, shortened

LIMIT = 1000

turns = st.lists(
    st.tuples(st.integers(0, 600), st.integers(0, 600)).map(
        lambda pair: TurnTokens(pair[0], sum(pair))
    ),
    min_size=1,
    max_size=30,
)
roles = st.lists(st.sampled_from(["user", "assistant", "tool", "system"]), max_size=12)


def asked_tokens(turns: list[TurnTokens], first: int) -> int:
    """What stands in the prompt when the last turn is asked."""
    return sum(turn.whole for turn in turns[first:-1]) + turns[-1].asked


@given(turns)
def test_what_stays_fits_and_the_last_turn_always_stays(turns: list[TurnTokens]) -> None:
    first = first_seen(turns, LIMIT)

    assert 0 <= first < len(turns)
    assert asked_tokens(turns, first) <= LIMIT or first == len(turns) - 1


@given(turns)
def test_nothing_leaves_while_everything_fits(turns: list[TurnTokens]) -> None:
    assume(sum(turn.whole for turn in turns) <= LIMIT)

    assert first_seen(turns, LIMIT) == 0


@given(turns)
def test_a_boundary_only_moves_on_and_then_frees_half_of_the_room(turns: list[TurnTokens]) -> None:
    firsts = [first_seen(turns[: n + 1], LIMIT) for n in range(len(turns))]

    assert firsts == sorted(firsts)
    for n in range(1, len(turns)):
        if firsts[n] > firsts[n - 1]:
            used = asked_tokens(turns[: n + 1], firsts[n])
            assert used <= LIMIT / 2 or firsts[n] == n
            assert asked_tokens(turns[: n + 1], firsts[n - 1]) > LIMIT


@given(turns, st.integers(0, 600))
def test_another_last_question_finds_the_same_boundary_or_a_later_one(
    turns: list[TurnTokens], tokens: int
) -> None:
    before = first_seen(turns, LIMIT)
    other = [*turns[:-1], TurnTokens(turns[-1].asked + tokens, turns[-1].whole + tokens)]

    assert first_seen(other, LIMIT) >= before


def test_a_block_by_hand() -> None:
    turn = TurnTokens(30, 100)  # of ten such turns, nine and a question make 930
    ten, eleven = [turn] * 10, [turn] * 11

    assert first_seen(ten, LIMIT) == 0
    # Eleven: 1,030. Until at most 500 are left, six leave: 5 turns stay, 4 * 100 + 30 = 430.
    assert first_seen(eleven, LIMIT) == 6
    # 430 + 100 a turn: 930 with five more, 1,030 with six.
    assert [first_seen([turn] * n, LIMIT) for n in range(11, 18)] == [6] * 6 + [12]


@given(roles)
def test_turns_cover_everything_behind_the_system_prompts(roles: list[str]) -> None:
    messages = [ChatMessage(role, "") for role in roles]
    start = n_system(messages)

    found = turns_of(messages)

    assert found[0].start == start
    assert found[-1].stop == len(messages)
    for turn, following in pairwise(found):
        assert turn.stop == following.start
        assert messages[following.start].role == "user"
        assert turn.start <= turn.asked <= turn.stop
    assert found[-1].asked == len(messages)


def test_turns_by_hand() -> None:
    def of(letters: str) -> list[Turn]:
        names = {"s": "system", "u": "user", "a": "assistant", "t": "tool"}
        return turns_of([ChatMessage(names[letter], "") for letter in letters])

    assert of("su") == [Turn(1, 2, 2)]
    assert of("suauau") == [Turn(1, 2, 3), Turn(3, 4, 5), Turn(5, 6, 6)]
    # Calls of tools belong to the turn they were made in; a greeting to the first question.
    assert of("auatau") == [Turn(0, 2, 5), Turn(5, 6, 6)]
    # Two questions in a row are one turn.
    assert of("uuau") == [Turn(0, 2, 3), Turn(3, 4, 4)]
    # An answer that goes on is part of what is asked.
    assert of("uaua") == [Turn(0, 1, 2), Turn(2, 4, 4)]


def test_room_for_the_answer_is_a_quarter_up_to_4096() -> None:
    assert [answer_room(n) for n in (512, 8192, 131072)] == [128, 2048, 4096]


@given(st.text(st.sampled_from("ab \n")), st.integers(0, 40))
def test_a_tail_is_an_end_of_the_text_and_short_enough(text: str, limit: int) -> None:
    tail = tail_of(text, limit, len)

    assert text.endswith(tail)
    assert len(tail) <= limit or tail == text[:0]
    if len(text) <= limit:
        assert tail == text


def test_a_tail_begins_at_a_line() -> None:
    # 35 of 40 characters are allowed; a line begins within the first quarter of them.
    assert tail_of("a" * 9 + "\n" + "b" * 30, 35, len) == "b" * 30
    assert tail_of("a" * 39 + "\n", 35, len).startswith("a")


def test_frames_of_a_template_are_measured() -> None:
    # "<user>x</user>" is 14 characters, "<assistant>x</assistant>" 24; "BOS" once.
    def count(messages: tuple[ChatMessage, ...]) -> int:
        return len("BOS" + "".join(f"<{m.role}>{m.content}</{m.role}>" for m in messages))

    # (14 + 24) / 2 less the one of "x": 18 around each. A question alone has 3 + 14 = 17.
    assert measured_frame(count, len) == Frame(17 - 1 - 18, 18)


def test_a_text_is_counted_once() -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return len(text)

    texts = TextTokens(count)
    messages = [ChatMessage("user", "abc"), ChatMessage("assistant", "abc", "de")]

    # abc + abc + de, and five around each of the two; the empty thinking counts nothing.
    assert texts.of_messages(messages, Frame(100, 5)) == 18
    assert sorted(counted) == ["", "abc", "de"]


@given(st.lists(st.text(max_size=80), max_size=12), st.integers(40, 120))
def test_parts_hold_every_message_and_are_short_enough(texts: list[str], limit: int) -> None:
    messages = [ChatMessage("user", text) for text in texts]

    parts = parts_of(messages, limit, len)

    # Between two messages of a part stand two more characters, which tokens mostly swallow.
    assert all(len(part) - 2 * part.count("\n\n") <= limit for part in parts)
    joined = "\n\n".join(parts)
    assert joined == "\n\n".join(shortened(f"User: {text}", limit, len) for text in texts)


def test_the_middle_of_a_long_text_is_left_out() -> None:
    text = "begin" + "x" * 500 + " the end"

    short = shortened(text, 100, len)

    assert len(short) <= 100
    assert short.startswith("begin")
    assert short.endswith("the end")
    assert "[…]" in short
