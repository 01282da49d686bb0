from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.store import Repository, Store
from app.store.database import close_database, open_database


class TickingClock:
    """Starts at noon of a fixed day and moves by one second each time it is read."""

    def __init__(self) -> None:
        self.start = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
        self.readings = 0

    def __call__(self) -> datetime:
        self.readings += 1
        return self.start + timedelta(seconds=self.readings - 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conclave.db"


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def repository(path: Path, clock: TickingClock) -> Iterator[Repository]:
    db, _report = open_database(path, timeout_s=5)
    yield Repository(db, clock)
    close_database(db)


@pytest.fixture
def open_store(path: Path) -> Iterator[Callable[[], Store]]:
    """Makes stores on the same file, which wait briefly for locks and are closed after the test."""
    stores: list[Store] = []

    def make() -> Store:
        stores.append(Store(path, timeout_s=0.2))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def sql(path: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Runs one statement beside the store, as another program would, foreign keys unchecked."""

    def run(statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            return connection.execute(statement, parameters).fetchall()

    return run
