"""Quiet pages in the middle of the window: a heading, some lines, some buttons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.services.notices import Notice
from app.views.buttons import text_button
from app.views.icons import app_icon
from app.views.language import follow_language
from app.views.reported import translated_notice
from app.views.theme import SCALE_H1, SPACING, ui_font

_WIDTH = 520
_PICTURE = 56


class MessagePage(QWidget):
    """The common frame of such pages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._headings: list[QLabel] = []
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

    def set_text_size(self) -> None:
        """Take the size that text has now."""
        for heading in self._headings:
            heading.setFont(ui_font(SCALE_H1, QFont.Weight.DemiBold))

    def add_picture(self) -> None:
        """The program's icon."""
        picture = QLabel(self)
        picture.setPixmap(app_icon().pixmap(_PICTURE, _PICTURE))
        picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(picture)

    def add_heading(self, text: str) -> QLabel:
        """The largest words of the page."""
        label = self._label(text)
        self._headings.append(label)
        self.set_text_size()
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


def where_models_are() -> str:
    """How somebody who has no model comes to one."""
    return QCoreApplication.translate(
        "StartPage",
        "Models are published on the web: search for “GGUF instruct” and the name of a model, and "
        "download one file. It has to fit into memory: with 8 GB take one of up to 4 GB.",
    )


class WelcomePage(MessagePage):
    """An empty conversation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.add_picture()
        self.heading = self.add_heading("")
        self.text = self.add_text("", muted=True)
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setAccessibleName(self.tr("New conversation"))
        self.heading.setText(self.tr("What would you like to know?"))
        self.text.setText(self.tr("Everything stays on this computer."))


class StartPage(MessagePage):
    """There is no model yet: how to get one."""

    open_file_requested = Signal()
    show_folder_requested = Signal()
    rescan_requested = Signal()

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.add_picture()
        self.heading = self.add_heading("")
        self.text = self.add_text("")
        self.path = self.add_text(str(folder))
        self.path.setObjectName("pathBox")
        self.source = self.add_text("", muted=True)
        self.open_button = text_button("", primary=True)
        self.open_button.clicked.connect(self.open_file_requested)
        self.folder_button = text_button("")
        self.folder_button.clicked.connect(self.show_folder_requested)
        self.rescan_button = text_button("")
        self.rescan_button.clicked.connect(self.rescan_requested)
        self.add_buttons((self.open_button, self.folder_button, self.rescan_button))
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Add a model"))
        self.heading.setText(self.tr("Add a model to begin"))
        self.text.setText(
            self.tr(
                "Conclave runs language models on this computer. Drop a model file (its name ends "
                "in .gguf) on this window, open one, or put it in the models folder:"
            )
        )
        self.source.setText(where_models_are())
        self.path.setAccessibleName(self.tr("Models folder"))
        self.open_button.setText(self.tr("Open a model file…"))
        self.folder_button.setText(self.tr("Show the models folder"))
        self.rescan_button.setText(self.tr("Look again"))


class StoreErrorPage(MessagePage):
    """The conversations cannot be opened."""

    retry_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notice = Notice("")
        self.title = self.add_heading("")
        self.detail = self.add_text("")
        self.hint = self.add_text("", muted=True)
        self.retry_button = text_button("", primary=True)
        self.retry_button.clicked.connect(self._on_retry_clicked)
        self.add_buttons((self.retry_button,))
        follow_language(self, self._say)

    def show_notice(self, notice: Notice) -> None:
        """Say what is wrong."""
        self._notice = notice
        self._say()
        self.retry_button.setEnabled(True)

    def _say(self) -> None:
        self.setAccessibleName(self.tr("The conversations cannot be opened"))
        self.retry_button.setText(self.tr("Try again"))
        notice = translated_notice(self._notice)
        self.title.setText(notice.title)
        self.detail.setText(notice.detail)
        self.hint.setText(notice.hint)
        self.detail.setVisible(bool(notice.detail))
        self.hint.setVisible(bool(notice.hint))

    def _on_retry_clicked(self) -> None:
        self.retry_button.setEnabled(False)
        self.retry_requested.emit()
