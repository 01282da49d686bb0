"""All that a person can ask of the window, each once: the menu, the keys, the palette and the sheet
of shortcuts are made from this list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.views.translatable import QT_TRANSLATE_NOOP


class Group(Enum):
    """Where an action stands in the menu and in the sheet; in this order."""

    CONVERSATION = QT_TRANSLATE_NOOP("Actions", "Conversation")
    WRITING = QT_TRANSLATE_NOOP("Actions", "Reading and writing")
    MODEL = QT_TRANSLATE_NOOP("Actions", "Model")
    DATA = QT_TRANSLATE_NOOP("Actions", "Import and export")
    VIEW = QT_TRANSLATE_NOOP("Actions", "View")
    PROGRAM = QT_TRANSLATE_NOOP("Actions", "Conclave")


class ActionSpec(Struct, frozen=True):
    """What an action is.

    Args:
        id: What it is known by in what was used recently; never shown, never changed.
        text: English, marked with `QT_TRANSLATE_NOOP("Actions", ...)`.
        call: What it does.
        shortcuts: Its keys, the first of which is shown.
        available: Whether it can be done now; always where there is nothing to ask.
        everywhere: Whether its keys work in every window of the program.
    """

    id: str
    group: Group
    text: str
    call: Callable[[], object]
    shortcuts: Sequence[str] = ()
    available: Callable[[], bool] | None = None
    everywhere: bool = False


class KeyHint(Struct, frozen=True):
    """A key that a control understands by itself; for the sheet only."""

    group: Group
    text: str
    keys: str


class Registered(Struct, frozen=True):
    """An action with the object that Qt knows it by."""

    spec: ActionSpec
    action: QAction


class Actions(QObject):
    """The registry of a window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._registered: dict[str, Registered] = {}
        self._hints: list[KeyHint] = []
        self._menus: list[tuple[QMenu, Group]] = []

    @property
    def all(self) -> tuple[Registered, ...]:
        """The actions, in the order of their groups."""
        order = list(Group)
        return tuple(sorted(self._registered.values(), key=lambda r: order.index(r.spec.group)))

    @property
    def hints(self) -> tuple[KeyHint, ...]:
        """Keys of single controls."""
        return tuple(self._hints)

    def add(self, *specs: ActionSpec) -> None:
        """Take actions up; their keys work from now on in the whole window."""
        for spec in specs:
            if spec.id in self._registered:
                raise ValueError(f"there is an action {spec.id} already")
            action = QAction(self._window)
            action.setShortcuts([QKeySequence(keys) for keys in spec.shortcuts])
            if spec.everywhere:
                action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
            action.triggered.connect(partial(_do, spec))
            self._window.addAction(action)
            self._registered[spec.id] = Registered(spec, action)
        self.retranslate()

    def add_hints(self, *hints: KeyHint) -> None:
        """Tell of keys that controls understand by themselves."""
        self._hints += hints

    def action(self, action_id: str) -> QAction:
        """The action of that id."""
        return self._registered[action_id].action

    def refresh(self) -> None:
        """Find out anew which actions can be done."""
        for registered in self._registered.values():
            available = registered.spec.available
            registered.action.setEnabled(available is None or available())

    def build_menu(self, parent: QWidget) -> QMenu:
        """A menu with all actions, a submenu for each group."""
        menu = QMenu(parent)
        menu.aboutToShow.connect(self.refresh)
        # Otherwise the keys of a disabled action would be dead until the menu is opened again.
        menu.aboutToHide.connect(self._enable_all)
        for group in Group:
            inside = [each.action for each in self.all if each.spec.group is group]
            if inside:
                submenu = menu.addMenu(group_title(group))
                submenu.addActions(inside)
                self._menus.append((submenu, group))
        return menu

    def retranslate(self) -> None:
        """Take the words of the present language."""
        for registered in self._registered.values():
            registered.action.setText(translated(registered.spec.text))
        for menu, group in self._menus:
            menu.setTitle(group_title(group))

    def _enable_all(self) -> None:
        for registered in self._registered.values():
            registered.action.setEnabled(True)


def _do(spec: ActionSpec, _checked: bool = False) -> None:
    if spec.available is None or spec.available():
        spec.call()


def translated(text: str) -> str:
    """A text of this table in the present language."""
    return QCoreApplication.translate("Actions", text)


def group_title(group: Group) -> str:
    """A group's name in the present language."""
    return translated(group.value)


def shown_keys(action: QAction) -> str:
    """The first shortcut as the system writes it; empty where there is none."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
