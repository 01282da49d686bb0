"""The widget that shows a conversation: painting, scrolling, following the end.

Geometry is the layout's, the mouse is the pointer's.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPoint,
    QPointF,
    QRectF,
    Qt,
    QTimer,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from app.item_models.transcript import TranscriptModel
from app.views import theme as themes
from app.views.language import follow_language
from app.views.theme import Theme
from app.views.transcript.accessibility import Accessibility
from app.views.transcript.active_message import ActiveMessage
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.copying import Copier, join, selected_parts
from app.views.transcript.end_button import EndButton
from app.views.transcript.finder import Finder
from app.views.transcript.keys import LINE_STEP, handle_key
from app.views.transcript.layout import Spot, TranscriptLayout
from app.views.transcript.menu import build_menu, link_tip
from app.views.transcript.pointer import Pointer
from app.views.transcript.selection import START, Address, Place, Selection
from app.views.transcript.sight import Sight
from app.views.transcript.streaming import Growth
from app.views.transcript.styles import Styles

Slot = Callable[..., None]

_END_SLACK = 4
"""So near to the end counts as at the end."""
_COLOURS_AFTER_MS = 30
"""The words of code are seen first: its colours cost more than they do."""
_KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class TranscriptView(QAbstractScrollArea):
    """A conversation that is laid out only where it is seen."""

    link_activated = Signal(str)
    """The reader clicked a link: http, https or mailto."""
    menu_opened = Signal(object, int)
    """QMenu, message id: the context menu of a message is about to be shown."""
    summary_requested = Signal()
    """The reader wants to see what the model has read in place of the messages above."""
    attachment_opened = Signal(object)
    """Attachment: the reader wants to see the text of a file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = themes.current()
        self._layout = TranscriptLayout(self._make_styles(self._theme))
        self.accessibility = Accessibility(self, self._layout)
        self._model: TranscriptModel | None = None
        self._selection: Selection | None = None
        self._follow_end = True
        self._settling = False
        self._keyboard_focus = False
        self._pointer = Pointer(self)
        self._growth = Growth(self._on_rows_grown, self)
        self._colour_timer = QTimer(self)
        self._colour_timer.setSingleShot(True)
        self._colour_timer.timeout.connect(self._on_colours_due)
        self._rest_timer = QTimer(self, singleShot=True, interval=0)
        self._rest_timer.timeout.connect(self._on_rest_due)
        self._copier = Copier(self.viewport())
        self.sight: Sight = Sight(self, self._layout)
        self.active: ActiveMessage = ActiveMessage(self)
        self.accessibility.watch_keyboard()
        self.finder = Finder(self)
        self.end_button = EndButton(self.viewport())
        self.end_button.clicked.connect(self._on_end_clicked)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(LINE_STEP)
        follow_language(self, self._say)

    # What is shown

    @property
    def has_keyboard_focus(self) -> bool:
        """Whether the focus came by the keyboard."""
        return self._keyboard_focus

    @property
    def model(self) -> TranscriptModel | None:
        """The messages."""
        return self._model

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self._theme

    def setModel(self, model: TranscriptModel) -> None:
        """Show a model's messages."""
        if self._model is not None:
            for signal, slot in self._connections(self._model):
                signal.disconnect(slot)
        self._model = model
        for signal, slot in self._connections(model):
            signal.connect(slot)
        self._layout.set_model(model)
        self.accessibility.set_model(model)
        self._start_over()

    def _connections(self, model: TranscriptModel) -> list[tuple[SignalInstance, Slot]]:
        return [
            (model.modelReset, self._on_model_reset),
            (model.rowsInserted, self._on_rows_inserted),
            (model.rowsRemoved, self._on_rows_removed),
            (model.dataChanged, self._on_data_changed),
            (model.delta_appended, self._on_delta_appended),
            (model.versions_changed, self._settle),
        ]

    def set_theme(self, theme: Theme) -> None:
        """Show everything in other colours, in the same place."""
        self._theme = theme
        self.active.bar.set_theme(theme)
        self.end_button.set_theme(theme)
        anchor = self._layout.anchor(self._top, self._height)
        self._layout.set_styles(self._make_styles(theme))
        if anchor is not None:
            self._set_top(self._layout.restore(anchor))
        self._settle()

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Conversation"))
        self.setAccessibleDescription(self.tr("Messages of the open conversation, oldest first"))
        if self._model is not None:
            # What is painted holds words too.
            self.set_theme(self._theme)

    def _make_styles(self, theme: Theme) -> Styles:
        styles = Styles(theme)
        styles.pictures.on_arrived = self._on_formulas_arrived
        return styles

    def _on_formulas_arrived(self) -> None:
        anchor = self._layout.anchor(self._top, self._height)
        self._layout.refresh_formulas()
        if anchor is not None:
            self._set_top(self._layout.restore(anchor))
        self._settle()

    def _start_over(self) -> None:
        self._copier.stop()
        self._growth.clear()
        self._pointer.forget()
        self.active.forget()
        self._selection = None
        self._follow_end = True
        self._settle()
        self.finder.look_again()

    def _on_model_reset(self) -> None:
        self._layout.reset()
        self._start_over()

    def _on_rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._layout.insert(first, last)
        self._settle()
        self.finder.look_again()

    def _on_rows_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._copier.stop()
        self._growth.clear()
        self._pointer.forget()
        self._selection = None
        self._layout.remove(first, last)
        self._settle()
        self.finder.look_again()

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            self._layout.change(row, hold_thought=not self._follow_end)
        self._pointer.forget()
        self._settle()
        self.finder.look_again()

    def _on_delta_appended(self, row: int, _text: str, _thinking: str) -> None:
        self._growth.add(row)

    def _on_rows_grown(self, rows: set[int]) -> None:
        began = time.thread_time()
        seen = set(self._layout.rows_between(self._top, self._top + self._height))
        for row in rows:
            hold = not self._follow_end
            self._layout.grow(row, seen=row in seen or self._follow_end, hold_thought=hold)
        self._settle()
        self._growth.spent(time.thread_time() - began, fresh=True)
        self.finder.look_again()

    def note_keyboard(self) -> None:
        """The reader uses the keyboard: show where it is."""
        self._keyboard_focus = self.hasFocus()

    def set_busy(self, busy: bool) -> None:
        """Whether an answer is on its way: no message can be changed then."""
        if busy != self.active.busy:
            self.active.busy = busy
            self.active.place()

    # Scrolling

    @property
    def _top(self) -> int:
        return self.verticalScrollBar().value()

    @property
    def _height(self) -> int:
        return self.viewport().height()

    def _set_top(self, top: int) -> None:
        settling, self._settling = self._settling, True
        bar = self.verticalScrollBar()
        bar.setPageStep(self._height)
        bar.setRange(0, max(self._layout.total_height - self._height, 0))
        bar.setValue(top)
        self._settling = settling

    def _settle(self) -> None:
        """Lay out what is in sight and show it."""
        if self._settling:
            return
        self._set_top(self._layout.settle(self._top, self._height, follow_end=self._follow_end))
        self._rest_timer.start()
        self.active.place()
        self.end_button.place(self.viewport().size(), at_end=self.is_at_end())
        self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: ARG002
        """The reader moved the scroll bar, one way or another."""
        if not self._settling:
            self._follow_end = self.is_at_end()
            self._settle()
            self._pointer.refresh()

    def scroll_to_end(self) -> None:
        """Go to the newest text and stay with it as it grows."""
        self._follow_end = True
        self._settle()

    def hold_row(self, row: int, change: Callable[[], None]) -> None:
        """Carry out a change of what stands from a row on; the row stays where it is seen."""
        distance = self._layout.top_of(row) - self._top
        self._settling, self._follow_end = True, False
        change()
        self._settling = False
        self._set_top(self._layout.top_of(min(row, self._layout.n_rows - 1)) - distance)
        self._settle()
        self._follow_end = self.is_at_end()

    def move_to(self, top: int) -> None:
        """Put the view's upper edge there, and lay out what comes into sight."""
        self._follow_end = False
        self._set_top(top)
        self._settle()
        self._follow_end = self.is_at_end()

    def _on_end_clicked(self) -> None:
        self.scroll_to_end()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def is_at_end(self) -> bool:
        """Whether the newest text is in sight."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - _END_SLACK

    def first_row_in_sight(self) -> int:
        """The uppermost message that is seen, -1 where there is none."""
        return self._layout.row_at(self._top) if self._layout.n_rows else -1

    def scroll_by(self, pixels: int) -> None:
        """Move down by so many pixels, up where negative."""
        self.verticalScrollBar().setValue(self._top + pixels)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is read in place while lines break anew."""
        anchor = self._layout.anchor(self._top, max(event.oldSize().height(), 1))
        self._layout.set_view_width(self.viewport().width())
        if anchor is not None and not self._follow_end:
            self._set_top(self._layout.restore(anchor))
        self._settle()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the messages in sight."""
        began = time.thread_time()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dirty = event.rect()
        painter.fillRect(dirty, self._theme.color("ground"))
        top = self._top
        left = self._layout.column_left
        for row in list(self._layout.rows_between(top + dirty.top(), top + dirty.bottom() + 1)):
            y = self._layout.top_of(row) - top
            clip = QRectF(dirty).translated(-left, -y)
            painter.save()
            painter.translate(QPoint(left, y))
            item = self._layout.item(row)
            self.finder.mark(row, item, int(clip.top()), int(clip.bottom()) + 1)
            item.paint(painter, clip, row, self._selection)
            painter.restore()
            self.active.paint(painter, row)
        self._pointer.paint(painter)
        if self._keyboard_focus:
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
        painter.end()
        self._growth.spent(time.thread_time() - began)

    def _on_rest_due(self) -> None:
        """Go on with long messages, a moment at a time; colours come when all words are there."""
        if self._layout.proceed(self.sight.rows()):
            self._settle()
        elif not self._colour_timer.isActive():
            self._colour_timer.start(_COLOURS_AFTER_MS)

    def _on_colours_due(self) -> None:
        """Colour code in sight, a moment at a time."""
        for piece in self.visible_code():
            if piece.wants_colours:
                piece.highlight()
                self.viewport().update()
                self._colour_timer.start(8)
                return

    def visible_code(self) -> list[CodePiece]:
        """The code blocks in sight, from top to bottom."""
        found = []
        bottom = self._top + self._height
        for row in list(self._layout.rows_between(self._top, bottom)):
            row_top = self._layout.top_of(row)
            for entry in self._layout.item(row).between(self._top - row_top, bottom - row_top):
                if isinstance(entry.piece, CodePiece):
                    found.append(entry.piece)
        return found

    # Selection

    @property
    def selection(self) -> Selection | None:
        """What is selected."""
        return self._selection

    def select(self, selection: Selection | None) -> None:
        """Select something else."""
        self._selection = selection
        self.viewport().update()

    def select_all(self) -> None:
        """Select the whole conversation."""
        if self._layout.n_rows:
            beyond = Place(Address(self._layout.n_rows, 0, 0), 0)
            self.select(Selection(START, beyond))

    def selected_text(self) -> str:
        """The selected text as it is copied."""
        if self._selection is None or self._selection.empty or self._model is None:
            return ""
        return join(selected_parts(self._layout, self._model, self._selection))

    def copy_selection(self) -> None:
        """Put the selected text on the clipboard; a very long one arrives a little later."""
        if self._model is not None and self._selection is not None and not self._selection.empty:
            self._copier.copy_parts(selected_parts(self._layout, self._model, self._selection))

    def copy_code(self, piece: CodePiece) -> None:
        """Put a whole code block on the clipboard and say so for a moment."""
        self._copier.copy_code(piece)

    # Places

    def spot_at(self, point: QPointF) -> Spot | None:
        """The piece nearest to a point of the viewport."""
        return self._layout.spot(round(point.x()), round(point.y()) + self._top)

    def place_at(self, point: QPointF) -> Place | None:
        """The position in the text nearest to a point, at most at the viewport's edges."""
        y = min(max(round(point.y()), 0), self._height - 1)
        return self._layout.place(round(point.x()), y + self._top)

    def offset_of(self, spot: Spot) -> QPoint:
        """Where the piece of a spot stands in the viewport."""
        return QPoint(
            self._layout.column_left + spot.entry.x,
            self._layout.top_of(spot.row) + spot.entry.y - self._top,
        )

    def toggle_thought(self, row: int) -> None:
        """Show or hide the thinking of a message; its heading stays where it is."""
        self._follow_end = False
        self._selection = None
        self._pointer.forget()
        self._layout.toggle_thought(row)
        self._settle()
        self._follow_end = self.is_at_end()

    def follow_anchor(self, row: int, name: str) -> None:
        """Go to a place in a message that a link in it leads to, and select it."""
        found = self._layout.anchor_spot(row, name)
        if found is None:
            return
        start, end, top = found
        self._follow_end = False
        if not self._top <= top <= self._top + self._height * 3 // 4:
            self._set_top(top - self._height // 4)
        self.select(Selection(start, end))
        self._settle()
        self._follow_end = self.is_at_end()

    # Events

    def viewportEvent(self, event: QEvent) -> bool:
        """Show where a link leads."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            address = self._pointer.link_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), link_tip(address) if address else "", self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._pointer.leave()
            self.active.hover(None)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """See `Pointer`."""
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """See `Pointer`."""
        self._pointer.move(event)
        if not event.buttons():
            spot = self.spot_at(event.position())
            self.active.hover(spot.row if spot else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """See `Pointer`."""
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """See `Pointer`."""
        self._pointer.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; sideways within a block of code or a table."""
        if not self._pointer.wheel(event):
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the selection, the message and the block."""
        if self._model is None:
            return
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        point = QPointF(event.pos())
        menu = build_menu(self, self._model, point, by_key=by_key)
        spot = self.spot_at(point)
        row = self.active.row if by_key else (spot.row if spot else None)
        if row is not None:
            self.menu_opened.emit(menu, self._model.message_at(row).id)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(point.toPoint()) if by_key else event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll, copy, select, show or hide thinking."""
        if not (self.active.handle_key(event) or handle_key(self, event)):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus where it came by the keyboard."""
        self._keyboard_focus = event.reason() in _KEYBOARD_REASONS
        if self._keyboard_focus:
            self.active.focus_came()
        self.viewport().update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus."""
        self._keyboard_focus = False
        self.active.place()
        self.viewport().update()
        super().focusOutEvent(event)
