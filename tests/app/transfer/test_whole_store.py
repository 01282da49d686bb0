"""All that a store holds, out to a file and into an empty store."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.domain.attachments import Attachment, AttachmentKind
from app.domain.context import StoredSummary, Unseen
from app.domain.conversations import ReplyStats, Status
from app.domain.folders import Placed
from app.domain.steering import Steering
from app.domain.transfer import CarriedConversation, CarriedLibrary
from app.store import Repository
from app.store.carried_library import add_origins
from app.store.connection import Database
from app.store.database import close_database, open_database
from app.store.migrations import MIGRATIONS, migrate
from app.transfer import ExportFormat, ExportOptions, read_entries, write_export
from inference.engine import ContextPolicy, Sampling, Thinking

JSON = ExportOptions(ExportFormat.JSON, many=True)

# Every table with what a person has put there, rows named by their words in place of numbers.
CONTENT = {
    "conversations": "SELECT c.title, c.created_at, c.updated_at, c.context_policy, c.pinned,"
    " c.unread, c.title_origin, f.name AS folder, leaf.content AS leaf FROM conversations c"
    " LEFT JOIN folders f ON f.id = c.folder_id LEFT JOIN messages leaf ON leaf.id ="
    " c.current_leaf_id WHERE c.deleted_at IS NULL",
    "messages": "SELECT c.title, p.content AS parent, m.role, m.status, m.model, m.created_at,"
    " m.stats, m.content, m.thinking, m.thought_ms, u.content AS unseen, m.unseen_summarised"
    " FROM messages m JOIN conversations c ON c.id = m.conversation_id LEFT JOIN messages p ON"
    " p.id = m.parent_id LEFT JOIN messages u ON u.id = m.unseen_until_id",
    "summaries": "SELECT c.title, m.content AS until, s.content FROM summaries s"
    " JOIN conversations c ON c.id = s.conversation_id JOIN messages m ON m.id = s.until_id",
    "attachments": "SELECT m.content AS message, a.position, a.name, a.kind, a.size_bytes,"
    " a.sha256, a.note, a.content, a.data, a.preview, a.width, a.height"
    " FROM attachments a JOIN messages m ON m.id = a.message_id",
    "steering": "SELECT c.title, s.system_prompt, s.model, s.sampling, s.thinking,"
    " s.thinking_budget FROM steering s JOIN conversations c ON c.id = s.conversation_id",
    "folders": "SELECT name, collapsed FROM folders",
    "personas": "SELECT name, prompt, position FROM personas",
}
NUMBERS = {
    "conversations": {"id", "current_leaf_id", "folder_id", "import_id", "deleted_at"},
    "messages": {"id", "conversation_id", "parent_id", "unseen_until_id", "writer_pid"}
    | {"writer_started"},
    "summaries": {"conversation_id", "until_id"},
    "attachments": {"message_id"},
    "steering": {"conversation_id"},
    "folders": {"id", "import_id"},
    "personas": {"id", "import_id"},
}
"""Columns that name rows, imports and processes: they mean nothing in another store."""


@contextmanager
def opened(path: Path) -> Iterator[Repository]:
    db, _report = open_database(path, timeout_s=5)
    yield Repository(db)
    close_database(db)


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: sorted(connection.execute(query).fetchall(), key=repr)
            for table, query in CONTENT.items()
        }


def fill(repository: Repository) -> None:
    work = repository.arrangement.create_folder("Work")
    repository.arrangement.create_folder("Empty")
    repository.arrangement.collapse_folder(work.id, True)
    repository.personas.add("Cook", "You cook.")
    repository.personas.add("Judge", "You judge.")
    steered = repository.create_conversation("Steered")
    repository.arrangement.place(Placed(steered.id, pinned=True, folder_id=work.id))
    repository.steering.set(
        steered.id,
        Steering(
            "Be brief.",
            Path("/models/Small.gguf"),
            Sampling(temperature=0.25, dry_breakers=("\n",), logit_bias=(("no", -1.5), (7, 2.0))),
            Thinking.ON,
            64,
            ContextPolicy.SUMMARISE,
        ),
    )
    question = repository.add_user_message(steered.id, "Read this", parent_id=None)
    notes = Attachment("notes.txt", AttachmentKind.TEXT, 5, "ab12", "Hello", "cut")
    paper = Attachment("paper.pdf", AttachmentKind.PDF, 70_000, "cd34", "Words\x00 of a paper")
    sea = Attachment(
        "sea.png", AttachmentKind.PICTURE, 9, "ef56", "", "", b"\x89PNG\0", b"small", 1600, 1200
    )
    repository.attachments.add(question, (notes, paper, sea))
    for number in range(2):
        reply = repository.begin_reply(steered.id, parent_id=question.id, model="Small")
        repository.contexts.set_unseen(reply.id, Unseen(question.id, summarised=True))
        stats = ReplyStats(10, 4, 2, 20.0, 40.0, 14, 2048, 7, "top_k 40")
        repository.finish_reply(reply.id, f"Answer {number}", "Hm", Status.LENGTH, stats, 1200)
    repository.contexts.set_summary(steered.id, StoredSummary("short", question.id))
    repository.show_branch_of(question.id + 1)
    plain = repository.create_conversation("Plain")
    repository.add_user_message(plain.id, "Alone", parent_id=None)
    repository.arrangement.set_unread(plain.id, True)
    repository.rename_conversation(plain.id, "Renamed")
    repository.create_conversation("Nothing in it")
    gone = repository.create_conversation("In the bin")
    repository.delete_conversation(gone.id)


def export_all(repository: Repository, path: Path) -> None:
    found = [repository.transfers.carried(each) for each in repository.transfers.ids()]
    carried = [each for each in found if each is not None]
    write_export(path, carried, JSON, repository.transfers.library.all())


def take_in(repository: Repository, path: Path) -> int:
    conversations: list[CarriedConversation] = []
    library = CarriedLibrary()
    for entry in read_entries(path):
        assert entry.faults == ()
        assert entry.conversation is not None
        conversations.append(entry.conversation)
        library = library if conversations[1:] else entry.library
    record = repository.transfers.add("all.json", conversations, lambda _number: None, library)
    return record.id


def test_the_whole_store_goes_through_a_file(tmp_path: Path) -> None:
    with opened(tmp_path / "one.db") as repository:
        fill(repository)
        export_all(repository, tmp_path / "all.json")
    with opened(tmp_path / "two.db") as repository:
        take_in(repository, tmp_path / "all.json")
    before, after = content(tmp_path / "one.db"), content(tmp_path / "two.db")
    for table in CONTENT:
        assert after[table] == before[table], table
        assert before[table], table
    with closing(sqlite3.connect(tmp_path / "one.db")) as connection:
        for table, numbers in NUMBERS.items():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            # A new column is compared here as well, or has a reason to stay behind.
            assert columns - numbers <= set(re.findall(r"\w+", CONTENT[table])), table


def test_what_is_there_already_is_not_made_again(tmp_path: Path) -> None:
    with opened(tmp_path / "one.db") as repository:
        fill(repository)
        before = repository.transfers.library.all()
        export_all(repository, tmp_path / "all.json")
        take_in(repository, tmp_path / "all.json")
        assert repository.transfers.library.all() == before
        placed = [c.folder_id for c in repository.conversations() if c.title == "Steered"]
        assert placed == [1, 1]


@pytest.mark.parametrize("used", [False, True])
def test_undoing_takes_folders_and_personas_away_unless_they_are_used(
    tmp_path: Path, used: bool
) -> None:
    with opened(tmp_path / "one.db") as repository:
        fill(repository)
        export_all(repository, tmp_path / "all.json")
    with opened(tmp_path / "two.db") as repository:
        import_id = take_in(repository, tmp_path / "all.json")
        if used:
            mine = repository.create_conversation("mine")
            folder = next(f for f in repository.arrangement.folders() if f.name == "Work")
            repository.arrangement.place(Placed(mine.id, pinned=False, folder_id=folder.id))
            cook = next(p for p in repository.personas.all() if p.name == "Cook")
            repository.personas.change(type(cook)(cook.id, "Chef", cook.prompt))
        repository.transfers.undo_import(import_id)
        left = repository.transfers.library.all()
    assert [folder.name for folder in left.folders] == (["Work"] if used else [])
    assert [persona.name for persona in left.personas] == (["Chef"] if used else [])


def test_one_conversation_takes_only_its_folder_along(tmp_path: Path) -> None:
    with opened(tmp_path / "one.db") as repository:
        fill(repository)
        library = repository.transfers.library.of_conversation(1)
        assert [folder.name for folder in library.folders] == ["Work"]
        assert library.personas == ()
        assert repository.transfers.library.of_conversation(2) == CarriedLibrary()
        found = repository.transfers.carried(1)
    assert found is not None
    for options, place in (
        (ExportOptions(ExportFormat.MARKDOWN), tmp_path / "a.md"),
        (ExportOptions(ExportFormat.HTML), tmp_path / "a.html"),
    ):
        write_export(place, [found], options)
        assert "Attached: notes.txt (5 bytes), paper.pdf (70.0 KB)" in place.read_text()


def test_folders_of_an_older_database_belong_to_no_import(tmp_path: Path) -> None:
    db = Database(sqlite3.connect(tmp_path / "old.db", isolation_level=None))
    before = MIGRATIONS.index(add_origins)
    migrate(db, MIGRATIONS[:before])
    db.execute("INSERT INTO folders (name) VALUES ('Mine')")
    db.execute("INSERT INTO personas (name, prompt, position) VALUES ('Cook', 'You cook.', 1)")
    migrate(db)
    rows = db.execute(
        "SELECT name, import_id FROM folders UNION ALL SELECT name, import_id FROM personas"
    )
    assert rows.fetchall() == [("Mine", None), ("Cook", None)]
    db.close()
