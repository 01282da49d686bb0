"""The list of conversations: pinned ones, folders, and a heading before each group of days.

Days are the reader's own: groups roll over at midnight of the local clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from app.domain.conversations import Conversation
from app.domain.folders import Folder, Placed
from app.item_models.arranged_rows import ArrangedRowsModel
from app.item_models.conversation_rows import (
    EARLIER,
    FOLDERS,
    MONTH,
    PINNED,
    TODAY,
    WEEK,
    YESTERDAY,
    FolderRow,
    Key,
    Place,
    Row,
    arranged,
    key,
    target,
)
from app.item_models.figures import moment
from app.item_models.titles import shown_title

CONVERSATION_MIME = "application/x-conclave-conversation"

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def local_now() -> datetime:
    """The present time with the reader's time zone."""
    return datetime.now().astimezone()


class Renamed(Struct, frozen=True):
    """The reader typed another title."""

    conversation_id: int
    title: str


class FolderRenamed(Struct, frozen=True):
    """The reader typed another name for a folder."""

    folder_id: int
    name: str


class ConversationListModel(ArrangedRowsModel):
    """Conversations as they are arranged; those that are nowhere, by the day of the last message.

    What the reader changes goes out as a signal; the rows change when the list is read again.
    """

    CONVERSATION_ROLE = Qt.ItemDataRole.UserRole + 1
    """-> Conversation, None on headings."""
    BUSY_ROLE = Qt.ItemDataRole.UserRole + 2
    """-> whether an answer is on its way."""
    FOLDER_ROLE = Qt.ItemDataRole.UserRole + 3
    """-> FolderRow, None on all other rows."""
    INDENTED_ROLE = Qt.ItemDataRole.UserRole + 4
    """-> whether the row stands under a folder."""
    UNREAD_ROLE = Qt.ItemDataRole.UserRole + 5
    """-> whether an answer waits to be read, in a folder that hides it too."""

    renamed = Signal(object)
    """Renamed"""
    folder_renamed = Signal(object)
    """FolderRenamed"""
    placed = Signal(object)
    """Placed: where a conversation was dropped."""

    def __init__(
        self, now: Callable[[], datetime] = local_now, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._conversations: tuple[Conversation, ...] = ()
        self._folders: tuple[Folder, ...] = ()
        self._busy: frozenset[int] = frozenset()
        self._midnight = QTimer(self, singleShot=True)
        self._midnight.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._midnight.timeout.connect(self.regroup)
        self._await_midnight()

    def set_conversations(self, conversations: Sequence[Conversation]) -> None:
        """Show these, the newest first; rows that stay keep their indexes."""
        self._conversations = tuple(conversations)
        self.change_rows(self._arranged())

    def set_folders(self, folders: Sequence[Folder]) -> None:
        """Show these folders, in their order."""
        if tuple(folders) != self._folders:
            self._folders = tuple(folders)
            self.change_rows(self._arranged())

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """All of them, the newest first, also those that a collapsed folder hides."""
        return self._conversations

    @property
    def folders(self) -> tuple[Folder, ...]:
        """The folders that are shown."""
        return self._folders

    def set_busy(self, conversation_id: int, busy: bool) -> None:
        """Mark a conversation as having an answer on its way."""
        change = {conversation_id}
        self._busy = self._busy | change if busy else self._busy - change
        row = self.row_of(conversation_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row), [self.BUSY_ROLE])

    def regroup(self) -> None:
        """Group by the day that it is now."""
        self.change_rows(self._arranged())
        self._await_midnight()

    def say_anew(self) -> None:
        """The language has changed: every row says something else."""
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def row_of(self, conversation_id: int) -> int:
        """The row of a conversation, -1 where it is not shown."""
        return self._row_with(("conversation", conversation_id))

    def row_of_folder(self, folder_id: int) -> int:
        """The row of a folder, -1 where there is none."""
        return self._row_with(("folder", folder_id))

    def _row_with(self, wanted: Key) -> int:
        return next((number for number, row in enumerate(self._rows) if key(row) == wanted), -1)

    def conversation_at(self, index: _Index) -> Conversation | None:
        """The conversation of a row, None on headings and folders."""
        row = self._row_at(index)
        return row.conversation if isinstance(row, Place) else None

    def folder_at(self, index: _Index) -> Folder | None:
        """The folder of a row, None on all others."""
        row = self._row_at(index)
        return row.folder if isinstance(row, FolderRow) else None

    def _row_at(self, index: _Index) -> Row | None:
        return self._rows[index.row()] if index.isValid() else None

    def conversation(self, conversation_id: int | None) -> Conversation | None:
        """The conversation with this id, also where its row is not shown."""
        return next((each for each in self._conversations if each.id == conversation_id), None)

    # Qt

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Headings, folders and conversations."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Headings can be neither selected nor renamed; conversations can be dropped everywhere."""
        flag = Qt.ItemFlag
        row = self._row_at(index)
        if row is None or isinstance(row, str):
            return flag.ItemIsDropEnabled
        flags = (
            flag.ItemIsEnabled
            | flag.ItemIsSelectable
            | flag.ItemIsEditable
            | flag.ItemIsDropEnabled
            | flag.ItemNeverHasChildren
        )
        return flags | flag.ItemIsDragEnabled if isinstance(row, Place) else flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The title, the conversation, or what is to be seen of its state."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        match self._rows[index.row()]:
            case Place(conversation, folder_id):
                if role == self.INDENTED_ROLE:
                    return folder_id is not None
                return self._conversation_data(conversation, role)
            case FolderRow() as folder:
                return self._folder_data(folder, role)
            case heading:
                return self._heading(heading) if role == Qt.ItemDataRole.DisplayRole else None

    def _heading(self, name: str) -> str:
        words = {
            PINNED: self.tr("Pinned"),
            FOLDERS: self.tr("Folders"),
            TODAY: self.tr("Today"),
            YESTERDAY: self.tr("Yesterday"),
            WEEK: self.tr("Last 7 days"),
            MONTH: self.tr("Last 30 days"),
            EARLIER: self.tr("Earlier"),
        }
        return words.get(name, name)

    def _conversation_data(self, conversation: Conversation, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown_title(conversation.title)
            case Qt.ItemDataRole.EditRole:
                return conversation.title
            case Qt.ItemDataRole.ToolTipRole:
                return _tool_tip(conversation)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(conversation)
            case self.CONVERSATION_ROLE:
                return conversation
            case self.BUSY_ROLE:
                return conversation.id in self._busy
            case self.UNREAD_ROLE:
                return conversation.unread
        return None

    def _spoken(self, conversation: Conversation) -> str:
        if conversation.id in self._busy:
            words = self.tr("Conversation: {title}, answering")
        elif conversation.unread:
            words = self.tr("Conversation: {title}, unread answer")
        else:
            words = self.tr("Conversation: {title}")
        return words.format(title=conversation.title)

    def _folder_data(self, row: FolderRow, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown_title(row.folder.name)
            case Qt.ItemDataRole.EditRole:
                return row.folder.name
            case Qt.ItemDataRole.AccessibleTextRole:
                if row.folder.collapsed:
                    words = self.tr("Folder: {name}, {count} conversations, collapsed")
                else:
                    words = self.tr("Folder: {name}, {count} conversations, expanded")
                return words.format(name=row.folder.name, count=row.count)
            case self.FOLDER_ROLE:
                return row
            case self.UNREAD_ROLE:
                return row.unread
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A typed title goes out as `renamed`, a folder's name as `folder_renamed`."""
        # Qt clears what was dragged away by setting nothing.
        typed = value.strip() if isinstance(value, str) else ""
        if role != Qt.ItemDataRole.EditRole or not typed:
            return False
        match self._row_at(index):
            case Place(conversation):
                if typed != conversation.title:
                    self.renamed.emit(Renamed(conversation.id, typed))
            case FolderRow(folder):
                if typed != folder.name:
                    self.folder_renamed.emit(FolderRenamed(folder.id, typed))
            case _:
                return False
        return True

    # Dragging

    def supportedDropActions(self) -> Qt.DropAction:
        """Conversations are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """A conversation of this list."""
        return [CONVERSATION_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The id of the conversation that is dragged."""
        data = QMimeData()
        dragged = next(filter(None, map(self.conversation_at, indexes)), None)
        if dragged is not None:
            data.setData(CONVERSATION_MIME, str(dragged.id).encode())
        return data

    def canDropMimeData(
        self,
        data: QMimeData,
        action: Qt.DropAction,  # noqa: ARG002
        row: int,  # noqa: ARG002
        column: int,  # noqa: ARG002
        parent: _Index,  # noqa: ARG002
    ) -> bool:
        """Wherever a conversation is dropped, it has a place."""
        return self._dragged(data) is not None

    def dropMimeData(
        self,
        data: QMimeData,
        action: Qt.DropAction,  # noqa: ARG002
        row: int,  # noqa: ARG002
        column: int,  # noqa: ARG002
        parent: _Index,
    ) -> bool:
        """The new place goes out as `placed`; no row is removed, the list is read again."""
        dragged = self._dragged(data)
        if dragged is not None:
            placed = target(self._row_at(parent), dragged)
            if placed != Placed(dragged.id, dragged.folder_id, dragged.pinned):
                self.placed.emit(placed)
        return False

    def _dragged(self, data: QMimeData) -> Conversation | None:
        text = bytes(data.data(CONVERSATION_MIME).data()).decode("ascii", "replace")
        return self.conversation(int(text)) if text.isdecimal() else None

    # Rows

    def _arranged(self) -> list[Row]:
        return arranged(self._conversations, self._folders, self._now())

    def _await_midnight(self) -> None:
        now = self._now()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=1, microsecond=0)
        # A suspended computer's timers stand still: look at the clock every hour as well.
        wait_s = min((midnight - now).total_seconds(), 3600.0)
        self._midnight.start(int(wait_s * 1000) + 1)


def _tool_tip(conversation: Conversation) -> str:
    return f"{shown_title(conversation.title)}\n{moment(conversation.updated_at)}"
