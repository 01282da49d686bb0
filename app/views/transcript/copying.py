"""The text of a selection, as it goes to the clipboard."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.domain.conversations import Message, Role
from app.item_models.transcript import TranscriptModel
from app.markdown import MarkdownStream, plain_text
from app.markdown.plain import clean
from app.markdown.written import written
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.message_item import MessageItem
from app.views.transcript.note_piece import NotePiece
from app.views.transcript.piece import BlockPiece, Range
from app.views.transcript.selection import Address, Selection

SLICE_S = 0.02
COPIED_MS = 1_500


def message_text(message: Message) -> Iterator[str]:
    """What the reader sees of a message's own text; empty parts first where that takes long."""
    if message.role is not Role.ASSISTANT:
        yield clean(message.content)
        return
    stream = MarkdownStream()
    stream.feed(message.content)
    stream.finish(SLICE_S)
    while stream.behind:
        yield ""
        stream.finish(SLICE_S)
    yield plain_text(stream.blocks)


def selected_parts(
    layout: TranscriptLayout,
    model: TranscriptModel,
    selection: Selection,
    *,
    as_markdown: bool = False,
) -> Iterator[str]:
    """The selected text of each message; whole messages are not laid out for it.

    As Markdown a whole message is what it was written as.
    """
    last = min(selection.end.address.row, layout.n_rows - 1)
    for row in range(selection.start.address.row, last + 1):
        message = model.message_at(row)
        if selection.covers_row(row):
            yield from (message.content,) if as_markdown else message_text(message)
        elif as_markdown and message.role is Role.ASSISTANT:
            yield _partial_markdown(layout.peek(row), row, selection)
        else:
            yield _partial_text(layout.peek(row), row, selection)


def join(parts: Iterable[str]) -> str:
    """The texts of several messages as one."""
    return "\n\n".join(part for part in parts if part)


class CopyJob(QObject):
    """Collects a long text a slice at a time, so that the window stays alive, and copies it."""

    def __init__(self, parts: Iterator[str], parent: QObject) -> None:
        super().__init__(parent)
        self._source = parts
        self._parts: list[str] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_slice_due)

    def start(self) -> None:
        """Copy now if that is quick, else soon."""
        self._timer.start(0)
        self._on_slice_due()

    def stop(self) -> None:
        """Give up; the clipboard stays as it is."""
        self._timer.stop()
        self._source = iter(())

    def _on_slice_due(self) -> None:
        until = time.perf_counter() + SLICE_S
        for part in self._source:
            self._parts.append(part)
            if time.perf_counter() > until:
                return
        if self._timer.isActive():
            self._timer.stop()
            text = join(self._parts)
            if text:
                QGuiApplication.clipboard().setText(text)


def _partial_text(item: MessageItem, row: int, selection: Selection) -> str:
    parts: list[str] = []
    for piece, selected in _selected_pieces(item, row, selection):
        if parts:
            parts.append(piece.block.joint)
        parts.append(piece.text(*selected))
    return "".join(parts)


def _partial_markdown(item: MessageItem, row: int, selection: Selection) -> str:
    cut = (piece.cut(*selected) for piece, selected in _selected_pieces(item, row, selection))
    return written(block for block in cut if block is not None)


def _selected_pieces(
    item: MessageItem, row: int, selection: Selection
) -> Iterator[tuple[BlockPiece, Range]]:
    while item.behind:
        item.proceed(math.inf)
    for entry in item.entries:
        selected = selection.range_in(Address(row, entry.section, entry.index))
        piece = entry.piece
        if selected and isinstance(piece, BlockPiece) and not isinstance(piece, NotePiece):
            yield piece, selected


class Copier(QObject):
    """Puts texts on the clipboard for one view."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._job: CopyJob | None = None
        self._code: CodePiece | None = None
        self._code_timer = QTimer(self)
        self._code_timer.setSingleShot(True)
        self._code_timer.timeout.connect(self._on_code_shown)

    def copy_parts(self, parts: Iterator[str]) -> None:
        """Copy a selection; a very long one arrives a little later."""
        self.stop()
        self._job = CopyJob(parts, self)
        self._job.start()

    def stop(self) -> None:
        """Give up what is still being collected."""
        if self._job is not None:
            self._job.stop()
            self._job.deleteLater()
            self._job = None

    def copy_code(self, piece: CodePiece) -> None:
        """Copy a whole code block and say so on its button for a moment."""
        QGuiApplication.clipboard().setText(piece.block.text)
        self._on_code_shown()
        piece.copied = True
        self._code = piece
        self._code_timer.start(COPIED_MS)
        self._view.update()

    def _on_code_shown(self) -> None:
        if self._code is not None:
            self._code.copied = False
            self._code = None
            self._view.update()
