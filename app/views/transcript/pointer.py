"""What the mouse does in the transcript: selecting, links, buttons, sideways scrolling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QCursor, QGuiApplication, QMouseEvent, QPainter, QWheelEvent

from app.views.transcript.attachment_piece import AttachmentPiece
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.entry import Section
from app.views.transcript.horizon_piece import HorizonPiece
from app.views.transcript.places import Spot
from app.views.transcript.selection import Address, Place, Selection
from app.views.transcript.sideways import Sideways

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView

_AUTOSCROLL_MS = 30
_CLICK_SLACK_PX = 4
_WHEEL_STEP = 120


class Pointer(QObject):
    """The state of the mouse over one view."""

    def __init__(self, view: TranscriptView) -> None:
        super().__init__(view)
        self._view = view
        self._position: QPointF | None = None
        self._pressed_at: QPointF | None = None
        self._pressed_button: CodePiece | None = None
        self._dragged_bar: Sideways | None = None
        self._selecting = False
        self._hovered: tuple[CodePiece, bool] | None = None
        self._since_double_click = QElapsedTimer()
        self._autoscroll = QTimer(self)
        self._autoscroll.setInterval(_AUTOSCROLL_MS)
        self._autoscroll.timeout.connect(self._on_autoscroll)

    @property
    def is_inside(self) -> bool:
        """Whether the pointer is over the view."""
        return self._position is not None

    # From the view

    def forget(self) -> None:
        """Drop what is held: the messages changed."""
        self._pressed_button = None
        self._dragged_bar = None
        self._hovered = None

    def leave(self) -> None:
        """The pointer left the view."""
        self._position = None
        self._hovered = None
        self._view.viewport().update()

    def refresh(self) -> None:
        """Something else is under the pointer now."""
        if self._position is not None:
            self._set_cursor(self._position)

    def link_at(self, point: QPointF) -> str:
        """The address of the link under a point, or ""."""
        spot = self._spot_inside(point)
        return spot.entry.piece.link_at(spot.point) if spot else ""

    def press(self, event: QMouseEvent) -> None:
        """Begin to select, or press a button or a bar."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position()
        self._pressed_at = point
        if self._is_third_click(point):
            self._select_block(point)
            return
        spot = self._spot_inside(point)
        if spot is not None and self._press_control(spot):
            return
        place = self._view.sight.place_at(point)
        if place is None:
            return
        selection = self._view.selecting.selection
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        anchor = selection.anchor if extend and selection is not None else place
        self._selecting = True
        self._view.selecting.select(Selection(anchor, place))

    def move(self, event: QMouseEvent) -> None:
        """Go on with what was begun, else show what is under the pointer."""
        point = event.position()
        before, self._position = self._position, point
        if self._dragged_bar is not None:
            if before is not None and self._dragged_bar.drag(point.x() - before.x()):
                self._view.viewport().update()
        elif self._selecting:
            self._extend(point)
            outside = not 0 <= point.y() < self._view.viewport().height()
            if outside and not self._autoscroll.isActive():
                self._autoscroll.start()
            elif not outside:
                self._autoscroll.stop()
        else:
            self._set_cursor(point)

    def release(self, event: QMouseEvent) -> None:
        """End what was begun; a click that did not move follows a link or presses a button."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position()
        self._autoscroll.stop()
        self._dragged_bar = None
        if self._pressed_button is not None:
            self._release_button(point)
        elif self._selecting:
            self._selecting = False
            if self._is_click(point):
                self._view.selecting.select(None)
                self._follow(point)
        self._pressed_at = None
        self._set_cursor(point)

    def double_click(self, event: QMouseEvent) -> None:
        """Select a word."""
        spot = self._spot_inside(event.position())
        place = self._view.sight.place_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or place is None:
            return
        if spot is not None and self._press_control(spot):
            return
        found = self._view.sight.spot_at(event.position())
        if found is not None:
            start, end = found.entry.piece.word_at(place.offset)
            self._view.selecting.select(
                Selection(Place(place.address, start), Place(place.address, end))
            )
        self._since_double_click.start()

    def wheel(self, event: QWheelEvent) -> bool:
        """Move a wide block sideways; whether the wheel did so."""
        spot = self._spot_inside(event.position())
        sideways = spot.entry.piece.sideways if spot else None
        if sideways is None or not sideways.needed:
            return False
        pixels, angle = event.pixelDelta(), event.angleDelta()
        delta = float(pixels.x() or angle.x() / _WHEEL_STEP * 60)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not delta:
            delta = float(pixels.y() or angle.y() / _WHEEL_STEP * 60)
        if not delta or abs(angle.y()) > abs(angle.x()) > 0:
            return False
        sideways.move(-delta)
        self._view.viewport().update()
        event.accept()
        return True

    def paint(self, painter: QPainter) -> None:
        """Draw the button of the code block under the pointer."""
        if self._position is None:
            return
        spot = self._spot_inside(self._position)
        if spot is not None and isinstance(spot.entry.piece, CodePiece):
            painter.save()
            painter.translate(self._view.sight.offset_of(spot))
            piece = spot.entry.piece
            over = piece.copy_button().contains(spot.point)
            piece.paint_copy_button(painter, pressed=over)
            painter.restore()

    # Parts

    def _spot_inside(self, point: QPointF) -> Spot | None:
        """The piece that a point is really on."""
        spot = self._view.sight.spot_at(point)
        if spot is None:
            return None
        piece = spot.entry.piece
        inside = 0 <= spot.point.y() < piece.height and 0 <= spot.point.x() <= piece.width
        return spot if inside else None

    def _press_control(self, spot: Spot) -> bool:
        piece = spot.entry.piece
        if spot.entry.section is Section.THOUGHT_HEADING:
            if spot.point.x() <= piece.natural_width():
                self._view.toggle_thought(spot.row)
                return True
            return False
        if isinstance(piece, HorizonPiece) and piece.opens_at(spot.point):
            self._view.summary_requested.emit()
            return True
        if isinstance(piece, AttachmentPiece) and piece.opens_at(spot.point):
            self._view.attachment_opened.emit(piece.attachment)
            return True
        if isinstance(piece, CodePiece) and piece.copy_button().contains(spot.point):
            self._pressed_button = piece
            return True
        if piece.sideways is not None and piece.sideways.is_on_bar(spot.point):
            self._dragged_bar = piece.sideways
            return True
        return False

    def _follow(self, point: QPointF) -> None:
        spot = self._spot_inside(point)
        address = spot.entry.piece.link_at(spot.point) if spot else ""
        if spot is not None and address.startswith("#"):
            self._view.sight.follow_anchor(spot.row, address[1:])
        elif address:
            self._view.link_activated.emit(address)

    def _release_button(self, point: QPointF) -> None:
        piece, self._pressed_button = self._pressed_button, None
        spot = self._spot_inside(point)
        if piece is None or spot is None or spot.entry.piece is not piece:
            return
        if piece.copy_button().contains(spot.point):
            self._view.selecting.copy_code(piece)

    def _is_click(self, point: QPointF) -> bool:
        if self._pressed_at is None:
            return False
        return (point - self._pressed_at).manhattanLength() <= _CLICK_SLACK_PX

    def _is_third_click(self, point: QPointF) -> bool:
        interval = QGuiApplication.styleHints().mouseDoubleClickInterval()
        if not self._since_double_click.isValid():
            return False
        recent = self._since_double_click.elapsed() < interval
        self._since_double_click.invalidate()
        near = self._position is None or (point - self._position).manhattanLength() < 8
        return recent and near

    def _select_block(self, point: QPointF) -> None:
        spot = self._view.sight.spot_at(point)
        if spot is not None:
            address = Address(spot.row, spot.entry.section, spot.entry.index)
            end = Place(address, spot.entry.piece.length())
            self._view.selecting.select(Selection(Place(address, 0), end))

    def _extend(self, point: QPointF) -> None:
        selection = self._view.selecting.selection
        place = self._view.sight.place_at(point)
        if selection is not None and place is not None and place != selection.focus:
            self._view.selecting.select(Selection(selection.anchor, place))

    def _on_autoscroll(self) -> None:
        if self._position is None or not self._selecting:
            self._autoscroll.stop()
            return
        height = self._view.viewport().height()
        y = self._position.y()
        self._view.scroll_by(round((y if y < 0 else y - height) / 3))
        self._extend(self._position)

    def _set_cursor(self, point: QPointF) -> None:
        spot = self._spot_inside(point)
        self._note_hovered(spot)
        shape = Qt.CursorShape.ArrowCursor
        if spot is not None:
            piece = spot.entry.piece
            if self._is_control(spot) or piece.link_at(spot.point):
                shape = Qt.CursorShape.PointingHandCursor
            elif piece.is_text_at(spot.point):
                shape = Qt.CursorShape.IBeamCursor
        self._view.viewport().setCursor(QCursor(shape))

    def _note_hovered(self, spot: Spot | None) -> None:
        """Paint again where a button comes, goes or lights up."""
        hovered = None
        if spot is not None and isinstance(spot.entry.piece, CodePiece):
            piece = spot.entry.piece
            hovered = (piece, piece.copy_button().contains(spot.point))
        if hovered != self._hovered:
            self._hovered = hovered
            self._view.viewport().update()

    def _is_control(self, spot: Spot) -> bool:
        piece = spot.entry.piece
        if isinstance(piece, CodePiece) and piece.copy_button().contains(spot.point):
            return True
        if isinstance(piece, HorizonPiece | AttachmentPiece):
            return piece.opens_at(spot.point)
        heading = spot.entry.section is Section.THOUGHT_HEADING
        return heading and spot.point.x() <= piece.natural_width()
