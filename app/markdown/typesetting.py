"""LaTeX to drawings: the one place that knows `mathra`, and `ziamath` behind it.

`mathra` reads nearly everything in a fraction of a millisecond. `ziamath` needs some hundred
milliseconds to start and some ten for a formula, so it is asked away from the GUI thread.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from mathra import Rule

CACHE_SIZE = 2_048
MAX_SLOW_CHARS = 400
"""`ziamath` takes a fifth of a millisecond for each character."""
COLOR = "currentColor"
"""What stands in a drawing for the colour of the text."""

_UNITS = 1_000
_VIEW_BOX = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')
_NO_GLYPH = re.compile(r"has no '(.)'")
_DRAWN_AS_BOX = "E-REC-8"
_BOX = re.compile(r'<use href="#[\w-]+-g2259"([^>]*)/>')
_BOX_PLACE = re.compile(r' x="([\d.-]+)" y="([\d.-]+)"')
_WIDE_GLYPH_SIZE = 900
_WIDE_GLYPH_DEPTH = 50
"""How far below the baseline such letters stand, since theirs is not that of Latin ones."""
_MARKUP_BEFORE_DRAWING = re.compile(r"<title.*?</metadata>|<style>.*?</style>", re.DOTALL)
_HIDDEN_TEXT = re.compile(r'<text x="0" y="0"[^>]*fill="transparent".*?</text>', re.DOTALL)


class Drawing(Struct, frozen=True):
    """A formula as SVG, `COLOR` where it has the colour of the text; measures are in em."""

    svg: str
    width: float
    ascent: float
    descent: float


@lru_cache(maxsize=CACHE_SIZE)
def typeset(tex: str, display: bool) -> Drawing | None:
    """Draw a formula; None where `mathra` cannot read it."""
    try:
        import mathra
    except ImportError:
        return None
    try:
        return _drawing(mathra.tex_to_svg(tex, display=display, strict=True))
    except ValueError as error:
        if not _NO_GLYPH.search(str(error)):
            return None
    try:
        result = mathra.render(tex, display=display)
    except ValueError:
        return None
    return _with_foreign_letters(tex, result["svg"], result["warnings"])


def typeset_slowly(tex: str) -> Drawing | None:
    """Draw a formula that `typeset` could not read; None where nobody can."""
    if len(tex) > MAX_SLOW_CHARS or not tex.isascii():
        return None
    try:
        from latex2mathml.converter import convert

        with warnings.catch_warnings():
            # It opens its fonts by a function that Python 3.11 and 3.12 call deprecated.
            warnings.simplefilter("ignore", DeprecationWarning)
            from ziamath.config import config
            from ziamath.zmath import Math
    except ImportError:
        return None
    try:
        mathml = convert(tex)
        # Commands that it does not know are left in the text.
        if "\\" in mathml or "&#x0005C;" in mathml:
            return None
        config.svg2 = False  # Qt does not scale symbols as SVG 2 has them.
        svg = Math(mathml, size=_UNITS).svg()
    except Exception:
        # It raises whatever its parsers meet: KeyError, IndexError, ElementTree's errors.
        return None
    return _drawing(svg.replace('"black"', f'"{COLOR}"'))


def _drawing(svg: str) -> Drawing | None:
    found = _VIEW_BOX.search(svg)
    if found is None:
        return None
    _left, top, width, height = map(float, found.groups())
    if width <= 0 or height <= 0:
        return None
    svg = _HIDDEN_TEXT.sub("", _MARKUP_BEFORE_DRAWING.sub("", svg))
    return Drawing(svg, width / _UNITS, -top / _UNITS, (top + height) / _UNITS)


def _with_foreign_letters(tex: str, svg: str, found_wrong: Sequence[Rule]) -> Drawing | None:
    """Put letters that the formula's font does not have, such as Chinese ones, in their boxes."""
    missing: set[str] = set()
    for warning in found_wrong:
        found = _NO_GLYPH.search(warning["description"])
        if warning["rule"] != _DRAWN_AS_BOX or found is None:
            return None
        missing.add(found[1])
    letters = [char for char in tex if char in missing]
    boxes = list(_BOX.finditer(svg))
    if len(letters) != len(boxes):
        return None
    remaining = iter(letters)
    return _drawing(_BOX.sub(lambda box: _letter(next(remaining), box[1]), svg))


def _letter(char: str, attributes: str) -> str:
    """A letter in place of a box; the drawing is upside down, as fonts are."""
    place = _BOX_PLACE.sub(r' transform="translate(\1 \2)"', attributes)
    size, depth = _WIDE_GLYPH_SIZE, _WIDE_GLYPH_DEPTH
    return (
        f'<g{place}><text transform="scale(1,-1)" x="0" y="{depth}" font-size="{size}">'
        f"{escape(char)}</text></g>"
    )
