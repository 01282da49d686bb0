"""What steering can be asked to do, as entries of the window's registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.views.actions import ActionSpec, Group
from app.views.translatable import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from app.views.main_window import MainWindow


def steering_actions(window: MainWindow) -> tuple[ActionSpec, ...]:
    """The actions of steering, in the order of the menu."""

    def can_compare() -> bool:
        return window.page.messages.rowCount() > 0 and not window.page.composer.is_busy

    return (
        ActionSpec(
            "answer.compare",
            Group.WRITING,
            QT_TRANSLATE_NOOP("Actions", "Compare two answers to the last question"),
            window.compare_answers,
            ("Ctrl+Shift+M",),
            can_compare,
        ),
        ActionSpec(
            "conversation.temporary",
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "New temporary conversation"),
            window.temporary_requested.emit,
            ("Ctrl+Shift+N",),
        ),
        ActionSpec(
            "personas",
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "Personas"),
            window.steering.open_library,
        ),
        ActionSpec(
            "view.settings",
            Group.VIEW,
            QT_TRANSLATE_NOOP("Actions", "Show or hide the settings of this conversation"),
            window.steering.toggle,
            ("Ctrl+.",),
        ),
    )
