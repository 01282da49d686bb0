"""What the command palette offers of the window: actions, conversations, models and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.domain.conversations import Conversation
from app.item_models.conversation_list import ConversationListModel
from app.item_models.palette import PaletteEntry
from app.item_models.titles import shown_title
from app.services.models import ModelService
from app.views.actions import Actions, shown_keys
from app.views.command_palette import CommandPalette
from app.views.setting_titles import MODEL_SETTINGS, SETTINGS
from app.views.steering.numbers import NUMBERS
from app.views.theme import Theme
from app.views.translatable import QT_TRANSLATE_NOOP
from inference.engine import ContextPolicy

if TYPE_CHECKING:
    from app.views.main_window import MainWindow
    from app.views.window_services import Services

_PALETTE = "program.palette"
_POLICIES = {
    ContextPolicy.DROP_OLDEST: QT_TRANSLATE_NOOP(
        "Palette", "When the context is full: leave out the oldest messages"
    ),
    ContextPolicy.SUMMARISE: QT_TRANSLATE_NOOP(
        "Palette", "When the context is full: summarise the oldest messages"
    ),
    ContextPolicy.STOP: QT_TRANSLATE_NOOP("Palette", "When the context is full: stop"),
}

_PANEL = (
    ("system_prompt", QT_TRANSLATE_NOOP("SteeringPanel", "System prompt")),
    ("model", QT_TRANSLATE_NOOP("SteeringPanel", "Model")),
)


def window_palette(window: MainWindow, services: Services, theme: Theme) -> CommandPalette:
    """The palette of a window."""
    palette = CommandPalette(services.recents, theme, window)
    palette.add_source(lambda: action_entries(window.commands))
    palette.add_source(
        lambda: conversation_entries(window.conversation_list, window.conversations.open)
    )
    palette.add_source(lambda: model_entries(services.models, window.models.use))
    palette.add_source(
        lambda: policy_entries(
            window.page.conversation_id, services.conversations.set_context_policy
        )
    )
    palette.add_source(lambda: steering_entries(window.steering.open_at))
    palette.add_source(
        lambda: setting_entries(services.models.current() is not None, window.settings.open)
    )
    return palette


def action_entries(actions: Actions) -> Iterator[PaletteEntry]:
    """What can be done now."""
    kind = QCoreApplication.translate("Palette", "Action")
    for registered in actions.all:
        spec, action = registered.spec, registered.action
        if spec.id != _PALETTE and (spec.available is None or spec.available()):
            yield PaletteEntry(spec.id, action.text(), kind, action.trigger, shown_keys(action))


def conversation_entries(
    model: ConversationListModel, open_conversation: Callable[[Conversation], object]
) -> Iterator[PaletteEntry]:
    """The conversations, the newest first, those in collapsed folders too."""
    kind = QCoreApplication.translate("Palette", "Conversation")
    for found in model.conversations:
        run = partial(open_conversation, found)
        yield PaletteEntry(f"conversation:{found.id}", shown_title(found.title), kind, run)


def model_entries(models: ModelService, choose: Callable[..., object]) -> Iterator[PaletteEntry]:
    """The models that are there."""
    kind = QCoreApplication.translate("Palette", "Model")
    for file in models.models:
        yield PaletteEntry(f"model:{file.path}", file.name, kind, partial(choose, file.path))


def policy_entries(
    conversation_id: int | None, set_policy: Callable[[int, ContextPolicy], object]
) -> Iterator[PaletteEntry]:
    """What happens when the context of the conversation on the page is full."""
    if conversation_id is None:
        return
    for policy, title in _POLICIES.items():
        run = partial(set_policy, conversation_id, policy)
        yield PaletteEntry(
            f"policy:{policy.value}",
            QCoreApplication.translate("Palette", title),
            QCoreApplication.translate("Palette", "Setting"),
            run,
        )


def steering_entries(open_at: Callable[[str], object]) -> Iterator[PaletteEntry]:
    """The settings of the conversation on the page; choosing one opens the panel there."""
    kind = QCoreApplication.translate("SteeringPanel", "This conversation")
    titles = {name: QCoreApplication.translate("SteeringPanel", text) for name, text in _PANEL}
    titles |= {number.name: number.title for number in NUMBERS}
    for name, title in titles.items():
        yield PaletteEntry(f"steering:{name}", title, kind, partial(open_at, name))


def setting_entries(
    has_model: bool, open_setting: Callable[[str], object]
) -> Iterator[PaletteEntry]:
    """The settings of the dialog; choosing one opens it there."""
    kind = QCoreApplication.translate("Palette", "Setting")
    for text in (*SETTINGS, *(MODEL_SETTINGS if has_model else ())):
        title = QCoreApplication.translate("SettingsDialog", text)
        yield PaletteEntry(f"setting:{text}", title, kind, partial(open_setting, title))
