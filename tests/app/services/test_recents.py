from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.domain import settings
from app.services.recents import MAX_RECENT, Recents
from app.store import JsonValue, Store


def stored(store: Store) -> JsonValue:
    return store.submit(lambda repository: repository.setting(settings.PALETTE_RECENT)).result(5)


def test_the_latest_comes_first_and_the_list_stays_short(qtbot: QtBot, store: Store) -> None:
    recents = Recents(store)
    for number in range(MAX_RECENT + 5):
        recents.add(f"key {number}")
    recents.add("key 20")
    assert recents.keys[:2] == ("key 20", f"key {MAX_RECENT + 4}")
    assert len(recents.keys) == MAX_RECENT
    assert stored(store) == list(recents.keys)


@pytest.mark.parametrize("value", [None, 5, {"a": 1}])
def test_a_stored_value_of_another_type_counts_as_none(qtbot, store, value: JsonValue) -> None:
    store.submit(lambda repository: repository.set_setting(settings.PALETTE_RECENT, value)).result(
        5
    )
    recents = Recents(store)
    recents.start()
    recents.add("chosen")
    qtbot.waitUntil(lambda: stored(store) == ["chosen"])


def test_what_is_chosen_before_the_old_is_read_comes_before_it(qtbot, store) -> None:
    value: JsonValue = ["old", 7, "older"]
    store.submit(lambda repository: repository.set_setting(settings.PALETTE_RECENT, value)).result(
        5
    )
    recents = Recents(store)
    recents.start()
    recents.add("new")
    qtbot.waitUntil(lambda: recents.keys == ("new", "old", "older"))
