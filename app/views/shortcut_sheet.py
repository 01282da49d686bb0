"""The sheet with all shortcuts, made from the registry of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.views.actions import Actions, Group, group_title, translated
from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.theme import SPACING


class ShortcutSheet(QDialog):
    """Every action that has keys, group by group."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self.resize(SPACING * 65, SPACING * 82)
        self._area = area = QScrollArea(self)
        area.setObjectName("sheet")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self.close_button = text_button("", primary=True)
        self.close_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING * 3 // 2)
        column.addWidget(area, 1)
        column.addLayout(row)
        self.close_button.setFocus()
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Shortcuts"))
        self._area.setAccessibleName(self.tr("Shortcuts"))
        self.close_button.setText(self.tr("Close"))
        self._grid = QGridLayout()
        self._grid.setContentsMargins(SPACING, 0, SPACING * 2, 0)
        self._grid.setHorizontalSpacing(SPACING * 3)
        self._grid.setVerticalSpacing(SPACING * 3 // 4)
        self._grid.setColumnStretch(0, 1)
        for group in Group:
            self._add_group(group, _rows(self._actions, group))
        inside = QWidget(self)
        inside.setLayout(self._grid)
        self._area.setWidget(inside)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What is shown: words and keys."""
        found = []
        for row in range(self._grid.rowCount()):
            texts = [self._label_text(row, column) for column in (0, 1)]
            if texts[1]:
                found.append((texts[0], texts[1]))
        return found

    def _label_text(self, row: int, column: int) -> str:
        item = self._grid.itemAtPosition(row, column)
        widget = item.widget() if item is not None else None
        return widget.text() if isinstance(widget, QLabel) else ""

    def _add_group(self, group: Group, rows: list[tuple[str, str]]) -> None:
        if not rows:
            return
        heading = QLabel(group_title(group), self)
        font = QFont(heading.font())
        font.setWeight(QFont.Weight.DemiBold)
        heading.setFont(font)
        heading.setContentsMargins(0, SPACING, 0, 0)
        self._grid.addWidget(heading, self._grid.rowCount(), 0)
        for words, keys in rows:
            row = self._grid.rowCount()
            self._grid.addWidget(QLabel(words, self), row, 0)
            shown = QLabel(keys, self)
            shown.setObjectName("muted")
            self._grid.addWidget(shown, row, 1, Qt.AlignmentFlag.AlignRight)


def _rows(actions: Actions, group: Group) -> list[tuple[str, str]]:
    rows = [
        (registered.action.text(), _all_keys(registered.action.shortcuts()))
        for registered in actions.all
        if registered.spec.group is group and registered.spec.shortcuts
    ]
    return rows + [
        (translated(hint.text), _native(QKeySequence(hint.keys)))
        for hint in actions.hints
        if hint.group is group
    ]


def _all_keys(sequences: list[QKeySequence]) -> str:
    return ", ".join(map(_native, sequences))


def _native(sequence: QKeySequence) -> str:
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)
