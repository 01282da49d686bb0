from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.conversations import Status
from app.domain.search import Found, Query
from app.store import Repository
from app.store.connection import Database
from app.store.database import close_database, open_database
from app.store.migrations import MIGRATIONS, migrate
from app.store.search import MAX_HITS, N_NEWEST, PER_CONVERSATION
from app.store.search_index import create_search_index


def say(repository: Repository, text: str, title: str = "-") -> int:
    """A conversation of one message; gives the message's id."""
    conversation = repository.create_conversation(title)
    return repository.add_user_message(conversation.id, text, parent_id=None).id


def find(repository: Repository, text: str) -> Found:
    return repository.search.find(Query.parse(text))


def ids(repository: Repository, text: str) -> list[int | None]:
    return [hit.message_id for hit in find(repository, text).hits]


def excerpts(found: Found) -> list[str]:
    """Excerpts with what is marked in brackets."""
    shown = []
    for hit in found.hits:
        text = hit.excerpt or hit.title
        for start, end in reversed(hit.marks):
            text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
        shown.append(text)
    return shown


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("light", "The [light]house keeper"),
        ("LIGHTH", "The [lighth]ouse keeper"),
        ("thouse", "The ligh[thouse] keeper"),
        ("keeper the", "[The] lighthouse [keeper]"),
        ('"house keeper"', "The light[house keeper]"),
        ("er", "The lighthouse keep[er]"),
    ],
)
def test_parts_of_words_are_found(repository: Repository, query: str, marked: str) -> None:
    say(repository, "The lighthouse keeper")
    say(repository, "A light lunch for the crew, and a hut by the sea")
    assert marked in excerpts(find(repository, query))


@pytest.mark.parametrize("query", ["天气", "天", "今天天气", "很好", "好"])
def test_chinese_is_found_without_spaces(repository: Repository, query: str) -> None:
    message = say(repository, "今天天气很好", title="天好")
    found = ids(repository, query)
    assert found == ([message] if len(query) > 1 else [None, message])


def test_one_sign_is_found_where_it_is_a_word(repository: Repository) -> None:
    tea = say(repository, "早上喝茶")
    owl = say(repository, "An owl: 🦉, by night")
    say(repository, "drink Ä at night")
    both = say(repository, "茶 and a 🦉")
    assert ids(repository, "茶") == [both, tea]
    assert ids(repository, "🦉") == [both, owl]
    assert ids(repository, "茶 🦉") == [both]
    # A letter is in nearly every message, and only looked for in titles.
    assert ids(repository, "d") == ids(repository, "ä") == []


def test_one_sign_is_found_far_behind_the_newest(repository: Repository) -> None:
    conversation = repository.create_conversation("-")
    tea = repository.add_user_message(conversation.id, "清茶", parent_id=None).id
    parent: int | None = tea
    for number in range(N_NEWEST + 1):
        parent = repository.add_user_message(conversation.id, f"{number}", parent_id=parent).id
    assert ids(repository, "茶") == [tea]
    assert ids(repository, "清") == [tea]


def test_chinese_words_begin_where_no_space_is(repository: Repository) -> None:
    inside = say(repository, "我喜欢喝绿茶和咖啡")
    newer = say(repository, "绿茶")
    part = say(repository, "1绿茶x 在")
    # None is better than the others, so the newest comes first.
    assert ids(repository, "绿茶") == [part, newer, inside]


def test_letters_beyond_ascii_are_found_in_either_case(repository: Repository) -> None:
    message = say(repository, "Ärger in MÜNCHEN", title="Über Österreich")
    assert ids(repository, "ärger münchen") == [message]
    assert ids(repository, "ÖSTERREICH über") == [None]
    assert ids(repository, "arger") == []


def test_what_like_and_fts_take_for_signs_are_characters(repository: Repository) -> None:
    message = say(repository, 'a AND b* "c" (100 %) _x\\', title="50 %_of\\it")
    say(repository, "a and nothing else", title="50 and of it")
    assert ids(repository, "100 %") == [message]
    assert ids(repository, "AND b*") == [message]
    assert ids(repository, "%_of\\") == [None]
    assert ids(repository, "_x\\") == [message]
    assert ids(repository, '"') == ids(repository, "") == ids(repository, '" "') == []


@pytest.mark.parametrize(
    "query",
    ["\0", "a\0bcd", "\ud800xyz", "x" * 2000, '"' * 50, "(((", "^abc", "content:abc", "NOT abc OR"],
)
def test_whatever_is_typed_is_only_text(repository: Repository, query: str) -> None:
    say(repository, "abc bcd xyz")
    found = ids(repository, query)
    assert found == ([1] if query == "a\0bcd" else [])


def test_phrases_come_before_words_and_beginnings_before_parts(repository: Repository) -> None:
    phrase = say(repository, "we sail the open sea at night")
    begins = say(repository, "the sea is open")
    inside = say(repository, "overseas, and reopened")
    title = repository.create_conversation("Open sea").id
    found = find(repository, "open sea").hits
    assert [hit.message_id for hit in found] == [None, phrase, begins, inside]
    assert found[0].conversation_id == title


def test_a_long_message_is_shown_around_the_place(repository: Repository) -> None:
    say(repository, f"{'before ' * 400}the\n  Needle is  here {'after ' * 400}")
    (shown,) = excerpts(find(repository, "needle IS"))
    assert shown.startswith("… before before")
    assert "the [Needle is] here after" in shown
    assert shown.endswith(" …")
    assert len(shown) < 200


def test_an_excerpt_has_no_marks_of_markdown_unless_they_are_looked_for(
    repository: Repository,
) -> None:
    say(repository, "# The lamp\n\nThe **keeper** lights `lamp_2` and ~~not~~ 3 * 4 lamps.")
    (shown,) = excerpts(find(repository, "keeper"))
    assert shown == "The lamp The [keeper] lights lamp_2 and not 3 * 4 lamps."
    (raw,) = excerpts(find(repository, "**keeper**"))
    assert "[**keeper**] lights `lamp_2`" in raw


def test_one_conversation_does_not_hide_the_others(repository: Repository) -> None:
    other = say(repository, "a word of old")
    talk = repository.create_conversation("Much said")
    last = None
    for number in range(2 * MAX_HITS):
        last = repository.add_user_message(talk.id, f"word {number}", parent_id=last).id
    found = find(repository, "word")
    assert len(found.hits) == PER_CONVERSATION + 1
    assert found.hits[-1].message_id == other
    assert found.more


def test_there_is_an_end_to_hits(repository: Repository) -> None:
    newest = [say(repository, f"word {number}") for number in range(MAX_HITS + 5)][::-1]
    found = find(repository, "word")
    assert [hit.message_id for hit in found.hits] == newest[:MAX_HITS]
    assert found.more


def test_an_answer_is_found_when_it_has_ended(repository: Repository) -> None:
    talk = repository.create_conversation("-")
    question = repository.add_user_message(talk.id, "why", parent_id=None)
    reply = repository.begin_reply(talk.id, parent_id=question.id, model="m")
    repository.save_reply(reply.id, "because of the ligh", "")
    assert ids(repository, "because") == []
    repository.finish_reply(reply.id, "because of the light", "", Status.STOPPED, None)
    assert ids(repository, "because of the light") == [reply.id]

    repository.resume_reply(reply.id)
    assert ids(repository, "because") == []
    repository.finish_reply(reply.id, "because it scatters", "", Status.COMPLETE, None)
    assert ids(repository, "light") == []
    assert ids(repository, "scatters") == [reply.id]


def test_the_bin_is_not_searched(repository: Repository) -> None:
    message = say(repository, "a secret", title="secret")
    talk = repository.conversations()[0]
    repository.delete_conversation(talk.id)
    assert ids(repository, "secret") == []
    repository.restore_conversation(talk.id)
    assert ids(repository, "secret") == [None, message]


def test_what_is_removed_leaves_nothing_in_the_index(path: Path) -> None:
    db, _report = open_database(path, 5)
    repository = Repository(db)
    say(repository, "a secret 秘密")
    assert db.execute("SELECT count(*) FROM message_terms").fetchone()[0] > 0
    db.execute("DELETE FROM conversations")
    assert db.execute("SELECT count(*) FROM messages").fetchone() == (0,)
    assert db.execute("SELECT count(*) FROM message_terms").fetchone() == (0,)
    close_database(db)


def test_a_cut_off_answer_is_found_after_the_next_start(path: Path) -> None:
    db, _report = open_database(path, 5)
    repository = Repository(db)
    message = say(repository, "why")
    talk = repository.conversations()[0]
    reply = repository.begin_reply(talk.id, parent_id=message, model="m")
    repository.save_reply(reply.id, "half an answer", "")
    db.execute("UPDATE messages SET writer_pid = 0")
    close_database(db)
    db, report = open_database(path, 5)
    assert report.interrupted == 1
    assert ids(Repository(db), "half an") == [reply.id]
    close_database(db)


def test_an_older_database_is_indexed_piece_by_piece(path: Path) -> None:
    db = Database(sqlite3.connect(path, isolation_level=None))
    db.execute("PRAGMA foreign_keys = ON")
    migrate(db, MIGRATIONS[: MIGRATIONS.index(create_search_index)])
    old = list(range(1, 11))
    for number in old:
        db.execute("INSERT INTO conversations (title, created_at, updated_at) VALUES ('', '', '')")
        db.execute(
            "INSERT INTO messages (conversation_id, role, status, created_at, content)"
            " VALUES (?, 'user', 'complete', '2026-11-23T12:00:00+00:00', ?)",
            [number, f"an old word {number}"],
        )
    db.execute("UPDATE messages SET thinking = 'a deep thought' WHERE id = 3")
    migrate(db)
    repository = Repository(db)
    assert find(repository, "old word").built == 0.0
    new = say(repository, "a new word")
    # A message that is not in the index yet can be removed all the same.
    db.execute("DELETE FROM messages WHERE id = ?", [old.pop(4)])

    done = repository.search.build_some(4 * len("an old word 0"))
    assert 0 < done < 1
    assert ids(repository, "word") == [new, *old[:-5:-1]]
    assert find(repository, "word").built == done
    while done < 1:
        done = repository.search.build_some(1)
    assert ids(repository, "word") == [new, *old[::-1]]
    assert ids(repository, "deep thought") == [3]
    db.execute("DELETE FROM conversations")
    assert db.execute("SELECT count(*) FROM message_terms").fetchone() == (0,)
    assert db.execute("SELECT count(*) FROM aside_terms").fetchone() == (0,)
    close_database(db)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.text("abAB 天气\n\"'*", max_size=9), min_size=1, max_size=6),
    st.text("abAB 天气*", min_size=1, max_size=5),
)
def test_finds_what_a_scan_finds(texts: list[str], typed: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db, _report = open_database(Path(folder) / "conclave.db", 5)
        repository = Repository(db)
        messages = {say(repository, text): text.casefold() for text in texts}
        needles = typed.casefold().split()
        wanted = {
            message for message, text in messages.items() if all(each in text for each in needles)
        }
        if max(map(len, needles), default=0) >= 2:
            assert set(ids(repository, typed)) == wanted
        close_database(db)
