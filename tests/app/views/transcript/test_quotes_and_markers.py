"""Bars of quotes and markers of lists, as they are painted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.item_models.transcript import TranscriptModel
from app.views.theme import DARK, LIGHT, Theme
from app.views.transcript import TranscriptView
from app.views.transcript.markers import paint_marker
from app.views.transcript.style import Style

from .conftest import MessageMaker

QUOTE = """> one
>
> ```
> x
> ```
>
> | a |
> |---|
> | b |
>
> ---
> - two
>   > three"""


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_bar_of_a_quote_has_no_gaps(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker, theme: Theme
) -> None:
    view.set_theme(theme)
    model.reset([make(2, f"before\n\n{QUOTE}\n\nafter\n\n> another")])
    QApplication.processEvents()
    image = view.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    x = round((view._layout.column_left + 5) * ratio)
    bar = QColor(theme.border)
    painted = [image.pixelColor(x, y) == bar for y in range(image.height())]
    # Two quotes, one of them through all that stands in it.
    assert sum(1 for y in range(1, len(painted)) if painted[y] and not painted[y - 1]) == 2


@pytest.mark.parametrize("rtl", [False, True], ids=["left to right", "right to left"])
def test_the_full_stop_of_a_number_stands_where_the_text_runs_to(
    qtbot: QtBot, *, rtl: bool
) -> None:
    image = QImage(100, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as the view's is
    paint_marker(painter, Style(LIGHT), "7.", 50, 40, rtl=rtl)
    painter.end()
    inked = [[y for y in range(60) if image.pixelColor(x, y).lightness() < 200] for x in range(100)]
    columns = [ys for ys in inked if ys]
    # At its left a seven begins high above the line that it stands on, at 40; a full stop does not.
    stop, digit = (columns[0], columns[-1]) if rtl else (columns[-1], columns[0])
    assert min(digit) < 35 < min(stop)
