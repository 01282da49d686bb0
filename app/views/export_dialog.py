"""What is exported, and as what."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.conversations import Conversation
from app.transfer import ExportFormat, ExportOptions
from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.theme import SPACING


class ExportWish(Struct, frozen=True):
    """What the reader wants; `conversation` None means all."""

    conversation: Conversation | None
    options: ExportOptions


class ExportDialog(QDialog):
    """One conversation or all, in one of three forms."""

    confirmed = Signal(object)
    """ExportWish"""

    def __init__(self, conversation: Conversation | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(SPACING * 60)
        self._conversation = conversation
        self.one = QRadioButton(self)
        self.all = QRadioButton(self)
        self.one.setEnabled(conversation is not None)
        _exclusive(self, self.one, self.all)
        (self.one if conversation is not None else self.all).setChecked(True)
        self.formats = {
            kind: QRadioButton(self)
            for kind in (ExportFormat.MARKDOWN, ExportFormat.HTML, ExportFormat.JSON)
        }
        self._described = {kind: self._description() for kind in self.formats}
        _exclusive(self, *self.formats.values())
        self.formats[ExportFormat.MARKDOWN].setChecked(True)
        self.thinking = QCheckBox(self)
        self.cancel_button = text_button("")
        self.export_button = text_button("", primary=True)
        self.cancel_button.clicked.connect(self.reject)
        self.export_button.clicked.connect(self._on_export_clicked)
        for button in self.formats.values():
            button.toggled.connect(self._on_format_toggled)
        self._lay_out()
        follow_language(self, self._say)
        self.export_button.setFocus()

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Export conversations"))
        self.one.setText(self._one_words())
        self.all.setText(self.tr("All conversations"))
        for kind, (name, description) in self._format_words().items():
            self.formats[kind].setText(name)
            self.formats[kind].setAccessibleDescription(description)
            self._described[kind].setText(description)
        self.thinking.setText(self.tr("With the thinking of the models"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.export_button.setText(self.tr("Export…"))

    def _format_words(self) -> dict[ExportFormat, tuple[str, str]]:
        return {
            ExportFormat.MARKDOWN: (
                self.tr("Markdown"),
                self.tr(
                    "The branch on the screen, word for word; all conversations as a .zip of files."
                ),
            ),
            ExportFormat.HTML: (
                self.tr("HTML page"),
                self.tr(
                    "One page for any browser, without scripts and without anything from the "
                    "network."
                ),
            ),
            ExportFormat.JSON: (
                self.tr("JSON"),
                self.tr(
                    "Everything: branches, thinking, statistics, dates. Conclave can import it "
                    "again."
                ),
            ),
        }

    def _one_words(self) -> str:
        if self._conversation is None:
            return self.tr("This conversation")
        title = self.fontMetrics().elidedText(
            self._conversation.title, Qt.TextElideMode.ElideRight, SPACING * 40
        )
        # An ampersand would become a mnemonic.
        return self.tr("This conversation: {title}").format(title=title.replace("&", "&&"))

    def _format(self) -> ExportFormat:
        return next(kind for kind, button in self.formats.items() if button.isChecked())

    def _on_format_toggled(self, _checked: bool) -> None:
        self.thinking.setEnabled(not self.formats[ExportFormat.JSON].isChecked())

    def _on_export_clicked(self) -> None:
        options = ExportOptions(
            self._format(), many=self.all.isChecked(), with_thinking=self.thinking.isChecked()
        )
        conversation = None if self.all.isChecked() else self._conversation
        self.accept()
        self.confirmed.emit(ExportWish(conversation, options))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING)
        for button in (self.one, self.all):
            column.addWidget(button)
        column.addSpacing(SPACING)
        for kind, button in self.formats.items():
            column.addWidget(button)
            row = QHBoxLayout()
            row.setContentsMargins(SPACING * 3, 0, 0, SPACING // 2)
            row.addWidget(self._described[kind])
            column.addLayout(row)
        column.addSpacing(SPACING)
        column.addWidget(self.thinking)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.setContentsMargins(0, SPACING, 0, 0)
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.export_button)
        column.addLayout(row)

    def _description(self) -> QLabel:
        label = QLabel(self)
        label.setObjectName("muted")
        label.setWordWrap(True)
        return label


def _exclusive(parent: QWidget, *buttons: QRadioButton) -> None:
    """Of these buttons one is checked; without groups it would be one of all in the dialog."""
    group = QButtonGroup(parent)
    for button in buttons:
        group.addButton(button)
