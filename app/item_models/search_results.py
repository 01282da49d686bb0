"""The hits of a search, one row each."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from app.domain.conversations import Role
from app.domain.search import Found, Hit, Mark, Part, Query
from app.item_models.figures import moment
from app.item_models.titles import shown_title

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_NAME_LENGTH = 24
"""A longer name of a file would push the words out of sight."""


class SearchResultsModel(QAbstractListModel):
    """What was found, the best first."""

    HIT_ROLE = Qt.ItemDataRole.UserRole + 1
    """-> Hit"""
    LINE_ROLE = Qt.ItemDataRole.UserRole + 2
    """-> the title or the words of the message with where they are, and what is marked in them"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found = Found(Query((), ""), ())

    @property
    def found(self) -> Found:
        """What is shown."""
        return self._found

    def set_found(self, found: Found) -> None:
        """Show other hits."""
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def hit_at(self, index: _Index) -> Hit | None:
        """The hit of a row."""
        return self._found.hits[index.row()] if index.isValid() else None

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """The number of hits."""
        return 0 if parent.isValid() else len(self._found.hits)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The title, the hit, or all that the row says."""
        hit = self.hit_at(index)
        if hit is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown_title(hit.title)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(hit)
            case Qt.ItemDataRole.ToolTipRole:
                return f"{shown_title(hit.title)}\n{moment(hit.moment)}"
            case self.HIT_ROLE:
                return hit
            case self.LINE_ROLE:
                return self._line(hit)
        return None

    def words(self) -> str:
        """How much was found, as a person reads it."""
        found = self._found
        count = len(found.hits)
        if not found.query.needles:
            return ""
        if found.more:
            words = self.tr("The best {count} hits").format(count=count)
        elif count == 1:
            words = self.tr("1 hit")
        elif count:
            words = self.tr("{count} hits").format(count=count)
        else:
            words = self.tr("Nothing found")
        if found.built < 1:
            older = self.tr("Older messages are being indexed: {share} %")
            words += "\n" + older.format(share=f"{found.built * 100:.0f}")
        return words

    def _line(self, hit: Hit) -> tuple[str, tuple[Mark, ...]]:
        match hit.part:
            case Part.THINKING:
                where = self.tr("Thinking: ")
            case Part.FILE:
                where = self.tr("{file}: ").format(file=_short(hit.file))
            case Part.WORDS:
                where = ""
        words, marks = self._visible(
            hit.title if hit.message_id is None else hit.excerpt, hit.marks
        )
        return where + words, tuple((start + len(where), end + len(where)) for start, end in marks)

    def _visible(self, text: str, marks: tuple[Mark, ...]) -> tuple[str, tuple[Mark, ...]]:
        """The text with what would stay unseen in it, and where the marks are then."""
        shown = shown_title(text)
        return (text, marks) if shown == text else (shown, tuple(self._found.query.marks(shown)))

    def _spoken(self, hit: Hit) -> str:
        if hit.message_id is None:
            words = self.tr("Conversation: {title}")
        elif hit.part is Part.THINKING:
            words = self.tr("Thinking, in {title}: {excerpt}")
        elif hit.part is Part.FILE:
            words = self.tr("File {file}, in {title}: {excerpt}")
        elif hit.role is Role.USER:
            words = self.tr("You, in {title}: {excerpt}")
        else:
            words = self.tr("Answer, in {title}: {excerpt}")
        return words.format(
            title=shown_title(hit.title), excerpt=shown_title(hit.excerpt), file=hit.file
        )


def _short(name: str) -> str:
    """A name of which the middle is left out where it is long."""
    half = _NAME_LENGTH // 2
    return name if len(name) <= _NAME_LENGTH else f"{name[:half]}…{name[-half + 1 :]}"
