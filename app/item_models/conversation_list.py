"""The list of conversations, with a heading row before each group of days.

Days are the reader's own: groups roll over at midnight of the local clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from app.domain.conversations import Conversation

TODAY, YESTERDAY, EARLIER = "Today", "Yesterday", "Earlier"

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def local_now() -> datetime:
    """The present time with the reader's time zone."""
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Renamed:
    """The reader typed another title."""

    conversation_id: int
    title: str


_Row = str | Conversation
"""A heading or a conversation."""


class ConversationListModel(QAbstractListModel):
    """Conversations grouped by the day of their last message."""

    CONVERSATION_ROLE = Qt.ItemDataRole.UserRole + 1
    """-> Conversation, None on headings."""
    BUSY_ROLE = Qt.ItemDataRole.UserRole + 2
    """-> whether an answer is on its way."""

    renamed = Signal(object)
    """Renamed"""

    def __init__(
        self, now: Callable[[], datetime] = local_now, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._conversations: tuple[Conversation, ...] = ()
        self._rows: list[_Row] = []
        self._busy: frozenset[int] = frozenset()
        self._midnight = QTimer(self, singleShot=True)
        self._midnight.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._midnight.timeout.connect(self.regroup)
        self._await_midnight()

    def set_conversations(self, conversations: Sequence[Conversation]) -> None:
        """Show these, the newest first; rows that stay keep their indexes."""
        self._conversations = tuple(conversations)
        self._change_rows(self._grouped())

    def set_busy(self, conversation_id: int, busy: bool) -> None:
        """Mark a conversation as having an answer on its way."""
        change = {conversation_id}
        self._busy = self._busy | change if busy else self._busy - change
        row = self.row_of(conversation_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row), [self.BUSY_ROLE])

    def regroup(self) -> None:
        """Group by the day that it is now."""
        self._change_rows(self._grouped())
        self._await_midnight()

    def row_of(self, conversation_id: int) -> int:
        """The row of a conversation, -1 where it is not shown."""
        for row, item in enumerate(self._rows):
            if isinstance(item, Conversation) and item.id == conversation_id:
                return row
        return -1

    def conversation_at(self, index: _Index) -> Conversation | None:
        """The conversation of a row, None on headings."""
        row = self._rows[index.row()] if index.isValid() else None
        return row if isinstance(row, Conversation) else None

    def conversation(self, conversation_id: int | None) -> Conversation | None:
        """The conversation with this id, also where its row is not shown."""
        return next((each for each in self._conversations if each.id == conversation_id), None)

    # Qt

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Headings and conversations."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Headings can be neither selected nor renamed."""
        if self.conversation_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The title, the conversation, or whether it is busy."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if isinstance(row, str):
            return row if role == Qt.ItemDataRole.DisplayRole else None
        return self._conversation_data(row, role)

    def _conversation_data(self, conversation: Conversation, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return conversation.title
            case Qt.ItemDataRole.ToolTipRole:
                return _tool_tip(conversation)
            case Qt.ItemDataRole.AccessibleTextRole:
                busy = ", answering" if conversation.id in self._busy else ""
                return f"Conversation: {conversation.title}{busy}"
            case self.CONVERSATION_ROLE:
                return conversation
            case self.BUSY_ROLE:
                return conversation.id in self._busy
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A typed title goes out as `renamed`; the row changes with the list."""
        conversation = self.conversation_at(index)
        title = str(value).strip()
        if conversation is None or role != Qt.ItemDataRole.EditRole or not title:
            return False
        if title != conversation.title:
            self.renamed.emit(Renamed(conversation.id, title))
        return True

    # Rows

    def _grouped(self) -> list[_Row]:
        today = self._now().date()
        zone = self._now().tzinfo
        groups: dict[str, list[Conversation]] = {TODAY: [], YESTERDAY: [], EARLIER: []}
        for conversation in self._conversations:
            age = today - conversation.updated_at.astimezone(zone).date()
            name = TODAY if age.days <= 0 else YESTERDAY if age.days == 1 else EARLIER
            groups[name].append(conversation)
        rows: list[_Row] = []
        for name, items in groups.items():
            if items:
                rows += [name, *items]
        return rows

    def _change_rows(self, rows: list[_Row]) -> None:
        """Turn the present rows into `rows` by removals, moves and insertions."""
        wanted = {_key(row): row for row in rows}
        for number in reversed(range(len(self._rows))):
            if _key(self._rows[number]) not in wanted:
                self.beginRemoveRows(_ROOT, number, number)
                del self._rows[number]
                self.endRemoveRows()
        present = {_key(row) for row in self._rows}
        self._put_in_order([row for row in rows if _key(row) in present])
        self._insert_missing(rows, present)
        changed = [number for number, row in enumerate(rows) if self._rows[number] != row]
        self._rows = list(rows)
        for number in changed:
            self.dataChanged.emit(self.index(number), self.index(number))

    def _insert_missing(self, rows: list[_Row], present: set[str | int]) -> None:
        if not present and rows:
            self.beginInsertRows(_ROOT, 0, len(rows) - 1)
            self._rows = list(rows)
            self.endInsertRows()
            return
        for number, row in enumerate(rows):
            if _key(row) not in present:
                self.beginInsertRows(_ROOT, number, number)
                self._rows.insert(number, row)
                self.endInsertRows()

    def _put_in_order(self, rows: list[_Row]) -> None:
        keys = [_key(row) for row in rows]
        old_keys = [_key(row) for row in self._rows]
        if keys == old_keys:
            return
        self.layoutAboutToBeChanged.emit()
        new_number = {key: number for number, key in enumerate(keys)}
        before = self.persistentIndexList()
        by_key = dict(zip(old_keys, self._rows, strict=True))
        self._rows = [by_key[key] for key in keys]
        after = [self.index(new_number[old_keys[index.row()]]) for index in before]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _await_midnight(self) -> None:
        now = self._now()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=1, microsecond=0)
        # A suspended computer's timers stand still: look at the clock every hour as well.
        wait_s = min((midnight - now).total_seconds(), 3600.0)
        self._midnight.start(int(wait_s * 1000) + 1)


def _key(row: _Row) -> str | int:
    return row if isinstance(row, str) else row.id


def _tool_tip(conversation: Conversation) -> str:
    changed = conversation.updated_at.astimezone()
    return f"{conversation.title}\n{changed:%d %B %Y, %H:%M}"
