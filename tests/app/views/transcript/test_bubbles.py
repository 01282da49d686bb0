from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.item_models.transcript import TranscriptModel
from app.views.theme import LIGHT
from app.views.transcript import TranscriptView

from .conftest import MessageMaker


def rows_with(image: QImage, color: str, *, at_least: int) -> list[int]:
    """The rows of pixels that have so many of a colour."""
    wanted = LIGHT.color(color).rgb()
    return [
        y
        for y in range(image.height())
        if sum(image.pixel(x, y) == wanted for x in range(image.width())) >= at_least
    ]


@pytest.mark.parametrize("text", ["Short", "one\ntwo", "Why is the sky blue at noon? " * 6])
def test_a_bubble_ends_below_its_last_line(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker, text: str
) -> None:
    view.resize(430, 400)
    model.reset([make(1, text), make(2, "An answer.")])
    QApplication.processEvents()
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    bubble = rows_with(image, "raised", at_least=20)
    letters = [y for y in rows_with(image, "text", at_least=1) if y <= bubble[-1]]
    line = view.fontMetrics().lineSpacing()
    assert letters[0] - bubble[0] < line * 1.5
    assert bubble[-1] - letters[-1] < line * 1.5
