"""Blocks written as Markdown mean the same blocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.markdown import Block, Mark, MarkdownStream, Span, plain_text
from app.markdown.written import cut_spans, written

SAMPLES = [
    "Some *words*, **strong**, ***both***, ~~gone~~ and `code`.",
    "a **b *c*** d *e **f***",
    "# Heading with `x`\n\ntext\n\n### And $x^2$",
    "[a *link*](https://a.org) and [another](<https://a.org/x (y)>) beside **[bold](https://b.org)**",
    "- one\n- two\n  - three\n    1. four\n    2. five\n- six",
    "1. one\n\n   paragraph\n\n   ```py\n   x = 1\n   ```\n\n10. ten\n    - deep",
    "- [x] done\n- [ ] open\n  - [x] inner",
    "> quote\n>\n> > inner\n> > - item\n>\n> back\n>\n> ```\n> code\n> ```",
    "- > quoted in an item\n  >\n  > more",
    "| a | b |\n|:--|--:|\n| *x* | `y\\|z` |\n| $\\frac{1}{2}$ | |",
    "```py\nfence ``` in it\n```` too\n```".replace("```py", "`````py").removesuffix("```")
    + "`````",
    "$$\nx\n$$\n\ntext \\(a\\) after\n\n\\[b\\]",
    "Said[^1].\n\n[^1]: A note.\n\n    Its second paragraph.",
    r"\*no emphasis\* 2 \* 3 snake_case \_x\_ \[no](link) \`c\` a \\ b \<b>",
    "1\\. no list\n\n\\# no heading\n\n\\- no item\n\n\\> no quote",
    "above\n\n---\n\nbelow",
    "line\nbreak and  \nhard one",
    "`` a`b `` and `` `c` ``",
    "**注意：**后面",
]


def parse(text: str) -> list[Block]:
    stream = MarkdownStream()
    stream.feed(text)
    stream.finish()
    return stream.blocks


@pytest.mark.parametrize("text", SAMPLES)
def test_what_is_written_is_read_as_the_same(text: str) -> None:
    blocks = parse(text)
    again = written(blocks)
    assert parse(again) == blocks, again


def test_it_is_written_as_people_write() -> None:
    text = (
        "- one\n- *two*\n\n> a **b**\n>\n> c\n\n| a |\n| --- |\n| b |\n\n[^n]: d\n\n"
        "e[^n] a[0] $5 snake_case (x)."
    )
    assert written(parse(text)) == text


def test_spans_are_cut_as_qt_counts() -> None:
    spans = ((Span("🙂a"), 3), (Span("$x$", Mark.FORMULA), 1), (Span("bc", Mark.CODE), 2))
    assert [*cut_spans(spans, 2, 5)] == [Span("a"), spans[1][0], Span("b", Mark.CODE)]
    assert [*cut_spans(spans, 0, 2)] == [Span("🙂")]
    assert [*cut_spans(spans, 3, 3)] == []


@given(st.text("#>-+*_`~|[]()$\\ \n1.ax😀", max_size=60))
def test_any_text_can_be_written(text: str) -> None:
    before = plain_text(parse(text))
    after = plain_text(parse(written(parse(text))))
    # Letters are neither lost nor doubled, whatever the marks around them.
    assert sorted(filter(str.isalpha, after)) == sorted(filter(str.isalpha, before))
