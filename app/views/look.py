"""Which colours and which size of text hold: what the system asks for, and what was chosen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from app.domain.appearance import USUAL_ZOOM, Appearance, Colours
from app.views import theme as themes
from app.views.theme import Theme


def theme_for(colours: Colours, *, dark: bool, high_contrast: bool) -> Theme:
    """The theme of a choice on a system that is dark or not, and asks for contrast or not."""
    match colours:
        case Colours.LIGHT:
            dark = False
        case Colours.DARK:
            dark = True
        case Colours.HIGH_CONTRAST:
            high_contrast = True
        case Colours.SYSTEM:
            pass
    if high_contrast:
        return themes.DARK_CONTRAST if dark else themes.LIGHT_CONTRAST
    return themes.DARK if dark else themes.LIGHT


def scheme_for(colours: Colours) -> Qt.ColorScheme:
    """What the platform is asked for by a choice."""
    match colours:
        case Colours.LIGHT:
            return Qt.ColorScheme.Light
        case Colours.DARK:
            return Qt.ColorScheme.Dark
        case Colours.SYSTEM | Colours.HIGH_CONTRAST:
            # Both are light or dark as the system is.
            return Qt.ColorScheme.Unknown


def system_font() -> QFont:
    """The font that the system has for text now, whatever the application has."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)


class Look(QObject):
    """Follows the system and the choice."""

    changed = Signal(object)
    """Theme: it holds from now on, with the font that the application has now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._appearance = Appearance()
        self._system_font = system_font()
        self._set_font()
        # Kept by a name: what it gives is only good as long as it lives.
        hints = QGuiApplication.styleHints()
        self._is_asking = False
        self._ask_platform()
        hints.colorSchemeChanged.connect(self._on_system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._on_system_changed)

    @property
    def theme(self) -> Theme:
        """The colours that hold now."""
        return theme_for(
            self._appearance.colours,
            dark=themes.system_is_dark(),
            high_contrast=themes.system_wants_contrast(),
        )

    def set_appearance(self, appearance: Appearance) -> None:
        """Use this choice."""
        self._appearance = appearance
        self._ask_platform()
        self._set_font()
        self.changed.emit(self.theme)

    def watch(self, window: QWidget) -> None:
        """Notice by this window that the system's text size changes."""
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another font of the system is taken with the same zoom."""
        if event.type() in (QEvent.Type.ApplicationFontChange, QEvent.Type.ThemeChange):
            self._take_system_font()
        return super().eventFilter(watched, event)

    def _take_system_font(self) -> None:
        font = system_font()
        if font != self._system_font:
            self._system_font = font
            self._set_font()
            self.changed.emit(self.theme)

    def _set_font(self) -> None:
        font = themes.scaled(self._system_font, self._appearance.zoom_percent / USUAL_ZOOM)
        if font != QApplication.font():
            QApplication.setFont(font)

    def _ask_platform(self) -> None:
        """Have title bars and the platform's own dialogs in the colours that were chosen."""
        self._is_asking = True
        QGuiApplication.styleHints().setColorScheme(scheme_for(self._appearance.colours))
        self._is_asking = False

    def _on_system_changed(self) -> None:
        # What the platform says to a wish is no news.
        if not self._is_asking:
            self.changed.emit(self.theme)
