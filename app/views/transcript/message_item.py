"""One message as it is laid out: its label, thinking, text and footer, one below the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter

from app.domain.conversations import Message, Role, Status
from app.item_models.transcript import Horizon, author
from app.markdown import Block, TextBlock
from app.views.theme import RADIUS, SPACING
from app.views.transcript.block_pieces import make_piece
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.entry import Entry, Section
from app.views.transcript.footer_words import footer_text
from app.views.transcript.horizon_piece import HorizonPiece
from app.views.transcript.picture_piece import attachment_piece
from app.views.transcript.piece import BlockPiece, LabelPiece
from app.views.transcript.quote_bars import join_quotes
from app.views.transcript.render import gap_px
from app.views.transcript.selection import Address, Selection
from app.views.transcript.source import Source
from app.views.transcript.styles import Styles
from app.views.transcript.thought_words import thinking_words, thought_words

MESSAGE_GAP = 28
HORIZON_GAP = MESSAGE_GAP - SPACING
BLOCK_GAP = SPACING + SPACING // 2
BUBBLE_PADDING_X = 14
BUBBLE_PADDING_TOP = 12
BUBBLE_PADDING_BOTTOM = 8
"""Less than above, since a line has its leading below it."""
THOUGHT_INDENT = 16
"""How far thinking stands in, beside its bar."""
PARSE_S = 0.012
"""How long a message is parsed at one time."""
BUBBLE_SHARE = 0.82
"""How much of the column a bubble may take."""


class MessageItem:
    """Lays out one message in a column; (0, 0) is the column's upper left corner at the message."""

    def __init__(
        self,
        message: Message,
        styles: Styles,
        width: int,
        thought_open: bool | None,
        horizon: Horizon | None = None,
    ) -> None:
        self.message = message
        self.horizon = horizon
        """What stands below it where the model's sight ends here."""
        self.height = 0
        self.thought_open = thought_open
        """The reader's choice; None leaves it to the state of the answer."""
        self._styles = styles
        self._width = width
        self._first_change = 0
        self._text = Source(message.content, typed=message.role is not Role.ASSISTANT)
        self._thinking = Source(message.thinking)
        self._sections: dict[Section, list[Entry]] = {section: [] for section in Section}
        self.entries: list[Entry] = []
        self.update(final=message.status is not Status.STREAMING)

    # Content

    @property
    def is_bubble(self) -> bool:
        """Whether it is shown as something a person said."""
        return self.message.role is Role.USER

    @property
    def thought_is_open(self) -> bool:
        """Whether the thinking can be read."""
        if self.thought_open is not None:
            return self.thought_open
        return self.message.status is Status.STREAMING and not self._text.started

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks of the message's text."""
        return self._text.blocks

    @property
    def has_thinking(self) -> bool:
        """Whether there is thinking to show or hide."""
        return self._thinking.started

    def set_message(self, message: Message, horizon: Horizon | None = None) -> None:
        """Take a newer state of the message."""
        self.message = message
        self.horizon = horizon
        self._text.set(message.content)
        self._thinking.set(message.thinking)
        self.update(final=message.status is not Status.STREAMING)

    def toggle_thought(self) -> None:
        """Show or hide the thinking."""
        self.thought_open = not self.thought_is_open
        self.update(final=self.message.status is not Status.STREAMING)

    @property
    def behind(self) -> bool:
        """Whether there is text that has no pieces yet; `proceed` makes more of them."""
        return self._text.behind or self._thinking.behind

    def proceed(self, budget_s: float = PARSE_S) -> None:
        """Go on with a message that takes too long for one go."""
        self.update(final=self.message.status is not Status.STREAMING, budget_s=budget_s)

    def refresh_formulas(self) -> bool:
        """Show the pictures of formulas that have arrived; whether anything may have changed."""
        waiting = [entry.piece for entry in self.entries if entry.piece.wants_formulas]
        for piece in waiting:
            piece.refresh()
        return bool(waiting)

    def update(self, *, final: bool = False, budget_s: float = PARSE_S) -> None:
        """Bring the pieces up to date with what was fed."""
        changed = self._text.update(final=final, budget_s=budget_s)
        self._thinking.update(final=final, budget_s=budget_s)
        self._set_pieces(Section.TEXT, self._text.blocks, changed)
        thoughts = self._thinking.blocks if self.thought_is_open else []
        self._set_pieces(Section.THINKING, thoughts, 0)
        self._set_labels()
        self._mark_growing(changed, final=final)
        before, self.entries = self.entries, []
        for section in Section:
            if section is Section.TEXT:
                n_above = len(self.entries)
            self.entries += self._sections[section]
        above_kept = not thoughts and before[:n_above] == self.entries[:n_above]
        self.relayout(n_above + changed if above_kept else 0)

    def _set_pieces(self, section: Section, blocks: Sequence[Block], changed: int) -> None:
        entries = self._sections[section]
        del entries[len(blocks) :]
        for index in range(min(changed, len(entries)), len(blocks)):
            block = blocks[index]
            if index < len(entries):
                piece = entries[index].piece
                assert isinstance(piece, BlockPiece)
                if piece.block == block:
                    continue
                if piece.accepts(block):
                    piece.set_block(block)
                else:
                    entries[index].piece = self._make_piece(section, block)
            else:
                entries.append(Entry(self._make_piece(section, block), section, index, 0))
            before = blocks[index - 1] if index else None
            entries[index].gap = self._gap(before, block)

    def _gap(self, before: Block | None, block: Block) -> int:
        if before is None:
            return BLOCK_GAP if self.has_thinking else SPACING // 2
        if self._text.typed:
            return 0
        if isinstance(block, TextBlock):
            after = isinstance(before, TextBlock) and bool(before.paragraphs[-1].heading)
            heading = block.paragraphs[0].heading
            gap = gap_px(block.joint, heading=heading, after_heading=after)
            return gap if isinstance(before, TextBlock) or not gap else max(gap, BLOCK_GAP)
        return BLOCK_GAP

    def _make_piece(self, section: Section, block: Block) -> BlockPiece:
        style = self._styles.thinking if section is Section.THINKING else self._styles.text
        snug = self.is_bubble and len(self._text.blocks) == 1
        return make_piece(block, style, self._styles, typed=self._text.typed, snug=snug)

    def _set_labels(self) -> None:
        streaming = self.message.status is Status.STREAMING
        self._set_label(Section.LABEL, "" if self.is_bubble else author(self.message), 0)
        heading = ""
        if self.has_thinking:
            thinks = streaming and not self._text.started
            heading = thinking_words() if thinks else thought_words(self.message.thought_ms)
        arrow = "▾" if self.thought_is_open else "▸"
        self._set_label(Section.THOUGHT_HEADING, heading, 4, arrow)
        started = self._text.started or self._thinking.started
        silent = self.is_bubble or (streaming and started)
        self._set_label(Section.FOOTER, "" if silent else footer_text(self.message), 6)
        self._set_attachments()
        self._set_horizon()

    def _set_attachments(self) -> None:
        self._sections[Section.ATTACHMENTS] = [
            Entry(attachment_piece(file, self._styles.text), Section.ATTACHMENTS, index, 0)
            for index, file in enumerate(self.message.attachments)
        ]

    def _set_horizon(self) -> None:
        entries = self._sections[Section.HORIZON]
        entries.clear()
        if self.horizon is not None:
            piece = HorizonPiece(self.horizon, self._styles.text)
            entries.append(Entry(piece, Section.HORIZON, 0, HORIZON_GAP))

    def _set_label(self, section: Section, words: str, gap: int, arrow: str = "") -> None:
        """Show these words; a label that says them already is kept."""
        entries = self._sections[section]
        if entries and isinstance(entries[0].piece, LabelPiece):
            label = entries[0].piece
            if (label.label, label.arrow) == (words, arrow):
                return
        entries.clear()
        if words:
            strong = section is Section.LABEL
            label = LabelPiece(words, self._styles.text, strong=strong, arrow=arrow)
            entries.append(Entry(label, section, 0, gap))

    def _mark_growing(self, changed: int, *, final: bool) -> None:
        """Tell code blocks whether they can still grow: only the last block can."""
        entries = self._sections[Section.TEXT]
        for entry in entries[max(min(changed, len(entries) - 1), 0) :]:
            if isinstance(entry.piece, CodePiece):
                entry.piece.growing = entry is entries[-1] and not final

    # Layout

    def set_width(self, width: int) -> None:
        """Lay out for another width."""
        if width != self._width:
            self._width = width
            self.relayout()

    def relayout(self, first: int = 0) -> None:
        """Put each piece below the one before, from that entry on."""
        inner, left = self._width, 0
        if self.is_bubble:
            inner = int(self._width * BUBBLE_SHARE) - 2 * BUBBLE_PADDING_X
            first = 0
        first = min(first, len(self.entries))
        changed = self.entries[first:]
        for entry in changed:
            shift = THOUGHT_INDENT if entry.section is Section.THINKING else 0
            entry.piece.set_width(inner - shift)
        if self.is_bubble:
            left = self._width - BUBBLE_PADDING_X - self._bubble_inner_width(inner)
        y = BUBBLE_PADDING_TOP if self.is_bubble else 0
        if first:
            y = self.entries[first - 1].bottom
        self._first_change = min(self._first_change, y if first else 0)
        for entry in changed:
            y += entry.gap if not self.is_bubble else 0
            shift = THOUGHT_INDENT if entry.section is Section.THINKING else 0
            entry.x, entry.y = left + shift, y
            y += entry.piece.height
        y += BUBBLE_PADDING_BOTTOM if self.is_bubble else 0
        self.height = y + self._waiting_height() + MESSAGE_GAP

    def take_first_change(self) -> int:
        """The height from which on it looks otherwise than when this was asked last."""
        found, self._first_change = self._first_change, self.height
        return found

    def _waiting_height(self) -> int:
        """About how high the text will be that has no pieces yet."""
        style = self._styles.text
        per_line = max(self._width / style.char_width, 10)
        return int(self._text.n_waiting / per_line * style.line_height)

    def _bubble_inner_width(self, most: int) -> int:
        pieces = [entry.piece for entry in self.entries]
        if len(self._text.blocks) > 1 or not all(piece.measured for piece in pieces):
            return most
        return max((piece.natural_width() for piece in pieces), default=most)

    def measure(self, top: int, bottom: int) -> bool:
        """Find the true heights of the pieces between two heights; whether any was unknown."""
        start = self.index_at(top)
        found = None
        for offset, entry in enumerate(self.between(top, bottom)):
            if not entry.piece.measured:
                entry.piece.measure()
                found = start + offset if found is None else found
        if found is not None:
            self.relayout(found)
        return found is not None

    def between(self, top: int, bottom: int) -> Iterator[Entry]:
        """The entries that touch a range of heights."""
        entries = self.entries
        for index in range(self.index_at(top), len(entries)):
            if entries[index].y >= bottom:
                return
            yield entries[index]

    def index_at(self, y: int) -> int:
        """The index of the entry at that height, or of the last before it."""
        low, high = 0, len(self.entries)
        while low < high:
            middle = (low + high) // 2
            if self.entries[middle].bottom <= y:
                low = middle + 1
            else:
                high = middle
        return max(min(low, len(self.entries) - 1), 0)

    def entry_near(self, y: int) -> Entry | None:
        """The entry at that height, or the nearest one."""
        return self.entries[self.index_at(y)] if self.entries else None

    def find(self, section: int, index: int) -> Entry | None:
        """The entry of an address."""
        entries = self._sections[Section(section)]
        return entries[index] if index < len(entries) else None

    def release_outside(self, top: int, bottom: int) -> None:
        """Give back the documents of pieces that are not near."""
        for entry in self.entries:
            if entry.bottom < top or entry.y > bottom:
                entry.piece.release()

    # Painting

    def paint(self, painter: QPainter, clip: QRectF, row: int, selection: Selection | None) -> None:
        """Draw what lies inside `clip`."""
        if self.is_bubble and self.entries:
            self._paint_bubble(painter)
        self._paint_thought_bar(painter)
        join_quotes(painter, self.entries, self.index_at(int(clip.top())), clip.bottom())
        for entry in self.between(int(clip.top()), int(clip.bottom()) + 1):
            selected = None
            if selection is not None:
                selected = selection.range_in(Address(row, entry.section, entry.index))
            painter.save()
            painter.translate(QPoint(entry.x, entry.y))
            entry.piece.paint(painter, clip.translated(-entry.x, -entry.y), selected)
            painter.restore()

    def _paint_bubble(self, painter: QPainter) -> None:
        left = self.entries[0].x - BUBBLE_PADDING_X
        bubble = QRectF(left, 0, self._width - left, self.height - MESSAGE_GAP)
        theme = self._styles.theme
        outlined = theme.high_contrast
        painter.setPen(theme.color("border") if outlined else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(bubble, RADIUS * 1.75, RADIUS * 1.75)

    def _paint_thought_bar(self, painter: QPainter) -> None:
        thoughts = self._sections[Section.THINKING]
        if thoughts:
            top, bottom = thoughts[0].y, thoughts[-1].bottom
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._styles.theme.color("border"))
            painter.drawRoundedRect(QRectF(3, top, 2, bottom - top), 1, 1)
