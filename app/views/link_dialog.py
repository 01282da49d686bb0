"""Asks before an address that stands in a message is opened."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.theme import SPACING

_SCHEMES = ("http", "https", "mailto")


class LinkDialog(QDialog):
    """Shows the whole address, since the words of a link can promise another."""

    def __init__(self, address: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(SPACING * 55)
        self._address = address
        self.question = question = QLabel(self)
        self.shown = shown = QLabel(address, self)
        shown.setObjectName("pathBox")
        shown.setTextFormat(Qt.TextFormat.PlainText)
        shown.setWordWrap(True)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy_button = text_button("")
        self.cancel_button = text_button("")
        self.open_button = text_button("", primary=True)
        self.copy_button.clicked.connect(self._on_copy_clicked)
        self.cancel_button.clicked.connect(self.reject)
        self.open_button.clicked.connect(self._on_open_clicked)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.copy_button)
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.open_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING * 3 // 2)
        column.addWidget(question)
        column.addWidget(shown)
        column.addLayout(row)
        self.cancel_button.setFocus()
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Open this link?"))
        self.question.setText(self.tr("The link leads out of Conclave, to:"))
        self.shown.setAccessibleName(self.tr("Address"))
        self.copy_button.setText(self.tr("Copy the address"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.open_button.setText(self.tr("Open"))

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._address)

    def _on_open_clicked(self) -> None:
        url = QUrl(self._address, QUrl.ParsingMode.StrictMode)
        if url.isValid() and url.scheme().lower() in _SCHEMES:
            QDesktopServices.openUrl(url)
        self.accept()
