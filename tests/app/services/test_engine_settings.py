from __future__ import annotations

import pytest

from app.domain import settings
from app.services.engine_settings import engine_options
from app.store import JsonValue, Store
from inference.engine import EngineOptions

HALF_AN_HOUR = 1800.0


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
    store.submit(
        lambda repository: repository.set_setting(settings.ENGINE_IDLE_UNLOAD_S, value)
    ).result(5)
    given = EngineOptions(state_memory_bytes=7)

    options = store.submit(lambda repository: engine_options(repository, given)).result(5)

    assert options == EngineOptions(state_memory_bytes=7, idle_unload_s=expected)
