from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.engine import TextDelta, ThinkingDelta
from inference.reply.reply_text import ReplyText


def read(
    pieces: Sequence[bytes],
    *,
    in_thinking: bool = False,
    at_start: bool = True,
    stop_strings: Sequence[str] = (),
) -> tuple[str, str]:
    """Answer and thinking of a reply that came in these pieces."""
    reply = ReplyText(in_thinking=in_thinking, at_start=at_start, stop_strings=stop_strings)
    answer = thinking = ""
    for piece in [*pieces, None]:
        for delta in reply.finish() if piece is None else reply.feed(piece):
            assert delta.text
            if isinstance(delta, TextDelta):
                answer += delta.text
            else:
                thinking += delta.text
    return answer, thinking


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """The data in pieces, cut at these places (taken modulo its length)."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(edges)]


PLACES = st.lists(st.integers(0, 10_000), max_size=30)


@given(PLACES)
def test_thinking_is_split_off_wherever_the_pieces_are_cut(places: list[int]) -> None:
    whole = "<think>\nHm, 日本 – 1 < 2 </thin…\n</think>\n\nThe answer <think> is 🎉.".encode()

    answer, thinking = read(cut(whole, places))

    assert thinking == "Hm, 日本 – 1 < 2 </thin…"
    assert answer == "The answer <think> is 🎉."


@given(PLACES)
def test_a_tag_opened_by_the_prompt(places: list[int]) -> None:
    answer, thinking = read(cut(b"\nSo then\n</think>\nYes", places), in_thinking=True)

    assert (answer, thinking) == ("Yes", "So then")


@given(st.text(max_size=60), PLACES)
def test_an_answer_without_tags_comes_out_whole(text: str, places: list[int]) -> None:
    if text.lstrip().startswith("<think>"):
        return
    data = text.encode("utf-8", "replace")

    assert read(cut(data, places)) == (data.decode(), "")


@given(PLACES)
def test_a_stop_string_ends_the_answer(places: list[int]) -> None:
    whole = b"One <|im_ and two<|im_end|>\n<|im_start|>user"

    assert read(cut(whole, places), stop_strings=["<|im_end|>"]) == ("One <|im_ and two", "")


def test_characters_split_over_tokens_wait_until_they_are_whole() -> None:
    reply = ReplyText(in_thinking=False, at_start=False)
    first, second, *rest = (bytes([byte]) for byte in "é€".encode())

    assert list(reply.feed(first)) == []
    assert list(reply.feed(second)) == [TextDelta("é")]
    assert [delta for byte in rest for delta in reply.feed(byte)] == [TextDelta("€")]


def test_half_a_character_at_the_end_is_left_out_and_a_broken_one_marked() -> None:
    assert read([b"ok \xf0\x9f"], at_start=False) == ("ok ", "")
    assert read([b"ok \xf0\x9f!"], at_start=False) == ("ok \ufffd!", "")


def test_thinking_streams_before_it_ends() -> None:
    reply = ReplyText(in_thinking=True, at_start=True)

    assert list(reply.feed(b"\nFirst")) == [ThinkingDelta("First")]
    assert list(reply.feed(b" step ")) == [ThinkingDelta(" step")]
    assert list(reply.feed(b"two")) == [ThinkingDelta(" two")]


@pytest.mark.parametrize("at_start", [True, False])
def test_a_continued_answer_keeps_its_leading_space(at_start: bool) -> None:
    assert read([b" and more"], at_start=at_start) == (" and more", "")
