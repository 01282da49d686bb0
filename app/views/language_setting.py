"""The language in the dialog of settings: a choice box with its row."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from app.services.language import LANGUAGES, SYSTEM
from app.views.choice_box import ChoiceBox
from app.views.language import follow_language
from app.views.setting_row import SettingRow, SettingWords, choose


class LanguageSetting:
    """Shows the language that is chosen; `row` goes into the dialog."""

    def __init__(self, chosen: str, parent: QWidget) -> None:
        self.control = ChoiceBox(parent)
        self.control.addItem("", SYSTEM)
        for code, name in LANGUAGES.items():
            self.control.addItem(name, code)
        choose(self.control, chosen)
        follow_language(parent, self._say)
        self.row = SettingRow(_words, self.control, lambda: choose(self.control, SYSTEM), parent)

    @property
    def language(self) -> str:
        """`SYSTEM` or one of `LANGUAGES`, as the control is now."""
        return str(self.control.currentData())

    def _say(self) -> None:
        self.control.setItemText(0, _system_words())


def _words() -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Language"),
        QCoreApplication.translate(
            "LanguageSetting", "Of the window; models answer in the language they are asked in."
        ),
        _system_words(),
    )


def _system_words() -> str:
    return QCoreApplication.translate("LanguageSetting", "As the system")
