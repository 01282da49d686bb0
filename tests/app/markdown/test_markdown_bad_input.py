"""Text that is huge, broken or meant to deceive."""

from __future__ import annotations

import pytest

from app.markdown import (
    Block,
    CodeBlock,
    MarkdownStream,
    NoteBlock,
    Omission,
    Paragraph,
    Span,
    TextBlock,
    clean,
    find_anchor,
    plain_text,
)

ROW = "|" + "a|" * 500


def parse(text: str, budget_s: float | None = None) -> list[Block]:
    stream = MarkdownStream()
    stream.feed(text)
    if budget_s is None:
        stream.finish()
    else:
        stream.finish(budget_s)
        while stream.behind:
            stream.finish(budget_s)
    return stream.blocks


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("x" * 1_000_000, NoteBlock(Omission.MESSAGE_LENGTH, 1_000_000)),
        ("word " * 3_000, NoteBlock(Omission.PARAGRAPH_LENGTH, 14_999)),
        (">" * 10_000 + " x", NoteBlock(Omission.NESTING, 60)),
        (f"{ROW}\n|{'-|' * 500}\n{ROW}", NoteBlock(Omission.TABLE_SIZE, 1_000)),
        ("|a|b|\n|-|-|\n" + "|1|2|\n" * 600, NoteBlock(Omission.TABLE_SIZE, 1_202)),
    ],
)
def test_a_note_says_what_is_shown_as_it_was_written(text: str, note: NoteBlock) -> None:
    blocks = parse(text)
    assert blocks[0] == note
    assert plain_text(blocks) == text.strip()


def test_a_block_without_an_end_is_given_up() -> None:
    text = "First.\n\n- a\n" + "  - b\n" * 20_000
    blocks = parse(text, 0.0)
    assert blocks[0] == TextBlock((Paragraph((Span("First."),)),))
    assert isinstance(blocks[1], NoteBlock)
    assert blocks[1].omission is Omission.BLOCK_LENGTH
    assert plain_text(blocks).endswith("\n  - b\n  - b\n")
    assert plain_text(blocks).count("- b") == 20_000


@pytest.mark.parametrize(
    "text",
    [
        "See [a] and [^n].\n\n" + "Words.\n\n" * 900 + "[a]: https://a.org\n\n[^n]: A note",
        "".join(f"{'- ' * (i % 3 + 1)}item *{i}*\n" for i in range(700)) + "\n- loose\n\n- end",
        "# H\n\n" + "```py\nx = 1\n\n```\n\ntext\n\n" * 300,
        "$$\nx\n- y\n$$\n\ntext $a$\n\n" * 300,
    ],
    ids=["definitions at the end", "a list that turns out loose", "code", "formulas"],
)
def test_parsed_bit_by_bit_equals_parsed_at_once(text: str) -> None:
    stream = MarkdownStream()
    stream.feed(text)
    n_steps = 0
    stream.finish(0.0)
    while stream.behind:
        n_steps += 1
        stream.finish(0.0)
    assert n_steps > 1
    assert stream.blocks == parse(text)


def test_definitions_at_the_end_reach_the_beginning() -> None:
    text = "See [a] and [^n].\n\n" + "Words.\n\n" * 900 + "[a]: https://a.org\n\n[^n]: A note"
    blocks = parse(text)
    first = blocks[0]
    assert isinstance(first, TextBlock)
    assert [span.href for span in first.paragraphs[0].spans if span.href] == [
        "https://a.org",
        "#footnote-n",
    ]
    assert plain_text(blocks[:1]) == "See a and [1]."
    assert find_anchor(blocks, "footnote-n") == len(blocks) - 1
    assert find_anchor(blocks, "from-footnote-n") == 0
    assert find_anchor(blocks, "footnote-m") is None


def test_footnotes_are_numbered_by_their_definitions() -> None:
    blocks = parse(
        "A[^z] b[^a] c[^none].\n\n[^z]: One\n    more\n\n[^a]: Two\n\n    ```\n    x\n    ```"
    )
    assert plain_text(blocks[:1]) == "A[1] b[2] c[^none]."
    assert blocks[1] == TextBlock(
        (
            Paragraph(
                (Span("One\nmore"), Span(" "), Span("↩", href="#from-footnote-z")),
                indent=1,
                marker="1.",
                anchor="footnote-z",
            ),
        )
    )
    assert blocks[3] == CodeBlock("x", indent=1)
    assert plain_text(blocks[2:]) == "2. Two\n\nx\n↩"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb\u2066c", "a[U+202E]b[U+2066]c"),
        ("\x1b[1m\x07\x7f\x85", "\u241b[1m\u2407\u2421\ufffd"),
        ("a\0b\ud800\ufffcc", "a\ufffdb\ufffd\ufffdc"),
        ("tab\tstays\nas\r\nit\ris", "tab\tstays\nas\nit\nis"),
        ("\u200fשלום\u200d", "\u200fשלום\u200d"),
    ],
)
def test_what_would_be_unseen_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_many_lines_are_laid_out_in_chunks() -> None:
    text = "a\n" * 99_999
    blocks = parse(text)
    assert len(blocks) < 1_000
    assert plain_text(blocks) == text
