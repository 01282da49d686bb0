"""Where formulas begin and end, and what stays text."""

from __future__ import annotations

import pytest

from app.markdown import (
    Block,
    FormulaBlock,
    Mark,
    MarkdownStream,
    Paragraph,
    Span,
    TableBlock,
    TextBlock,
    plain_text,
)
from app.markdown.blocks import spans_text
from app.markdown.formulas import tex_of
from app.markdown.typesetting import typeset, typeset_slowly


def parse(text: str) -> list[Block]:
    stream = MarkdownStream()
    stream.feed(text)
    stream.finish()
    return stream.blocks


def formulas(text: str) -> list[str]:
    """The sources of the formulas within the text of a single paragraph."""
    (block,) = parse(text)
    assert isinstance(block, TextBlock)
    spans = [span for paragraph in block.paragraphs for span in paragraph.spans]
    return [span.text for span in spans if span.marks & Mark.FORMULA]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Let $x$ be", ["$x$"]),
        ("$a$$b$", []),
        ("$a$ $b$", ["$a$", "$b$"]),
        (r"by \(x_1 + 2\) and", [r"\(x_1 + 2\)"]),
        ("the $n$th of $k$s", ["$n$", "$k$"]),
        (r"90$^\circ$C", [r"$^\circ$"]),
        (r"a $x \$ y$ b", [r"$x \$ y$"]),
        ("设$x$为", ["$x$"]),
        ("**bold $x$**", ["$x$"]),
        ("$a * b$ and $c * d$", ["$a * b$", "$c * d$"]),
        ("$2 x + 1$", ["$2 x + 1$"]),
        ("$x\n= y$", ["$x\n= y$"]),
    ],
)
def test_formulas_in_text(text: str, found: list[str]) -> None:
    assert formulas(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "between $5 and $6",
        "$5, $6 and $7.50",
        "$5/$6 or $5-$6",
        "you pay $5 in Boston and 6$ in Quebec",
        "US$5 and CA$6",
        "echo $HOME/$USER and ${A}/${B}",
        "an unfinished $x + 1",
        "`$x$` is code",
        r"escaped \$x$",
        "$ x $",
    ],
)
def test_prices_and_variables_stay_text(text: str) -> None:
    assert formulas(text) == []


@pytest.mark.parametrize(
    "source",
    ["$$x$$", "$$\nx\n+ y\n$$", "\\[\nx\n\\]", "\\[ x \\]", "$$\na\n- b\n# c\n$$"],
)
def test_formulas_apart(source: str) -> None:
    assert parse(source) == [FormulaBlock(source)]
    blocks = parse(f"Before\n{source}\nafter")
    assert blocks[1] == FormulaBlock(source)
    assert plain_text(blocks) == f"Before\n\n{source}\n\nafter"


def test_formula_apart_within_a_paragraph_takes_its_full_stop() -> None:
    assert parse("It is $$x$$. So\nmore") == [
        TextBlock((Paragraph((Span("It is"),)),)),
        FormulaBlock("$$x$$", joint="\n"),
        TextBlock((Paragraph((Span(". So\nmore"),), joint="\n"),)),
    ]
    assert parse("It is\n$$x$$.")[1] == FormulaBlock("$$x$$.", joint="\n")


def test_formula_in_an_item_and_in_a_quote() -> None:
    assert parse("- a\n  $$\n  x\n  $$") == [
        TextBlock((Paragraph((Span("a"),), indent=1, marker="•"),)),
        FormulaBlock("$$\nx\n$$", indent=1),
    ]
    assert parse("> $$x$$") == [FormulaBlock("$$x$$", indent=1, bars=(0,))]


TABLE = r"""| Formula | Value |
|:--|--:|
| $|x|$ | $P(A|B)$ |
| \(a|b\) | costs $5|
| $5 | $6 |
| `a\|b` $c$ | $\|y\|$ | too much |
"""


def test_a_line_in_a_formula_does_not_end_its_cell() -> None:
    [table] = parse(TABLE)
    assert isinstance(table, TableBlock)
    assert [[spans_text(cell) for cell in row] for row in table.rows[1:]] == [
        ["$|x|$", "$P(A|B)$"],
        [r"\(a|b\)", "costs $5"],
        ["$5", "$6"],
        # What GitHub does with a line behind a backslash, and with a cell too many.
        ["a|b $c$", "$|y|$"],
    ]
    formulas = [span for row in table.rows for cell in row for span in cell if span.marks]
    assert [span.text for span in formulas if span.marks & Mark.FORMULA] == [
        "$|x|$",
        "$P(A|B)$",
        r"\(a|b\)",
        "$c$",
        "$|y|$",
    ]


@pytest.mark.parametrize("text", ["$$\nx\n\ny\n$$", "$$\nx", "\\[", "$$$$", "$$ $$"])
def test_what_is_no_formula_is_text(text: str) -> None:
    assert not any(isinstance(block, FormulaBlock) for block in parse(text))


def test_a_formula_is_text_until_it_is_closed() -> None:
    stream = MarkdownStream()
    stream.feed("So $x + ")
    stream.update()
    assert plain_text(stream.blocks) == "So $x +"
    stream.feed("y$ holds.\n\n$$\na\n- b\n")
    stream.update()
    assert stream.blocks[0] == TextBlock(
        (Paragraph((Span("So "), Span("$x + y$", Mark.FORMULA), Span(" holds."))),)
    )
    assert not any(isinstance(block, FormulaBlock) for block in stream.blocks)
    stream.feed("$$\n")
    stream.update()
    assert stream.blocks[1:] == [FormulaBlock("$$\na\n- b\n$$")]


@pytest.mark.parametrize(
    ("source", "tex", "display"),
    [
        ("$x$", "x", False),
        (r"\( x \)", "x", False),
        ("$$\nx\n$$", "x", True),
        (r"\[x\].", "x.", True),
    ],
)
def test_source_to_tex(source: str, tex: str, display: bool) -> None:
    assert tex_of(source) == (tex, display)


def test_a_fraction_is_taller_than_its_parts_and_apart_taller_than_in_text() -> None:
    letter, inline, apart = (
        typeset("a", False),
        typeset(r"\frac{a}{b}", False),
        typeset(r"\frac{a}{b}", True),
    )
    assert letter is not None
    assert inline is not None
    assert apart is not None
    assert letter.ascent + letter.descent < inline.ascent + inline.descent
    assert inline.ascent + inline.descent < apart.ascent + apart.descent
    # The letter "a" of STIX Two Math is 479 units of 1,000 high.
    assert letter.ascent == pytest.approx(0.479)


@pytest.mark.parametrize("tex", [r"\frac{a", r"\foo{a}", "}{", r"\begin{matrix}", "{" * 5_000])
def test_what_cannot_be_read_has_no_drawing(tex: str) -> None:
    assert typeset(tex, True) is None
    assert typeset_slowly(tex) is None


def test_the_slow_typesetter_reads_what_the_other_refuses() -> None:
    tex = r"\href{https://example.org}{\frac{x}{2}}"
    assert typeset(tex, False) is None
    drawing = typeset_slowly(tex)
    assert drawing is not None
    assert drawing.ascent + drawing.descent > 1
    assert "example.org" not in drawing.svg


def test_letters_that_the_font_lacks_are_drawn_with_another() -> None:
    drawing = typeset(r"\frac{\text{总}}{x} + \text{数}", True)
    assert drawing is not None
    assert drawing.svg.index(">总<") < drawing.svg.index(">数<")
