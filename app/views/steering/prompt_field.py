"""Where a system prompt is written: a field of several lines, and the personas it may come from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.steering import Persona
from app.views.plain_edit import PlainEdit
from app.views.steering.choice_button import Choice, ChoiceButton
from app.views.theme import SPACING, Theme

_LINES = 7
_KEEP, _MANAGE = "keep", "manage"


class PromptField(QWidget):
    """Shows a persona's name where the text is just its prompt."""

    changed = Signal(str)
    """What a person wrote, or took from a persona."""
    keep_requested = Signal()
    """The text shall become a persona."""
    library_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._personas: tuple[Persona, ...] = ()
        self.persona_button = ChoiceButton(self.tr("Persona"), self)
        self.persona_button.chosen.connect(self._on_chosen)
        self.edit = PlainEdit(self)
        self.edit.setObjectName("field")
        self.edit.setAccessibleName(self.tr("System prompt"))
        self.edit.setPlaceholderText(self.tr("For example: You are a patient teacher."))
        self.edit.setTabChangesFocus(True)
        line = self.edit.fontMetrics().lineSpacing()
        self.edit.setFixedHeight(_LINES * line + SPACING * 2)
        self.edit.textChanged.connect(self._on_text_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING // 2)
        column.addWidget(self.persona_button)
        column.addWidget(self.edit)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Go to the text; as its proxy it would be a second stop of the Tab key."""
        self.edit.setFocus(reason)

    def set_personas(self, personas: Sequence[Persona]) -> None:
        """Offer these."""
        self._personas = tuple(personas)
        self._show_persona()

    def show_prompt(self, prompt: str) -> None:
        """Show a prompt without telling of a change."""
        if prompt != self.edit.toPlainText():
            self.edit.blockSignals(True)
            self.edit.setPlainText(prompt)
            self.edit.moveCursor(QTextCursor.MoveOperation.End)
            self.edit.blockSignals(False)
        self._show_persona()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.persona_button.set_theme(theme)

    def _show_persona(self) -> None:
        prompt = self.edit.toPlainText()
        choices = [Choice("", self.tr("No persona"))]
        choices += [Choice(persona.prompt, persona.name) for persona in self._personas]
        own = prompt and all(persona.prompt != prompt for persona in self._personas)
        choices.append(Choice(None))
        if own:
            choices.append(Choice((_KEEP,), self.tr("Keep this prompt as a persona…")))
        choices.append(Choice((_MANAGE,), self.tr("All personas…")))
        self.persona_button.set_choices(choices)
        self.persona_button.set_current(prompt, self.tr("Own words") if own else "")

    def _on_chosen(self, value: object) -> None:
        if value == (_KEEP,):
            self.keep_requested.emit()
        elif value == (_MANAGE,):
            self.library_requested.emit()
        else:
            # Not `setPlainText`: what was written before can be had back with Ctrl+Z.
            self.edit.selectAll()
            self.edit.insertPlainText(str(value))

    def _on_text_changed(self) -> None:
        self._show_persona()
        self.changed.emit(self.edit.toPlainText())
