from __future__ import annotations

from pathlib import Path

import pytest

from app.domain import settings
from app.services.engine_settings import engine_options
from app.store import JsonValue, Store
from inference.engine import EngineOptions

FOLDER = Path("states")
HALF_AN_HOUR = 1800.0


def options(store: Store) -> EngineOptions:
    return store.submit(lambda repository: engine_options(repository, FOLDER)).result(5)


def put(store: Store, key: str, value: JsonValue) -> None:
    store.submit(lambda repository: repository.set_setting(key, value)).result(5)


def test_defaults(store: Store) -> None:
    # 1 GiB in memory, 8 GiB on disk, unless somebody says otherwise.
    assert options(store) == EngineOptions(1 << 30, 8 << 30, FOLDER, HALF_AN_HOUR)


def test_stored_budgets(store: Store) -> None:
    put(store, settings.STATE_MEMORY_BYTES, 0)
    put(store, settings.STATE_DISK_BYTES, 5_000_000)

    assert options(store) == EngineOptions(0, 5_000_000, FOLDER, HALF_AN_HOUR)


@pytest.mark.parametrize("value", ["much", -1, 1.5, True, [], None])
def test_senseless_budgets_count_as_the_default(store: Store, value: JsonValue) -> None:
    put(store, settings.STATE_MEMORY_BYTES, value)
    put(store, settings.STATE_DISK_BYTES, value)

    assert options(store) == EngineOptions(1 << 30, 8 << 30, FOLDER, HALF_AN_HOUR)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, HALF_AN_HOUR),
        (600, 600.0),
        (0, 0.0),
        (12.5, 12.5),
        (-1, HALF_AN_HOUR),
        ("600", HALF_AN_HOUR),
        (True, HALF_AN_HOUR),
        ([600], HALF_AN_HOUR),
    ],
)
def test_idle_time(store: Store, value: JsonValue, expected: float) -> None:
    put(store, settings.ENGINE_IDLE_UNLOAD_S, value)

    assert options(store).idle_unload_s == expected
