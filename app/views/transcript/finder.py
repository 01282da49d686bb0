"""Finding words in the conversation on the page: all hits, a step at a time, never a stall.

Messages are looked through in slices between other events, beginning with those in sight. What is
searched is the text as the reader sees it, thinking included; hits are drawn by the pieces.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.conversations import Message, Role
from app.item_models.transcript import TranscriptModel
from app.markdown import Block, CodeBlock, MarkdownStream, TableBlock, TextBlock, plain_blocks
from app.markdown.blocks import spans_text
from app.views.transcript.entry import Section
from app.views.transcript.message_item import MessageItem
from app.views.transcript.piece import Mark

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView

SLICE_S = 0.006
"""How long the search works at one time."""
AGAIN_MS = 200
"""A conversation that changes is searched again after a pause of so long."""


class Hit(Struct, frozen=True):
    """The `nth` hit in a block of a message."""

    row: int
    section: Section
    index: int
    nth: int


class Found(Struct, frozen=True):
    """How far the search has come: hits, the number of the current one (from 1), whether all."""

    count: int
    position: int
    finished: bool


class Finder(QObject):
    """Searches the messages of one view."""

    changed = Signal(object)
    """Found"""

    def __init__(self, view: TranscriptView) -> None:
        super().__init__(view)
        self._view = view
        self._pattern: re.Pattern[str] | None = None
        self._texts: dict[int, tuple[Message, list[tuple[Section, int, tuple[str, ...]]]]] = {}
        self._before: list[Hit] = []
        self._after: list[Hit] = []
        self._current: Hit | None = None
        self._work: Iterator[None] | None = None
        self._seeks = False
        """Whether the first hit is still to be shown."""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_slice_due)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._on_again)

    @property
    def is_active(self) -> bool:
        """Whether something is searched for."""
        return self._pattern is not None

    @property
    def found(self) -> Found:
        """How far the search has come."""
        position = 0
        if self._current in self._before:
            position = self._before.index(self._current) + 1
        elif self._current in self._after:
            position = len(self._before) + self._after.index(self._current) + 1
        return Found(len(self._before) + len(self._after), position, self._work is None)

    def search(self, words: str) -> None:
        """Search for these words, capital or small; nothing where there are none."""
        self._pattern = re.compile(re.escape(words), re.IGNORECASE) if words else None
        self._current = None
        self._seeks = True
        self._begin()

    def stop(self) -> None:
        """Search for nothing, and forget the texts."""
        self._pattern = self._current = self._work = None
        self._timer.stop()
        self._again.stop()
        self._texts.clear()
        self._before, self._after = [], []
        self._view.viewport().update()

    def look_again(self) -> None:
        """The messages have changed; the step that the reader is at stays if it is still there."""
        if self._pattern is not None and not self._again.isActive():
            self._again.start()

    def step(self, by: int) -> None:
        """Go to the next hit, or to the one before with -1; from the last one to the first."""
        hits = self._before + self._after
        if not hits:
            return
        if self._current in hits:
            index = (hits.index(self._current) + by) % len(hits)
        else:
            index = len(self._before) % len(hits) if by > 0 else len(self._before) - 1
        self._go_to(hits[index])

    def mark(self, row: int, item: MessageItem, top: int, bottom: int) -> None:
        """Tell the pieces of a message between two heights what was found in them."""
        pattern, current = self._pattern, self._current
        for entry in item.between(top, bottom):
            marks: tuple[Mark, ...] = ()
            if pattern is not None and entry.section in (Section.THINKING, Section.TEXT):
                here = current if current and current.row == row else None
                if here and (here.section, here.index) != (entry.section, entry.index):
                    here = None
                ranges = entry.piece.find(pattern)
                nth = min(here.nth, len(ranges) - 1) if here else -1
                marks = tuple(Mark(*span, i == nth) for i, span in enumerate(ranges))
            entry.piece.marks = marks

    # Searching

    def _begin(self) -> None:
        self._again.stop()
        self._before, self._after = [], []
        model = self._view.model
        if self._pattern is None or model is None:
            self._work = None
            self._timer.stop()
        else:
            rows = self._view.sight.rows()
            self._work = self._search_all(model, self._pattern, rows[0] if rows else 0)
            self._timer.start(0)
        self._view.viewport().update()
        self._tell()

    def _on_again(self) -> None:
        known = set(self._texts)
        model = self._view.model
        if model is not None:
            shown = {model.message_at(row).id for row in range(model.rowCount())}
            for message_id in known - shown:
                del self._texts[message_id]
        self._begin()

    def _on_slice_due(self) -> None:
        until = time.perf_counter() + SLICE_S
        for _ in self._work or ():
            if time.perf_counter() > until:
                break
        else:
            self._work = None
            self._timer.stop()
        if self._seeks and (self._after or (self._before and self._work is None)):
            self._go_to((self._after or self._before)[0])
        else:
            self._tell()

    def _search_all(
        self, model: TranscriptModel, pattern: re.Pattern[str], start: int
    ) -> Iterator[None]:
        # Whoever reads in the middle wants what follows first.
        for first, last, hits in (
            (start, model.rowCount(), self._after),
            (0, start, self._before),
        ):
            for row in range(first, last):
                hits.extend(self._hits_in(model.message_at(row), row, pattern))
                yield

    def _hits_in(self, message: Message, row: int, pattern: re.Pattern[str]) -> Iterator[Hit]:
        known = self._texts.get(message.id)
        if known is None or known[0] is not message:
            known = self._texts[message.id] = (message, list(_passages(message)))
        for section, index, texts in known[1]:
            count = sum(1 for text in texts for _ in pattern.finditer(text))
            for nth in range(count):
                yield Hit(row, section, index, nth)

    def _go_to(self, hit: Hit) -> None:
        self._seeks = False
        self._current = hit
        assert self._pattern is not None
        self._view.sight.show_hit(hit, self._pattern)
        self._tell()

    def _tell(self) -> None:
        self.changed.emit(self.found)


def _passages(message: Message) -> Iterator[tuple[Section, int, tuple[str, ...]]]:
    """Section, number of the block and the texts in it, in the order in which they are read."""
    for index, block in enumerate(_markdown(message.thinking)):
        yield Section.THINKING, index, tuple(_texts(block))
    typed = message.role is not Role.ASSISTANT
    blocks = [*plain_blocks(message.content)] if typed else _markdown(message.content)
    for index, block in enumerate(blocks):
        yield Section.TEXT, index, tuple(_texts(block))


def _markdown(text: str) -> list[Block]:
    if not text:
        return []
    stream = MarkdownStream()
    stream.feed(text)
    stream.finish()
    return stream.blocks


def _texts(block: Block) -> Iterator[str]:
    match block:
        case TextBlock(paragraphs):
            for paragraph in paragraphs:
                yield spans_text(paragraph.spans)
        case CodeBlock(text):
            yield text
        case TableBlock(rows):
            for row in rows:
                for cell in row:
                    yield spans_text(cell)
