"""What the steps of the introduction are made of: a column in the middle, headings, texts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.views.theme import SCALE_H1, SPACING, scaled


class FirstRunStep(QWidget):
    """One step; what it shows goes into `column`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.column = QVBoxLayout()
        self.column.setSpacing(SPACING)
        outer.addStretch(1)
        outer.addLayout(self.column)
        outer.addStretch(1)

    def add_heading(self) -> QLabel:
        """A line above the rest, without words yet."""
        label = self.add_text()
        font = scaled(label.font(), SCALE_H1)
        font.setWeight(QFont.Weight.DemiBold)
        label.setFont(font)
        return label

    def add_text(self, *, muted: bool = False) -> QLabel:
        """A paragraph, without words yet."""
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        if muted:
            label.setObjectName("muted")
        self.column.addWidget(label)
        return label

    def add_path(self, path: Path) -> QLabel:
        """Where something lies."""
        label = self.add_text()
        label.setText(str(path))
        label.setObjectName("pathBox")
        return label

    def add_buttons(self, *buttons: QPushButton) -> None:
        """Buttons side by side."""
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
