"""How the window makes itself noticed, as rows of the dialog."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from app.services.preferences import WindowPreferences
from app.views.choice_box import ChoiceBox
from app.views.language import follow_language
from app.views.setting_row import SettingRow, SettingWords, choose

_VALUES = (True, False)


class AttentionRows:
    """Shows what is set; `rows` go into the dialog."""

    def __init__(self, before: WindowPreferences, parent: QWidget) -> None:
        usual = WindowPreferences()
        self.notifies = _switch(before.notifies, parent)
        self.in_tray = _switch(before.in_tray, parent)
        follow_language(parent, self._say)
        self.rows = (
            SettingRow(
                lambda: _notifies_words(usual.notifies),
                self.notifies,
                lambda: choose(self.notifies, usual.notifies),
                parent,
            ),
            SettingRow(
                lambda: _in_tray_words(usual.in_tray),
                self.in_tray,
                lambda: choose(self.in_tray, usual.in_tray),
                parent,
            ),
        )

    @property
    def preferences(self) -> WindowPreferences:
        """As the controls are now."""
        return WindowPreferences(
            bool(self.notifies.currentData()), bool(self.in_tray.currentData())
        )

    def _say(self) -> None:
        for control in (self.notifies, self.in_tray):
            for index, value in enumerate(_VALUES):
                control.setItemText(index, _switch_words(value))


def _switch(on: bool, parent: QWidget) -> ChoiceBox:
    control = ChoiceBox(parent)
    for value in _VALUES:
        control.addItem("", value)
    choose(control, on)
    return control


def _switch_words(on: bool) -> str:
    if on:
        return QCoreApplication.translate("SettingsDialog", "On")
    return QCoreApplication.translate("SettingsDialog", "Off")


def _notifies_words(usual: bool) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Tell when an answer ends"),
        QCoreApplication.translate(
            "SettingsDialog",
            "For answers of more than ten seconds, while another window is used.",
        ),
        _switch_words(usual),
    )


def _in_tray_words(usual: bool) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Icon in the system tray"),
        QCoreApplication.translate(
            "SettingsDialog",
            "A click on it brings the window forward, where the system has a tray.",
        ),
        _switch_words(usual),
    )
