"""Files as the other programs write them; what is in them stands in the files beside this one."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.conversations import Role, Status
from app.domain.transfer import CarriedConversation, CarriedMessage
from app.errors import TransferError
from app.transfer import ReadEntry, read_entries

DATA = Path(__file__).parent / "data"


def entries(path: Path) -> list[ReadEntry]:
    return list(read_entries(path))


def only(path: Path) -> tuple[CarriedConversation, list[str]]:
    (entry,) = entries(path)
    assert entry.conversation is not None
    return entry.conversation, [fault.reason for fault in entry.faults]


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_chatgpt_keeps_branches_thoughts_and_models() -> None:
    found, faults = only(DATA / "chatgpt.json")
    assert (found.title, found.created_at, found.updated_at) == (
        "Boiling eggs",
        at(1704067200.5),
        at(1704070800),
    )
    assert found.messages == (
        CarriedMessage(
            None,
            Role.USER,
            "[picture]\n\nHow long do eggs boil?",
            "",
            Status.COMPLETE,
            at(1704067201),
        ),
        CarriedMessage(
            0,
            Role.ASSISTANT,
            "```python\nprint(6)\n```\n\nSix minutes.",
            "Soft takes six minutes.",
            Status.COMPLETE,
            at(1704067203),
            "o3",
        ),
        CarriedMessage(
            0,
            Role.ASSISTANT,
            "Eight for\n\n hard ones",
            "",
            Status.LENGTH,
            at(1704067300),
            "gpt-4o",
        ),
    )
    assert found.current == 2
    assert faults == ["results of tools left out: 1", "pictures left out: 1"]


def test_marks_of_sources_that_are_not_in_the_file_are_left_out(tmp_path: Path) -> None:
    said = "Tides.\ue200cite\ue202turn0search1\ue202turn0search3\ue201 And more \ue100."
    message = {
        "author": {"role": "assistant"},
        "content": {"content_type": "text", "parts": [said]},
    }
    nodes = {"a": {"parent": None, "message": message}}
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([{"title": "Sea", "mapping": nodes, "current_node": "a"}]))
    found, _faults = only(path)
    assert found.messages[0].content == "Tides. And more \ue100."


def test_claude_keeps_branches_where_the_export_names_parents() -> None:
    new, old = entries(DATA / "claude.json")
    assert new.conversation is not None
    assert old.conversation is not None
    question, first, second = new.conversation.messages
    assert question.content == "notes.txt:\n```\nmoon?\n```\n\nWhy are there tides?"
    assert (first.parent, first.content, first.thinking) == (
        0,
        "The moon pulls.",
        "Gravity differs.",
    )
    assert (second.parent, second.content, second.status) == (0, "Moon and sun", Status.LENGTH)
    assert new.conversation.branch() == (question, second)
    assert [fault.reason for fault in new.faults] == [
        "calls of tools left out: 1",
        "files that are not in the export, left out: 1",
    ]
    assert old.conversation.title == "An old export"
    assert [(m.parent, m.role, m.content) for m in old.conversation.messages] == [
        (None, Role.USER, "An old\nexport"),
        (0, Role.ASSISTANT, "has no blocks."),
    ]


def test_lm_studio_keeps_versions_and_the_system_prompt() -> None:
    found, faults = only(DATA / "1784921389195.conversation.json")
    assert [(m.parent, m.role, m.content, m.model) for m in found.messages] == [
        (None, Role.SYSTEM, "You are a careful analyst.", ""),
        (0, Role.USER, "Describe", ""),
        (1, Role.ASSISTANT, "No idea.", "small"),
        (1, Role.ASSISTANT, "A revenue sheet.", "qwen/qwen3-30b-a3b"),
        (3, Role.USER, "Thanks", ""),
    ]
    assert found.messages[3].thinking == "Revenue."
    assert found.messages[3].status is Status.STOPPED
    assert found.created_at == at(1784921389.195)
    assert found.updated_at == at(1784921500)
    assert found.current == 4
    assert faults == ["files that are not in it, left out: 1"]


@pytest.mark.parametrize("name", ["", "thread.json", "messages.jsonl"])
def test_jan_is_found_by_its_folder_or_either_file(name: str) -> None:
    folder = DATA / "jan" if not name else DATA / "jan" / "jan_1730000000" / name
    found, faults = only(folder)
    assert (found.title, found.created_at) == ("Bread", at(1730000000))
    assert [(m.role, m.content, m.thinking, m.model) for m in found.messages] == [
        (Role.SYSTEM, "Be brief.", "", ""),
        (Role.USER, "How long does dough rest?", "", ""),
        (
            Role.ASSISTANT,
            "An hour.\n\nOvernight",
            "Yeast is slow.\n\nSlower.",
            "qwen3:8b",
        ),
    ]
    assert found.messages[2].created_at == at(1730000020)
    assert found.messages[2].status is Status.STOPPED
    assert faults == [
        "lines that are no messages, left out: 1 (number 3)",
        "calls and results of tools left out: 1",
    ]


def test_archives_as_they_are_sent(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(DATA / "chatgpt.json", "export/conversations.json")
        archive.writestr("export/user.json", '{"email": "ada@example.org"}')
        archive.writestr("export/chat.html", "<html>")
        for name in ("thread.json", "messages.jsonl"):
            archive.write(DATA / "jan" / "jan_1730000000" / name, f"jan/t/{name}")
    assert [entry.program for entry in entries(path)] == ["ChatGPT", "Jan"]
    assert entries(path)[-1].fraction == 1.0


def test_a_damaged_archive_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("conversations.json", (DATA / "claude.json").read_bytes() * 50)
    data = bytearray(path.read_bytes())
    data[2000:2010] = b"\xff" * 10
    path.write_bytes(data)
    last = entries(path)[-1]
    assert last.conversation is None
    assert "CRC" in last.faults[0].reason


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", "[]")
    data = bytearray(path.read_bytes())
    # The flags of the entry, in its own header and in the directory's.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    (entry,) = entries(path)
    assert "password" in entry.faults[0].reason


@pytest.mark.parametrize("kind", ["missing", "folder", "archive"])
def test_where_there_is_nothing_it_says_what_was_looked_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "source"
    if kind == "folder":
        path.mkdir()
        (path / "notes.json").write_text("{}")
    elif kind == "archive":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "a")
            archive.writestr("b.txt", "b")
    with pytest.raises(TransferError) as caught:
        entries(path)
    assert str(path) in caught.value.detail
    assert caught.value.hint
