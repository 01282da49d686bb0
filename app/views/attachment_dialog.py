"""Shows the text of an attached file, as the model reads it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.attachments import Attachment
from app.domain.search import Query
from app.item_models.figures import number, size
from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.long_text import LongTextView
from app.views.reported import translated_sentence
from app.views.theme import SPACING, mono_font


class AttachmentDialog(QDialog):
    """Name, size, digest and text of a file."""

    def __init__(self, attachment: Attachment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(attachment.name)
        self.resize(SPACING * 85, SPACING * 65)
        self._attachment = attachment
        self.about = about = QLabel(self)
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        digest = QLabel(f"SHA-256 {attachment.sha256}", self)
        digest.setObjectName("muted")
        digest.setWordWrap(True)
        digest.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.edit = LongTextView(attachment.text, self)
        self.edit.setObjectName("summaryEdit")
        self.edit.setFont(mono_font())
        self.close_button = text_button("", primary=True)
        self.close_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING)
        column.addWidget(about)
        column.addWidget(digest)
        column.addWidget(self.edit, 1)
        column.addLayout(row)
        follow_language(self, self._say)

    def _say(self) -> None:
        attachment = self._attachment
        words = self.tr("{size}, {count} characters of text. {note}").format(
            size=size(attachment.size_bytes),
            count=number(len(attachment.text)),
            note=translated_sentence(attachment.note),
        )
        self.about.setText(words.strip())
        self.edit.setAccessibleName(self.tr("Text of {name}").format(name=attachment.name))
        self.close_button.setText(self.tr("Close"))

    def reveal(self, query: Query) -> None:
        """Select the first place of what was searched for: the phrase, else a part of it."""
        self.edit.reveal(query)
