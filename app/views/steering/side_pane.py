"""A page with a panel on its right, which gives way where there is little room."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.views.theme import SPACING

PANEL_WIDTH = SPACING * 40
_NARROW = SPACING * 90
"""Below this the page needs all the width: the panel closes, or takes the page's place."""


class SidePane(QWidget):
    """Opens and closes the panel, and remembers which of the two its reader wants."""

    toggled = Signal(bool)
    """Whether the panel is seen now."""

    def __init__(self, page: QWidget, panel: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._panel = panel
        self._is_wanted = False
        self._is_narrow = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(page, 1)
        row.addWidget(panel)
        panel.hide()

    @property
    def is_wanted(self) -> bool:
        """Whether the panel is open, or would be with more room."""
        return self._is_wanted

    def set_wanted(self, wanted: bool) -> None:
        """Have it open or closed; where there is no room, it opens when there is."""
        self._is_wanted = wanted
        self._arrange(is_open=wanted and not self._is_narrow)

    def toggle(self) -> None:
        """Open or close it, also where it takes the place of the page."""
        is_open = self._panel.isHidden()
        self._is_wanted = is_open
        self._arrange(is_open=is_open)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give way, or come back."""
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._arrange(is_open=self._is_wanted and not is_narrow)

    def _arrange(self, *, is_open: bool) -> None:
        was_open = not self._panel.isHidden()
        if self._is_narrow:
            self._panel.setMinimumWidth(0)
            self._panel.setMaximumWidth(1 << 20)
        else:
            self._panel.setFixedWidth(PANEL_WIDTH)
        self._page.setVisible(not (is_open and self._is_narrow))
        self._panel.setVisible(is_open)
        if is_open != was_open:
            self.toggled.emit(is_open)
