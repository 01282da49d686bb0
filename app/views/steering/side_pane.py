"""A page with a panel on its right, which gives way where there is little room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.views.theme import SPACING

if TYPE_CHECKING:
    from app.views.steering.panel import SteeringPanel

PANEL_WIDTH = SPACING * 40
_NARROW = SPACING * 90
"""Below this the page needs all the width: the panel closes, or takes the page's place."""


class SidePane(QWidget):
    """Opens and closes the panel, and remembers which of the two its reader wants.

    Args:
        page: What stands on the left.
        make_panel: Makes the panel; called when it is first needed, which is never for many.
        parent: Owns it.
    """

    toggled = Signal(bool)
    """Whether the panel is seen now."""

    def __init__(
        self, page: QWidget, make_panel: Callable[[], SteeringPanel], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._make_panel = make_panel
        self._panel: SteeringPanel | None = None
        self._is_wanted = False
        self._is_narrow = False
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(page, 1)

    @property
    def panel(self) -> SteeringPanel:
        """The panel, which is made now where it is not there yet."""
        if self._panel is None:
            self._panel = self._make_panel()
            self._panel.hide()
            self._row.addWidget(self._panel)
        return self._panel

    @property
    def is_made(self) -> bool:
        """Whether there is a panel already."""
        return self._panel is not None

    @property
    def is_open(self) -> bool:
        """Whether the panel is seen, as far as it depends on this."""
        return self._panel is not None and not self._panel.isHidden()

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
        is_open = not self.is_open
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
        was_open = self.is_open
        if not (is_open or was_open):
            return
        if self._is_narrow:
            self.panel.setMinimumWidth(0)
            self.panel.setMaximumWidth(1 << 20)
        else:
            self.panel.setFixedWidth(PANEL_WIDTH)
        self._page.setVisible(not (is_open and self._is_narrow))
        self.panel.setVisible(is_open)
        if is_open != was_open:
            self.toggled.emit(is_open)
