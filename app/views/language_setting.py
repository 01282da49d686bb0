"""The language in the dialog of settings: a choice box with its row."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QWidget

from app.services.language import LANGUAGES, SYSTEM
from app.views.setting_row import SettingRow


class LanguageSetting:
    """Shows the language that is chosen; `row` goes into the dialog."""

    def __init__(self, chosen: str, parent: QWidget) -> None:
        self.control = QComboBox(parent)
        self.control.addItem(QCoreApplication.translate("LanguageSetting", "As the system"), SYSTEM)
        for code, name in LANGUAGES.items():
            self.control.addItem(name, code)
        self.control.setCurrentIndex(self.control.findData(chosen))
        self.row = SettingRow(
            QCoreApplication.translate("SettingsDialog", "Language"),
            QCoreApplication.translate(
                "LanguageSetting",
                "Of the window; models answer in the language they are asked in.",
            ),
            self.control.itemText(0),
            self.control,
            lambda: self.control.setCurrentIndex(0),
            parent,
        )

    @property
    def language(self) -> str:
        """`SYSTEM` or one of `LANGUAGES`, as the control is now."""
        return str(self.control.currentData())
