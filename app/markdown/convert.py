"""Tokens of markdown-it to blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it.token import Token
from msgspec import Struct
from msgspec.structs import replace

from app.markdown.blocks import (
    Block,
    Cell,
    CodeBlock,
    FormulaBlock,
    Mark,
    NoteBlock,
    Omission,
    Paragraph,
    RuleBlock,
    Span,
    TableBlock,
    TextBlock,
)
from app.markdown.formulas import apart, without_formulas
from app.markdown.inline import MAX_INLINE_CHARS, InlineParser
from app.markdown.parser import MAX_NESTING
from app.markdown.plain import plain_blocks

MAX_PARAGRAPHS = 60
"""More paragraphs than these are laid out in several blocks."""
MAX_TABLE_FORMULAS = 100
BULLETS = "•◦▪"
_TASK_MARKERS = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}


class TopLevel(Struct, frozen=True):
    """The tokens of one top-level block and the lines [start, end) it was written in."""

    tokens: Sequence[Token]
    start: int
    end: int

    @property
    def kind(self) -> str:
        """The type of its first token."""
        return self.tokens[0].type


def top_level(tokens: Sequence[Token]) -> Iterator[TopLevel]:
    """The top-level blocks of a parse."""
    first = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            start, end = tokens[first].map or (0, 0)
            yield TopLevel(tokens[first : index + 1], start, end)
            first = index + 1


class Context(Struct, frozen=True):
    """What a block must know of the text before it.

    Args:
        lines: The text that was parsed.
        env: The link definitions in force, as markdown-it keeps them.
        continues: The block goes on with a list whose first items were parsed before.
        loose: That list has blank lines between its items.
    """

    lines: Sequence[str]
    env: dict[str, Any]
    continues: bool = False
    loose: bool = False


class Converted(Struct, frozen=True):
    """The blocks of one top-level block; for a list, how many there are up to each item's end."""

    blocks: list[Block]
    item_ends: list[int]


class Converter:
    """Turns one top-level block into blocks."""

    def __init__(self, inline: InlineParser) -> None:
        self._inline = inline

    def convert(self, block: TopLevel, context: Context) -> Converted:
        """The blocks of one top-level block."""
        if any(token.level >= MAX_NESTING - 1 for token in block.tokens):
            return Converted(_as_written(context.lines[block.start : block.end]), [])
        return _Walk(self._inline, context).run(block)


def _as_written(lines: Sequence[str]) -> list[Block]:
    """Text that is nested too deep."""
    text = "\n".join(lines).strip("\n")
    first, *rest = plain_blocks(text)
    head = first.paragraphs[0]
    start = TextBlock((Paragraph(head.spans), *first.paragraphs[1:]))
    return [NoteBlock(Omission.NESTING, MAX_NESTING), start, *rest]


class _Walk:
    """One pass over the tokens of a top-level block."""

    def __init__(self, inline: InlineParser, context: Context) -> None:
        self._inline = inline
        self._context = context
        self._env = context.env
        self._blocks: list[Block] = []
        self._item_ends: list[int] = []
        self._paragraphs: list[Paragraph] = []
        self._indent = 0
        self._bars: list[int] = []
        self._bullets = 0
        self._marker = ""
        self._anchor = ""
        self._list_opened = False
        self._containers: list[str] = []

    def run(self, block: TopLevel) -> Converted:
        tokens = block.tokens
        index = 0
        while index < len(tokens):
            token = tokens[index]
            match token.type:
                case "inline":
                    self._paragraph(token, tokens[index - 1])
                case "fence" | "code_block":
                    self._code(token)
                case "hr":
                    self._add(RuleBlock(self._indent, self._take_marker(), tuple(self._bars)))
                case "table_open":
                    index = self._table(tokens, index)
                case "large_table":
                    self._large_table(token)
                case "formula_block":
                    self._formula(token.content)
                case _:
                    self._structure(token)
            index += 1
        self._flush()
        return Converted(self._blocks, self._item_ends)

    def _structure(self, token: Token) -> None:
        match token.type:
            case "blockquote_open":
                self._containers.append("quote")
                self._bars.append(self._indent)
                self._indent += 1
            case "blockquote_close":
                self._containers.pop()
                self._bars.pop()
                self._indent -= 1
            case "bullet_list_open" | "ordered_list_open":
                self._indent += 1
                goes_on = token.level == 0 and self._context.continues
                self._list_opened = not goes_on and self._containers[-1:] != ["item"]
                self._bullets += token.type == "bullet_list_open"
            case "bullet_list_close" | "ordered_list_close":
                self._indent -= 1
                self._bullets -= token.type == "bullet_list_close"
            case "list_item_open":
                self._empty_item()
                bullet = BULLETS[min(self._bullets, len(BULLETS)) - 1]
                self._containers.append("item")
                self._marker = f"{token.info}{token.markup}" if token.info else bullet
            case "list_item_close":
                self._empty_item()
                self._containers.pop()
                self._list_opened = False
                if token.level == 1:
                    self._flush()
                    self._item_ends.append(len(self._blocks))

            case "footnote_reference_open":
                self._indent += 1
                label = str(token.meta["label"])
                self._containers.append(f"footnote-{label}")
                self._marker = f"{self._inline.footnote_number(label, self._env)}."
                self._anchor = f"footnote-{label}"
            case "footnote_reference_close":
                self._empty_item()
                self._link_back(self._containers.pop())
                self._indent -= 1

    def _link_back(self, anchor: str) -> None:
        """End a footnote with a link to where it is referred to."""
        link = Span("↩", href=f"#from-{anchor}")
        if not self._paragraphs:
            self._append((link,), hidden=True)
            return
        last = self._paragraphs[-1]
        spans = (*last.spans, Span(" "), link) if last.spans else (link,)
        self._paragraphs[-1] = replace(last, spans=spans)

    def _take_marker(self) -> str:
        marker, self._marker = self._marker, ""
        return marker

    def _take_task(self, text: str) -> str:
        """Turn the box of a task list into the item's marker, or put it behind its number."""
        box = _TASK_MARKERS.get(text[:4])
        if box is None or not self._marker or self._containers[-1:] != ["item"]:
            return text
        if self._marker not in BULLETS:
            return f"{box} {text[4:]}"
        self._marker = box
        return text[4:]

    def _empty_item(self) -> None:
        if self._marker:
            self._append((), hidden=True)

    def _paragraph(self, token: Token, opening: Token) -> None:
        heading = int(opening.tag[1]) if opening.type == "heading_open" else 0
        if len(token.content) > MAX_INLINE_CHARS:
            self._long_paragraph(token.content)
            return
        spans = self._inline.spans(self._take_task(token.content), self._env)
        loose = self._context.loose and opening.level == 2
        hidden = opening.hidden and not loose
        if heading or not any(span.marks & Mark.DISPLAY for span in spans):
            self._append(spans, heading=heading, hidden=hidden)
        else:
            self._split_paragraph(spans, hidden=hidden)

    def _split_paragraph(self, spans: Cell, *, hidden: bool) -> None:
        """Text and the formulas that stand apart from it, one below the other."""
        for part in apart(spans):
            if isinstance(part, Span):
                self._formula(part.text, joint=self._joint(hidden=hidden))
            else:
                self._append(part, hidden=hidden)
            hidden = True

    def _formula(self, source: str, joint: str = "\n\n") -> None:
        self._add(FormulaBlock(source, self._indent, self._take_marker(), tuple(self._bars), joint))

    def _append(self, spans: Cell, *, heading: int = 0, hidden: bool = False) -> None:
        joint = self._joint(hidden=hidden)
        if len(self._paragraphs) >= MAX_PARAGRAPHS:
            self._flush()
        anchor, self._anchor = self._anchor, ""
        self._paragraphs.append(
            Paragraph(
                spans,
                heading,
                self._indent,
                self._take_marker(),
                tuple(self._bars),
                joint,
                anchor,
            )
        )

    def _joint(self, *, hidden: bool) -> str:
        """What separates the next paragraph from the one before."""
        begun = bool(self._blocks or self._paragraphs) or self._context.continues
        tight = begun and hidden and not self._list_opened
        self._list_opened = False
        return "\n" if tight else "\n\n"

    def _long_paragraph(self, text: str) -> None:
        """Show a huge paragraph as it is written, in blocks that are laid out one by one."""
        self._add(NoteBlock(Omission.PARAGRAPH_LENGTH, len(text)))
        for index, block in enumerate(plain_blocks(text)):
            self._blocks.append(
                TextBlock(
                    tuple(
                        Paragraph(
                            p.spans,
                            0,
                            self._indent,
                            self._take_marker(),
                            tuple(self._bars),
                            p.joint if index or position else "\n\n",
                        )
                        for position, p in enumerate(block.paragraphs)
                    )
                )
            )

    def _code(self, token: Token) -> None:
        text = token.content.removesuffix("\n")
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        self._add(CodeBlock(text, language, self._indent, self._take_marker(), tuple(self._bars)))

    def _table(self, tokens: Sequence[Token], start: int) -> int:
        """Add the table that opens at `start`; the index of its closing token."""
        rows: list[list[Cell]] = []
        alignments: list[str] = []
        n_formulas = 0
        index = start + 1
        while tokens[index].type != "table_close":
            token = tokens[index]
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "th_open":
                style = str(token.attrGet("style") or "")
                alignments.append(style.removeprefix("text-align:"))
            elif token.type == "inline":
                spans = self._inline.spans(token.content, self._env)
                n_formulas += sum(bool(span.marks & Mark.FORMULA) for span in spans)
                rows[-1].append(
                    spans if n_formulas <= MAX_TABLE_FORMULAS else without_formulas(spans)
                )
            index += 1
        self._add(
            TableBlock(
                tuple(tuple(row) for row in rows),
                tuple(alignments),
                self._indent,
                self._take_marker(),
                tuple(self._bars),
            )
        )
        return index

    def _large_table(self, token: Token) -> None:
        self._add(NoteBlock(Omission.TABLE_SIZE, int(token.meta["cells"])))
        text = token.content.removesuffix("\n")
        self._add(CodeBlock(text, "", self._indent, self._take_marker(), tuple(self._bars)))

    def _add(self, block: Block) -> None:
        self._flush()
        self._blocks.append(block)

    def _flush(self) -> None:
        if self._paragraphs:
            self._blocks.append(TextBlock(tuple(self._paragraphs)))
            self._paragraphs = []
