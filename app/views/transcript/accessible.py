"""The transcript as assistive technology meets it: a list whose items are the messages.

Qt asks for the selected range and for the format of characters through pointers to integers, which
Python cannot fill in: no selection is told, and all text has one format.
"""

from __future__ import annotations

import weakref
from functools import cache
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleInterface,
    QAccessibleTextInterface,
)
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import VoidPtr

from app.domain.conversations import Status
from app.views.transcript.message_bar import MessageAction
from app.views.transcript.spoken import spoken_name, spoken_state, spoken_text

if TYPE_CHECKING:
    from PySide6.QtGui import QWindow

    from app.domain.conversations import Message
    from app.item_models.transcript import TranscriptModel
    from app.views.transcript.accessibility import MessageItems
    from app.views.transcript.view import TranscriptView


@cache
def install() -> None:
    """Tell Qt how transcripts are met; once in a process."""
    QAccessible.installFactory(_make)


def _make(_key: str, target: QObject) -> QAccessibleInterface | None:
    parts = getattr(target, "accessibility", None)
    return None if parts is None else AccessibleTranscript(parts.view)


class AccessibleTranscript(QAccessibleWidget):
    """A list: first the messages, then the widgets that stand over and beside them.

    Qt's binding keeps it for ever once it was made, so it holds the view by Qt's pointer only.
    """

    def __init__(self, view: TranscriptView) -> None:
        super().__init__(view, QAccessible.Role.List)

    @property
    def _view(self) -> TranscriptView:
        return self.widget()  # type: ignore[return-value]

    @property
    def _items(self) -> MessageItems:
        return self._view.accessibility.items

    @property
    def _n_rows(self) -> int:
        model = self._view.model
        return model.rowCount() if model else 0

    def childCount(self) -> int:
        """All messages, seen or not, and the widgets."""
        return self._n_rows + super().childCount()

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """A message or a widget."""
        if index < 0:
            return None
        n_rows = self._n_rows
        return self._items.at(index) if index < n_rows else super().child(index - n_rows)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """The place of what `child` gave."""
        if isinstance(child, AccessibleMessage):
            row = child.row
            return -1 if row is None else row
        index = super().indexOfChild(child)
        return index if index < 0 else self._n_rows + index

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """What lies at a point of the screen: a button over a message, else the message."""
        over = self._view.childAt(self._view.mapFromGlobal(QPoint(x, y)))
        if over is not None and over is not self._view.viewport():
            return super().childAt(x, y)
        rows = self._view.sight.rows()
        hit = (row for row in rows if self._items.rect_of(row).contains(x, y))
        row = next(hit, None)
        return None if row is None else self._items.at(row)

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """The message that the keyboard is at."""
        row = self._view.active.keyboard_row
        if row is None or not self._view.hasFocus():
            return super().focusChild()
        return self._items.at(row)


class AccessibleMessage(QAccessibleInterface):
    """One message: its name is who wrote it, its text is what can be read of it."""

    def __init__(self, view: TranscriptView, message_id: int) -> None:
        super().__init__()
        self._seen_in = weakref.ref(view)
        self._message_id = message_id
        self._told: tuple[Message, bool, str] | None = None
        self._text = _MessageText(self)
        self._actions = _MessageActions(self)

    @property
    def view(self) -> TranscriptView | None:
        """What shows it, as long as that is there."""
        view = self._seen_in()
        return view if view is not None and shiboken6.isValid(view) else None

    @property
    def row(self) -> int | None:
        """Where it stands; None where it does not any more."""
        found = self._found
        return found[2] if found else None

    @property
    def _found(self) -> tuple[TranscriptView, TranscriptModel, int] | None:
        view = self.view
        model = view.model if view else None
        row = model.row_of(self._message_id) if model else None
        if view is None or model is None or row is None:
            return None
        return view, model, row

    @property
    def words(self) -> str:
        """What can be read of it."""
        if self._found is None:
            return ""
        view, model, row = self._found
        message = model.message_at(row)
        is_open = bool(message.thinking) and view.accessibility.items.thought_is_open(row)
        known = self._told
        if known is None or known[0] is not message or known[1] != is_open:
            words = spoken_text(message, with_thinking=is_open)
            known = self._told = (message, is_open, words)
        return known[2]

    # What Qt asks

    def isValid(self) -> bool:
        """Whether the message is still there."""
        return self.row is not None

    def object(self) -> QObject | None:  # type: ignore[override]
        """A message is no object of Qt."""
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        """The window around the transcript."""
        view = self.view
        return view.window().windowHandle() if view else None

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """The transcript."""
        view = self.view
        return QAccessible.queryAccessibleInterface(view) if view else None

    def childCount(self) -> int:
        """It has no parts."""
        return 0

    def child(self, index: int) -> None:  # type: ignore[override]
        """It has no parts."""

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: ARG002
        """It has no parts."""
        return -1

    def childAt(self, x: int, y: int) -> None:  # type: ignore[override]
        """It has no parts."""

    def role(self) -> QAccessible.Role:
        """One of many."""
        return QAccessible.Role.ListItem

    def rect(self) -> QRect:
        """Its place on the screen, beyond the window's edge where it is out of sight."""
        if self._found is None:
            return QRect()
        view, _model, row = self._found
        return view.accessibility.items.rect_of(row)

    def text(self, kind: QAccessible.Text) -> str:
        """Who wrote it, what it says, and how it stands."""
        if self._found is None:
            return ""
        _view, model, row = self._found
        match kind:
            case QAccessible.Text.Name:
                return spoken_name(model.message_at(row))
            case QAccessible.Text.Description:
                return spoken_state(model, row)
            case QAccessible.Text.Value:
                return self.words
        return ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """A message is changed in the composer, not here."""

    def state(self) -> QAccessible.State:
        """Read-only text that can have the keyboard."""
        state = QAccessible.State()
        if self._found is None:
            state.invalid = 1
            return state
        view, model, row = self._found
        state.focusable = state.readOnly = state.multiLine = state.selectable = 1
        state.busy = int(model.message_at(row).status is Status.STREAMING)
        state.offscreen = int(row not in view.sight.rows())
        state.invisible = int(not view.isVisible())
        at = view.active.keyboard_row == row
        state.selected = int(at)
        state.focused = int(at and view.hasFocus())
        return state

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Its text and what can be done with it."""
        match kind:
            case QAccessible.InterfaceType.TextInterface:
                return self._text
            case QAccessible.InterfaceType.ActionInterface:
                return self._actions
        # None would be handed to Qt as the address of Python's None.
        return VoidPtr(0)


class _MessageText(QAccessibleTextInterface):
    """The text of a message, letter by letter, in Qt's counting."""

    def __init__(self, message: AccessibleMessage) -> None:
        super().__init__()
        self._message = message
        self._cursor = 0

    def characterCount(self) -> int:
        """In UTF-16 units."""
        return _units(self._message.words)

    def text(self, start: int, end: int) -> str:
        """A part; the end is -1 for the rest."""
        words = self._message.words
        if words.isascii():
            return words[start:] if end < 0 else words[start:end]
        units = words.encode("utf-16-le", "surrogatepass")
        part = units[2 * start :] if end < 0 else units[2 * start : 2 * end]
        return part.decode("utf-16-le", "replace")

    def cursorPosition(self) -> int:
        """Where the reader has put it."""
        return min(self._cursor, self.characterCount())

    def setCursorPosition(self, position: int) -> None:
        """It is kept for the reader; nothing shows it."""
        self._cursor = max(position, 0)

    def characterRect(self, offset: int) -> QRect:  # noqa: ARG002
        """Letters have no place of their own unless they are painted: that of the message."""
        return self._message.rect()

    def offsetAtPoint(self, point: QPoint) -> int:
        """The beginning, anywhere in the message."""
        return 0 if self._message.rect().contains(point) else -1

    def scrollToSubstring(self, start: int, end: int) -> None:  # noqa: ARG002
        """Bring the message into sight."""
        view, row = self._message.view, self._message.row
        if view is not None and row is not None:
            view.sight.show_row(row)

    def selectionCount(self) -> int:
        """None is told."""
        return 0

    def addSelection(self, start: int, end: int) -> None:
        """None is kept."""

    def removeSelection(self, index: int) -> None:
        """None is kept."""

    def setSelection(self, index: int, start: int, end: int) -> None:
        """None is kept."""


class _MessageActions(QAccessibleActionInterface):
    """To go to a message, and to open its menu."""

    def __init__(self, message: AccessibleMessage) -> None:
        super().__init__()
        self._message = message

    def actionNames(self) -> list[str]:
        """Focus and menu."""
        return [self.setFocusAction(), self.showMenuAction()]

    def doAction(self, name: str) -> None:
        """Go there; for the menu, open it."""
        view, row = self._message.view, self._message.row
        if view is None or row is None:
            return
        view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        view.active.go_to(row)
        if name == self.showMenuAction():
            view.active.trigger(MessageAction.MORE)

    def keyBindingsForAction(self, name: str) -> list[str]:  # noqa: ARG002
        """None that the list of shortcuts does not name."""
        return []


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
