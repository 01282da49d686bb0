"""What each piece of Markdown becomes, written out by hand."""

from __future__ import annotations

from itertools import groupby

import pytest

from app.markdown import (
    Block,
    CodeBlock,
    Mark,
    MarkdownStream,
    Paragraph,
    RuleBlock,
    Span,
    TableBlock,
    TextBlock,
    plain_blocks,
    plain_text,
)
from app.markdown.blocks import outward_links


def parse(text: str) -> list[Block]:
    stream = MarkdownStream()
    stream.feed(text)
    stream.finish()
    return stream.blocks


def spans(text: str) -> tuple[Span, ...]:
    (block,) = parse(text)
    assert isinstance(block, TextBlock)
    (paragraph,) = block.paragraphs
    return paragraph.spans


def test_inline_marks() -> None:
    assert spans("a *b* **c** ~~d~~ `e`") == (
        Span("a "),
        Span("b", Mark.EMPHASIS),
        Span(" "),
        Span("c", Mark.STRONG),
        Span(" "),
        Span("d", Mark.STRIKE),
        Span(" "),
        Span("e", Mark.CODE),
    )
    assert spans("***both***") == (Span("both", Mark.EMPHASIS | Mark.STRONG),)


@pytest.mark.parametrize("address", ["http://a.org", "https://a.org", "mailto:a@b.org"])
def test_live_links(address: str) -> None:
    assert spans(f"[text]({address})") == (Span("text", href=address),)


@pytest.mark.parametrize(
    ("text", "strong"),
    [
        # From the specification of the amendment, and as models write.
        (
            "**この文を強調できますか（Can I emphasize this sentence）？**残念ながら",
            ["この文を強調できますか（Can I emphasize this sentence）？"],
        ),
        ("我可以强调**这个`code`**吗（Can I）？", ["这个code"]),
        ("**이 용어(This term)**를 강조해 주세요.", ["이 용어(This term)"]),
        ("**注意：**后面**“引号”**的字", ["注意：", "“引号”"]),
        ("说明**(重要)**如下", ["(重要)"]),
        ("中文 ** 不是 ** 强调", []),
        # Where no such letter stands beside the marks, nothing is otherwise than in CommonMark.
        ('a**"b"**c', []),
        ("2**3**4 and **b**", ["3", "b"]),
        ("😀**(a)**b", []),
    ],
)
def test_emphasis_beside_letters_without_spaces(text: str, strong: list[str]) -> None:
    [block] = parse(text)
    assert isinstance(block, TextBlock)
    spans = block.paragraphs[0].spans
    found = [
        "".join(s.text for s in run) for is_strong, run in groupby(spans, _is_strong) if is_strong
    ]
    assert found == strong


def _is_strong(span: Span) -> bool:
    return bool(span.marks & Mark.STRONG)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "x.md", "JaVa:x"]
)
def test_other_links_are_only_words(address: str) -> None:
    assert spans(f"[text]({address})") == (Span("text"),)


def test_pictures_are_words() -> None:
    assert spans("![A cat](file:///cat.png)") == (Span("A cat (file:///cat.png)", Mark.IMAGE),)


def test_html_is_text() -> None:
    assert spans("<b>x</b>") == (Span("<b>x</b>"),)
    assert plain_text(parse("<script>alert(1)</script>")) == "<script>alert(1)</script>"


def test_bare_addresses_are_text() -> None:
    assert spans("see https://a.org") == (Span("see https://a.org"),)


def test_headings() -> None:
    assert parse("# A\n\nB\n-") == [
        TextBlock((Paragraph((Span("A"),), heading=1),)),
        TextBlock((Paragraph((Span("B"),), heading=2),)),
    ]


def test_lists_keep_their_nesting_and_numbers() -> None:
    assert parse("3. a\n   - b\n4) c") == [
        TextBlock(
            (
                Paragraph((Span("a"),), indent=1, marker="3."),
                Paragraph((Span("b"),), indent=2, marker="•", joint="\n"),
            )
        ),
        TextBlock((Paragraph((Span("c"),), indent=1, marker="4)"),)),
    ]


def test_code_in_a_list_is_a_block_of_its_own() -> None:
    assert parse("- a\n\n  ```sh\n  ls\n  ```\n- ") == [
        TextBlock((Paragraph((Span("a"),), indent=1, marker="•"),)),
        CodeBlock("ls", "sh", indent=1),
        TextBlock((Paragraph((), indent=1, marker="•", joint="\n"),)),
    ]


def test_quotes_leave_bars() -> None:
    assert parse("> a\n> > b") == [
        TextBlock(
            (
                Paragraph((Span("a"),), indent=1, bars=(0,)),
                Paragraph((Span("b"),), indent=2, bars=(0, 1)),
            )
        )
    ]


def test_tables() -> None:
    assert parse("|a|b|\n|:-|-:|\n|*c*||\n") == [
        TableBlock(
            (((Span("a"),), (Span("b"),)), ((Span("c", Mark.EMPHASIS),), ())), ("left", "right")
        )
    ]


def test_code_and_rules() -> None:
    assert parse("```py x\na\n\n```\n\n---\n\n    b") == [
        CodeBlock("a\n", "py"),
        RuleBlock(),
        CodeBlock("b"),
    ]


def test_task_lists() -> None:
    (first, second) = parse("- [ ] a\n- [x] b")
    assert isinstance(first, TextBlock)
    assert isinstance(second, TextBlock)
    assert (first.paragraphs[0].marker, second.paragraphs[0].marker) == ("☐", "☑")


def test_numbered_tasks_keep_their_numbers() -> None:
    blocks = parse("1. [x] a\n2. [ ] b\n3. [z] c\n\n[^1]: [x] no task\n")
    assert plain_text(blocks).splitlines()[:3] == ["1. ☑ a", "2. ☐ b", "3. [z] c"]
    assert "[x] no task" in plain_text(blocks)


def test_links_out_are_told_once_each() -> None:
    text = "[a **b**](https://a.org) x[^1] [c](https://c.org) [again](https://a.org) [d](file:///d)"
    found = outward_links(parse(text + "\n\n[^1]: note"))
    assert found == {"https://a.org": "a b", "https://c.org": "c"}


def test_plain_text_is_what_the_reader_sees() -> None:
    text = "# T\n\n1. *a*\n2. b\n   - c\n\n|x|y|\n|-|-|\n|1|2|\n\n```\ncode\n```"
    assert plain_text(parse(text)) == "T\n\n1. a\n2. b\n  • c\n\nx\ty\n1\t2\n\ncode"


def test_link_definitions_may_come_later() -> None:
    stream = MarkdownStream()
    for piece in ("See [a].\n\n", "More.\n\nLast.\n\n", "[a]: https://a.org\n"):
        stream.feed(piece)
        stream.update()
    stream.finish()
    first = stream.blocks[0]
    assert isinstance(first, TextBlock)
    assert first.paragraphs[0].spans[1] == Span("a", href="https://a.org")


def test_open_fence_hides_what_may_become_its_end() -> None:
    stream = MarkdownStream()
    stream.feed("```py\nx = 1\n``")
    stream.update()
    stream.feed("")
    stream.update()
    assert stream.blocks == [CodeBlock("x = 1", "py")]
    stream.feed("`\nafter")
    stream.update()
    assert stream.blocks == [CodeBlock("x = 1", "py"), *parse("after")]


def test_a_finished_message_can_go_on() -> None:
    stream = MarkdownStream()
    stream.feed("- a\n- b")
    stream.finish()
    stream.feed(" and more\n- c")
    stream.finish()
    assert stream.blocks == parse("- a\n- b and more\n- c")


@pytest.mark.parametrize("text", [">" * 1000 + " x", "- " * 1000 + "x"])
def test_text_that_is_nested_too_deep_is_shown_as_written(text: str) -> None:
    assert plain_text(parse(text)) == text


def test_unshowable_characters_are_replaced() -> None:
    assert plain_text(parse("a\0b\ud800c\r\nd\re")) == "a\ufffdb\ufffdc\nd\ne"


def test_typed_text_stays_as_it_is() -> None:
    text = "  *not* <b>marked</b>\n\n\tup " + "long " * 3000 + "\nend"
    assert plain_text(plain_blocks(text)) == text
    assert len(plain_blocks(text)) > 2


def test_a_list_stands_close_to_its_item_and_apart_from_other_text() -> None:
    nested = "1. a\n   - b\n\n2. c\n\n> d\n> - e\n> - f"
    joints = [
        (paragraph.spans[0].text, paragraph.joint)
        for block in parse(nested)
        if isinstance(block, TextBlock)
        for paragraph in block.paragraphs
    ]
    assert joints == [
        ("a", "\n\n"),
        ("b", "\n"),
        ("c", "\n\n"),
        ("d", "\n\n"),
        ("e", "\n\n"),
        ("f", "\n"),
    ]
