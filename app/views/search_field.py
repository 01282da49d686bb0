"""Where a search through all conversations is typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from app.domain.search import MAX_QUERY
from app.views.icons import icon
from app.views.language import follow_language
from app.views.theme import Theme

SHORTCUT = "Ctrl+Shift+F"
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: 5,
    Qt.Key.Key_PageUp: -5,
}


class SearchField(QLineEdit):
    """One line; the keys that are of no use in it move among the hits."""

    stepped = Signal(int)
    """So many hits down, up where negative."""
    accepted = Signal()
    """Open the hit that is chosen."""
    left = Signal()
    """Enough of searching."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("searchField")
        self.setMaxLength(MAX_QUERY)
        self._loupe = QAction(self)
        self._clear = QAction(self)
        self._clear.triggered.connect(self.left)
        self._clear.setVisible(False)
        self.addAction(self._loupe, QLineEdit.ActionPosition.LeadingPosition)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self.textChanged.connect(self._on_text_changed)
        follow_language(self, self._say)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._loupe.setIcon(icon("search", theme.muted))
        self._clear.setIcon(icon("close", theme.muted))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose among the hits, Enter opens, Esc leaves."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self.stepped.emit(_STEPS[key])
        elif key in _ENTER:
            self.accepted.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _say(self) -> None:
        self.setPlaceholderText(self.tr("Search"))
        self.setAccessibleName(self.tr("Search all conversations"))
        self.setAccessibleDescription(
            self.tr("Arrow keys choose a hit, Enter opens it, Escape leaves")
        )
        self.setToolTip(self.tr("Search all titles and messages ({key})").format(key=SHORTCUT))
        self._loupe.setText(self.tr("Search"))
        self._clear.setText(self.tr("Clear"))
        for button in self.findChildren(QToolButton):
            button.setAccessibleName(button.defaultAction().text())

    def _on_text_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
