from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given

from inference.engine import TextDelta, ThinkingDelta, ToolCall
from inference.reply.channel_text import ChannelText
from tests.inference.test_reply_text import PLACES, cut

WHOLE = (
    "<|channel|>analysis<|message|>Hm, 日本 < |end|><|end|><|start|>assistant<|channel|>commentary"
    " to=functions.search <|constrain|>json<|message|>{}<|end|><|start|>assistant<|channel|>"
    "commentary<|message|>Let me see. <|end|><|start|>assistant<|channel|>final<|message|>"
    "It is 🎉 <|."
)


def read(
    pieces: Sequence[bytes],
    *,
    in_thinking: bool = False,
    in_answer: bool = False,
    stop_strings: Sequence[str] = (),
) -> tuple[str, str]:
    """Answer and thinking of a reply that came in these pieces."""
    reply = ChannelText(in_thinking=in_thinking, in_answer=in_answer, stop_strings=stop_strings)
    answer = thinking = ""
    for piece in [*pieces, None]:
        for delta in reply.finish() if piece is None else reply.feed(piece):
            match delta:
                case TextDelta(text):
                    answer += text
                case ThinkingDelta(text):
                    thinking += text
    return answer, thinking


@given(PLACES)
def test_channels_are_told_apart_wherever_the_pieces_are_cut(places: list[int]) -> None:
    assert read(cut(WHOLE.encode(), places)) == (
        "Let me see. It is 🎉 <|.",
        "Hm, 日本 < |end|>",
    )


@given(PLACES)
def test_a_prompt_may_end_inside_a_channel(places: list[int]) -> None:
    rest = b"so.<|end|><|start|>assistant<|channel|>final<|message|>Yes"
    assert read(cut(rest, places), in_thinking=True) == ("Yes", "so.")
    assert read(cut(b" and more", places), in_answer=True) == (" and more", "")


@given(PLACES)
def test_stop_strings_end_the_answer_only(places: list[int]) -> None:
    whole = b"<|channel|>analysis<|message|>a STOP b<|end|><|start|>assistant<|channel|>final"
    whole += b"<|message|>c STOP d"
    assert read(cut(whole, places), stop_strings=["STOP"]) == ("c ", "a STOP b")


def test_a_model_that_writes_no_headers_is_understood() -> None:
    assert read([b"Just", b" text"]) == ("Just text", "")


def test_the_place_is_known_before_each_token() -> None:
    reply = ChannelText(in_thinking=False, in_answer=False)
    places = []
    for piece in (
        "<|channel|>",
        "analysis",
        "<|message|>",
        "Hm",
        "<|end|>",
        "<|start|>",
        "assistant",
    ):
        places.append((reply.in_thinking, reply.is_free))
        list(reply.feed(piece.encode()))
    assert places == [(False, True)] * 3 + [(True, True)] * 2 + [(False, True)] * 2
    list(reply.feed(b"<|channel|>final<|message|>"))
    assert not reply.is_free


@given(PLACES)
def test_a_call_of_a_tool_is_an_event(places: list[int]) -> None:
    # The token that ends a call ends the reply, and has no text.
    call = WHOLE[: WHOLE.index("{}")] + '{"q": "Köln"}'
    reply = ChannelText(in_thinking=False, in_answer=False)
    deltas = [delta for piece in cut(call.encode(), places) for delta in reply.feed(piece)]
    deltas += reply.finish()
    assert [d for d in deltas if isinstance(d, ToolCall)] == [ToolCall("search", '{"q": "Köln"}')]
    assert not [delta for delta in deltas if isinstance(delta, TextDelta)]


def test_half_a_character_at_the_end_is_left_out() -> None:
    reply = ChannelText(in_thinking=False, in_answer=True)
    told = [*reply.feed(b"ok \xf0\x9f"), *reply.finish()]
    assert "".join(each.text for each in told if isinstance(each, TextDelta)) == "ok "
