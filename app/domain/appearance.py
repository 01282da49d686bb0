"""What a person chooses about the looks of the window: its colours and the size of its text."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

ZOOM_STEPS = (80, 90, 100, 110, 125, 150, 175, 200)
"""Sizes of text in per cent of the system's."""
USUAL_ZOOM = 100


class Colours(StrEnum):
    """Which colours the window has; high contrast is light or dark as the system is."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high contrast"


class Appearance(Struct, frozen=True):
    """What was chosen; a new installation follows the system in everything."""

    colours: Colours = Colours.SYSTEM
    zoom_percent: int = USUAL_ZOOM

    def zoomed(self, by: int) -> Appearance:
        """With text so many steps larger, or smaller where negative; at the ends it stays."""
        if by > 0:
            further = [step for step in ZOOM_STEPS if step > self.zoom_percent][:by]
        else:
            further = [step for step in reversed(ZOOM_STEPS) if step < self.zoom_percent][:-by]
        return replace(self, zoom_percent=further[-1]) if further else self
