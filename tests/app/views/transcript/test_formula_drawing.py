"""Formulas stand on the line that the letters around them stand on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.markdown import Mark, Paragraph, Span, TextBlock
from app.views.theme import LIGHT
from app.views.transcript.style import Style
from app.views.transcript.text_piece import TextPiece

SQUARE = Span(r"$\rule{1em}{0.7em}$", Mark.FORMULA)
"""Its lower edge is the baseline."""


def lowest_rows(spans: tuple[Span, ...]) -> list[int]:
    """The lowest dark row of each connected run of dark columns."""
    piece = TextPiece(TextBlock((Paragraph(spans),)), Style(LIGHT))
    piece.set_width(400)
    piece.measure()
    image = QImage(400, piece.height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    piece.paint(painter, QRectF(0, 0, 400, piece.height), None)
    painter.end()
    runs: list[int] = []
    inside = False
    for x in range(image.width()):
        dark = [y for y in range(image.height()) if image.pixelColor(x, y).lightness() < 128]
        if dark and not inside:
            runs.append(dark[-1])
        elif dark:
            runs[-1] = max(runs[-1], dark[-1])
        inside = bool(dark)
    return runs


@pytest.mark.parametrize("tall", ["", r"$\frac{a}{b}$", r"$\sum_{i=1}^{n}$", "$x_{i_j}$"])
def test_baselines_meet(qapp: QApplication, tall: str) -> None:
    spans = (Span("H  "), SQUARE, Span("  H"))
    if tall:
        spans = (*spans, Span("  "), Span(tall, Mark.FORMULA))
    letter, square, other_letter, *_ = lowest_rows(spans)
    assert letter == other_letter
    assert abs(square - letter) <= 1
