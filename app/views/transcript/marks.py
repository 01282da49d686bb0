"""How hits of a search look, and where they are in Qt's counting of characters."""

from __future__ import annotations

from PySide6.QtGui import QBrush, QTextCharFormat

from app.views.transcript.piece import Mark
from app.views.transcript.style import Style


def mark_format(style: Style, mark: Mark) -> QTextCharFormat:
    """The look of a hit."""
    name = "found_now" if mark.current else "found"
    look = QTextCharFormat()
    look.setBackground(QBrush(style.theme.color(name)))
    look.setForeground(QBrush(style.theme.color(f"on_{name}")))
    return look


def utf16_units(text: str, end: int) -> int:
    """How many UTF-16 units the first `end` characters take."""
    return end if text.isascii() else len(text[:end].encode("utf-16-le", "surrogatepass")) // 2
