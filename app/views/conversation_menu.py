"""The context menus of the list: what can be done with a conversation, and with a folder."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from app.domain.conversations import Conversation
from app.domain.folders import Folder, Placed
from app.views.icons import icon
from app.views.theme import Theme

if TYPE_CHECKING:
    from app.views.conversation_view import ConversationView


def conversation_menu(
    view: ConversationView, conversation: Conversation, folders: tuple[Folder, ...], theme: Theme
) -> QMenu:
    """Pin, put into a folder, rename, delete."""
    translate = QCoreApplication.translate
    menu = QMenu(view)
    muted = theme.muted
    if conversation.pinned:
        pin = menu.addAction(icon("pin", muted), translate("ConversationMenu", "Unpin"))
    else:
        pin = menu.addAction(icon("pin", muted), translate("ConversationMenu", "Pin to the top"))
    placed = Placed(conversation.id, conversation.folder_id, not conversation.pinned)
    pin.triggered.connect(partial(view.placed.emit, placed))
    menu.addMenu(_folder_menu(view, conversation, folders, theme))
    menu.addSeparator()
    rename = menu.addAction(icon("rename", muted), translate("ConversationMenu", "Rename") + "\tF2")
    rename.triggered.connect(view.rename_current)
    delete = menu.addAction(icon("trash", muted), translate("ConversationMenu", "Delete") + "\tDel")
    delete.triggered.connect(view.delete_current)
    return menu


def folder_menu(view: ConversationView, folder: Folder, theme: Theme) -> QMenu:
    """Rename or remove a folder."""
    translate = QCoreApplication.translate
    menu = QMenu(view)
    rename = menu.addAction(
        icon("rename", theme.muted), translate("ConversationMenu", "Rename") + "\tF2"
    )
    rename.triggered.connect(view.rename_current)
    remove = menu.addAction(
        icon("trash", theme.muted),
        translate("ConversationMenu", "Remove the folder, keep its conversations") + "\tDel",
    )
    remove.triggered.connect(partial(view.folder_removed.emit, folder.id))
    return menu


def _folder_menu(
    view: ConversationView, conversation: Conversation, folders: tuple[Folder, ...], theme: Theme
) -> QMenu:
    translate = QCoreApplication.translate
    menu = QMenu(translate("ConversationMenu", "Put into a folder"), view)
    menu.setIcon(icon("folder", theme.muted))
    for folder in folders:
        # An ampersand would be taken for the sign of a key.
        action = menu.addAction(folder.name.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(folder.id == conversation.folder_id)
        placed = Placed(conversation.id, folder.id, pinned=False)
        action.triggered.connect(partial(_place, view, placed))
    if folders:
        menu.addSeparator()
    new = menu.addAction(
        icon("folder-new", theme.muted), translate("ConversationMenu", "New folder")
    )
    new.triggered.connect(partial(view.folder_wanted.emit, conversation))
    if conversation.folder_id is not None:
        out = menu.addAction(translate("ConversationMenu", "Take out of its folder"))
        out.triggered.connect(
            partial(_place, view, Placed(conversation.id, None, conversation.pinned))
        )
    return menu


def _place(view: ConversationView, placed: Placed, _checked: bool = False) -> None:
    view.placed.emit(placed)
