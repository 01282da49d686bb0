"""Fonts, colours and formats of the transcript, made once per theme and shared by all messages."""

from __future__ import annotations

from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QTextCharFormat

from app.markdown import Mark
from app.views import theme as themes
from app.views.theme import Theme
from app.views.transcript.formula_pictures import FormulaPictures, Picture

INDENT = 26
"""How far lists and quotes move in, for each level."""
MAX_INDENT_LEVELS = 8
LINE_HEIGHT_PERCENT = 128.0
CODE_LINE_HEIGHT = 1.3

_HEADING_SCALES = {1: themes.SCALE_H1, 2: themes.SCALE_H2, 3: themes.SCALE_H3}


class Style:
    """How one kind of text looks; `muted` is that of the thinking section."""

    def __init__(
        self, theme: Theme, pictures: FormulaPictures | None = None, *, muted: bool = False
    ) -> None:
        self.theme = theme
        self.pictures = pictures or FormulaPictures()
        self.muted = muted
        scale = 0.94 if muted else 1.0
        self.body = themes.scaled(themes.body_font(), scale)
        self.mono = themes.scaled(themes.mono_font(), scale)
        self.small = themes.scaled(themes.body_font(), themes.SCALE_SMALL)
        self.text = theme.color("muted" if muted else "text")
        metrics = QFontMetricsF(self.body)
        self.line_height = metrics.lineSpacing() * LINE_HEIGHT_PERCENT / 100
        self.char_width = max(metrics.averageCharWidth(), 1.0)
        self._chars: dict[tuple[Mark, int, bool], QTextCharFormat] = {}

    def heading_font(self, level: int) -> QFont:
        """The font of a heading."""
        font = themes.scaled(self.body, _HEADING_SCALES.get(level, 1.0))
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def picture(self, source: str, heading: int = 0) -> Picture | None:
        """The picture of a formula; None while or where there is none."""
        font = self.heading_font(heading) if heading else self.body
        return self.pictures.find(source, font, self.text)

    def char_format(self, marks: Mark, heading: int, href: str) -> QTextCharFormat:
        """The format of a span."""
        key = (marks, heading, bool(href))
        made = self._chars.get(key)
        if made is None:
            made = self._chars[key] = self._make(*key)
        if not href:
            return made
        linked = QTextCharFormat(made)
        linked.setAnchor(True)
        linked.setAnchorHref(href)
        return linked

    def _make(self, marks: Mark, heading: int, link: bool) -> QTextCharFormat:
        made = QTextCharFormat()
        font = self.heading_font(heading) if heading else QFont(self.body)
        if marks & Mark.CODE:
            mono = QFont(self.mono)
            if heading:
                mono.setPointSizeF(font.pointSizeF() * 0.95)
            font = mono
            made.setBackground(QBrush(self.theme.color("raised")))
        if marks & Mark.STRONG:
            font.setWeight(QFont.Weight.Bold)
        font.setItalic(bool(marks & (Mark.EMPHASIS | Mark.IMAGE)))
        font.setStrikeOut(bool(marks & Mark.STRIKE))
        small = bool(marks & Mark.SUPERSCRIPT)
        font.setUnderline(link and not small)
        if small:
            made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        made.setFont(font)
        made.setForeground(QBrush(self._color(marks, link)))
        return made

    def _color(self, marks: Mark, link: bool) -> QColor:
        if link:
            return self.theme.color("accent")
        return self.theme.color("muted") if marks & Mark.IMAGE else self.text
