"""The messages of the open conversation, from its root to its leaf, as an item model.

While an answer streams, its pieces travel by `delta_appended` and not by `dataChanged`: a view adds
them to what it shows. They are joined to the message when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.domain.conversations import Message, Role, Status

AnyIndex = QModelIndex | QPersistentModelIndex


class Horizon(Struct, frozen=True):
    """Where the newest answer's sight ends: it was given without this message and those before.

    Args:
        message_id: The last message that the model did not see.
        summarised: It has read a summary instead.
    """

    message_id: int
    summarised: bool

    @property
    def words(self) -> str:
        """What stands below the message."""
        if self.summarised:
            return QCoreApplication.translate(
                "Transcript", "The model has read a summary of the messages above"
            )
        return QCoreApplication.translate(
            "Transcript", "The model no longer sees the messages above"
        )


class TranscriptModel(QAbstractListModel):
    """Messages in reading order."""

    delta_appended = Signal(int, str, str)
    """Row, text, thinking."""

    versions_changed = Signal()
    """What `versions_of` answers is different now."""

    MESSAGE_ROLE = Qt.ItemDataRole.UserRole + 1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages: list[Message] = []
        self._rows: dict[int, int] = {}
        self._pending: dict[int, tuple[list[str], list[str]]] = {}
        self._horizon: Horizon | None = None
        self._versions: Mapping[int, tuple[int, ...]] = {}

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        """The number of messages."""
        return 0 if parent.isValid() else len(self._messages)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The message, its text, or its text with who wrote it."""
        if not index.isValid() or not 0 <= index.row() < len(self._messages):
            return None
        message = self.message_at(index.row())
        if role == self.MESSAGE_ROLE:
            return message
        if role == Qt.ItemDataRole.DisplayRole:
            return message.content
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = f"{author(message)}: {message.content}{attached_words(message)}"
            horizon = self.horizon_at(index.row())
            return f"{words}\n{horizon.words}." if horizon else words
        return None

    @property
    def horizon(self) -> Horizon | None:
        """Where the sight of the model ends, None where it sees everything."""
        return self._horizon

    def horizon_at(self, row: int) -> Horizon | None:
        """The horizon, if it stands below that row."""
        horizon = self._horizon
        at_row = horizon is not None and self._rows.get(horizon.message_id) == row
        return horizon if at_row else None

    def message_at(self, row: int) -> Message:
        """The message of a row, with all that was appended to it."""
        message = self._messages[row]
        pending = self._pending.pop(message.id, None)
        if pending is not None:
            content, thinking = pending
            message = replace(
                message,
                content=message.content + "".join(content),
                thinking=message.thinking + "".join(thinking),
            )
            self._messages[row] = message
        return message

    def row_of(self, message_id: int) -> int | None:
        """The row of a message, None where it is not shown."""
        return self._rows.get(message_id)

    def versions_of(self, message_id: int) -> tuple[int, ...]:
        """All versions of a message, oldest first; empty where it has no other."""
        return self._versions.get(message_id, ())

    def set_versions(self, versions: Mapping[int, tuple[int, ...]]) -> None:
        """Tell which messages have other versions."""
        if versions != self._versions:
            self._versions = versions
            self.versions_changed.emit()

    def become(self, messages: Sequence[Message]) -> None:
        """Show these messages; those at the beginning that are shown already stay."""
        n_kept = 0
        for shown, message in zip(self._messages, messages, strict=False):
            if shown.id != message.id:
                break
            n_kept += 1
        for message in messages[:n_kept]:
            if self.message_at(self._rows[message.id]) != message:
                self.replace(message)
        self.truncate(n_kept)
        for message in messages[n_kept:]:
            self.append(message)

    def truncate(self, n_rows: int) -> None:
        """Keep so many messages from the beginning."""
        last = len(self._messages) - 1
        if n_rows > last:
            return
        self.beginRemoveRows(QModelIndex(), n_rows, last)
        for message in self._messages[n_rows:]:
            self._pending.pop(message.id, None)
        del self._messages[n_rows:]
        self._number()
        self.endRemoveRows()
        self._move_horizon()

    def reset(self, messages: Sequence[Message]) -> None:
        """Show another conversation."""
        self.beginResetModel()
        self._messages = list(messages)
        self._pending.clear()
        self._number()
        self._horizon = self._found_horizon()
        self.endResetModel()

    def append(self, message: Message) -> None:
        """Add a message at the end."""
        row = len(self._messages)
        self.beginInsertRows(QModelIndex(), row, row)
        self._messages.append(message)
        self._rows[message.id] = row
        self.endInsertRows()
        self._move_horizon()

    def append_delta(self, message_id: int, text: str, thinking: str) -> None:
        """Add to a streaming message; an unknown one is ignored."""
        row = self._rows.get(message_id)
        if row is None or not (text or thinking):
            return
        content, thoughts = self._pending.setdefault(message_id, ([], []))
        content.append(text)
        thoughts.append(thinking)
        self.delta_appended.emit(row, text, thinking)

    def replace(self, message: Message) -> None:
        """Put a newer state of a message in its place; an unknown one is ignored."""
        row = self._rows.get(message.id)
        if row is None:
            return
        self._pending.pop(message.id, None)
        self._messages[row] = message
        index = self.index(row)
        self.dataChanged.emit(index, index)
        self._move_horizon()

    def remove(self, message_id: int) -> None:
        """Take a message away; an unknown one is ignored."""
        row = self._rows.get(message_id)
        if row is None:
            return
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._messages[row]
        self._pending.pop(message_id, None)
        self._number()
        self.endRemoveRows()
        self._move_horizon()

    def _found_horizon(self) -> Horizon | None:
        """The horizon of the newest answer; one that has just begun does not know its own yet."""
        for message in reversed(self._messages):
            unseen = message.unseen
            if unseen is not None and unseen.until_id in self._rows:
                return Horizon(unseen.until_id, unseen.summarised)
            if message.role is Role.ASSISTANT and message.status is not Status.STREAMING:
                return None
        return None

    def _move_horizon(self) -> None:
        before, self._horizon = self._horizon, self._found_horizon()
        if before == self._horizon:
            return
        for horizon in (before, self._horizon):
            row = self._rows.get(horizon.message_id) if horizon else None
            if row is not None:
                index = self.index(row)
                self.dataChanged.emit(index, index)

    def _number(self) -> None:
        self._rows = {message.id: row for row, message in enumerate(self._messages)}


def attached_words(message: Message) -> str:
    """The files of a message in words."""
    if not message.attachments:
        return ""
    names = ", ".join(file.name for file in message.attachments)
    words = QCoreApplication.translate("Transcript", "Attached files: {names}.").format(names=names)
    return f"\n{words}"


def author(message: Message) -> str:
    """Who wrote the message, in words."""
    match message.role:
        case Role.USER:
            return QCoreApplication.translate("Transcript", "You")
        case Role.SYSTEM:
            return QCoreApplication.translate("Transcript", "System")
        case Role.ASSISTANT:
            return message.model or QCoreApplication.translate("Transcript", "Assistant")
