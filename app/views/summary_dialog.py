"""Shows the summary that the model reads in place of the oldest messages: read, edit, undo."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.plain_edit import PlainEdit
from app.views.theme import SPACING


class SummaryDialog(QDialog):
    """The words of a summary; what is saved holds from the next answer on."""

    saved = Signal(str)
    removed = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SPACING * 75, SPACING * 50)
        self.told = told = QLabel(self)
        told.setWordWrap(True)
        self.edit = PlainEdit(self)
        self.edit.setPlainText(text)
        self.edit.setObjectName("summaryEdit")
        self.edit.setTabChangesFocus(True)
        self.remove_button = text_button("")
        self.cancel_button = text_button("")
        self.save_button = text_button("", primary=True)
        self.edit.textChanged.connect(self._on_text_changed)
        self.remove_button.clicked.connect(self._on_remove_clicked)
        self.cancel_button.clicked.connect(self.reject)
        self.save_button.clicked.connect(self._on_save_clicked)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.remove_button)
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING * 3 // 2)
        column.addWidget(told)
        column.addWidget(self.edit, 1)
        column.addLayout(row)
        self._on_text_changed()
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Summary of the earlier messages"))
        self.told.setText(
            self.tr(
                "The model reads this in place of the messages above the line. You can change it. "
                "Undone, it is forgotten, and the oldest messages are left out instead; the "
                "messages themselves stay here in any case."
            )
        )
        self.edit.setAccessibleName(self.tr("Summary"))
        self.remove_button.setText(self.tr("Undo the summary"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.save_button.setText(self.tr("Save"))

    def _on_text_changed(self) -> None:
        # An empty summary is none: that is what undoing is for.
        self.save_button.setEnabled(bool(self.edit.toPlainText().strip()))

    def _on_save_clicked(self) -> None:
        self.saved.emit(self.edit.toPlainText().strip())
        self.accept()

    def _on_remove_clicked(self) -> None:
        self.removed.emit()
        self.accept()
