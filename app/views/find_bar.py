"""The bar that finds words in the conversation on the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.item_models.figures import number
from app.views.buttons import IconButton
from app.views.language import follow_language
from app.views.theme import SPACING, Theme
from app.views.transcript import TranscriptView
from app.views.transcript.finder import Found

_EDIT_WIDTH = SPACING * 45
_MAX_PREFILL = 100


class FindBar(QFrame):
    """A field, the number of hits, and the steps between them."""

    closed = Signal()

    def __init__(self, transcript: TranscriptView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findBar")
        self._transcript = transcript
        self._finder = transcript.finder
        self.edit = QLineEdit(self)
        self.edit.setMaximumWidth(_EDIT_WIDTH)
        self.edit.textChanged.connect(self._finder.search)
        self.edit.installEventFilter(self)
        self.count = QLabel(self)
        self.count.setObjectName("muted")
        self.previous_button = IconButton("up", "", "Shift+Enter", parent=self)
        self.next_button = IconButton("down", "", "Enter", parent=self)
        self.close_button = IconButton("close", "", "Esc", parent=self)
        self.previous_button.clicked.connect(self._on_previous)
        self.next_button.clicked.connect(self._on_next)
        self.close_button.clicked.connect(self.close_search)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING * 2, SPACING // 2, SPACING, SPACING // 2)
        row.setSpacing(SPACING // 2)
        row.addWidget(self.edit, 1)
        row.addWidget(self.count)
        row.addStretch(0)
        for button in (self.previous_button, self.next_button, self.close_button):
            row.addWidget(button)
        self._finder.changed.connect(self._on_found)
        self.hide()
        follow_language(self, self._say)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for button in (self.previous_button, self.next_button, self.close_button):
            button.set_theme(theme)

    def open_search(self) -> None:
        """Begin to search, for what is selected where that is a line."""
        selected = self._transcript.selecting.text().strip()
        if selected and "\n" not in selected and len(selected) <= _MAX_PREFILL:
            self.edit.setText(selected)
        elif not self.isVisible() and self.edit.text():
            self._finder.search(self.edit.text())
        self.show()
        self._on_found(self._finder.found)
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()

    def close_search(self) -> None:
        """Search no more; the view stays where it is."""
        if self.isHidden():
            return
        self.hide()
        self._finder.stop()
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and the arrows step, Esc closes."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._handle_key(event)
        return super().eventFilter(watched, event)

    def _handle_key(self, event: QKeyEvent) -> bool:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F3:
                self._finder.step(-1 if back else 1)
            case Qt.Key.Key_Down:
                self._finder.step(1)
            case Qt.Key.Key_Up:
                self._finder.step(-1)
            case Qt.Key.Key_Escape:
                self.close_search()
            case _:
                return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes from every button too."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_search()
        else:
            super().keyPressEvent(event)

    def _on_previous(self) -> None:
        self._finder.step(-1)

    def _on_next(self) -> None:
        self._finder.step(1)

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Find in this conversation"))
        self.edit.setPlaceholderText(self.tr("Find in this conversation"))
        self.edit.setAccessibleName(self.tr("Words to find"))
        self.previous_button.set_words(self.tr("Previous hit"))
        self.next_button.set_words(self.tr("Next hit"))
        self.close_button.set_words(self.tr("Close"))
        self._on_found(self._finder.found)

    def _on_found(self, found: Found) -> None:
        self.count.setText(self._words(found))
        for button in (self.previous_button, self.next_button):
            button.setEnabled(found.count > 0)

    def _words(self, found: Found) -> str:
        if not self._finder.is_active:
            return ""
        if not found.count:
            return self.tr("Nothing found") if found.finished else self.tr("Searching…")
        words = self.tr("{position} of {count}").format(
            position=number(found.position), count=number(found.count)
        )
        return words if found.finished else words + "…"
