"""A list of rows that becomes another one without being reset: what stays keeps its index."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject

from app.item_models.conversation_rows import Key, Row, key

_ROOT = QModelIndex()


class ArrangedRowsModel(QAbstractListModel):
    """Holds the rows; what they say is the business of the class that is made of this one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def change_rows(self, rows: list[Row]) -> None:
        """Turn the present rows into `rows` by removals, moves and insertions."""
        wanted = {key(row): row for row in rows}
        for number in reversed(range(len(self._rows))):
            if key(self._rows[number]) not in wanted:
                self.beginRemoveRows(_ROOT, number, number)
                del self._rows[number]
                self.endRemoveRows()
        present = {key(row) for row in self._rows}
        self._put_in_order([row for row in rows if key(row) in present])
        self._insert_missing(rows, present)
        changed = [number for number, row in enumerate(rows) if self._rows[number] != row]
        self._rows = list(rows)
        for number in changed:
            self.dataChanged.emit(self.index(number), self.index(number))

    def _insert_missing(self, rows: list[Row], present: set[Key]) -> None:
        if not present and rows:
            self.beginInsertRows(_ROOT, 0, len(rows) - 1)
            self._rows = list(rows)
            self.endInsertRows()
            return
        for number, row in enumerate(rows):
            if key(row) not in present:
                self.beginInsertRows(_ROOT, number, number)
                self._rows.insert(number, row)
                self.endInsertRows()

    def _put_in_order(self, rows: list[Row]) -> None:
        keys = [key(row) for row in rows]
        old_keys = [key(row) for row in self._rows]
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
