"""Shows a long text at once, and the rest of it bit by bit, so that the window never waits."""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.domain.search import Mark, Query
from app.markdown import clean
from app.markdown.plain import cut_line

_BATCH_CHARS = 40_000
"""What is laid out between two looks at what else there is to do: about 15 ms."""
_LINE_CHARS = 4_000
"""A longer line is cut: Qt is slow where it finds no place to wrap."""


class LongTextView(QPlainTextEdit):
    """Text to read, to select and to copy; what would stay unseen in it is made visible."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self._text = clean(text)
        self._starts: list[int] = []
        self._pieces: list[str] = []
        self._cut()
        self._n_shown = 0
        self._place: Mark | None = None
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()
        self._go_on()

    def reveal(self, query: Query) -> None:
        """Select the first place of what was searched for: the phrase, else a part of it."""
        for pattern in (query.phrase_pattern(), *query.patterns()):
            match = pattern.search(self._text)
            if match is not None:
                self._place = match.span()
                self._show_place()
                return

    def _cut(self) -> None:
        """Cut the text into what becomes a block each, and remember where these begin."""
        position = 0
        for line in self._text.split("\n"):
            for piece in cut_line(line, _LINE_CHARS):
                self._starts.append(position)
                self._pieces.append(piece)
                position += len(piece)
            position += 1

    def _go_on(self) -> None:
        first, size = self._n_shown, 0
        while self._n_shown < len(self._pieces) and size < _BATCH_CHARS:
            # A line counts for more than its letters.
            size += len(self._pieces[self._n_shown]) + 40
            self._n_shown += 1
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        batch = "\n".join(self._pieces[first : self._n_shown])
        cursor.insertText(f"\n{batch}" if first else batch)
        if self._n_shown == len(self._pieces):
            self._timer.stop()
        self._show_place()

    def _show_place(self) -> None:
        """Go to the place, as soon as its text is there."""
        is_whole = self._n_shown == len(self._pieces)
        if self._place is None or not (is_whole or self._place[1] < self._starts[self._n_shown]):
            return
        cursor = self.textCursor()
        cursor.setPosition(self._position(self._place[0]))
        cursor.setPosition(self._position(self._place[1]), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.centerCursor()
        self.setFocus()
        self._place = None

    def _position(self, place: int) -> int:
        """Where a character of the text is in the document, which counts UTF-16 units."""
        number = bisect_right(self._starts, place) - 1
        before = self._pieces[number][: place - self._starts[number]]
        block = self.document().findBlockByNumber(number)
        return block.position() + len(before.encode("utf-16-le", "surrogatepass")) // 2
