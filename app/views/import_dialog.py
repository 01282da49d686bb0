"""What an import would bring, before anything is stored."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListView,
    QVBoxLayout,
    QWidget,
)

from app.item_models.figures import number
from app.services.transfer import ImportPreview
from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.theme import SPACING


class ImportDialog(QDialog):
    """How many conversations and messages, and what is broken and why."""

    confirmed = Signal(object)
    """ImportPreview"""

    def __init__(self, preview: ImportPreview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(SPACING * 70)
        self._preview = preview
        self.summary = self._label()
        font = QFont(self.summary.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.summary.setFont(font)
        self.origin = self._label()
        self.origin.setObjectName("muted")
        self.broken = self._label()
        self.faults = QListView(self)
        self.faults.setObjectName("faultList")
        self.faults.setModel(QStringListModel(self._lines(), self.faults))
        self.faults.setWordWrap(True)
        # Otherwise Qt would measure every line of a long list at once.
        self.faults.setUniformItemSizes(len(preview.faults) > 500)
        self.faults.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.faults.setMinimumHeight(SPACING * 20)
        self.cancel_button = text_button("")
        self.import_button = text_button("", primary=True)
        self.import_button.setEnabled(preview.n_conversations > 0)
        self.cancel_button.clicked.connect(self.reject)
        self.import_button.clicked.connect(self._on_import_clicked)
        self.told = self._label()
        self._lay_out()
        follow_language(self, self._say)
        for widget in (self.broken, self.faults):
            widget.setVisible(bool(preview.faults))
        (self.import_button if preview.n_conversations else self.cancel_button).setFocus()

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Import conversations"))
        self.summary.setText(self._summary())
        self.origin.setText(self._origin())
        self.broken.setText(self._broken())
        self.faults.setAccessibleName(self.tr("What is broken and why"))
        self.told.setText(self.tr("Nothing is stored yet. An import can be undone as a whole."))
        self.cancel_button.setText(self.tr("Cancel"))
        self.import_button.setText(self.tr("Import"))

    def _summary(self) -> str:
        preview = self._preview
        if not preview.n_conversations:
            return self.tr("No conversation in it can be read.")
        words = self.tr("Conversations: {conversations}. Messages: {messages}.")
        return words.format(
            conversations=number(preview.n_conversations), messages=number(preview.n_messages)
        )

    def _origin(self) -> str:
        programs = ", ".join(
            f"{program} ({number(count)})" for program, count in self._preview.programs
        )
        library = self._preview.library
        with_them = ""
        if library.folders or library.personas:
            words = self.tr("With them come folders: {folders}, personas: {personas}.")
            with_them = words.format(
                folders=number(len(library.folders)), personas=number(len(library.personas))
            )
        return "\n".join(part for part in (programs, with_them, str(self._preview.path)) if part)

    def _broken(self) -> str:
        lost = sum(fault.lost for fault in self._preview.faults)
        partly = len(self._preview.faults) - lost
        words = self.tr("Entries left out: {lost}. Remarks on others: {partly}.")
        return words.format(lost=number(lost), partly=number(partly))

    def _lines(self) -> list[str]:
        return [f"{fault.where}: {fault.reason}" for fault in self._preview.faults]

    def _on_import_clicked(self) -> None:
        self.accept()
        self.confirmed.emit(self._preview)

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.import_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING)
        for widget in (self.summary, self.origin, self.broken):
            column.addWidget(widget)
        column.addWidget(self.faults, 1)
        column.addWidget(self.told)
        column.addLayout(row)
