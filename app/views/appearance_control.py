"""How a person sets colours and size of text: the rows of the settings dialog."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from app.domain.appearance import ZOOM_STEPS, Appearance, Colours
from app.views.choice_box import ChoiceBox
from app.views.language import follow_language
from app.views.setting_row import SettingRow, SettingWords, choose


class AppearanceRows:
    """The two settings of the looks; `rows` go into the dialog."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        usual = Appearance()
        self.colours = ChoiceBox(parent)
        for colours in Colours:
            self.colours.addItem("", colours)
        self.zoom = ChoiceBox(parent)
        for percent in ZOOM_STEPS:
            self.zoom.addItem(f"{percent} %", percent)
        choose(self.colours, appearance.colours)
        choose(self.zoom, appearance.zoom_percent)
        follow_language(parent, self._say)
        self.rows = (
            SettingRow(
                lambda: _colours_setting(usual.colours),
                self.colours,
                lambda: choose(self.colours, usual.colours),
                parent,
            ),
            SettingRow(
                lambda: _zoom_setting(usual.zoom_percent),
                self.zoom,
                lambda: choose(self.zoom, usual.zoom_percent),
                parent,
            ),
        )

    @property
    def appearance(self) -> Appearance:
        """As the controls are now."""
        return Appearance(Colours(self.colours.currentData()), int(self.zoom.currentData()))

    def _say(self) -> None:
        for index, colours in enumerate(Colours):
            self.colours.setItemText(index, colours_words(colours))


def colours_words(colours: Colours) -> str:
    """A choice of colours as a person reads it."""
    match colours:
        case Colours.SYSTEM:
            return QCoreApplication.translate("Appearance", "System")
        case Colours.LIGHT:
            return QCoreApplication.translate("Appearance", "Light")
        case Colours.DARK:
            return QCoreApplication.translate("Appearance", "Dark")
        case Colours.HIGH_CONTRAST:
            return QCoreApplication.translate("Appearance", "High contrast")


def _colours_setting(usual: Colours) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Colours"),
        QCoreApplication.translate(
            "Appearance",
            "“System” is light, dark or rich in contrast as your desktop is. High contrast "
            "is light on a light desktop and dark on a dark one.",
        ),
        colours_words(usual),
    )


def _zoom_setting(usual_percent: int) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Size of text"),
        QCoreApplication.translate(
            "Appearance",
            "In parts of the size that your desktop has set. Ctrl and plus, minus or zero "
            "change it anywhere in the window.",
        ),
        f"{usual_percent} %",
    )
