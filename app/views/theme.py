"""Every colour and size of the window, for light and dark.

Views take a `Theme` and never name a colour themselves. Sizes are in logical pixels and derive from
one spacing unit; type sizes derive from the system's font size.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

SPACING = 8
"""The spacing unit; margins and gaps are multiples or halves of it."""
RADIUS = 8
"""Corners of bubbles, code blocks and the composer."""
PICTURE_CHIP = QSize(SPACING * 4, SPACING * 5 // 2)
"""Room for the small picture on the chip of a file."""
PICTURE_SENT = QSize(SPACING * 40, SPACING * 30)
"""Room for a picture in a message."""
TRANSCRIPT_WIDTH = 760
"""Widest column of text, about 90 characters: longer lines are hard to read."""

SCALE_SMALL = 0.88
SCALE_H3 = 1.1
SCALE_H2 = 1.25
SCALE_H1 = 1.45


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, each "#rrggbb". Text reaches 4.5:1 on every ground that it stands on."""

    dark: bool
    ground: str
    """Behind the transcript."""
    sidebar: str
    raised: str
    """User bubbles, the composer, menus."""
    code_ground: str
    border: str
    text: str
    muted: str
    """Secondary text: dates, statistics, thinking."""
    accent: str
    """Links, focus, the primary button."""
    on_accent: str
    selection: str
    on_selection: str
    found: str
    """Behind hits of a search, and behind the one that was stepped to."""
    on_found: str
    found_now: str
    on_found_now: str
    hover: str
    warning_ground: str
    error: str
    pygments_style: str

    def color(self, name: str) -> QColor:
        """The colour of that field."""
        return QColor(getattr(self, name))

    def palette(self) -> QPalette:
        """The Qt palette, so that standard widgets match."""
        role = QPalette.ColorRole
        palette = QPalette()
        for qt_role, name in (
            (role.Window, "ground"),
            (role.Base, "ground"),
            (role.AlternateBase, "sidebar"),
            (role.Button, "raised"),
            (role.ToolTipBase, "raised"),
            (role.WindowText, "text"),
            (role.Text, "text"),
            (role.ButtonText, "text"),
            (role.ToolTipText, "text"),
            (role.PlaceholderText, "muted"),
            (role.Highlight, "selection"),
            (role.HighlightedText, "on_selection"),
            (role.Link, "accent"),
            (role.LinkVisited, "accent"),
            (role.Mid, "border"),
            (role.Accent, "accent"),
        ):
            palette.setColor(qt_role, self.color(name))
        disabled = QPalette.ColorGroup.Disabled
        for qt_role in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(disabled, qt_role, self.color("muted"))
        return palette


LIGHT = Theme(
    dark=False,
    ground="#ffffff",
    sidebar="#f5f4f1",
    raised="#f1f0ec",
    code_ground="#f6f6f4",
    border="#dcdad4",
    text="#1d1c1a",
    muted="#65625c",
    accent="#0b6b5e",
    on_accent="#ffffff",
    selection="#bfe3dc",
    on_selection="#10211e",
    found="#fbe8a6",
    on_found="#2b2206",
    found_now="#f2a33a",
    on_found_now="#1f1503",
    hover="#e9e7e1",
    warning_ground="#fdf3dc",
    error="#a8201a",
    pygments_style="friendly",
)

DARK = Theme(
    dark=True,
    ground="#1b1b1a",
    sidebar="#151514",
    raised="#292826",
    code_ground="#131312",
    border="#3a3936",
    text="#eceae5",
    muted="#a3a09a",
    accent="#5cc8b5",
    on_accent="#0c1f1c",
    selection="#1f5a50",
    on_selection="#f4fbf9",
    found="#5a4a14",
    on_found="#fbf3d9",
    found_now="#e3a13b",
    on_found_now="#1f1503",
    hover="#302f2c",
    warning_ground="#3a311b",
    error="#ff9b91",
    pygments_style="github-dark",
)


def current() -> Theme:
    """The theme that the system asks for; light where it does not say."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def body_font() -> QFont:
    """The system's text font, a little larger than its controls: messages are read, not scanned."""
    font = QFont(QGuiApplication.font())
    size = font.pointSizeF() if font.pointSizeF() > 0 else 10.0
    font.setPointSizeF(size * 1.1)
    return font


def mono_font() -> QFont:
    """The system's fixed-width font at the body's size, a touch smaller."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(body_font().pointSizeF() * 0.93)
    return font


def scaled(font: QFont, scale: float) -> QFont:
    """A copy of the font at a step of the type scale."""
    copy = QFont(font)
    copy.setPointSizeF(font.pointSizeF() * scale)
    return copy
