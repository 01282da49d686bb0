"""The library of personas: make, change, duplicate, delete, and put them in order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.steering import Persona
from app.services.personas import PersonaService
from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.plain_edit import PlainEdit
from app.views.tab_order import follow_layout
from app.views.theme import SPACING

_ROLE = Qt.ItemDataRole.UserRole


class PersonaDialog(QDialog):
    """Every change is kept at once.

    Args:
        personas: The library.
        new_prompt: Begin with a new persona that has this prompt.
        parent: The window.
    """

    used = Signal(str)
    """A prompt that the conversation shall have."""

    def __init__(
        self, personas: PersonaService, new_prompt: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = personas
        self._deleted: Persona | None = None
        self._wanted_row = -1
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SPACING * 95, SPACING * 60)
        self._make_parts()
        self._lay_out()
        self._connect()
        follow_language(self, self._say)
        self._show_current()
        self._on_listed(personas.personas)
        if new_prompt:
            self._add(self.tr("New persona"), new_prompt)
        else:
            personas.reload()

    def current(self) -> Persona | None:
        """The persona that is shown."""
        item = self.list.currentItem()
        persona: Persona | None = item.data(_ROLE) if item is not None else None
        return persona

    # What the reader does

    def _on_new_clicked(self) -> None:
        self._add(self.tr("New persona"), self.tr("You are a helpful assistant."))

    def _on_duplicate_clicked(self) -> None:
        persona = self.current()
        if persona is not None:
            self._add(self.tr("{name} (copy)").format(name=persona.name), persona.prompt)

    def _add(self, name: str, prompt: str) -> None:
        self._wanted_row = self.list.count()
        self._service.add(name, prompt)

    def _on_delete_clicked(self) -> None:
        persona = self.current()
        if persona is not None:
            self._deleted = persona
            self._wanted_row = min(self.list.currentRow(), self.list.count() - 2)
            self._service.delete(persona.id)

    def _on_undo_clicked(self) -> None:
        deleted, self._deleted = self._deleted, None
        if deleted is not None:
            self._add(deleted.name, deleted.prompt)

    def _move(self, step: int) -> None:
        row = self.list.currentRow()
        if row >= 0 and 0 <= row + step < self.list.count():
            self.list.blockSignals(True)
            self.list.insertItem(row + step, self.list.takeItem(row))
            self.list.setCurrentRow(row + step)
            self.list.blockSignals(False)
            self._show_current()
            self._service.arrange(self._ids())

    def _on_up(self) -> None:
        self._move(-1)

    def _on_down(self) -> None:
        self._move(1)

    def _on_rows_moved(self) -> None:
        self._show_current()
        self._service.arrange(self._ids())

    def _on_edited(self) -> None:
        persona, item = self.current(), self.list.currentItem()
        if persona is None:
            return
        changed = Persona(persona.id, self.name.text(), self.prompt.toPlainText())
        if changed.name.strip() and changed.prompt.strip() and changed != persona:
            item.setText(changed.name)
            item.setData(_ROLE, changed)
            self._service.change(changed)

    def _on_use_clicked(self) -> None:
        persona = self.current()
        if persona is not None:
            self.used.emit(persona.prompt.strip())
            self.accept()

    # Showing

    def _on_listed(self, personas: Sequence[Persona]) -> None:
        shown = [self.list.item(row).data(_ROLE).id for row in range(self.list.count())]
        if [persona.id for persona in personas] == shown:
            return  # what was typed is on the screen already
        row = self._wanted_row if self._wanted_row >= 0 else max(self.list.currentRow(), 0)
        is_new = self._wanted_row >= 0 and len(personas) > len(shown)
        self._wanted_row = -1
        self.list.blockSignals(True)
        self.list.clear()
        for persona in personas:
            item = QListWidgetItem(persona.name, self.list)
            item.setData(_ROLE, persona)
        self.list.setCurrentRow(min(row, len(personas) - 1))
        self.list.blockSignals(False)
        self._show_current()
        if is_new and personas:
            self.name.setFocus()
            self.name.selectAll()

    def _show_current(self) -> None:
        persona = self.current()
        for field in (self.name, self.prompt):
            field.blockSignals(True)
            field.setEnabled(persona is not None)
        self.name.setText(persona.name if persona else "")
        self.prompt.setPlainText(persona.prompt if persona else "")
        for field in (self.name, self.prompt):
            field.blockSignals(False)
        row, last = self.list.currentRow(), self.list.count() - 1
        for button in (self.duplicate_button, self.delete_button, self.use_button):
            button.setEnabled(persona is not None)
        self.up_button.setEnabled(row > 0)
        self.down_button.setEnabled(0 <= row < last)
        self.undo_button.setVisible(self._deleted is not None)

    def _ids(self) -> list[int]:
        return [self.list.item(row).data(_ROLE).id for row in range(self.list.count())]

    # Parts

    def _make_parts(self) -> None:
        self.told = QLabel(self)
        self.told.setObjectName("muted")
        self.told.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setObjectName("field")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.name = QLineEdit(self)
        self.name.setObjectName("field")
        self.name_label = _label(self.name)
        self.prompt = PlainEdit(self)
        self.prompt.setObjectName("field")
        self.prompt_label = _label(self.prompt)
        self.prompt.setTabChangesFocus(True)
        self.new_button = text_button("")
        self.duplicate_button = text_button("")
        self.delete_button = text_button("")
        self.undo_button = text_button("")
        self.up_button = text_button("")
        self.down_button = text_button("")
        self.close_button = text_button("")
        self.use_button = text_button("", primary=True)

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Personas"))
        self.told.setText(
            self.tr(
                "A persona is a system prompt with a name. A conversation that takes one has its "
                "own copy: what you change here changes no conversation."
            )
        )
        self.list.setAccessibleName(self.tr("Personas"))
        self.name_label.setText(self.tr("Name"))
        self.name.setAccessibleName(self.tr("Name"))
        self.prompt_label.setText(self.tr("System prompt"))
        self.prompt.setAccessibleName(self.tr("System prompt"))
        self.new_button.setText(self.tr("New"))
        self.duplicate_button.setText(self.tr("Duplicate"))
        self.delete_button.setText(self.tr("Delete"))
        self.undo_button.setText(self.tr("Undo"))
        self.undo_button.setToolTip(self.tr("Bring back what was deleted, at the end"))
        self.up_button.setText(self.tr("Up"))
        self.up_button.setToolTip(self.tr("Move up (Alt+Up)"))
        self.down_button.setText(self.tr("Down"))
        self.down_button.setToolTip(self.tr("Move down (Alt+Down)"))
        self.close_button.setText(self.tr("Close"))
        self.use_button.setText(self.tr("Use in this conversation"))

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(SPACING)
        left.addWidget(self.list, 1)
        left.addLayout(_row(self.new_button, self.duplicate_button, self.delete_button))
        left.addLayout(_row(self.up_button, self.down_button, self.undo_button))
        right = QVBoxLayout()
        right.setSpacing(SPACING)
        right.addWidget(self.name_label)
        right.addWidget(self.name)
        right.addWidget(self.prompt_label)
        right.addWidget(self.prompt, 1)
        middle = QHBoxLayout()
        middle.setSpacing(SPACING * 2)
        middle.addLayout(left, 2)
        middle.addLayout(right, 3)
        bottom = QHBoxLayout()
        bottom.setSpacing(SPACING)
        bottom.addStretch(1)
        bottom.addWidget(self.close_button)
        bottom.addWidget(self.use_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING * 3 // 2)
        column.addWidget(self.told)
        column.addLayout(middle, 1)
        column.addLayout(bottom)
        follow_layout(self)

    def _connect(self) -> None:
        self._service.listed.connect(self._on_listed)
        self.list.currentRowChanged.connect(self._show_current)
        self.list.model().rowsMoved.connect(self._on_rows_moved)
        self.name.textChanged.connect(self._on_edited)
        self.prompt.textChanged.connect(self._on_edited)
        for button, call in (
            (self.new_button, self._on_new_clicked),
            (self.duplicate_button, self._on_duplicate_clicked),
            (self.delete_button, self._on_delete_clicked),
            (self.undo_button, self._on_undo_clicked),
            (self.up_button, self._on_up),
            (self.down_button, self._on_down),
            (self.use_button, self._on_use_clicked),
            (self.close_button, self.reject),
        ):
            button.clicked.connect(call)
        QShortcut(QKeySequence("Alt+Up"), self, self._on_up)
        QShortcut(QKeySequence("Alt+Down"), self, self._on_down)


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACING // 2)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def _label(of: QWidget) -> QLabel:
    label = QLabel()
    label.setBuddy(of)
    return label
