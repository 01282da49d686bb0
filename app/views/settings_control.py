"""Opens the dialog of settings and hands on what was changed in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.services.appearance import AppearanceService
from app.services.language import LanguageService
from app.services.preferences import Preferences, PreferenceService

if TYPE_CHECKING:
    from app.views.settings_dialog import SettingsDialog


class SettingsControl(QObject):
    """One dialog at a time."""

    def __init__(
        self,
        preferences: PreferenceService,
        appearance: AppearanceService,
        language: LanguageService,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._appearance = appearance
        self._preferences = preferences
        self._language = language
        self._window = window
        self._wanted = False
        self._setting = ""
        self.dialog: SettingsDialog | None = None
        preferences.known.connect(self._on_known)

    def open(self, setting: str = "") -> None:
        """Show the dialog as soon as the settings are read, at the setting of that name."""
        self._setting = setting
        if self.dialog is not None:
            self.dialog.activateWindow()
            self.dialog.show_setting(setting)
        elif not self._wanted:
            self._wanted = True
            self._preferences.read()

    def forget(self) -> None:
        """The settings could not be read."""
        self._wanted = False

    def _on_known(self, known: Preferences) -> None:
        from app.views.settings_dialog import SettingsDialog

        if not self._wanted:
            return
        self._wanted = False
        self.dialog = SettingsDialog(
            known, self._appearance.appearance, self._language.chosen, self._window
        )
        self.dialog.saved.connect(partial(self._preferences.save, known))
        self.dialog.accepted.connect(self._on_accepted)
        self.dialog.finished.connect(self._on_finished)
        self.dialog.open()
        self.dialog.show_setting(self._setting)

    def _on_accepted(self) -> None:
        if self.dialog is not None:
            self._appearance.change(self.dialog.looks.appearance)
            self._language.choose(self.dialog.language.language)

    def _on_finished(self, _result: int) -> None:
        self.dialog = None
