from __future__ import annotations

from app.domain.attachments import Attachment, AttachmentKind
from app.domain.conversations import Status
from app.domain.search import Hit, Part, Query
from app.store import Repository
from app.store.asides import PLACES
from app.store.search import MAX_ASIDE_CHARS, MAX_HITS


def hits(repository: Repository, text: str) -> tuple[Hit, ...]:
    return repository.search.find(Query.parse(text)).hits


def marked(hit: Hit) -> list[str]:
    return [hit.excerpt[start:end] for start, end in hit.marks]


def answered(
    repository: Repository, question: str, thinking: str, answer: str, *files: Attachment
) -> tuple[int, int]:
    """A conversation of two messages; gives their ids."""
    talk = repository.create_conversation("-")
    asked = repository.add_user_message(talk.id, question, parent_id=None)
    repository.attachments.add(asked, files)
    reply = repository.begin_reply(talk.id, parent_id=asked.id, model="m")
    repository.finish_reply(reply.id, answer, thinking, Status.COMPLETE, None)
    return asked.id, reply.id


def text_file(name: str, text: str) -> Attachment:
    return Attachment(name, AttachmentKind.TEXT, len(text), "", text)


def test_thinking_and_files_are_found_below_answers(repository: Repository) -> None:
    words, _ = answered(repository, "where is the lamp", "", "there")
    notes = text_file("notes.txt", "one\n" * 200 + "a Lamp by the sea")
    with_file, _ = answered(repository, "read", "", "done", text_file("a", "no"), notes)
    _, thought = answered(repository, "why", "perhaps the lamp is off", "no idea")
    found = hits(repository, "lamp")
    assert [(hit.message_id, hit.part, hit.file) for hit in found] == [
        (words, Part.WORDS, ""),
        (thought, Part.THINKING, ""),
        (with_file, Part.FILE, "notes.txt"),
    ]
    assert [marked(hit) for hit in found] == [["lamp"], ["lamp"], ["Lamp"]]
    assert found[2].excerpt.endswith("a Lamp by the sea")


def test_a_message_that_says_it_itself_is_one_hit(repository: Repository) -> None:
    asked, reply = answered(repository, "lamp", "lamp", "lamp", text_file("n", "lamp"))
    assert {(hit.message_id, hit.part) for hit in hits(repository, "lamp")} == {
        (asked, Part.WORDS),
        (reply, Part.WORDS),
    }


def test_pairs_of_letters_and_chinese_are_found_in_files(repository: Repository) -> None:
    asked, _ = answered(repository, "read", "", "done", text_file("n", "今天天气很好 xq"))
    for typed in ("天气", "xq", "今天天气"):
        assert [hit.message_id for hit in hits(repository, typed)] == [asked]


def test_thinking_is_found_when_the_answer_has_ended(repository: Repository) -> None:
    talk = repository.create_conversation("-")
    asked = repository.add_user_message(talk.id, "why", parent_id=None)
    reply = repository.begin_reply(talk.id, parent_id=asked.id, model="m")
    repository.save_reply(reply.id, "", "a deep thou")
    assert hits(repository, "deep") == ()
    repository.finish_reply(reply.id, "so", "a deep thought", Status.STOPPED, None)
    assert [hit.part for hit in hits(repository, "deep thought")] == [Part.THINKING]
    repository.resume_reply(reply.id)
    assert hits(repository, "deep") == ()
    repository.finish_reply(reply.id, "so", "shallow", Status.COMPLETE, None)
    assert hits(repository, "deep") == ()
    assert len(hits(repository, "shallow")) == 1


def test_what_is_removed_leaves_the_index(repository: Repository) -> None:
    answered(repository, "read", "thinking of it", "done", text_file("n", "words of a file"))
    db = repository.search._db
    assert db.execute("SELECT count(*) FROM aside_terms").fetchone() != (0,)
    db.execute("UPDATE attachments SET content = 'others'")
    assert hits(repository, "words of") == ()
    assert len(hits(repository, "others")) == 1
    db.execute("DELETE FROM conversations")
    assert db.execute("SELECT count(*) FROM aside_terms").fetchone() == (0,)


def test_more_files_than_there_are_places_do_no_harm(repository: Repository) -> None:
    many = [text_file(f"{number}", f"number{number}.") for number in range(PLACES + 2)]
    asked, _ = answered(repository, "read", "", "done", *many)
    assert [hit.file for hit in hits(repository, f"number{PLACES - 2}.")] == [f"{PLACES - 2}"]
    assert hits(repository, f"number{PLACES}.") == ()
    repository.search._db.execute("DELETE FROM messages WHERE id = ?", [asked])
    assert repository.search._db.execute("SELECT count(*) FROM aside_terms").fetchone() == (0,)


def test_long_files_are_looked_through_up_to_a_limit(repository: Repository) -> None:
    # They hold all runs of three of the words, and not the words.
    near = "abcd bcde " * (MAX_ASIDE_CHARS // 20)
    answered(repository, "old", "", "done", text_file("oldest", "abcde"))
    for number in range(3):
        answered(repository, f"read {number}", "", "done", text_file("long", near))
    found = repository.search.find(Query.parse("abcde"))
    assert found.hits == ()
    assert found.more


def test_two_letters_that_all_messages_have_end_with_the_newest(repository: Repository) -> None:
    newest = [answered(repository, f"an {n}", "", "")[0] for n in range(MAX_HITS + 3)][::-1]
    found = repository.search.find(Query.parse("an"))
    assert [hit.message_id for hit in found.hits] == newest[:MAX_HITS]
    assert found.more
