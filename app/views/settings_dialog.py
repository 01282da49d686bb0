"""The dialog of settings: what holds for the engine, for the chosen model, and for the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain.appearance import Appearance
from app.services.preferences import Preferences
from app.views.appearance_control import AppearanceRows
from app.views.attention_settings import AttentionRows
from app.views.buttons import text_button
from app.views.engine_settings import EngineRows
from app.views.language import follow_language
from app.views.language_setting import LanguageSetting
from app.views.model_settings import ModelRows
from app.views.setting_row import SettingRow
from app.views.tab_order import follow_layout
from app.views.theme import SCALE_H3, SPACING, grown, scaled


class SettingsDialog(QDialog):
    """Shows preferences and gives them back as they were changed.

    What can be set stands in files of its own; the dialog puts the rows together.
    """

    saved = Signal(object)
    """Preferences"""

    def __init__(
        self,
        preferences: Preferences,
        appearance: Appearance,
        language: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._before = preferences
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(grown(SPACING * 82), SPACING * 78)
        self._column = QVBoxLayout()
        self._column.setSpacing(SPACING * 2)
        self._headings: list[tuple[QLabel, Callable[[], str]]] = []
        self.rows: list[SettingRow] = []
        self.problem = QLabel(self)
        self.problem.setObjectName("stateError")
        self.problem.setWordWrap(True)
        self.cancel_button = text_button("", parent=self)
        self.save_button = text_button("", primary=True, parent=self)
        self._add_rows(preferences, appearance, language)
        self.save_button.setDefault(True)
        self.cancel_button.clicked.connect(self.reject)
        self.save_button.clicked.connect(self._on_save_clicked)
        self.engine.workers.textChanged.connect(self._check)
        self._lay_out()
        follow_layout(self)
        follow_language(self, self._say)

    @property
    def preferences(self) -> Preferences:
        """As the controls are now."""
        model = self.model.preferences if self.model is not None else None
        return Preferences(self.engine.preferences, model, self.attention.preferences)

    def show_setting(self, title: str) -> None:
        """Go to the control of the setting with that name, if there is one."""
        for row in self.rows:
            if row.title.text() == title:
                self._area.ensureWidgetVisible(row)
                row.control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _add_rows(self, preferences: Preferences, appearance: Appearance, language: str) -> None:
        self.engine = EngineRows(preferences.engine, self)
        self._add_group(lambda: self.tr("Engine"), self.engine.rows)
        self.model: ModelRows | None = None
        model = preferences.model
        if model is not None:
            self.model = ModelRows(model, self)
            self._add_group(
                lambda: self.tr("Model {name}").format(name=model.name), self.model.rows
            )
        self.looks = AppearanceRows(appearance, self)
        self.language = LanguageSetting(language, self)
        self.attention = AttentionRows(preferences.window, self)
        rows = (*self.looks.rows, self.language.row, *self.attention.rows)
        self._add_group(lambda: self.tr("Window"), rows)
        self._column.addStretch(1)

    def _add_group(self, words: Callable[[], str], rows: Sequence[SettingRow]) -> None:
        heading = QLabel(self)
        font = scaled(heading.font(), SCALE_H3)
        font.setWeight(QFont.Weight.DemiBold)
        heading.setFont(font)
        self._headings.append((heading, words))
        self._column.addWidget(heading)
        for row in rows:
            self.rows.append(row)
            self._column.addWidget(row)

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Settings"))
        for heading, words in self._headings:
            heading.setText(words())
        self.problem.setAccessibleName(self.tr("Problem"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.save_button.setText(self.tr("Save"))
        self._check()

    def _check(self) -> None:
        """What cannot be meant is said at once, and not saved."""
        problem = self.engine.problem
        self.problem.setText(problem)
        self.save_button.setEnabled(not problem)

    def _on_save_clicked(self) -> None:
        if self.preferences != self._before:
            self.saved.emit(self.preferences)
        self.accept()

    def _lay_out(self) -> None:
        inside = QWidget(self)
        inside.setObjectName("page")
        inside.setLayout(self._column)
        self._column.setContentsMargins(0, 0, SPACING, 0)
        area = self._area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACING)
        buttons.addWidget(self.problem, 1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING * 3 // 2)
        column.addWidget(area, 1)
        column.addLayout(buttons)
