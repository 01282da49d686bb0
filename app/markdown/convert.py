"""Tokens of markdown-it to blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.markdown.blocks import (
    Block,
    Cell,
    CodeBlock,
    Paragraph,
    RuleBlock,
    TableBlock,
    TextBlock,
)
from app.markdown.inline import MAX_INLINE_CHARS, InlineParser
from app.markdown.plain import plain_blocks

MAX_NESTING = 60
"""markdown-it drops what is nested deeper; such a block is shown as it is written."""
MAX_TABLE_CELLS = 2_000
BULLETS = "•◦▪"
_TASK_MARKERS = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}


def make_parser() -> MarkdownIt:
    """CommonMark with tables and strikethrough, without HTML; `InlineParser` does the inline text.

    Links are let through whatever their scheme and made dead later, so that their words are shown.
    """
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    markdown.enable(["table", "strikethrough"])
    markdown.core.ruler.disable(["inline", "text_join"], ignoreInvalid=True)
    markdown.validateLink = _any_link  # type: ignore[method-assign,assignment]
    return markdown


def _any_link(_url: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class TopLevel:
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


@dataclass(frozen=True, slots=True)
class Context:
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


@dataclass(frozen=True, slots=True)
class Converted:
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
    text = "\n".join(lines).strip("\n")
    first, *rest = plain_blocks(text)
    head = first.paragraphs[0]
    start = TextBlock((Paragraph(head.spans), *first.paragraphs[1:]))
    return [start, *rest]


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

    def _take_marker(self) -> str:
        marker, self._marker = self._marker, ""
        return marker

    def _take_task(self, text: str) -> str:
        """Turn the box of a task list into the item's marker."""
        marker = _TASK_MARKERS.get(text[:4])
        if marker is None or self._marker not in BULLETS or not self._marker:
            return text
        self._marker = marker
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
        self._append(spans, heading=heading, hidden=opening.hidden and not loose)

    def _append(self, spans: Cell, *, heading: int = 0, hidden: bool = False) -> None:
        begun = bool(self._blocks or self._paragraphs) or self._context.continues
        tight = begun and hidden and not self._list_opened
        self._list_opened = False
        self._paragraphs.append(
            Paragraph(
                spans,
                heading,
                self._indent,
                self._take_marker(),
                tuple(self._bars),
                "\n" if tight else "\n\n",
            )
        )

    def _long_paragraph(self, text: str) -> None:
        """Show a huge paragraph as it is written, in blocks that are laid out one by one."""
        self._flush()
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
        cells = 0
        index = start + 1
        while tokens[index].type != "table_close":
            token = tokens[index]
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                cells += 1
                if token.type == "th_open":
                    style = str(token.attrGet("style") or "")
                    alignments.append(style.removeprefix("text-align:"))
            elif token.type == "inline" and cells <= MAX_TABLE_CELLS:
                rows[-1].append(self._inline.spans(token.content, self._env))
            index += 1
        if cells > MAX_TABLE_CELLS:
            first, last = tokens[start].map or (0, 0)
            self._add(
                CodeBlock(
                    "\n".join(self._context.lines[first:last]),
                    "",
                    self._indent,
                    self._take_marker(),
                    tuple(self._bars),
                )
            )
            return index
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

    def _add(self, block: Block) -> None:
        self._flush()
        self._blocks.append(block)

    def _flush(self) -> None:
        if self._paragraphs:
            self._blocks.append(TextBlock(tuple(self._paragraphs)))
            self._paragraphs = []
