"""What the window itself can be asked to do, as entries of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.views.actions import ActionSpec, Group, KeyHint
from app.views.search_field import SHORTCUT as SEARCH_SHORTCUT
from app.views.translatable import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from app.views.main_window import MainWindow


def window_actions(window: MainWindow) -> tuple[ActionSpec, ...]:
    """The actions of the window, in the order of the menu."""

    def has_conversation() -> bool:
        return window.conversations.current is not None

    def can_rename() -> bool:
        return window.sidebar.list.currentIndex().isValid() or has_conversation()

    return (
        ActionSpec(
            "conversation.new",
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "New conversation"),
            window.new_conversation,
            ("Ctrl+N",),
        ),
        ActionSpec(
            "conversation.next",
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "Next conversation"),
            window.conversations.next,
            ("Alt+Down", "Ctrl+Tab"),
        ),
        ActionSpec(
            "conversation.previous",
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "Previous conversation"),
            window.conversations.previous,
            ("Alt+Up", "Ctrl+Shift+Tab"),
        ),
        ActionSpec(
            "conversation.rename",
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "Rename the conversation"),
            window.conversations.rename,
            ("F2",),
            can_rename,
        ),
        ActionSpec(
            "conversation.delete",
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "Delete the conversation"),
            window.conversations.delete,
            (),
            has_conversation,
        ),
        ActionSpec(
            "conversation.search",
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "Search all conversations"),
            window.search_everything,
            (SEARCH_SHORTCUT,),
        ),
        ActionSpec(
            "write",
            Group.WRITING,
            QT_TRANSLATE_NOOP("Actions", "Write a message"),
            window.page.composer.setFocus,
            ("Ctrl+L",),
        ),
        ActionSpec(
            "write.attach",
            Group.WRITING,
            QT_TRANSLATE_NOOP("Actions", "Attach files"),
            window.page.drafting.choose_files,
            ("Ctrl+Shift+A",),
        ),
        ActionSpec(
            "answer.copy",
            Group.WRITING,
            QT_TRANSLATE_NOOP("Actions", "Copy the last answer"),
            window.page.copy_last_answer,
            ("Ctrl+Shift+C",),
            lambda: window.page.messages.rowCount() > 0,
        ),
        ActionSpec(
            "conversation.find",
            Group.WRITING,
            QT_TRANSLATE_NOOP("Actions", "Find in this conversation"),
            window.find_in_conversation,
            ("Ctrl+F",),
            lambda: window.page.conversation_id is not None,
        ),
        ActionSpec(
            "model.choose",
            Group.MODEL,
            QT_TRANSLATE_NOOP("Actions", "Choose a model"),
            window.models.choose,
            ("Ctrl+M",),
        ),
        ActionSpec(
            "model.open",
            Group.MODEL,
            QT_TRANSLATE_NOOP("Actions", "Open a model file"),
            window.models.open_file,
            ("Ctrl+O",),
        ),
        ActionSpec(
            "model.tune",
            Group.MODEL,
            QT_TRANSLATE_NOOP("Actions", "Tune this model for this computer"),
            window.models.tune,
            (),
            window.models.can_tune,
        ),
        ActionSpec(
            "model.folder",
            Group.MODEL,
            QT_TRANSLATE_NOOP("Actions", "Show the models folder"),
            window.models.show_folder,
        ),
        ActionSpec(
            "view.sidebar",
            Group.VIEW,
            QT_TRANSLATE_NOOP("Actions", "Show or hide the conversations"),
            window.toggle_sidebar,
            ("Ctrl+B",),
        ),
        ActionSpec(
            "view.experts",
            Group.VIEW,
            QT_TRANSLATE_NOOP("Actions", "Show or hide the experts"),
            window.toggle_experts,
            ("Ctrl+Shift+E",),
        ),
        ActionSpec(
            "program.settings",
            Group.PROGRAM,
            QT_TRANSLATE_NOOP("Actions", "Settings"),
            window.settings.open,
            ("Ctrl+,",),
        ),
        ActionSpec(
            "program.palette",
            Group.PROGRAM,
            QT_TRANSLATE_NOOP("Actions", "Find an action, a conversation or a model"),
            window.show_command_palette,
            ("Ctrl+K",),
        ),
        ActionSpec(
            "program.menu",
            Group.PROGRAM,
            QT_TRANSLATE_NOOP("Actions", "Open the menu"),
            window.show_menu,
            ("F10",),
        ),
        ActionSpec(
            "program.shortcuts",
            Group.PROGRAM,
            QT_TRANSLATE_NOOP("Actions", "Show all shortcuts"),
            window.show_shortcuts,
            ("F1", "Ctrl+/"),
        ),
        ActionSpec(
            "program.introduction",
            Group.PROGRAM,
            QT_TRANSLATE_NOOP("Actions", "Show the introduction"),
            window.show_introduction,
        ),
        ActionSpec(
            "program.quit",
            Group.PROGRAM,
            QT_TRANSLATE_NOOP("Actions", "Quit"),
            window.close,
            ("Ctrl+Q",),
        ),
    )


def key_hints() -> tuple[KeyHint, ...]:
    """Keys that single controls of the window understand."""
    return (
        KeyHint(Group.CONVERSATION, QT_TRANSLATE_NOOP("Actions", "Delete, in the list"), "Del"),
        KeyHint(
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "Open or close a folder, in the list"),
            "Space",
        ),
        KeyHint(
            Group.CONVERSATION,
            QT_TRANSLATE_NOOP("Actions", "Open the chosen hit, in the search"),
            "Return",
        ),
        KeyHint(Group.WRITING, QT_TRANSLATE_NOOP("Actions", "Send the message"), "Return"),
        KeyHint(Group.WRITING, QT_TRANSLATE_NOOP("Actions", "Begin a new line"), "Shift+Return"),
        KeyHint(Group.WRITING, QT_TRANSLATE_NOOP("Actions", "Stop the answer"), "Esc"),
        KeyHint(
            Group.WRITING,
            QT_TRANSLATE_NOOP("Actions", "Edit the last question, in an empty field"),
            "Up",
        ),
        KeyHint(Group.WRITING, QT_TRANSLATE_NOOP("Actions", "Next hit, while finding"), "Return"),
        KeyHint(
            Group.WRITING,
            QT_TRANSLATE_NOOP("Actions", "Previous hit, while finding"),
            "Shift+Return",
        ),
        KeyHint(Group.WRITING, QT_TRANSLATE_NOOP("Actions", "Copy what is selected"), "Ctrl+C"),
        KeyHint(
            Group.WRITING,
            QT_TRANSLATE_NOOP("Actions", "Select all, in the conversation"),
            "Ctrl+A",
        ),
        KeyHint(
            Group.WRITING,
            QT_TRANSLATE_NOOP("Actions", "Show or hide the thinking, in the conversation"),
            "Space",
        ),
    )
