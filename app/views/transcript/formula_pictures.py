"""Pictures of formulas: made once for each source, size and colour, and drawn into text."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontInfo,
    QFontMetrics,
    QPainter,
    QPixmap,
    QPyTextObject,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

from app.markdown.formulas import tex_of
from app.markdown.typesetting import COLOR, Drawing, typeset, typeset_slowly
from app.services.futures import FutureRelay, run_in_thread

OBJECT_TYPE = QTextFormat.ObjectTypes.UserObject.value + 1
OBJECT = "\ufffc"
CACHE_SIZE = 512
EM = 1.08
"""The formulas' font looks smaller than most text fonts of its size."""

_SOURCE = QTextFormat.Property.UserProperty.value + 1
_PICTURE = QTextFormat.Property.UserProperty.value + 2


class Picture:
    """A formula at one size and in one colour; measures are in logical pixels."""

    def __init__(self, drawing: Drawing, em_px: float, color: QColor) -> None:
        svg = drawing.svg.replace(COLOR, color.name())
        self._renderer = QSvgRenderer(QByteArray(svg.encode()))
        self._pixmaps: dict[float, QPixmap] = {}
        self.width = drawing.width * em_px
        self.ascent = drawing.ascent * em_px
        self.descent = drawing.descent * em_px

    @property
    def height(self) -> float:
        """From its top to its bottom."""
        return self.ascent + self.descent

    def draw(self, painter: QPainter, left: float, baseline: float) -> None:
        """Draw it where a letter with that baseline would stand."""
        ratio = painter.device().devicePixelRatioF()
        top = baseline - self.ascent
        at = QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio)
        painter.drawPixmap(at, self._pixmap(ratio))

    def _pixmap(self, ratio: float) -> QPixmap:
        made = self._pixmaps.get(ratio)
        if made is None:
            width, height = math.ceil(self.width * ratio) + 1, math.ceil(self.height * ratio) + 1
            made = self._pixmaps[ratio] = QPixmap(width, height)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._renderer.render(painter, QRectF(0, 0, self.width * ratio, self.height * ratio))
            painter.end()
            made.setDevicePixelRatio(ratio)
        return made


class FormulaPictures(QObject):
    """The pictures of one theme. What only the slow typesetter can read arrives later."""

    def __init__(self, on_arrived: Callable[[], object] | None = None) -> None:
        super().__init__()
        self.on_arrived = on_arrived
        self._pictures: OrderedDict[tuple[str, float, str], Picture] = OrderedDict()
        self._slow: dict[str, Drawing | None] = {}
        self._waiting: list[str] = []
        self._working = False
        self._relay = FutureRelay(self)

    def find(self, source: str, font: QFont, color: QColor) -> Picture | None:
        """The picture of a formula with delimiters; None while or where there is none."""
        em_px = QFontInfo(font).pixelSize() * EM
        key = (source, em_px, color.name())
        found = self._pictures.get(key)
        if found is None:
            tex, display = tex_of(source)
            drawing = typeset(tex, display) or self._slowly(tex)
            if drawing is None:
                return None
            found = self._pictures[key] = Picture(drawing, em_px, color)
            if len(self._pictures) > CACHE_SIZE:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(key)
        return found

    def is_pending(self, source: str) -> bool:
        """Whether the slow typesetter has not answered yet."""
        tex = tex_of(source)[0]
        return tex in self._waiting

    def _slowly(self, tex: str) -> Drawing | None:
        if tex not in self._slow and tex not in self._waiting:
            self._waiting.append(tex)
            self._work()
        return self._slow.get(tex)

    def _work(self) -> None:
        if self._working or not self._waiting:
            return
        self._working = True
        tex = self._waiting[0]
        future = run_in_thread(lambda: typeset_slowly(tex), "formula")
        self._relay.watch(future, self._on_drawn, self._on_failed)

    def _on_drawn(self, drawing: Drawing | None) -> None:
        self._working = False
        tex = self._waiting.pop(0)
        self._slow[tex] = drawing
        if drawing is not None and self.on_arrived is not None:
            self.on_arrived()
        self._work()

    def _on_failed(self, _error: BaseException) -> None:
        self._on_drawn(None)


class FormulaObject(QPyTextObject):
    """Draws the formulas of one document among its letters."""

    def intrinsicSize(self, _doc: QTextDocument, _position: int, form: QTextFormat) -> QSizeF:
        """The picture's size, made even around the middle of small letters.

        Qt puts the middle of what is aligned there half an x-height above the baseline.
        Source: https://github.com/qt/qtbase/blob/v6.11.0/src/gui/text/qtextdocumentlayout.cpp
        """
        picture = _picture(form)
        x_height = _x_height(form)
        above = 2 * picture.ascent - x_height / 2
        below = 2 * picture.descent + x_height / 2
        return QSizeF(picture.width, max(above, below))

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        doc: QTextDocument,
        position: int,
        form: QTextFormat,
    ) -> None:
        """Draw the picture on the line's baseline; Qt has put `rect` into the line's middle.

        Source: https://github.com/qt/qtbase/blob/v6.11.0/src/gui/text/qtextlayout.cpp
        """
        block = doc.findBlock(position)
        line = block.layout().lineForTextPosition(position - block.position())
        baseline = rect.top() - (line.height() - rect.height()) / 2 + line.ascent()
        _picture(form).draw(painter, rect.left(), baseline)


def formula_format(base: QTextCharFormat, source: str, picture: Picture) -> QTextCharFormat:
    """The format of the character that stands for a formula."""
    made = QTextCharFormat(base)
    made.setObjectType(OBJECT_TYPE)
    made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
    made.setProperty(_SOURCE, source)
    made.setProperty(_PICTURE, picture)
    return made


def source_of(form: QTextCharFormat) -> str:
    """The source of the formula that a character stands for."""
    return str(form.property(_SOURCE) or OBJECT)


def _picture(form: QTextFormat) -> Picture:
    found: Any = form.property(_PICTURE)
    assert isinstance(found, Picture)
    return found


def _x_height(form: QTextFormat) -> float:
    return QFontMetrics(form.toCharFormat().font()).xHeight()
