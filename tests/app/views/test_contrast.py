"""Every text and every mark of a control against every ground that it stands on, in all themes.

The ratio is WCAG 2.2's; text needs 4.5 (7 in high contrast), what only has to be noticed needs 3.
Source: https://www.w3.org/TR/2023/REC-WCAG22-20231005/#dfn-contrast-ratio
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from msgspec.structs import fields
from pygments.styles import get_style_by_name

from app.views.stylesheet import stylesheet
from app.views.theme import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, Theme
from app.views.transcript.highlight import CodeFormats

THEMES = {
    "light": LIGHT,
    "dark": DARK,
    "light contrast": LIGHT_CONTRAST,
    "dark contrast": DARK_CONTRAST,
}
NOTICED = 3.0
ROW_GROUNDS = ("ground", "sidebar", "hover")
"""Of rows in lists: resting, and pointed at or chosen."""
TEXT = {
    # Messages, notices, menus, fields, code without colours, chips of files, tooltips.
    "text": (*ROW_GROUNDS, "raised", "code_ground", "warning_ground"),
    # Dates, statistics, thinking, placeholders, disabled entries and buttons, in all these places.
    "muted": (*ROW_GROUNDS, "raised", "code_ground", "warning_ground"),
    # Links, also in bubbles and thinking; letters found in the palette; what was copied.
    "accent": (*ROW_GROUNDS, "raised", "code_ground"),
    "error": ("ground", "warning_ground", "raised"),
    "on_accent": ("accent",),
    "on_selection": ("selection",),
    "on_found": ("found",),
    "on_found_now": ("found_now",),
}
MARKS = {
    # Borders of fields, buttons, chips and boxes to tick; handles of scroll bars.
    "control": ("ground", "sidebar", "raised", "code_ground"),
    # Icons, markers of lists, sorts of boxes to tick.
    "muted": (*ROW_GROUNDS, "raised", "warning_ground"),
    # Focus, the button that sends, ticks, dots for answers on their way.
    "accent": (*ROW_GROUNDS, "raised", "code_ground", "warning_ground"),
}
CONTROLS = r"QPushButton|SpinBox|QComboBox|LineEdit|Field|#field|Edit\b|#composer|#chip|indicator"
NO_TEXT_ON_OR_OF_IT = {"border"}
"""Parts things and says nothing."""


def ratio(one: str, other: str) -> float:
    """Contrast of two colours "#rrggbb", by the words of the recommendation."""

    def luminance(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_the_recommendation() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("name", THEMES)
def test_text_stands_out(name: str) -> None:
    theme = THEMES[name]
    needed = 7.0 if theme.high_contrast else 4.5
    assert list(too_weak(theme, TEXT, needed)) == []


@pytest.mark.parametrize("name", THEMES)
def test_controls_and_focus_stand_out(name: str) -> None:
    assert list(too_weak(THEMES[name], MARKS, NOTICED)) == []


def too_weak(theme: Theme, table: dict[str, tuple[str, ...]], needed: float) -> Iterator[str]:
    for front, grounds in table.items():
        for ground in grounds:
            found = ratio(getattr(theme, front), getattr(theme, ground))
            if found < needed:
                yield f"{front} on {ground}: {found:.2f}"


def test_no_colour_is_left_out() -> None:
    named = {*TEXT, *MARKS, *NO_TEXT_ON_OR_OF_IT}
    named |= {ground for table in (TEXT, MARKS) for grounds in table.values() for ground in grounds}
    colours = {
        field.name for field in fields(Theme) if str(getattr(LIGHT, field.name)).startswith("#")
    }
    assert colours == named


@pytest.mark.parametrize("name", THEMES)
def test_colours_of_code_stand_out(name: str) -> None:
    theme = THEMES[name]
    formats = CodeFormats(theme)
    weak = []
    for token, _look in get_style_by_name(theme.pygments_style):
        look = formats.find(token)
        if look is None or not look.hasProperty(look.Property.ForegroundBrush):
            continue
        found = ratio(look.foreground().color().name(), theme.code_ground)
        if found < (7.0 if theme.high_contrast else 4.5):
            weak.append(f"{token}: {found:.2f}")
    assert weak == []


@pytest.mark.parametrize("name", THEMES)
def test_rules_of_the_stylesheet_stand_out(name: str) -> None:
    """Where one rule says text and ground, or a border and its ground, in each state."""
    theme = THEMES[name]
    weak = []
    for selector, rules in rules_of(stylesheet(theme)):
        ground = color_in(rules.get("background", ""))
        front = color_in(rules.get("color", ""))
        if ground and front and ratio(front, ground) < theme.min_contrast:
            weak.append(f"{selector}: text {ratio(front, ground):.2f}")
        # The frame of a button that can do nothing at the moment may rest.
        border = color_in(rules.get("border-color", "") or rules.get("border", ""))
        is_control = re.search(CONTROLS, selector) and ":disabled" not in selector
        if is_control and border == theme.border:
            weak.append(f"{selector}: the line of what nobody has to see")
        decorates = border == theme.border or ":disabled" in selector
        if ground and border and not decorates and border != ground and not is_noticed(rules):
            weak.append(f"{selector}: border {ratio(border, ground):.2f}")
    assert weak == []


def is_noticed(rules: dict[str, str]) -> bool:
    ground = color_in(rules["background"])
    border = color_in(rules.get("border-color", "") or rules["border"])
    return ground is not None and border is not None and ratio(border, ground) >= NOTICED


def rules_of(sheet: str) -> Iterator[tuple[str, dict[str, str]]]:
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        pairs = (rule.partition(":") for rule in body.split(";") if ":" in rule)
        yield selector.strip(), {key.strip(): value.strip() for key, _, value in pairs}


def color_in(value: str) -> str | None:
    found = re.search(r"#[0-9a-f]{6}", value)
    return found[0] if found else None
