from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from app.domain.folders import Folder, Placed
from app.store import Repository, Store

VERSION_1 = (Path(__file__).parent / "data" / "version-1.sql").read_text()


def test_folders_come_by_name(repository: Repository) -> None:
    arrangement = repository.arrangement
    work = arrangement.create_folder("work")
    garden = arrangement.create_folder("Garden")
    assert arrangement.folders() == [garden, work]
    arrangement.rename_folder(garden.id, "Roof")
    arrangement.collapse_folder(work.id, True)
    assert arrangement.folders() == [Folder(garden.id, "Roof"), Folder(work.id, "work", True)]


def test_a_conversation_has_its_place(repository: Repository) -> None:
    talk = repository.create_conversation("Talk")
    folder = repository.arrangement.create_folder("Folder")
    assert (talk.folder_id, talk.pinned) == (None, False)
    repository.arrangement.place(Placed(talk.id, folder.id, pinned=True))
    (found,) = repository.conversations()
    assert (found.folder_id, found.pinned) == (folder.id, True)
    # Neither counts as a change of the conversation: its day stays.
    assert found.updated_at == talk.updated_at


def test_a_folder_goes_and_its_conversations_stay(repository: Repository) -> None:
    talk = repository.create_conversation("Talk")
    folder = repository.arrangement.create_folder("Folder")
    repository.arrangement.place(Placed(talk.id, folder.id, pinned=False))
    repository.arrangement.remove_folder(folder.id)
    assert repository.conversations()[0].folder_id is None
    repository.arrangement.place(Placed(talk.id, folder.id, pinned=True))
    found = repository.conversations()[0]
    assert (found.folder_id, found.pinned) == (None, True)


def test_unread_is_news_once(repository: Repository) -> None:
    talk = repository.create_conversation("Talk")
    arrangement = repository.arrangement
    assert not arrangement.set_unread(talk.id, False)
    assert arrangement.set_unread(talk.id, True)
    assert not arrangement.set_unread(talk.id, True)
    assert repository.conversations()[0].unread


def test_a_typed_title_is_never_replaced(repository: Repository) -> None:
    talk = repository.create_conversation("What is the capital of France?")
    arrangement = repository.arrangement
    assert not arrangement.has_own_title(talk.id)
    assert arrangement.set_model_title(talk.id, "Capital of France")
    assert arrangement.has_own_title(talk.id)
    assert not arrangement.set_model_title(talk.id, "Another one")
    repository.rename_conversation(talk.id, "Paris")
    assert not arrangement.set_model_title(talk.id, "Another one")
    assert [found.title for found in repository.conversations()] == ["Paris"]
    assert arrangement.has_own_title(talk.id + 1)


def test_titles_of_older_databases_count_as_typed(
    path: Path, open_store: Callable[[], Store], sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
    store = open_store()
    taken = store.submit(lambda repository: repository.arrangement.set_model_title(1, "Other"))
    assert taken.result() is False
    assert store.submit(Repository.conversations).result()[0].title == "Sky"
