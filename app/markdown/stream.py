"""Parses a message while it grows, at a cost that depends on its last block alone.

Top-level blocks never open again once the next one has surely begun, and neither do the items of a
list, so only the tail behind the last such border is parsed at each update. Inside an open code
fence nothing is parsed at all: lines are added until one closes it. Two things reach back: link
definitions that come after their use, and a blank line that makes a list loose. `finish` parses the
whole message again when it met any.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markdown_it.token import Token

from app.markdown.blocks import Block, CodeBlock
from app.markdown.convert import Context, Converted, Converter, TopLevel, make_parser, top_level
from app.markdown.inline import InlineParser
from app.markdown.plain import clean, plain_blocks

MAX_MARKDOWN_CHARS = 200_000
"""A longer message is shown as it is written."""
MIN_ITEMS = 4
"""A list is settled item by item from this length on."""

_OPENING_FENCE = re.compile(r"(`{3,}|~{3,})")


class _OpenFence:
    """Code whose closing fence has not come yet."""

    def __init__(self, marker: str, language: str) -> None:
        char = re.escape(marker[0])
        self._closing = re.compile(rf" {{0,3}}{char}{{{len(marker)},}}[ \t]*$")
        self._maybe_closing = re.compile(rf" {{0,3}}{char}*[ \t]*$")
        self._language = language
        self._lines: list[str] = []
        self._text = ""

    def take(self, text: str) -> tuple[bool, str]:
        """Take complete lines off the text; whether the fence closed, and what is left."""
        *lines, rest = text.split("\n")
        for index, line in enumerate(lines):
            if self._closing.match(line):
                return True, "\n".join([*lines[index + 1 :], rest])
            self._lines.append(line)
        return False, rest

    def block(self, partial: str, *, final: bool) -> CodeBlock:
        """The code so far; a partial line that may become the closing fence is not shown yet."""
        if self._lines:
            added = "\n".join(self._lines)
            self._text = f"{self._text}{added}\n"
            self._lines.clear()
        if final and self._closing.match(partial):
            partial = ""
        shown = "" if not final and self._maybe_closing.match(partial) else partial
        return CodeBlock((self._text + shown).removesuffix("\n"), self._language)


class MarkdownStream:
    """The blocks of a message that is fed piece by piece."""

    def __init__(self) -> None:
        self._markdown = make_parser()
        self._converter = Converter(InlineParser(self._markdown))
        self._parts: list[str] = []
        self._length = 0
        self._held_back = ""
        self._tail = ""
        self._references: dict[str, Any] = {}
        self._reaches_back = False
        self._in_list = False
        self._loose_list = False
        self._fence: _OpenFence | None = None
        self._settled = 0
        self.blocks: list[Block] = []
        """The message as of the last update; treat as read-only."""

    def feed(self, text: str) -> None:
        """Add text; `update` makes it show."""
        text = self._held_back + text
        self._held_back = "\r" if text.endswith("\r") else ""
        self._add(clean(text.removesuffix("\r")))

    def update(self) -> int:
        """Parse what is new; the index of the first block that may have changed."""
        return self._update(final=False)

    def finish(self) -> int:
        """Parse the rest, knowing that no more will come; the index as in `update`."""
        self._add("\n" if self._held_back else "")
        self._held_back = ""
        changed = self._update(final=True)
        if not self._reaches_back:
            return changed
        text = "".join(self._parts)
        self._references = {}
        self._reaches_back = False
        self._in_list = self._loose_list = False
        self._fence = None
        self._settled = 0
        self._tail = text
        self.blocks.clear()
        self._parse_tail(final=True)
        return 0

    def _add(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._length += len(text)
            self._tail += text

    def _update(self, *, final: bool) -> int:
        if self._length > MAX_MARKDOWN_CHARS:
            self.blocks[:] = plain_blocks("".join(self._parts))
            self._reaches_back = False
            return 0
        changed = self._settled
        if self._fence is not None:
            self._grow_fence(final=final)
        if self._fence is None:
            self._parse_tail(final=final)
        return changed

    def _grow_fence(self, *, final: bool) -> None:
        fence = self._fence
        assert fence is not None
        closed, self._tail = fence.take(self._tail)
        self.blocks[self._settled :] = [fence.block("" if closed else self._tail, final=final)]
        if closed:
            self._fence = None
            self._settled = len(self.blocks)

    def _parse_tail(self, *, final: bool) -> None:
        env: dict[str, Any] = {"references": dict(self._references)}
        tokens = self._markdown.parse(self._tail, env)
        if self._settled and len(env["references"]) > len(self._references):
            self._reaches_back = True
        lines = self._tail.split("\n")
        found = list(top_level(tokens))
        if self._in_list and not self._loose_list and found:
            self._reaches_back = self._reaches_back or _may_be_loose(found[0], lines)
        del self.blocks[self._settled :]
        converted: list[Converted] = []
        for index, block in enumerate(found):
            continues = self._in_list and index == 0
            context = Context(lines, env, continues, continues and self._loose_list)
            converted.append(self._converter.convert(block, context))
            self.blocks += converted[-1].blocks
        if not final:
            n_before = self._settled
            self._settle(found, converted, lines)
            if self._settled > n_before and len(env["references"]) > len(self._references):
                # What was settled may use a definition that is not complete yet.
                self._reaches_back = True

    def _settle(self, found: list[TopLevel], converted: list[Converted], lines: list[str]) -> None:
        n_settled = _settled_count(found, lines)
        start = found[n_settled - 1].end if n_settled else 0
        if n_settled:
            self._cut(lines, 0, start, sum(len(each.blocks) for each in converted[:n_settled]))
            self._in_list = self._loose_list = False
        if found and n_settled == len(found) - 1:
            self._settle_items(found[-1], converted[-1], lines, start)
            self._enter_fence(found[-1], lines, lines[start:])

    def _cut(self, lines: list[str], start: int, end: int, n_blocks: int) -> None:
        """Settle the blocks of lines [start, end); the tail begins after them."""
        self._keep_references(lines[start:end])
        self._tail = "\n".join(lines[end:])
        self._settled += n_blocks

    def _settle_items(
        self, block: TopLevel, converted: Converted, lines: list[str], start: int
    ) -> None:
        """Settle all but the last two items of a list, once the last one has surely begun."""
        items = [t for t in block.tokens if t.type == "list_item_open" and t.level == 1]
        if len(items) < MIN_ITEMS or len(converted.item_ends) != len(items):
            return
        last, border = items[-1].map, items[-2].map
        if last is None or border is None or last[0] >= len(lines) - 1:
            return
        if not any(_is_direct(token) for token in block.tokens):
            return
        self._loose_list = self._loose_list or _is_loose(block)
        self._in_list = True
        self._cut(lines, start, border[0], converted.item_ends[-3])

    def _keep_references(self, lines: list[str]) -> None:
        text = "\n".join(lines)
        if "]:" in text:
            env: dict[str, Any] = {"references": self._references}
            self._markdown.parse(text, env)

    def _enter_fence(self, last: TopLevel, lines: list[str], tail: list[str]) -> None:
        opening = lines[last.start]
        match = _OPENING_FENCE.match(opening)
        if last.kind != "fence" or match is None or last.start + 1 >= len(lines):
            return
        language = opening[match.end() :].split(maxsplit=1)
        fence = _OpenFence(match[1], str(self._language(last)) if language else "")
        rest = lines[last.start + 1 :]
        closed, left = fence.take("\n".join(rest))
        if closed:
            return
        skipped = len(tail) - len(rest)
        self._keep_references(tail[:skipped])
        self._fence = fence
        self._tail = left
        del self.blocks[self._settled :]
        self.blocks.append(fence.block(left, final=False))

    def _language(self, block: TopLevel) -> str:
        first = self._converter.convert(block, Context([], {})).blocks[0]
        return first.language if isinstance(first, CodeBlock) else ""


def _is_direct(token: Token) -> bool:
    """Whether a token opens a paragraph that belongs to a list item itself."""
    return token.type == "paragraph_open" and token.level == 2


def _may_be_loose(block: TopLevel, lines: Sequence[str]) -> bool:
    """Whether a list is loose, as far as its tokens tell; only direct paragraphs do."""
    if any(_is_direct(token) for token in block.tokens):
        return _is_loose(block)
    return not all(line.strip() for line in lines[block.start : block.end])


def _is_loose(block: TopLevel) -> bool:
    """Whether a list has blank lines between what its items hold."""
    return any(_is_direct(token) and not token.hidden for token in block.tokens)


def _settled_count(found: Sequence[TopLevel], lines: Sequence[str]) -> int:
    """How many leading blocks can no longer change, whatever text follows."""
    for index in range(len(found) - 1, 0, -1):
        if _is_final(found[index - 1], found[index].start, lines):
            return index
    return 0


def _is_final(block: TopLevel, next_start: int, lines: Sequence[str]) -> bool:
    """Whether the block is over, given the line where the next one starts.

    The last line is never complete. A table is known by its second line, so that two complete lines
    settle any border; after a blank line less will do.
    """
    n_complete = len(lines) - 1 - next_start
    if n_complete >= 2:
        return True
    if next_start == 0 or lines[next_start - 1].strip():
        return False
    if block.kind not in ("bullet_list_open", "ordered_list_open"):
        return True
    return n_complete >= 1 or lines[next_start][:1].isalpha()
