"""The settings of the chosen model, as rows of the dialog."""

from __future__ import annotations

import os

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QSpinBox, QWidget

from app.services.preferences import ModelPreferences
from app.views.choice_box import ChoiceBox
from app.views.setting_row import SettingRow, SettingWords, choose

_FLASH_ATTENTION = ("auto", "on", "off")
_KV_TYPES = ("f16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0")


class ModelRows:
    """Shows what is set; `rows` go into the dialog."""

    def __init__(self, before: ModelPreferences, parent: QWidget) -> None:
        self._before = before
        tuned, default = before.tuned, before.default
        self.threads = QSpinBox(parent)
        self.threads.setRange(1, max(os.cpu_count() or 1, tuned.n_threads))
        self.threads.setValue(tuned.n_threads)
        self.flash = _choice(_FLASH_ATTENTION, tuned.flash_attention, parent)
        self.kv_type = _choice(_KV_TYPES, tuned.kv_type, parent)
        self.rows = (
            SettingRow(
                lambda: _thread_words(default.n_threads),
                self.threads,
                lambda: self.threads.setValue(default.n_threads),
                parent,
            ),
            SettingRow(
                lambda: _flash_words(default.flash_attention),
                self.flash,
                lambda: choose(self.flash, default.flash_attention),
                parent,
            ),
            SettingRow(
                lambda: _kv_words(default.kv_type),
                self.kv_type,
                lambda: choose(self.kv_type, default.kv_type),
                parent,
            ),
        )

    @property
    def preferences(self) -> ModelPreferences:
        """As the controls are now."""
        tuned = replace(
            self._before.tuned,
            n_threads=self.threads.value(),
            flash_attention=str(self.flash.currentData()),
            kv_type=str(self.kv_type.currentData()),
        )
        return replace(self._before, tuned=tuned)


def _choice(values: tuple[str, ...], chosen: str, parent: QWidget) -> ChoiceBox:
    control = ChoiceBox(parent)
    for value in values if chosen in values else (*values, chosen):
        control.addItem(value, value)
    choose(control, chosen)
    return control


def _thread_words(default: int) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Threads"),
        QCoreApplication.translate(
            "SettingsDialog",
            "Processor threads that compute; more than the machine has cores make it slower.",
        ),
        str(default),
    )


def _flash_words(default: str) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Flash attention"),
        QCoreApplication.translate(
            "SettingsDialog",
            "A way to compute attention that takes less memory; “auto” leaves it to the engine.",
        ),
        default,
    )


def _kv_words(default: str) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Type of the KV cache"),
        QCoreApplication.translate(
            "SettingsDialog",
            "Smaller types leave room for longer conversations and cost a little accuracy; "
            "most need flash attention.",
        ),
        default,
    )
