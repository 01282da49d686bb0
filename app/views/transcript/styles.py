"""The styles that one theme gives the transcript."""

from __future__ import annotations

from app.views.theme import TRANSCRIPT_WIDTH, Theme, grown
from app.views.transcript.formula_pictures import FormulaPictures
from app.views.transcript.highlight import CodeFormats
from app.views.transcript.style import Style


class Styles:
    """All that pieces need to know about looks."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.column_width = grown(TRANSCRIPT_WIDTH)
        """The widest column of text."""
        self.pictures = FormulaPictures()
        self.text = Style(theme, self.pictures)
        self.thinking = Style(theme, self.pictures, muted=True)
        self.code = CodeFormats(theme)
