"""Every colour and size of the window, for light, dark and high contrast.

Views take a `Theme` and never name a colour themselves. Sizes are in logical pixels and derive from
one spacing unit; type sizes derive from the font of the application, which is the system's, zoomed.
What holds text and has a size of its own grows with it by `grown`.
"""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QGuiApplication,
    QPalette,
)

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

TEXT_PIXELS = 13
"""The size of text, in pixels, that widths and heights are made for."""

SCALE_SMALL = 0.88
SCALE_H3 = 1.1
SCALE_H2 = 1.25
SCALE_H1 = 1.45


class Theme(Struct, frozen=True):
    """One set of colours, each "#rrggbb".

    Text reaches `min_contrast` to 1 on every ground that it stands on; icons, marks of focus and
    the borders of controls reach 3 to 1.
    """

    dark: bool
    high_contrast: bool
    ground: str
    """Behind the transcript."""
    sidebar: str
    raised: str
    """User bubbles, the composer, menus."""
    code_ground: str
    border: str
    """Lines that part things; nobody needs to see them to use what they part."""
    control: str
    """Borders of fields and buttons, handles of scroll bars."""
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

    @property
    def min_contrast(self) -> float:
        """How far text stands out from its ground: WCAG's AA, its AAA in high contrast."""
        return 7.0 if self.high_contrast else 4.5

    @property
    def line(self) -> int:
        """The width of borders and of the mark of focus."""
        return 2 if self.high_contrast else 1

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
            (role.Mid, "control"),
            (role.Accent, "accent"),
        ):
            palette.setColor(qt_role, self.color(name))
        disabled = QPalette.ColorGroup.Disabled
        for qt_role in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(disabled, qt_role, self.color("muted"))
        return palette


LIGHT = Theme(
    dark=False,
    high_contrast=False,
    ground="#ffffff",
    sidebar="#f5f4f1",
    raised="#f1f0ec",
    code_ground="#f6f6f4",
    border="#dcdad4",
    control="#86837b",
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
    high_contrast=False,
    ground="#1b1b1a",
    sidebar="#151514",
    raised="#292826",
    code_ground="#131312",
    border="#3a3936",
    control="#7d7a73",
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


LIGHT_CONTRAST = Theme(
    dark=False,
    high_contrast=True,
    ground="#ffffff",
    sidebar="#ffffff",
    raised="#f2f2f2",
    code_ground="#ffffff",
    border="#6b6b6b",
    control="#000000",
    text="#000000",
    muted="#3a3a3a",
    accent="#004d43",
    on_accent="#ffffff",
    selection="#004d43",
    on_selection="#ffffff",
    found="#ffe680",
    on_found="#000000",
    found_now="#7a3d00",
    on_found_now="#ffffff",
    hover="#dfe9e7",
    warning_ground="#fff6d6",
    error="#8c0d08",
    pygments_style="friendly",
)

DARK_CONTRAST = Theme(
    dark=True,
    high_contrast=True,
    ground="#000000",
    sidebar="#000000",
    raised="#1c1c1c",
    code_ground="#000000",
    border="#9a9a9a",
    control="#ffffff",
    text="#ffffff",
    muted="#d4d4d4",
    accent="#6ef0da",
    on_accent="#000000",
    selection="#6ef0da",
    on_selection="#000000",
    found="#5c4a00",
    on_found="#ffffff",
    found_now="#ffb347",
    on_found_now="#000000",
    hover="#333333",
    warning_ground="#332600",
    error="#ffb3ab",
    pygments_style="github-dark",
)


def current() -> Theme:
    """Light or dark as the system is, until it is known what was chosen."""
    return DARK if system_is_dark() else LIGHT


def system_is_dark() -> bool:
    """Whether the system asks for dark windows."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def system_wants_contrast() -> bool:
    """Whether the system asks for high contrast."""
    # Kept by a name: what it gives is only good as long as it lives.
    hints = QGuiApplication.styleHints()
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def grown(pixels: int) -> int:
    """A width or height that holds text, for the size that text has now; never less than given."""
    size = QFontInfo(QGuiApplication.font()).pixelSize()
    return max(round(pixels * size / TEXT_PIXELS), pixels)


def ui_font(scale: float = 1.0, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font of controls at a step of the type scale."""
    font = scaled(QGuiApplication.font(), scale)
    font.setWeight(weight)
    return font


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
    if font.pointSizeF() > 0:
        copy.setPointSizeF(font.pointSizeF() * scale)
    else:
        copy.setPixelSize(max(round(font.pixelSize() * scale), 1))
    return copy
