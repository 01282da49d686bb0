"""A sentence about what was not done with the text below it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from app.item_models.figures import number
from app.markdown import Block, NoteBlock, Omission
from app.views.theme import SPACING
from app.views.transcript.piece import BlockPiece, Range


def note_text(block: NoteBlock) -> str:
    """What the note says."""
    translate = QCoreApplication.translate
    match block.omission:
        case Omission.MESSAGE_LENGTH:
            words = translate(
                "Note",
                "This message has {count} characters. It is too long to be formatted and is shown"
                " as it was written.",
            )
        case Omission.BLOCK_LENGTH:
            words = translate(
                "Note",
                "A part of {count} characters without a break follows. From here on the message is"
                " shown as it was written.",
            )
        case Omission.PARAGRAPH_LENGTH:
            words = translate(
                "Note",
                "This paragraph has {count} characters. It is too long to be formatted and is shown"
                " as it was written.",
            )
        case Omission.NESTING:
            words = translate(
                "Note",
                "This part is nested more than {count} levels deep and is shown as it was written.",
            )
        case Omission.TABLE_SIZE:
            words = translate(
                "Note",
                "This table has {count} cells. It is too large to be laid out and is shown as it"
                " was written.",
            )
    return words.format(count=number(block.count))


class NotePiece(BlockPiece):
    """The sentence, in small muted letters; it is not copied with the message."""

    block: NoteBlock

    def accepts(self, block: Block) -> bool:
        """Another note."""
        return isinstance(block, NoteBlock)

    def set_block(self, block: Block) -> None:
        """Say something else."""
        assert isinstance(block, NoteBlock)
        self.block = block
        self.measured = False
        self.height = self.estimate()

    def estimate(self) -> int:
        """Exact, in truth."""
        return int(self._bounds().height()) + SPACING // 2

    def exact_height(self) -> int:
        """That of its lines."""
        return self.estimate()

    def _bounds(self) -> QRectF:
        room = QRectF(0, 0, max(self.width, 80), 10_000)
        metrics = QFontMetricsF(self.style.small)
        return metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, note_text(self.block))

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:  # noqa: ARG002
        """Draw the words."""
        painter.setFont(self.style.small)
        painter.setPen(self.style.theme.color("muted"))
        room = QRectF(0, 0, max(self.width, 80), self.height)
        painter.drawText(room, Qt.TextFlag.TextWordWrap, note_text(self.block))
