from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.domain.attachments import Attachment, AttachmentKind
from app.domain.conversations import ReplyStats, Role, Status
from app.domain.transfer import (
    CarriedConversation,
    CarriedFolder,
    CarriedLibrary,
    CarriedMessage,
    CarriedPersona,
    CarriedSteering,
)
from app.errors import TransferError
from app.store import Repository
from app.store.database import close_database, open_database
from app.transfer import ExportFormat, ExportOptions, read_entries, write_export
from inference.engine import ContextPolicy, Sampling, Thinking
from tests.app.transfer.conversations import conversations

JSON = ExportOptions(ExportFormat.JSON, many=True)
ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def read(path: Path) -> list[CarriedConversation]:
    return [entry.conversation for entry in read_entries(path) if entry.conversation]


@given(st.lists(conversations(), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_out_of_one_database_and_into_another_nothing_is_lost(
    written: list[CarriedConversation],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.json"
        stored: list[list[CarriedConversation]] = []
        for name in ("one.db", "two.db"):
            db, _report = open_database(Path(folder) / name, timeout_s=5)
            repository = Repository(db)
            source = written if name == "one.db" else read(path)
            repository.transfers.add("test", source, lambda _number: None)
            ids = sorted(repository.transfers.ids())
            found = [repository.transfers.carried(each) for each in ids]
            stored.append([each for each in found if each is not None])
            write_export(path, stored[-1], JSON)
            close_database(db)
        # A title that comes in counts as given: the model is not to replace it.
        expected = [replace(each, more={"title_origin": "typed", **each.more}) for each in written]
        assert stored[0] == expected
        assert stored[1] == expected


def test_the_file_is_what_the_documentation_says(tmp_path: Path) -> None:
    answer = CarriedMessage(
        0,
        Role.ASSISTANT,
        "Hello.",
        "Hm",
        Status.LENGTH,
        NOON,
        "Small",
        ReplyStats(10, 4, 2, 20.0, 40.0, 14, 2048, 7, "temperature 0.7, top_k 40"),
    )
    notes = Attachment("notes.txt", AttachmentKind.TEXT, 5, "ab12", "Hello")
    question = CarriedMessage(
        None, Role.USER, "Hi", "", Status.COMPLETE, NOON, attachments=(notes,)
    )
    steering = CarriedSteering(
        "Be brief.", "/models/Small.gguf", Sampling(temperature=0.5), Thinking.OFF
    )
    conversation = CarriedConversation(
        "Greeting", NOON, NOON, (question, answer), 1, steering=steering, folder=1
    )
    library = CarriedLibrary((CarriedFolder(1, "Work"),), (CarriedPersona("Cook", "You cook."),))
    path = tmp_path / "all.json"
    write_export(path, [conversation], JSON, library)
    written = json.loads(path.read_text())
    assert (written["format"], written["version"]) == ("conclave-conversations", 2)
    documentation = (ROOT / "docs" / "conversation-file.md").read_text()
    example = json.loads(documentation.split("```json\n")[1].split("```")[0])
    example["exported_at"] = written["exported_at"]
    assert written == example


def test_a_file_of_a_newer_conclave_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text('{"format": "conclave-conversations", "version": 3, "conversations": [{}]}')
    with pytest.raises(TransferError, match="newer") as caught:
        read(path)
    assert "version 3" in caught.value.detail


def test_an_answer_that_is_being_written_is_interrupted_in_the_file(tmp_path: Path) -> None:
    message = CarriedMessage(None, Role.ASSISTANT, "Hal", "", Status.STREAMING, NOON)
    write_export(tmp_path / "a.json", [CarriedConversation("x", NOON, NOON, (message,), 0)], JSON)
    (found,) = read(tmp_path / "a.json")
    assert found.messages == (replace(message, status=Status.INTERRUPTED),)


def test_ids_in_any_order_and_of_any_kind_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    messages = [
        {"id": "late", "parent": 7, "role": "assistant", "content": "B", "stats": {"bad": 1}},
        {"id": 7, "parent": None, "role": "user", "content": "A", "created_at": "yesterday"},
        {"id": 7, "parent": 7, "role": "wizard", "content": "C"},
    ]
    entry = {"title": "x", "created_at": "2026-01-02T12:00:00Z", "messages": messages}
    head = {"format": "conclave-conversations", "version": 1}
    path.write_text(json.dumps({**head, "conversations": [entry]}))
    (read_entry,) = read_entries(path)
    assert read_entry.conversation is not None
    assert [
        (m.parent, m.role, m.content, m.created_at, m.stats)
        for m in read_entry.conversation.messages
    ] == [
        (None, Role.USER, "A", NOON, None),
        (0, Role.ASSISTANT, "B", NOON, None),
        (0, Role.USER, "C", NOON, None),
    ]
    assert len(read_entry.faults) == 2


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    def interrupted():
        yield CarriedConversation("x", NOON, NOON)
        raise KeyError("stopped")

    before = tmp_path / "a.json"
    before.write_text("as it was")
    with pytest.raises(KeyError):
        write_export(before, interrupted(), JSON)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert before.read_text() == "as it was"
    with pytest.raises(TransferError) as caught:
        write_export(tmp_path / "missing" / "a.json", [], JSON)
    assert "missing" in caught.value.detail


def test_a_file_of_the_first_version_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(
        '{"format":"conclave-conversations","version":1,"exported_at":"2026-01-02T12:00:00+00:00",'
        '"conversations":[\n{"title":"Greeting","created_at":"2026-01-02T12:00:00.000000+00:00",'
        '"updated_at":"2026-01-02T12:00:00.000000+00:00","current":1,"context_policy":"stop",'
        '"summary":null,"more":{"pinned":1},"messages":[{"id":1,"parent":null,"role":"user",'
        '"content":"Hi","thinking":"","status":"complete",'
        '"created_at":"2026-01-02T12:00:00.000000+00:00","model":"","stats":null,"unseen":null,'
        '"more":{}}]}\n]}\n'
    )
    (entry,) = read_entries(path)
    assert entry.faults == ()
    assert entry.library == CarriedLibrary()
    assert entry.conversation == CarriedConversation(
        "Greeting",
        NOON,
        NOON,
        (CarriedMessage(None, Role.USER, "Hi", "", Status.COMPLETE, NOON),),
        0,
        ContextPolicy.STOP,
        more={"pinned": 1},
    )


def test_what_of_a_newer_kind_cannot_be_kept_is_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    entry = {
        "title": "x",
        "created_at": "2026-01-02T12:00:00Z",
        "folder": 9,
        "steering": {"sampling": {"top_k": "many"}, "thinking": "deeply", "thinking_budget": -1},
        "messages": [
            {
                "id": 1,
                "role": "user",
                "content": "Look",
                "attachments": [{"name": "a.png", "kind": "picture", "data": "AAAA"}, 7],
            }
        ],
    }
    head = {"format": "conclave-conversations", "version": 2, "folders": [{"id": "?"}, 3]}
    path.write_text(json.dumps({**head, "conversations": [entry]}))
    (found,) = read_entries(path)
    assert found.conversation is not None
    assert found.conversation.folder is None
    assert found.conversation.steering == CarriedSteering()
    assert found.conversation.messages[0].attachments == (
        Attachment("a.png", AttachmentKind.TEXT, 0, "", ""),
    )
    told = " ".join(fault.reason for fault in found.faults)
    assert "folder 9" in told
    assert "top_k" in told
    assert "way to think" in told


def test_folders_of_several_files_keep_apart(tmp_path: Path) -> None:
    for number, name in enumerate(("Work", "Home")):
        folder = tmp_path / "all" / str(number)
        folder.mkdir(parents=True)
        conversation = CarriedConversation(name, NOON, NOON, folder=7)
        library = CarriedLibrary((CarriedFolder(7, name),))
        write_export(folder / "conversations.json", [conversation], JSON, library)
    found = list(read_entries(tmp_path / "all"))
    names = {folder.number: folder.name for entry in found for folder in entry.library.folders}
    assert [
        (entry.conversation.title, names[entry.conversation.folder or 0])
        for entry in found
        if entry.conversation
    ] == [("Work", "Work"), ("Home", "Home")]
