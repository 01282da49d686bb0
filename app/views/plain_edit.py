"""A field for text of any kind, which stays quick with a line that has no space in it.

Qt looks for the end of a word at each line that it wraps: a word of 1 MB takes it most of a minute.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit

_UNBROKEN = re.compile(r"\S{10000}")


class PlainEdit(QPlainTextEdit):
    """Wraps between words, or anywhere once a word has come in that is too long for that."""

    def setPlainText(self, text: str) -> None:
        """Write this in place of what is there."""
        mode = QTextOption.WrapMode
        is_unbroken = _UNBROKEN.search(text) is not None
        if is_unbroken:
            self.setWordWrapMode(mode.WrapAnywhere)
        super().setPlainText(text)
        if not is_unbroken:
            # Not before: what stood there may be long.
            self.setWordWrapMode(mode.WrapAtWordBoundaryOrAnywhere)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste or drop."""
        if _UNBROKEN.search(source.text()):
            self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        super().insertFromMimeData(source)
