"""A streamed message ends as the same blocks as one that is parsed at once."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.markdown import Block, MarkdownStream
from app.markdown.convert import Context, Converter, top_level
from app.markdown.inline import InlineParser
from app.markdown.parser import parser

LINES = [
    "Some *text* with **strong** and `code`.",
    "a | b",
    "| a | b |",
    "|---|---|",
    "-|-",
    "| 1 | 2 |",
    "# Heading",
    "#",
    "-",
    "- item",
    "  - nested",
    "* star",
    "1. one",
    "2. two",
    "2",
    "10) ten",
    "> quote",
    ">",
    "> - in quote",
    "```python",
    "```",
    "   ```",
    "~~~",
    "````",
    "``",
    "    indented code",
    "\tdef f(): pass",
    "  continued",
    "---",
    "===",
    "***",
    "[a]: https://example.org/a 'title'",
    "[b]:",
    "https://example.org/b",
    "'a title'",
    "$$",
    "$$ x",
    "y $$",
    "\\[",
    "= a \\]",
    "+ b",
    "> $$",
    "Costs $5 and $x$.",
    "See[^1] and [^n].",
    "[^1]: A note",
    "[^n]: $$",
    "    more",
    "See [a] and [b] or ![pic](file:///etc/passwd).",
    "<script>alert(1)</script>",
    "<div>",
    "السلام عليكم",
    "日本語🙂",
    "",
    "",
    "",
]


def one_shot(text: str) -> list[Block]:
    """What markdown-it gives for the whole text in a single parse."""
    markdown = parser()
    converter = Converter(InlineParser(markdown))
    env: dict[str, object] = {}
    blocks: list[Block] = []
    for block in top_level(markdown.parse(text, env)):
        blocks += converter.convert(block, Context(text.split("\n"), env)).blocks
    return blocks


def streamed(text: str, cuts: list[int]) -> list[Block]:
    stream = MarkdownStream()
    start = 0
    for cut in sorted({c for c in cuts if c < len(text)}):
        stream.feed(text[start:cut])
        stream.update()
        start = cut
    stream.feed(text[start:])
    stream.finish()
    return stream.blocks


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12), st.lists(st.integers(0, 400), max_size=40))
def test_streamed_in_any_pieces_equals_parsed_at_once(lines: list[str], cuts: list[int]) -> None:
    text = "\n".join(lines)
    assert streamed(text, cuts) == one_shot(text)


ITEMS = [
    "- a",
    "- b",
    "-",
    "1. a",
    "2. b",
    "3) c",
    "* c",
    " - d",
    "  - nested",
    "    - deeper",
    "    code or text",
    "  text",
    "- - double",
    "- # heading",
    "- ```",
    "  ```",
    "- > quote",
    "- $$",
    "  $$",
    "  + b",
    "[^1]: note",
    "[^1]",
    "- | a | b |",
    "  |---|---|",
    "  | 1 | 2 |",
    "---",
    "",
    "",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(ITEMS), max_size=16), st.lists(st.integers(0, 120), max_size=40))
@example(["- a", "- a", "- - double", "- - double", "", "  - nested"], [])
@example(["- a", "- a", "- - double", "- - double", "", "- b"], [])
@example(["- a", "- a", "- ```", "", "  ```", "- b", "- # heading", "- b"], [12])
@example(["- a", "- a", "- - double", "- - double", "", "1. a"], [30])
def test_streamed_lists_equal_parsed_at_once(lines: list[str], cuts: list[int]) -> None:
    text = "\n".join(lines)
    assert streamed(text, cuts) == one_shot(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=8))
@example(["Text", "$$", "x", "$$ y"])
@example(["$$", ">", "Some *text* with **strong** and `code`.", "$$"])
def test_streamed_by_single_characters_equals_parsed_at_once(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert streamed(text, list(range(len(text)))) == one_shot(text)


@settings(max_examples=200, deadline=None)
@given(st.text("`~#->*_[]():|\n \ta1.!<", max_size=60), st.lists(st.integers(0, 60), max_size=10))
def test_streamed_noise_equals_parsed_at_once(text: str, cuts: list[int]) -> None:
    assert streamed(text, cuts) == one_shot(text)
