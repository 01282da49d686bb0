"""Binds what the reader does with folders and places in the list to the service."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.domain.conversations import Conversation
from app.domain.folders import Folder
from app.item_models.conversation_list import FolderRenamed
from app.services.arrangement import ArrangementService
from app.views.sidebar import Sidebar


class ArrangementControl(QObject):
    """Folders of the sidebar."""

    def __init__(self, sidebar: Sidebar, service: ArrangementService, parent: QObject) -> None:
        super().__init__(parent)
        self._sidebar = sidebar
        self._service = service
        view = sidebar.list
        sidebar.folder_requested.connect(self._on_folder_requested)
        sidebar.model.folder_renamed.connect(self._on_folder_renamed)
        view.placed.connect(service.place)
        view.folder_wanted.connect(self._on_folder_wanted)
        view.folder_removed.connect(service.remove_folder)
        view.folder_collapsed.connect(service.collapse_folder)
        service.listed.connect(sidebar.model.set_folders)
        service.created.connect(self._on_created)

    def _on_folder_requested(self) -> None:
        self._service.create_folder(self.tr("New folder"))

    def _on_folder_wanted(self, conversation: Conversation) -> None:
        self._service.create_folder(self.tr("New folder"), conversation.id)

    def _on_folder_renamed(self, renamed: FolderRenamed) -> None:
        self._service.rename_folder(renamed.folder_id, renamed.name)

    def _on_created(self, folder: Folder) -> None:
        self._sidebar.list.rename_folder(folder.id)
