"""Bars of quotes, markers of lists, and tables from right to left, as they are painted."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.item_models.transcript import TranscriptModel
from app.views.theme import DARK, LIGHT, Theme
from app.views.transcript import TranscriptView
from app.views.transcript.markers import paint_marker
from app.views.transcript.selection import Address, Place, Selection
from app.views.transcript.style import Style
from app.views.transcript.table_piece import TablePiece

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


def test_a_table_that_is_read_from_the_right_begins_there(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(2, "|الاسم|القيمة|\n|-|-|\n|محمد|5|\n|Anna|6|")])
    QApplication.processEvents()
    [entry] = [e for e in view._layout.item(0).entries if isinstance(e.piece, TablePiece)]
    piece = entry.piece

    def left_of(word: str) -> float:
        [(start, _end)] = piece.find(re.compile(word))
        return piece.origin().x() + piece.left_of(start)

    assert left_of("محمد") > left_of("5") > piece.width / 2
    assert left_of("Anna") > left_of("6")
    # It is copied as it was written.
    view.selecting.select_all()
    assert view.selecting.text() == "الاسم\tالقيمة\nمحمد\t5\nAnna\t6"
    address = Address(0, entry.section, entry.index)
    view.selecting.select(Selection(Place(address, 0), Place(address, piece.length())))
    assert view.selecting.text() == "الاسم\tالقيمة\nمحمد\t5\nAnna\t6"


def test_a_wide_table_shows_its_first_column_first(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    for heading, is_right in (("القيمة", True), ("value", False)):
        row = "|".join([f"{heading} {n}" for n in range(20)])
        model.reset([make(2, f"|{row}|\n" + "|-" * 20 + "|")])
        QApplication.processEvents()
        [sideways] = [e.piece.sideways for e in view._layout.item(0).entries if e.piece.sideways]
        assert sideways.needed
        assert sideways.offset == (sideways.maximum if is_right else 0)
