from __future__ import annotations

from pathlib import Path

import pytest

from app.domain import settings
from app.services.engine_options import engine_options
from app.store import Store
from inference.engine import EngineOptions

FOLDER = Path("states")


def options(store: Store) -> EngineOptions:
    return store.submit(lambda repository: engine_options(repository, FOLDER)).result()


def put(store: Store, key: str, value: object) -> None:
    store.submit(lambda repository: repository.set_setting(key, value)).result()


def test_defaults(store: Store) -> None:
    # 1 GiB in memory, 8 GiB on disk, unless somebody says otherwise.
    assert options(store) == EngineOptions(1 << 30, 8 << 30, FOLDER)


def test_stored_budgets(store: Store) -> None:
    put(store, settings.STATE_MEMORY_BYTES, 0)
    put(store, settings.STATE_DISK_BYTES, 5_000_000)
    assert options(store) == EngineOptions(0, 5_000_000, FOLDER)


@pytest.mark.parametrize("value", ["much", -1, 1.5, True, [], None])
def test_senseless_budgets_count_as_the_default(store: Store, value: object) -> None:
    put(store, settings.STATE_MEMORY_BYTES, value)
    put(store, settings.STATE_DISK_BYTES, value)
    assert options(store) == EngineOptions(state_folder=FOLDER)
