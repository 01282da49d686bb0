from __future__ import annotations

import io
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.transfer import json_stream, read_entries
from app.transfer.json_stream import ElementReader, decode

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def cut(data: bytes) -> list[json_stream.Element]:
    return list(ElementReader(io.BytesIO(data)).elements())


@given(st.lists(values, max_size=6), st.integers(1, 40), st.sampled_from([None, 2]))
@settings(deadline=None)
def test_elements_are_those_of_the_whole(
    items: list[object], chunk: int, indent: int | None
) -> None:
    # The reference is the standard library's parser of the whole.
    data = json.dumps(items, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    around = b'{"format": "x", "conversations": ' + data + b', "more": [1]}'
    before = json_stream._CHUNK_BYTES
    json_stream._CHUNK_BYTES = chunk
    try:
        for text in (data, around):
            assert [json.loads(element.data) for element in cut(text)] == items
    finally:
        json_stream._CHUNK_BYTES = before


def claude(title: str) -> str:
    said = {"uuid": "1", "sender": "human", "text": "Hi"}
    return json.dumps({"name": title, "chat_messages": [said]})


BROKEN = {
    "no JSON": "{nonsense}",
    "no object": "17",
    "nothing": "",
    "unknown": '{"title": "X"}',
    "a string without an end": '{"name": "cut, "chat_messages": []}',
    "messages of a wrong type": '{"name": "Y", "chat_messages": 5}',
    "a mapping of a wrong type": '{"title": "Z", "mapping": []}',
    "empty": '{"name": "W", "chat_messages": []}',
    "too deep": "[" * 5000 + "]" * 5000,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_entry_is_listed_and_the_rest_comes_in(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(f"[{claude('first')},\n{BROKEN[kind]},\n{claude('last')}]")
    entries = list(read_entries(path))
    titles = [entry.conversation.title for entry in entries if entry.conversation]
    assert titles == ["first", "last"]
    (fault,) = [fault for entry in entries for fault in entry.faults]
    assert fault.lost
    assert "entry 2" in fault.where
    assert fault.reason


def test_of_a_file_that_was_cut_off_all_whole_entries_come_in(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    whole = "[" + ",".join(claude(f"number {n}") for n in range(10)) + "]"
    path.write_text(whole[: len(whole) * 3 // 4])
    *read, last = list(read_entries(path))
    assert [entry.conversation.title for entry in read if entry.conversation] == [
        f"number {n}" for n in range(7)
    ]
    assert "does not end" in last.faults[0].reason


def test_an_entry_without_an_end_does_not_take_the_lines_below_with_it(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    lines = [claude("one"), '{"name": "open", "chat_messages": [', claude("two"), claude("three")]
    path.write_text("[\n" + ",\n".join(lines) + "\n]")
    titles = [e.conversation.title for e in read_entries(path) if e.conversation]
    assert titles == ["one", "two", "three"]


def test_fifty_thousand_entries_every_hundredth_of_them_broken(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    with path.open("w") as file:
        file.write("[")
        for number in range(50_000):
            file.write(
                ("" if number == 0 else ",") + (claude(f"n{number}") if number % 100 else "{]")
            )
        file.write("]")
    n_read = n_lost = 0
    fraction = 0.0
    for entry in read_entries(path):
        n_read += entry.conversation is not None
        n_lost += any(fault.lost for fault in entry.faults)
        assert entry.fraction >= fraction
        fraction = entry.fraction
    assert (n_read, n_lost, fraction) == (49_500, 500, 1.0)


def test_messages_that_answer_each_other_in_a_circle_all_come_in(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    said = [
        {"uuid": "a", "parent_message_uuid": "b", "sender": "human", "text": "one"},
        {"uuid": "b", "parent_message_uuid": "a", "sender": "assistant", "text": "two"},
        {"uuid": "c", "parent_message_uuid": "gone", "sender": "human", "text": "three"},
    ]
    path.write_text(json.dumps([{"name": "x", "chat_messages": said}]))
    (entry,) = read_entries(path)
    assert entry.conversation is not None
    assert sorted(m.content for m in entry.conversation.messages) == ["one", "three", "two"]
    reasons = " ".join(fault.reason for fault in entry.faults)
    assert "circle" in reasons
    assert "one not in the file" in reasons


@pytest.mark.parametrize("text", [r'"\ud800"', "NaN", '"a\x01b"'])
def test_what_others_write_beyond_json_is_read(text: str) -> None:
    decode(text.encode())


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_read_without_an_exception(data: bytes) -> None:
    for element in cut(data):
        with suppress(ValueError):
            decode(element.data)
