"""One pass over a message that comes in pieces, at a cost that depends on its last block alone.

Top-level blocks never open again once the next one has surely begun, and neither do the items of a
list, so only the tail behind the last such border is parsed at each step. Inside an open code fence
nothing is parsed at all: lines are added until one closes it. Two things reach back: definitions of
links and footnotes that come after their use, and a blank line that makes a list loose. What a pass
has learned of them lets a second one get everything right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct, field

from app.markdown.blocks import Block, CodeBlock, NoteBlock, Omission
from app.markdown.convert import Context, Converted, Converter, TopLevel, top_level
from app.markdown.formulas import open_formula
from app.markdown.plain import plain_blocks

MIN_ITEMS = 4
"""A list is settled item by item from this length on."""
MAX_TAIL_CHARS = 40_000
MAX_TAIL_LINES = 1_200
"""A block that grows beyond these is shown as it is written, and so is all that follows."""

_GOES_ON_AFTER_BLANK = ("bullet_list_open", "ordered_list_open", "footnote_reference_open")
_OPENING_FENCE = re.compile(r"(`{3,}|~{3,})")


class Knowledge(Struct):
    """What a message tells only at its end.

    Args:
        references: The definitions of links, as markdown-it keeps them.
        footnotes: The labels of footnotes as markdown-it keeps them, in order.
        loose_lists: Where the lists begin that turned out to have blank lines between their items,
            as offsets in the text.
    """

    references: dict[str, Any] = field(default_factory=dict)
    footnotes: dict[str, int] = field(default_factory=dict)
    loose_lists: set[int] = field(default_factory=set)

    def environment(self) -> dict[str, Any]:
        """A copy for markdown-it to add to."""
        refs = dict.fromkeys(self.footnotes, -1)
        return {"references": dict(self.references), "footnotes": {"refs": refs, "list": {}}}

    def learn(self, environment: dict[str, Any]) -> None:
        """Take over the definitions that a parse has found."""
        self.references = environment["references"]
        self.footnotes = environment["footnotes"]["refs"]

    def is_less_than(self, environment: dict[str, Any]) -> bool:
        """Whether a parse has found definitions that were not known."""
        more_references = len(environment["references"]) > len(self.references)
        return more_references or len(environment["footnotes"]["refs"]) > len(self.footnotes)


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


class Pass:
    """The blocks of a text that is added piece by piece."""

    def __init__(self, markdown: MarkdownIt, converter: Converter, known: Knowledge) -> None:
        self._markdown = markdown
        self._converter = converter
        self._known = known
        self._tail = ""
        self._n_chars = 0
        self._in_list = False
        self._loose_list = False
        self._list_start = 0
        self._fence: _OpenFence | None = None
        self._gave_up = False
        self._settled = 0
        self.blocks: list[Block] = []
        self.reaches_back = False
        """Whether blocks would be others, had the text after them been known."""

    @property
    def n_unsettled(self) -> int:
        """How many characters the next step parses at least."""
        return 0 if self._fence is not None else len(self._tail)

    def knowledge(self) -> Knowledge:
        """What a second pass should know."""
        known = Knowledge(loose_lists=set(self._known.loose_lists))
        env = self._known.environment()
        if not self._gave_up and self._fence is None:
            self._markdown.parse(self._tail, env)
        known.learn(env)
        return known

    def add(self, text: str, *, final: bool) -> int:
        """Add text and parse; the index of the first block that may have changed.

        With `final` no more is expected, though it may come.
        """
        self._tail += text
        self._n_chars += len(text)
        changed = self._settled
        if self._gave_up:
            self._show_as_written()
            return changed
        if self._fence is not None:
            self._grow_fence(final=final)
        if self._fence is None:
            self._parse_tail(final=final)
            too_long = len(self._tail) > MAX_TAIL_CHARS
            if too_long or self._tail.count("\n") > MAX_TAIL_LINES:
                self._gave_up = self._fence is None
        if self._gave_up:
            self._show_as_written()
        return changed

    def _show_as_written(self) -> None:
        note = NoteBlock(Omission.BLOCK_LENGTH, len(self._tail))
        self.blocks[self._settled :] = [note, *plain_blocks(self._tail)]

    def _grow_fence(self, *, final: bool) -> None:
        fence = self._fence
        assert fence is not None
        closed, self._tail = fence.take(self._tail)
        self.blocks[self._settled :] = [fence.block("" if closed else self._tail, final=final)]
        if closed:
            self._fence = None
            self._settled = len(self.blocks)

    def _parse_tail(self, *, final: bool) -> None:
        env = self._known.environment()
        tokens = self._markdown.parse(self._tail, env)
        if self._settled and self._known.is_less_than(env):
            self.reaches_back = True
        lines = self._tail.split("\n")
        found = list(top_level(tokens))
        if self._in_list and not self._loose_list and found and _may_be_loose(found[0], lines):
            self._known.loose_lists.add(self._list_start)
            self.reaches_back = True
        del self.blocks[self._settled :]
        converted: list[Converted] = []
        for index, block in enumerate(found):
            continues = self._in_list and index == 0
            loose = (continues and self._loose_list) or self._is_known_loose(block, lines)
            context = Context(lines, env, continues, loose)
            converted.append(self._converter.convert(block, context))
            self.blocks += converted[-1].blocks
        if not final:
            n_before = self._settled
            self._settle(found, converted, lines)
            if self._settled > n_before and self._known.is_less_than(env):
                # What was settled may use a definition that is not complete yet.
                self.reaches_back = True

    def _is_known_loose(self, block: TopLevel, lines: Sequence[str]) -> bool:
        known = self._known.loose_lists
        return bool(known) and self._offset_of(lines[: block.start]) in known

    def _offset_of(self, before: Sequence[str]) -> int:
        """Where the line of the whole text begins that has so many lines of the tail before it."""
        return self._n_chars - len(self._tail) + sum(len(line) + 1 for line in before)

    def _settle(self, found: list[TopLevel], converted: list[Converted], lines: list[str]) -> None:
        pending = open_formula(lines)
        border = len(lines) if pending is None else pending
        n_settled = _settled_count(found, lines, border)
        start = found[n_settled - 1].end if n_settled else 0
        if n_settled:
            self._cut(lines, 0, start, sum(len(each.blocks) for each in converted[:n_settled]))
            self._in_list = self._loose_list = False
        if found and n_settled == len(found) - 1:
            self._settle_items(found[-1], converted[-1], lines, start, border)
            self._enter_fence(found[-1], lines, lines[start:])

    def _cut(self, lines: list[str], start: int, end: int, n_blocks: int) -> None:
        """Settle the blocks of lines [start, end); the tail begins after them."""
        self._keep_definitions(lines[start:end])
        self._tail = "\n".join(lines[end:])
        self._settled += n_blocks

    def _settle_items(
        self,
        block: TopLevel,
        converted: Converted,
        lines: list[str],
        start: int,
        limit: int,
    ) -> None:
        """Settle all but the last two items of a list, once the last one has surely begun."""
        items = [t for t in block.tokens if t.type == "list_item_open" and t.level == 1]
        if len(items) < MIN_ITEMS or len(converted.item_ends) != len(items):
            return
        last, border = items[-1].map, items[-2].map
        if last is None or border is None or last[0] >= len(lines) - 1 or border[0] > limit:
            return
        if not any(_is_direct(token) for token in block.tokens):
            return
        if not self._in_list:
            self._list_start = self._offset_of(lines[start : block.start])
            self._loose_list = self._list_start in self._known.loose_lists
        self._loose_list = self._loose_list or _is_loose(block)
        self._in_list = True
        self._cut(lines, start, border[0], converted.item_ends[-3])

    def _keep_definitions(self, lines: list[str]) -> None:
        text = "\n".join(lines)
        if "]:" in text:
            env = self._known.environment()
            self._markdown.parse(text, env)
            self._known.learn(env)

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
        self._keep_definitions(tail[:skipped])
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
    # A blank line within what an item holds, such as another list, is no matter of this list.
    inside: set[int] = set()
    for token in block.tokens:
        if token.level == 2 and token.nesting >= 0 and token.map is not None:
            start, end = token.map
            inside.update(_without_blank_end(start, end, lines))
    own = set(_without_blank_end(block.start, block.end, lines)) - inside
    return not all(lines[index].strip() for index in own)


def _without_blank_end(start: int, end: int, lines: Sequence[str]) -> range:
    while end > start and not lines[end - 1].strip():
        end -= 1
    return range(start, end)


def _is_loose(block: TopLevel) -> bool:
    """Whether a list has blank lines between what its items hold."""
    return any(_is_direct(token) and not token.hidden for token in block.tokens)


def _settled_count(found: Sequence[TopLevel], lines: Sequence[str], border: int) -> int:
    """How many leading blocks before a line can no longer change, whatever text follows."""
    for index in range(len(found) - 1, 0, -1):
        if found[index].start < border and _is_final(found[index - 1], found[index].start, lines):
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
    if block.kind not in _GOES_ON_AFTER_BLANK:
        return True
    return n_complete >= 1 or lines[next_start][:1].isalpha()
