"""A button that shows one of several choices and opens a menu of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from app.views.buttons import PressButton
from app.views.icons import icon
from app.views.theme import SPACING, Theme


class Choice(Struct, frozen=True):
    """A value and its words; without words it is a line between others."""

    value: object
    words: str = ""


class ChoiceButton(PressButton):
    """Looks like a field; the arrow keys and Space open the menu."""

    chosen = Signal(object)
    """The value of a choice that a person took."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._name = name
        self._choices: tuple[Choice, ...] = ()
        self._value: object = None
        self._words = ""
        self.setProperty("kind", "choice")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setIconSize(QSize(16, 16))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.show_menu)

    def set_name(self, name: str) -> None:
        """Be named like this."""
        self._name = name
        self.setAccessibleName(f"{name}: {self._words}")

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Offer these."""
        self._choices = tuple(choices)

    def set_current(self, value: object, words: str = "") -> None:
        """Show this value; `words` where it is none of the choices."""
        self._value = value
        found = (choice.words for choice in self._choices if choice.value == value)
        self._words = words or next(found, "")
        self.setAccessibleName(f"{self._name}: {self._words}")
        self.setToolTip(self._words)
        self._elide()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colour."""
        self.setIcon(icon("chevron", theme.muted))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the words where there is little room."""
        super().resizeEvent(event)
        self._elide()

    def show_menu(self) -> QMenu:
        """Open the menu."""
        menu = QMenu(self)
        menu.setLayoutDirection(QGuiApplication.layoutDirection())
        menu.setAccessibleName(self._name)
        menu.setMinimumWidth(self.width())
        group = QActionGroup(menu)
        for choice in self._choices:
            if not choice.words:
                menu.addSeparator()
                continue
            action = menu.addAction(choice.words.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(choice.value == self._value)
            action.setData(choice)
            group.addAction(action)
        group.triggered.connect(lambda action: self.chosen.emit(action.data().value))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        return menu

    def _elide(self) -> None:
        room = self.width() - self.iconSize().width() - SPACING * 4
        metrics = self.fontMetrics()
        elided = metrics.elidedText(self._words, Qt.TextElideMode.ElideMiddle, max(room, 0))
        self.setText(elided.replace("&", "&&"))
