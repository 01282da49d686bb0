"""The side panel: how the conversation on the page is answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.domain.steering import Steering
from app.services.model_files import model_name
from app.services.models import ModelService
from app.services.personas import PersonaService
from app.services.steering import Steered, SteeringService
from app.views.buttons import IconButton, text_button
from app.views.context_button import policy_words
from app.views.steering.choice_button import Choice, ChoiceButton
from app.views.steering.numbers import NUMBERS, Number
from app.views.steering.prompt_field import PromptField
from app.views.steering.setting_row import NumberRow, SteeringRow
from app.views.theme import SPACING, Theme
from inference.engine import ContextPolicy, Sampling

_DEFAULT = Steering()


class SteeringPanel(QFrame):
    """Shows what is set, and sets it; every control goes back to its default with one click."""

    closed = Signal()
    """The reader wants the panel away."""
    keep_requested = Signal(str)
    """A system prompt that shall become a persona."""
    library_requested = Signal()

    def __init__(
        self,
        steering: SteeringService,
        models: ModelService,
        personas: PersonaService,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("steering")
        self._steering = steering
        self._models = models
        self._personas = personas
        self._theme: Theme | None = None
        self._shows_more = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._build()
        steering.changed.connect(self._on_changed)
        models.models_found.connect(self._on_models_found)
        models.state_changed.connect(self._on_model_changed)
        models.facts_changed.connect(self._on_model_changed)
        personas.listed.connect(self._on_personas_listed)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        for part in (self.close_button, self.prompt, self.model_button, self.policy_button):
            part.set_theme(theme)
        for row in (self.prompt_row, self.model_row, self.policy_row, *self.numbers.values()):
            row.set_theme(theme)

    def go_to(self, setting: str) -> None:
        """Let the keyboard be at a setting, by its name in `Steering` or in `Sampling`."""
        rows: dict[str, SteeringRow] = {
            "system_prompt": self.prompt_row,
            "model": self.model_row,
            **self.numbers,
        }
        row = rows[setting]
        if row.isHidden():
            self._on_more_clicked()
        self._scroll.ensureWidgetVisible(row)
        row.control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """Another language: all words anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._column.removeWidget(self._scroll)
            self._scroll.deleteLater()
            self._build()
            if self._theme is not None:
                self.set_theme(self._theme)

    # What the reader does

    def _on_number_changed(self, number: Number, value: object) -> None:
        is_off = bool(number.off) and value == number.low
        self._set_sampling(number, getattr(Sampling(), number.name) if is_off else value)

    def _on_number_reset(self, number: Number) -> None:
        self._set_sampling(number, getattr(Sampling(), number.name))

    def _set_sampling(self, number: Number, value: object) -> None:
        steering = self._steering.steering
        if steering is not None:
            values: dict[str, Any] = {number.name: value}
            self._steering.change(sampling=replace(steering.sampling, **values))

    def _on_more_clicked(self) -> None:
        self._shows_more = not self._shows_more
        self._show_more()

    # What the services tell

    def _on_changed(self, steered: Steered) -> None:
        self._show(steered.steering)

    def _on_models_found(self, _models: object) -> None:
        self._show_again()

    def _on_model_changed(self, _state: object) -> None:
        self._show_again()

    def _on_personas_listed(self, _personas: object) -> None:
        self.prompt.set_personas(self._personas.personas)

    # Showing

    def _show_again(self) -> None:
        if self._steering.steering is not None:
            self._show(self._steering.steering)

    def _show(self, steering: Steering) -> None:
        self.prompt.show_prompt(steering.system_prompt)
        self.prompt_row.show_state(
            self.tr(
                "The model is told this before everything else: who it is and how it answers. "
                "By default it is told nothing."
            ),
            is_set=bool(steering.system_prompt),
        )
        self._show_model(steering)
        self.policy_button.set_current(steering.policy)
        self.policy_row.show_state(
            self.tr(
                "What happens when the conversation is longer than the model can read. "
                "By default the oldest messages are left out."
            ),
            is_set=steering.policy is not _DEFAULT.policy,
        )
        facts = self._models.facts(steering.model or self._models.chosen_path)
        defaults = facts.sampling if facts is not None else None
        for number in NUMBERS:
            self._show_number(number, steering.sampling, defaults)

    def _show_model(self, steering: Steering) -> None:
        chosen = self._models.chosen_path
        name = model_name(chosen) if chosen is not None else self.tr("none")
        as_chosen = self.tr("As for new conversations: {name}").format(name=name)
        choices = [Choice(None, as_chosen), Choice(0)]
        choices += [Choice(file.path, file.name) for file in self._models.models]
        self.model_button.set_choices(choices)
        words = model_name(steering.model) if steering.model is not None else as_chosen
        self.model_button.set_current(steering.model, words)
        self.model_row.show_state(
            self.tr(
                "This model gives the next answers here; other conversations keep theirs. "
                "By default it is the one that new conversations get."
            ),
            is_set=steering.model is not None,
        )

    def _show_number(self, number: Number, sampling: Sampling, defaults: Sampling | None) -> None:
        value = getattr(sampling, number.name)
        is_set = value != getattr(Sampling(), number.name)
        default = number.low if number.off else getattr(defaults, number.name, None)
        self.numbers[number.name].show_number(value if is_set else None, default)

    def _show_more(self) -> None:
        for number in NUMBERS:
            self.numbers[number.name].setVisible(number.is_common or self._shows_more)
        words = self.tr("Fewer settings") if self._shows_more else self.tr("More settings")
        self.more_button.setText(words)

    # Parts

    def _build(self) -> None:
        self.setAccessibleName(self.tr("Settings of this conversation"))
        self._scroll = QScrollArea(self)
        self._scroll.setObjectName("steeringScroll")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget(self._scroll)
        content.setObjectName("steeringContent")
        column = QVBoxLayout(content)
        column.setContentsMargins(SPACING * 2, SPACING, SPACING, SPACING * 2)
        column.setSpacing(SPACING * 2)
        column.addLayout(self._head())
        self._add_choices(column)
        self._add_numbers(column)
        column.addStretch(1)
        self._scroll.setWidget(content)
        self._column.addWidget(self._scroll)
        self.prompt.set_personas(self._personas.personas)
        self._show_more()
        self._show_again()

    def _head(self) -> QHBoxLayout:
        heading = QLabel(self.tr("This conversation"), self)
        font = QFont(heading.font())
        font.setWeight(QFont.Weight.DemiBold)
        heading.setFont(font)
        self.close_button = IconButton("close", self.tr("Close the settings"), "Ctrl+.")
        self.close_button.clicked.connect(self.closed)
        row = QHBoxLayout()
        row.addWidget(heading, 1)
        row.addWidget(self.close_button)
        return row

    def _add_choices(self, column: QVBoxLayout) -> None:
        self.prompt = PromptField(self)
        self.prompt.changed.connect(partial(self._set, "system_prompt"))
        self.prompt.keep_requested.connect(self._on_keep_requested)
        self.prompt.library_requested.connect(self.library_requested)
        self.model_button = ChoiceButton(self.tr("Model"), self)
        self.model_button.chosen.connect(self._on_model_chosen)
        self.policy_button = ChoiceButton(self.tr("When the context is full"), self)
        self.policy_button.set_choices(
            [Choice(policy, policy_words(policy)) for policy in ContextPolicy]
        )
        self.policy_button.chosen.connect(partial(self._set, "policy"))
        self.prompt_row = self._row(self.tr("System prompt"), self.prompt, "system_prompt")
        self.model_row = self._row(self.tr("Model"), self.model_button, "model")
        self.policy_row = self._row(
            self.tr("When the context is full"), self.policy_button, "policy"
        )
        for row in (self.prompt_row, self.model_row, self.policy_row):
            column.addWidget(row)

    def _row(self, title: str, control: QWidget, field: str) -> SteeringRow:
        row = SteeringRow(title, control, beside=False)
        row.reset.connect(self._resetter(field))
        return row

    def _resetter(self, field: str) -> Callable[[], None]:
        return lambda: self._set(field, getattr(_DEFAULT, field))

    def _add_numbers(self, column: QVBoxLayout) -> None:
        self.numbers: dict[str, NumberRow] = {}
        for number in NUMBERS:
            row = NumberRow(number)
            row.changed.connect(partial(self._on_number_changed, number))
            row.reset.connect(partial(self._on_number_reset, number))
            self.numbers[number.name] = row
            column.addWidget(row)
        self.more_button = text_button("")
        self.more_button.clicked.connect(self._on_more_clicked)
        column.addWidget(self.more_button)

    def _set(self, field: str, value: object) -> None:
        self._steering.change(**{field: value})

    def _on_model_chosen(self, path: Path | None) -> None:
        self._set("model", path)

    def _on_keep_requested(self) -> None:
        self.keep_requested.emit(self.prompt.edit.toPlainText())
