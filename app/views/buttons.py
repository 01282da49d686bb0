"""Buttons of the window's few kinds; what they look like stands in the stylesheet."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.views.icons import icon
from app.views.theme import Theme


class PressButton(QPushButton):
    """A button that Enter presses too where the keyboard is at it, not only Space."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        # In a dialog, Enter in a field is no wish to press the first button that stands there.
        self.setAutoDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, once for each time it is pressed down."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()


def text_button(text: str, *, primary: bool = False, parent: QWidget | None = None) -> QPushButton:
    """A button with words on it."""
    button = PressButton(text, parent)
    button.setProperty("kind", "primary" if primary else "plain")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    # In a narrow window words around it give way, not its own.
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return button


class IconButton(PressButton):
    """A button with a picture; its name is told to screen readers and on hovering."""

    def __init__(
        self, icon_name: str, name: str, shortcut: str = "", *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self._icon_name = icon_name
        self.setProperty("kind", "icon")
        self.setIconSize(QSize(20, 20))
        self._shortcut = shortcut
        self.set_words(name)

    def set_words(self, name: str) -> None:
        """Be named like this."""
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({self._shortcut})" if self._shortcut else name)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colour."""
        self.setIcon(icon(self._icon_name, theme.muted))
