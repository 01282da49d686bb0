"""How the window is divided: the sidebar, and beside it header, notice and conversation."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.views.header import Header
from app.views.notice_bar import NoticeBar
from app.views.sidebar import Sidebar
from app.views.theme import SPACING

_SIDEBAR_WIDTH = SPACING * 33


class WindowBody(QSplitter):
    """Gives the parts of a window their places.

    Args:
        sidebar: On the left; it can be hidden.
        header: Above the rest; it offers a new conversation while the sidebar does not.
        notice: Below the header.
        content: What is left is its own.
        window: Whose width is divided.
    """

    def __init__(
        self, sidebar: Sidebar, header: Header, notice: NoticeBar, content: QWidget, window: QWidget
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, window)
        self._sidebar = sidebar
        self._header = header
        right = QWidget(self)
        right.setObjectName("column")
        right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        notices = QVBoxLayout()
        notices.setContentsMargins(SPACING * 2, 0, SPACING * 2, 0)
        notices.addWidget(notice)
        column.addLayout(notices)
        column.addWidget(content, 1)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(sidebar)
        self.addWidget(right)
        self.setStretchFactor(1, 1)
        self._window = window
        self._sidebar_width = 0
        self.set_sidebar_width(_SIDEBAR_WIDTH)
        self.splitterMoved.connect(self._on_moved)

    @property
    def has_sidebar(self) -> bool:
        """Whether the sidebar is open."""
        return not self._sidebar.isHidden()

    @property
    def sidebar_width(self) -> int:
        """How wide it is, or was when it was open."""
        return self._sidebar_width

    def set_sidebar_width(self, width: int) -> None:
        """Make it so wide, but not more than half of the window."""
        self._sidebar_width = min(width, self._window.width() // 2)
        self._divide(self._window.width())

    def _divide(self, width: int) -> None:
        self.setSizes([self._sidebar_width, width - self._sidebar_width])

    def _on_moved(self, position: int, _index: int) -> None:
        self._sidebar_width = position

    def set_sidebar_visible(self, visible: bool) -> None:
        """Show or hide the sidebar."""
        self._sidebar.setVisible(visible)
        if visible and self.isVisible():
            self._divide(self.width())
        self._header.new_button.setVisible(not visible)
