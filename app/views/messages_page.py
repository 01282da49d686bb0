"""Quiet pages in the middle of the window: a heading, some lines, some buttons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.services.notices import Notice
from app.views.buttons import text_button
from app.views.icons import app_icon
from app.views.theme import SCALE_H1, SPACING, scaled

_WIDTH = 520
_PICTURE = 56


class MessagePage(QWidget):
    """The common frame of such pages."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self._column = QVBoxLayout()
        self._column.setSpacing(SPACING)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(SPACING * 3, SPACING * 3, SPACING * 3, SPACING * 3)
        outer.addStretch(2)
        holder = QWidget(self)
        holder.setMaximumWidth(_WIDTH)
        holder.setLayout(self._column)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(holder, 1000)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(3)

    def add_picture(self) -> None:
        """The program's icon."""
        picture = QLabel(self)
        picture.setPixmap(app_icon().pixmap(_PICTURE, _PICTURE))
        picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(picture)

    def add_heading(self, text: str) -> QLabel:
        """The largest words of the page."""
        label = self._label(text)
        font = scaled(label.font(), SCALE_H1)
        font.setWeight(QFont.Weight.DemiBold)
        label.setFont(font)
        return label

    def add_text(self, text: str, *, muted: bool = False) -> QLabel:
        """A paragraph; its words can be selected."""
        label = self._label(text)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if muted:
            label.setObjectName("muted")
        return label

    def add_buttons(self, buttons: Sequence[QPushButton]) -> None:
        """A row of buttons."""
        row = QHBoxLayout()
        row.setContentsMargins(0, SPACING, 0, 0)
        row.setSpacing(SPACING)
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        self._column.addLayout(row)

    def _label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(label)
        return label


class WelcomePage(MessagePage):
    """An empty conversation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("New conversation", parent)
        self.add_picture()
        self.add_heading("What would you like to know?")
        self.add_text("Everything stays on this computer.", muted=True)


class StartPage(MessagePage):
    """There is no model yet: how to get one."""

    open_file_requested = Signal()
    show_folder_requested = Signal()
    rescan_requested = Signal()

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__("Add a model", parent)
        self.add_picture()
        self.add_heading("Add a model to begin")
        self.add_text(
            "Conclave runs language models on this computer. Drop a model file (its name ends "
            "in .gguf) on this window, open one, or put it in the models folder:"
        )
        path = self.add_text(str(folder))
        path.setObjectName("pathBox")
        path.setAccessibleName("Models folder")
        self.open_button = text_button("Open a model file…", primary=True)
        self.open_button.clicked.connect(self.open_file_requested)
        self.folder_button = text_button("Show the models folder")
        self.folder_button.clicked.connect(self.show_folder_requested)
        self.rescan_button = text_button("Look again")
        self.rescan_button.clicked.connect(self.rescan_requested)
        self.add_buttons((self.open_button, self.folder_button, self.rescan_button))


class StoreErrorPage(MessagePage):
    """The conversations cannot be opened."""

    retry_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("The conversations cannot be opened", parent)
        self.title = self.add_heading("")
        self.detail = self.add_text("")
        self.hint = self.add_text("", muted=True)
        self.retry_button = text_button("Try again", primary=True)
        self.retry_button.clicked.connect(self._on_retry_clicked)
        self.add_buttons((self.retry_button,))

    def show_notice(self, notice: Notice) -> None:
        """Say what is wrong."""
        self.title.setText(notice.title)
        self.detail.setText(notice.detail)
        self.hint.setText(notice.hint)
        self.detail.setVisible(bool(notice.detail))
        self.hint.setVisible(bool(notice.hint))
        self.retry_button.setEnabled(True)

    def _on_retry_clicked(self) -> None:
        self.retry_button.setEnabled(False)
        self.retry_requested.emit()
