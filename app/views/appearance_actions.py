"""Keys and menu entries with which a person changes the size of text."""

from __future__ import annotations

from functools import partial

from app.domain.appearance import USUAL_ZOOM, ZOOM_STEPS, Appearance
from app.services.appearance import AppearanceService
from app.views.actions import ActionSpec, Group
from app.views.translatable import QT_TRANSLATE_NOOP


def appearance_actions(service: AppearanceService) -> tuple[ActionSpec, ...]:
    """Larger, smaller and usual text."""

    def usual() -> None:
        service.change(Appearance(service.appearance.colours))

    return (
        ActionSpec(
            "view.larger",
            Group.VIEW,
            QT_TRANSLATE_NOOP("Actions", "Larger text"),
            partial(service.zoom, 1),
            # Where plus is typed with Shift, the key without it means the same.
            ("Ctrl++", "Ctrl+="),
            lambda: service.appearance.zoom_percent < ZOOM_STEPS[-1],
            everywhere=True,
        ),
        ActionSpec(
            "view.smaller",
            Group.VIEW,
            QT_TRANSLATE_NOOP("Actions", "Smaller text"),
            partial(service.zoom, -1),
            ("Ctrl+-",),
            lambda: service.appearance.zoom_percent > ZOOM_STEPS[0],
            everywhere=True,
        ),
        ActionSpec(
            "view.usual",
            Group.VIEW,
            QT_TRANSLATE_NOOP("Actions", "Text in the usual size"),
            usual,
            ("Ctrl+0",),
            lambda: service.appearance.zoom_percent != USUAL_ZOOM,
            everywhere=True,
        ),
    )
