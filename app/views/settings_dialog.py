"""The dialog of settings: what holds for the engine, and for the chosen model."""

from __future__ import annotations

import os
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.domain.appearance import Appearance
from app.item_models.figures import number
from app.services.preferences import (
    EnginePreferences,
    ModelPreferences,
    Preferences,
    WindowPreferences,
)
from app.views.appearance_control import AppearanceRows
from app.views.buttons import text_button
from app.views.choice_box import ChoiceBox
from app.views.language_setting import LanguageSetting
from app.views.reported import translated_sentence
from app.views.setting_row import SettingRow
from app.views.tab_order import follow_layout
from app.views.theme import SCALE_H3, SPACING, grown, scaled
from inference.errors import WorkerUnreachable
from inference.rpc_address import split_address

_MIB = 1 << 20
_MAX_MIB = 1 << 21
_MAX_IDLE_MIN = 24 * 60
_FLASH_ATTENTION = ("auto", "on", "off")
_KV_TYPES = ("f16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0")


class SettingsDialog(QDialog):
    """Shows preferences and gives them back as they were changed."""

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
        self.language = LanguageSetting(language, self)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Settings"))
        self.resize(grown(SPACING * 82), SPACING * 78)
        self._column = QVBoxLayout()
        self._column.setSpacing(SPACING * 2)
        self.rows: list[SettingRow] = []
        self._add_engine_rows(preferences.engine)
        if preferences.model is not None:
            self._add_model_rows(preferences.model)
        self._add_window_rows(preferences.window, appearance)
        self._column.addStretch(1)
        self.problem = QLabel(self)
        self.problem.setObjectName("stateError")
        self.problem.setWordWrap(True)
        self.problem.setAccessibleName(self.tr("Problem"))
        self.cancel_button = text_button(self.tr("Cancel"), parent=self)
        self.save_button = text_button(self.tr("Save"), primary=True, parent=self)
        self.save_button.setDefault(True)
        self.cancel_button.clicked.connect(self.reject)
        self.save_button.clicked.connect(self._on_save_clicked)
        self.workers.textChanged.connect(self._check)
        self._lay_out()
        follow_layout(self)
        self._check()

    @property
    def preferences(self) -> Preferences:
        """As the controls are now."""
        engine = EnginePreferences(
            self.memory.value() * _MIB,
            self.disk.value() * _MIB,
            self.idle.value() * 60.0,
            self._worker_addresses(),
        )
        # What was set more finely by other means stays where nobody touched it.
        if self.memory.value() == self._before.engine.state_memory_bytes // _MIB:
            engine = replace(engine, state_memory_bytes=self._before.engine.state_memory_bytes)
        if self.disk.value() == self._before.engine.state_disk_bytes // _MIB:
            engine = replace(engine, state_disk_bytes=self._before.engine.state_disk_bytes)
        if self.idle.value() == _minutes(self._before.engine.idle_unload_s):
            engine = replace(engine, idle_unload_s=self._before.engine.idle_unload_s)
        model = self._before.model
        if model is None:
            return Preferences(engine, None, self._window_preferences)
        tuned = replace(
            model.tuned,
            n_threads=self.threads.value(),
            flash_attention=str(self.flash.currentData()),
            kv_type=str(self.kv_type.currentData()),
        )
        return Preferences(engine, replace(model, tuned=tuned), self._window_preferences)

    @property
    def _window_preferences(self) -> WindowPreferences:
        return WindowPreferences(
            bool(self.notifies.currentData()), bool(self.in_tray.currentData())
        )

    def add_heading(self, text: str) -> None:
        """Begin a group of settings."""
        heading = QLabel(text, self)
        font = scaled(heading.font(), SCALE_H3)
        font.setWeight(QFont.Weight.DemiBold)
        heading.setFont(font)
        self._column.addWidget(heading)

    def add_row(self, row: SettingRow) -> None:
        """Add a setting to the group begun last."""
        self.rows.append(row)
        self._column.addWidget(row)

    def show_setting(self, title: str) -> None:
        """Go to the control of the setting with that name, if there is one."""
        for row in self.rows:
            if row.title.text() == title:
                self._area.ensureWidgetVisible(row)
                row.control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _add_engine_rows(self, engine: EnginePreferences) -> None:
        usual = EnginePreferences()
        self.memory = self._budget(engine.state_memory_bytes)
        self.disk = self._budget(engine.state_disk_bytes)
        self.idle = QSpinBox(self)
        self.idle.setRange(0, _MAX_IDLE_MIN)
        self.idle.setSuffix(self.tr(" min"))
        self.idle.setSpecialValueText(self.tr("Never"))
        self.idle.setValue(_minutes(engine.idle_unload_s))
        self.workers = QLineEdit(", ".join(engine.rpc_workers), self)
        self.workers.setPlaceholderText("192.168.0.10:50052")
        self.add_heading(self.tr("Engine"))
        self._add_budget(
            self.memory,
            usual.state_memory_bytes,
            self.tr("Memory for conversations"),
            self.tr(
                "What the model has read of conversations that are not open stays in memory up to "
                "this size, so that it need not read them again."
            ),
        )
        self._add_budget(
            self.disk,
            usual.state_disk_bytes,
            self.tr("Disk for conversations"),
            self.tr("The same on disk, where it outlives the program; 0 keeps nothing."),
        )
        minutes = _minutes(usual.idle_unload_s)
        self.add_row(
            SettingRow(
                self.tr("Give an idle model back after"),
                self.tr(
                    "A model that is not used for so long leaves the memory and is loaded again "
                    "with the next message."
                ),
                self.tr("{minutes} min").format(minutes=minutes),
                self.idle,
                lambda: self.idle.setValue(minutes),
                self,
            )
        )
        self.add_row(
            SettingRow(
                self.tr("Workers on other machines"),
                self.tr(
                    "Machines that run “conclave rpc-worker” and hold part of each model, as "
                    "host:port, with commas between them."
                ),
                self.tr("none"),
                self.workers,
                self.workers.clear,
                self,
            )
        )

    def _add_model_rows(self, model: ModelPreferences) -> None:
        self.threads = QSpinBox(self)
        self.threads.setRange(1, max(os.cpu_count() or 1, model.tuned.n_threads))
        self.threads.setValue(model.tuned.n_threads)
        self.flash = self._choice(_FLASH_ATTENTION, model.tuned.flash_attention)
        self.kv_type = self._choice(_KV_TYPES, model.tuned.kv_type)
        default = model.default
        self.add_heading(self.tr("Model {name}").format(name=model.name))
        self.add_row(
            SettingRow(
                self.tr("Threads"),
                self.tr(
                    "Processor threads that compute; more than the machine has cores make it "
                    "slower."
                ),
                str(default.n_threads),
                self.threads,
                lambda: self.threads.setValue(default.n_threads),
                self,
            )
        )
        self.add_row(
            SettingRow(
                self.tr("Flash attention"),
                self.tr(
                    "A way to compute attention that takes less memory; “auto” leaves it to the "
                    "engine."
                ),
                default.flash_attention,
                self.flash,
                lambda: _choose(self.flash, default.flash_attention),
                self,
            )
        )
        self.add_row(
            SettingRow(
                self.tr("Type of the KV cache"),
                self.tr(
                    "Smaller types leave room for longer conversations and cost a little accuracy; "
                    "most need flash attention."
                ),
                default.kv_type,
                self.kv_type,
                lambda: _choose(self.kv_type, default.kv_type),
                self,
            )
        )

    def _add_window_rows(self, window: WindowPreferences, appearance: Appearance) -> None:
        usual = WindowPreferences()
        self.notifies = self._switch(window.notifies)
        self.in_tray = self._switch(window.in_tray)
        self.looks = AppearanceRows(appearance, self)
        self.add_heading(self.tr("Window"))
        for row in self.looks.rows:
            self.add_row(row)
        self.add_row(self.language.row)
        self._add_switch(
            self.notifies,
            usual.notifies,
            self.tr("Tell when an answer ends"),
            self.tr("For answers of more than ten seconds, while another window is used."),
        )
        self._add_switch(
            self.in_tray,
            usual.in_tray,
            self.tr("Icon in the system tray"),
            self.tr("A click on it brings the window forward, where the system has a tray."),
        )

    def _switch(self, on: bool) -> QComboBox:
        control = ChoiceBox(self)
        control.addItem(self.tr("On"), userData=True)
        control.addItem(self.tr("Off"), userData=False)
        control.setCurrentIndex(0 if on else 1)
        return control

    def _add_switch(self, control: QComboBox, usual: bool, title: str, sentence: str) -> None:
        index = 0 if usual else 1
        self.add_row(
            SettingRow(
                title,
                sentence,
                control.itemText(index),
                control,
                lambda: control.setCurrentIndex(index),
                self,
            )
        )

    def _add_budget(self, control: QSpinBox, usual: int, title: str, sentence: str) -> None:
        mib = usual // _MIB
        words = self.tr("{mib} MiB").format(mib=number(mib))
        self.add_row(
            SettingRow(title, sentence, words, control, lambda: control.setValue(mib), self)
        )

    def _budget(self, n_bytes: int) -> QSpinBox:
        control = QSpinBox(self)
        control.setRange(0, max(_MAX_MIB, n_bytes // _MIB))
        control.setSingleStep(256)
        control.setSuffix(self.tr(" MiB"))
        control.setGroupSeparatorShown(True)
        control.setValue(n_bytes // _MIB)
        return control

    def _choice(self, values: tuple[str, ...], chosen: str) -> QComboBox:
        control = ChoiceBox(self)
        for value in values if chosen in values else (*values, chosen):
            control.addItem(value, value)
        _choose(control, chosen)
        return control

    def _worker_addresses(self) -> tuple[str, ...]:
        parts = (part.strip() for part in self.workers.text().split(","))
        return tuple(part for part in parts if part)

    def _check(self) -> None:
        """What cannot be meant is said at once, and not saved."""
        words = ""
        try:
            for address in self._worker_addresses():
                split_address(address)
        except WorkerUnreachable as error:
            words = f"{error.detail} {translated_sentence(error.hint)}"
        self.problem.setText(words)
        self.save_button.setEnabled(not words)

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


def _minutes(seconds: float) -> int:
    """Whole minutes, rounded up: what is set is never shown as off."""
    return min(-int(-seconds // 60), _MAX_IDLE_MIN)


def _choose(control: QComboBox, value: str) -> None:
    control.setCurrentIndex(control.findData(value))
