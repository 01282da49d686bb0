from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given

from inference.engine import TextDelta, ThinkingDelta, ToolCall
from inference.reply.reply_text import ReplyText
from inference.reply.tool_calls import DEEPSEEK, HERMES, LLAMA_3, ToolFamily, ToolText, tools_of
from tests.inference.test_reply_text import PLACES, cut

DEEPSEEK_CALLS = (
    "Let me look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>"
    '{"city": "Köln"}<｜tool▁call▁end｜>'
    "<｜tool▁call▁begin｜>time<｜tool▁sep｜>{}<｜tool▁call▁end｜>"
    "<｜tool▁calls▁end｜>"
)
HERMES_CALLS = (
    "<think>\nHm\n</think>\n\nSee <tool:\n<tool_call>\n"
    '{"name": "weather", "arguments": {"city": "Köln"}}\n</tool_call>\n'
    '<tool_call>{"name": "time", "arguments": {}}</tool_call>'
)


def read(family: ToolFamily, pieces: Sequence[bytes]) -> tuple[str, str, list[tuple[str, str]]]:
    """Answer, thinking and calls of a reply that came in these pieces."""
    reply = ToolText(ReplyText(in_thinking=False, at_start=True), family)
    answer = thinking = ""
    calls = []
    for piece in [*pieces, None]:
        for delta in reply.finish() if piece is None else reply.feed(piece):
            match delta:
                case TextDelta(text):
                    answer += text
                case ThinkingDelta(text):
                    thinking += text
                case ToolCall(name, arguments):
                    calls.append((name, arguments))
    return answer, thinking, calls


CALLS = [("weather", '{"city": "Köln"}'), ("time", "{}")]


@given(PLACES)
def test_calls_are_found_wherever_the_pieces_are_cut(places: list[int]) -> None:
    deepseek = read(DEEPSEEK, cut(DEEPSEEK_CALLS.encode(), places))
    assert deepseek == ("Let me look.", "", CALLS)

    answer, thinking, calls = read(HERMES, cut(HERMES_CALLS.encode(), places))
    assert (answer.strip(), thinking, calls) == ("See <tool:", "Hm", CALLS)

    tagged = b'<|python_tag|>{"name": "f", "parameters": {"a": [1, 2]}}'
    assert read(LLAMA_3, cut(tagged, places)) == ("", "", [("f", '{"a": [1, 2]}')])
    bare = b'{"name": "f", "parameters": {"a": "}"}}'
    assert read(LLAMA_3, cut(bare, places)) == ("", "", [("f", '{"a": "}"}')])


@pytest.mark.parametrize(
    ("family", "text"),
    [
        (HERMES, "<tool_call>{not json}</tool_call>"),
        (HERMES, '<tool_call>{"name": 3}</tool_call> and more'),
        (HERMES, '<tool_call>{"name": "cut'),
        (DEEPSEEK, "<｜tool▁calls▁begin｜>nothing<｜tool▁calls▁end｜>"),
        (LLAMA_3, '{"answer": 42}'),
        (LLAMA_3, 'The object {"name": "f", "parameters": {}} is JSON.'),
        (LLAMA_3, "  "),
        (LLAMA_3, "No call <|python"),
    ],
)
def test_what_is_no_call_stays_text(family: ToolFamily, text: str) -> None:
    assert read(family, [text.encode()]) == (text, "", [])
    assert read(family, [bytes([byte]) for byte in text.encode()]) == (text, "", [])


def test_the_family_is_known_by_the_template() -> None:
    assert tools_of("{{ '<｜tool▁calls▁begin｜>' }}") is DEEPSEEK
    assert tools_of("{{ '<tool_call>' }}") is HERMES
    assert tools_of("{{ 'Environment: ipython' }}") is LLAMA_3
    assert tools_of("{{ messages }}") is None
