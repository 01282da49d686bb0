"""The rows of the command palette: what fits the letters that were typed, the best first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.item_models.fuzzy import Match, matcher

MAX_ROWS = 100
_RECENT_WORTH = 400
"""What having been used lately is worth: somewhat less than a letter at the start of a word."""

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """Something that can be chosen.

    Args:
        key: What it is remembered by.
        title: What is searched and shown.
        kind: What it is, in a word.
        run: What choosing it does.
        shortcut: Its keys, for reading.
    """

    key: str
    title: str
    kind: str
    run: Callable[[], object] = field(compare=False)
    shortcut: str = ""


class PaletteModel(QAbstractListModel):
    """Entries ranked by what was typed and by what was used lately."""

    ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
    """-> PaletteEntry"""
    PLACES_ROLE = Qt.ItemDataRole.UserRole + 2
    """-> tuple[int, ...]: the letters of the title that were typed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[PaletteEntry, ...] = ()
        self._ages: dict[str, int] = {}
        self._rows: list[tuple[PaletteEntry, Match]] = []

    def set_entries(self, entries: Iterable[PaletteEntry], recent: Sequence[str]) -> None:
        """Offer these; `recent` has the keys of what was used lately, the latest first."""
        self._entries = tuple(entries)
        self._ages = {key: age for age, key in enumerate(recent)}
        self.search("")

    def search(self, letters: str) -> None:
        """Show what fits the letters."""
        fit = matcher(letters)
        found = [(entry, m) for entry in self._entries if (m := fit(entry.title)) is not None]
        # The order of the entries holds among those that fit alike.
        found.sort(key=lambda row: -self._rank(*row))
        self.beginResetModel()
        self._rows = found[:MAX_ROWS]
        self.endResetModel()

    def entry_at(self, row: int) -> PaletteEntry | None:
        """The entry of a row; None where there is no such row."""
        return self._rows[row][0] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """What is shown."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Title, entry, or the letters to mark."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        entry, found = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(part for part in (entry.title, entry.kind, entry.shortcut) if part)
            case self.ENTRY_ROLE:
                return entry
            case self.PLACES_ROLE:
                return found.places
        return None

    def _rank(self, entry: PaletteEntry, match: Match) -> int:
        age = self._ages.get(entry.key)
        if age is None:
            return match.score
        return match.score + _RECENT_WORTH + max(0, 50 - age)
