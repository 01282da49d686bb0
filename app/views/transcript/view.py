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
from app.views.own_viewport import give_viewport
from app.views.theme import Theme
from app.views.transcript.accessibility import Accessibility
from app.views.transcript.active_message import ActiveMessage
from app.views.transcript.end_button import EndButton
from app.views.transcript.finder import Finder
from app.views.transcript.finishing import Finishing
from app.views.transcript.keys import LINE_STEP, handle_key
from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.menu import link_tip, open_menu
from app.views.transcript.pointer import Pointer
from app.views.transcript.repainting import Repainting
from app.views.transcript.scrolling import Scrolling
from app.views.transcript.selecting import Selecting
from app.views.transcript.sight import Sight
from app.views.transcript.streaming import Growth
from app.views.transcript.styles import Styles

Slot = Callable[..., None]

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
        give_viewport(self)
        self._theme = themes.current()
        self._layout = TranscriptLayout(self._make_styles(self._theme))
        self.accessibility = Accessibility(self, self._layout)
        self._model: TranscriptModel | None = None
        self._keyboard_focus = False
        self._pointer = Pointer(self)
        self._growth = Growth(self._on_rows_grown, self)
        self.selecting = Selecting(self, self._layout)
        self.scrolling = Scrolling(self, self._layout)
        self.sight: Sight = Sight(self, self._layout, self.scrolling)
        self.finishing = Finishing(self._layout, self.scrolling, self.sight, self.viewport())
        self.active: ActiveMessage = ActiveMessage(self)
        self.accessibility.watch_keyboard()
        self.finder = Finder(self)
        self.end_button = EndButton(self.viewport())
        self.end_button.clicked.connect(self._on_end_clicked)
        self._repainting = Repainting(self.viewport(), self._layout, self.scrolling, self._is_bare)
        self.scrolling.settled.connect(self._on_settled)
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
            (model.versions_changed, self.scrolling.settle),
        ]

    def set_theme(self, theme: Theme) -> None:
        """Show everything in other colours, in the same place."""
        self._theme = theme
        self.active.set_theme(theme)
        self.end_button.set_theme(theme)
        self.scrolling.hold(lambda: self._layout.set_styles(self._make_styles(theme)))

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
        self.scrolling.hold(self._layout.refresh_formulas)

    def _start_over(self) -> None:
        self.selecting.forget()
        self._growth.clear()
        self._pointer.forget()
        self.active.forget()
        self.scrolling.to_end()
        self.finder.look_again()

    def _on_model_reset(self) -> None:
        self._layout.reset()
        self._start_over()

    def _on_rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._layout.insert(first, last)
        self.scrolling.settle()
        self.finder.look_again()

    def _on_rows_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.selecting.forget()
        self._growth.clear()
        self._pointer.forget()
        self._layout.remove(first, last)
        self.scrolling.settle()
        self.finder.look_again()

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            self._layout.change(row, hold_thought=not self.scrolling.follows_end)
        self._pointer.forget()
        self.scrolling.settle()
        self.finder.look_again()

    def _on_delta_appended(self, row: int, _text: str, _thinking: str) -> None:
        self._growth.add(row)

    def _on_rows_grown(self, rows: set[int]) -> None:
        began = time.thread_time()
        seen = set(self.sight.rows())
        with self._repainting.of_growth():
            for row in rows:
                follows = self.scrolling.follows_end
                self._layout.grow(row, seen=row in seen or follows, hold_thought=not follows)
            self.scrolling.settle()
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

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: ARG002
        """The reader moved the scroll bar, one way or another."""
        if self.scrolling.was_moved():
            self._pointer.refresh()

    def _on_settled(self) -> None:
        self.finishing.start()
        self.active.place()
        self.end_button.place(self.viewport().size(), at_end=self.is_at_end())
        self._repainting.ask()

    def _is_bare(self) -> bool:
        shown = self.active.is_shown or self.end_button.isVisible()
        return not (self._keyboard_focus or self._pointer.is_inside or shown)

    def scroll_to_end(self) -> None:
        """Go to the newest text and stay with it as it grows."""
        self.scrolling.to_end()

    def scroll_by(self, pixels: int) -> None:
        """Move down by so many pixels, up where negative."""
        self.verticalScrollBar().setValue(self.scrolling.top + pixels)

    def is_at_end(self) -> bool:
        """Whether the newest text is in sight."""
        return self.scrolling.is_at_end()

    def _on_end_clicked(self) -> None:
        self.scroll_to_end()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is read in place while lines break anew."""
        width, height = self.viewport().width(), max(event.oldSize().height(), 1)
        self.scrolling.hold(lambda: self._layout.set_view_width(width), height)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the messages in sight."""
        began = time.thread_time()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dirty = event.rect()
        painter.fillRect(dirty, self._theme.color("ground"))
        top = self.scrolling.top
        left = self._layout.column_left
        for row in list(self._layout.rows_between(top + dirty.top(), top + dirty.bottom() + 1)):
            y = self._layout.top_of(row) - top
            clip = QRectF(dirty).translated(-left, -y)
            painter.save()
            painter.translate(QPoint(left, y))
            item = self._layout.item(row)
            self.finder.mark(row, item, int(clip.top()), int(clip.bottom()) + 1)
            item.paint(painter, clip, row, self.selecting.selection)
            painter.restore()
            self.active.paint(painter, row)
        self._pointer.paint(painter)
        if self._keyboard_focus:
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
        painter.end()
        self._growth.spent(time.thread_time() - began)

    def toggle_thought(self, row: int) -> None:
        """Show or hide the thinking of a message; its heading stays where it is."""
        self.selecting.select(None)
        self._pointer.forget()
        self.scrolling.stay(lambda: self._layout.toggle_thought(row))

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
            spot = self.sight.spot_at(event.position())
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
        if self._model is not None:
            open_menu(self, self._model, event)

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
