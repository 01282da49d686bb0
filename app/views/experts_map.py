"""The heat map of routed experts: a row a layer, a column an expert."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    qRgb,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.item_models.figures import number
from app.views.language import follow_language
from app.views.theme import LIGHT, SPACING, Theme
from inference.engine import ExpertCounts
from inference.experts import LayerUse, Part, layer_uses

_SHADES = 256
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class ExpertsMap(QWidget):
    """Paints counts and tells of the cell under the pointer or the cursor."""

    cell_told = Signal(str)
    """Layer, expert and share of a cell in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme = LIGHT
        self._uses: list[LayerUse] = []
        self._image = QImage()
        self._cell: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(SPACING * 24, SPACING * 16)
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Experts by layer"))
        self._tell_cell()

    def sizeHint(self) -> QSize:
        """Room for a few pixels a cell."""
        return QSize(SPACING * 40, SPACING * 50)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._draw()

    def set_counts(self, counts: ExpertCounts | None) -> None:
        """Show what an answer has picked so far; None shows nothing."""
        self._uses = layer_uses(counts, Part.ANSWER) if counts is not None else []
        rows = len(self._uses)
        columns = len(self._uses[0].counts) if self._uses else 0
        if self._cell is not None and not (self._cell[0] < rows and self._cell[1] < columns):
            self._cell = None
        self._draw()
        self._tell_cell()

    def words(self, row: int, expert: int) -> str:
        """What a cell says."""
        use = self._uses[row]
        return self.tr("Layer {layer}, expert {expert}: {share} of {n} tokens").format(
            layer=use.layer,
            expert=expert,
            share=f"{use.shares[expert]:.1%}",
            n=number(use.n_tokens),
        )

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and expert under a point."""
        frame = self._frame()
        if not self._uses or not frame.contains(point):
            return None
        columns = len(self._uses[0].counts)
        row = int((point.y() - frame.top()) / frame.height() * len(self._uses))
        expert = int((point.x() - frame.left()) / frame.width() * columns)
        return min(row, len(self._uses) - 1), min(expert, columns - 1)

    def centre_of(self, row: int, expert: int) -> QPoint:
        """Where a cell is."""
        return self._rect_of(row, expert).center().toPoint()

    # Qt

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the cells, and a frame around the one that is told of."""
        painter = QPainter(self)
        if self._uses:
            painter.drawImage(self._frame(), self._image)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 2 * self._theme.line))
            painter.drawRect(self._frame())
        elif self._uses:
            painter.setPen(QPen(self._theme.color("border"), 1))
            painter.drawRect(self._frame())
        if self._cell is not None:
            painter.setPen(QPen(self._theme.color("text"), 2))
            painter.drawRect(self._rect_of(*self._cell).adjusted(-1, -1, 1, 1))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Tell of the cell under a resting pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.words(*cell) if cell else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of the cell under the pointer."""
        self._tell(self.cell_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from cell to cell."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or not self._uses:
            super().keyPressEvent(event)
            return
        row, expert = self._cell or (0, 0)
        if self._cell is not None:
            row = max(0, min(row + step[0], len(self._uses) - 1))
            expert = max(0, min(expert + step[1], len(self._uses[0].counts) - 1))
        self._tell((row, expert))

    def _tell(self, cell: tuple[int, int] | None) -> None:
        if cell is not None and cell != self._cell:
            self._cell = cell
            self._tell_cell()
            self.update()

    def _tell_cell(self) -> None:
        """Say what the chosen cell says now."""
        words = self.words(*self._cell) if self._cell is not None else ""
        self.setAccessibleDescription(words)
        if words:
            self.cell_told.emit(words)

    # Drawing

    def _frame(self) -> QRectF:
        return QRectF(self.rect()).adjusted(1, 1, -1, -1)

    def _rect_of(self, row: int, expert: int) -> QRectF:
        frame = self._frame()
        width = frame.width() / len(self._uses[0].counts)
        height = frame.height() / len(self._uses)
        return QRectF(frame.left() + expert * width, frame.top() + row * height, width, height)

    def _draw(self) -> None:
        """One pixel a cell; the strongest of a layer has the full colour."""
        if self._uses:
            columns = len(self._uses[0].counts)
            image = QImage(columns, len(self._uses), QImage.Format.Format_RGB32)
            shades = self._shades()
            for row, use in enumerate(self._uses):
                most = max(use.counts) or 1
                for expert, count in enumerate(use.counts):
                    image.setPixel(expert, row, shades[count * (_SHADES - 1) // most])
            self._image = image
        self.update()

    def _shades(self) -> list[int]:
        low, high = self._theme.color("code_ground"), self._theme.color("accent")
        return [_mixed(low, high, step / (_SHADES - 1)) for step in range(_SHADES)]


def _mixed(low: QColor, high: QColor, part: float) -> int:
    pairs = (
        (low.red(), high.red()),
        (low.green(), high.green()),
        (low.blue(), high.blue()),
    )
    red, green, blue = (round(one + (other - one) * part) for one, other in pairs)
    return qRgb(red, green, blue)
