from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.conversations import Message
from app.errors import StoreClosed, StoreError
from app.store import Repository, Store

LONG_S = 20


def add_question(repository: Repository) -> Message:
    conversation = repository.create_conversation("c")
    return repository.add_user_message(conversation.id, "q", parent_id=None)


def test_work_given_before_opening_is_done(open_store: Callable[[], Store]) -> None:
    store = open_store()
    question = store.submit(add_question)
    listed = store.submit(lambda repository: repository.messages(1))
    assert listed.result(LONG_S) == [question.result(LONG_S)]


def test_all_work_runs_on_one_other_thread(open_store: Callable[[], Store]) -> None:
    store = open_store()
    threads = {store.submit(lambda _: threading.get_ident()).result(LONG_S) for _ in range(5)}
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


def test_what_work_raises_reaches_the_caller_and_the_next_is_done(
    open_store: Callable[[], Store],
) -> None:
    def fail(repository: Repository) -> None:
        with repository.transaction():
            repository.create_conversation("half")
            raise KeyError("caller's bug")

    store = open_store()
    failed = store.submit(fail)
    assert isinstance(failed.exception(LONG_S), KeyError)
    assert store.submit(Repository.conversations).result(LONG_S) == []


def test_cancelled_work_is_not_done(open_store: Callable[[], Store]) -> None:
    store = open_store()
    gate = threading.Event()
    blocked = store.submit(lambda _: gate.wait(LONG_S))
    cancelled = store.submit(add_question)
    assert cancelled.cancel()
    gate.set()
    assert blocked.result(LONG_S)
    assert store.submit(Repository.conversations).result(LONG_S) == []


def test_close_finishes_what_is_waiting(path: Path) -> None:
    store = Store(path)
    futures = [store.submit(add_question) for _ in range(50)]
    store.close()
    assert all(future.done() for future in futures)
    assert sorted(file.name for file in path.parent.iterdir()) == ["conclave.db"]

    again = Store(path)
    assert len(again.submit(Repository.conversations).result(LONG_S)) == 50
    again.close()


def test_work_after_close_fails_with_an_error_for_people(open_store: Callable[[], Store]) -> None:
    store = open_store()
    store.close()
    store.close()
    for future in (store.submit(add_question), store.reopen()):
        error = future.exception(LONG_S)
        assert isinstance(error, StoreClosed)
        assert error.title
        assert "conclave.db" in error.detail
        assert error.hint


def test_after_a_failed_opening_all_work_fails_until_it_is_opened_again(
    path: Path, open_store: Callable[[], Store]
) -> None:
    path.mkdir()
    (path / "not ours").write_text("keep")
    store = open_store()
    early = store.submit(add_question)
    failure = store.opened().exception(LONG_S)
    assert type(failure) is StoreError
    assert str(path) in failure.detail
    assert failure.hint
    assert early.exception(LONG_S) is failure
    assert store.submit(add_question).exception(LONG_S) is failure
    assert (path / "not ours").read_text() == "keep"

    path.rename(path.with_name("elsewhere"))
    report = store.reopen().result(LONG_S)
    assert store.opened().result(LONG_S) is report
    assert store.submit(add_question).result(LONG_S).content == "q"


def test_reopening_a_working_store_keeps_everything(open_store: Callable[[], Store]) -> None:
    store = open_store()
    question = store.submit(add_question).result(LONG_S)
    assert store.reopen().result(LONG_S).set_aside is None
    assert store.submit(lambda repository: repository.messages(1)).result(LONG_S) == [question]


@pytest.mark.parametrize("ending", ["pass", "raise SystemExit(0)"])
def test_a_store_that_was_never_closed_does_not_hold_the_program(path: Path, ending: str) -> None:
    program = f"""
from pathlib import Path
from app.store import Store
store = Store(Path({str(path)!r}))
store.submit(lambda repository: repository.create_conversation("kept")).result()
{ending}
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=LONG_S)
    store = Store(path)
    assert [c.title for c in store.submit(Repository.conversations).result(LONG_S)] == ["kept"]
    store.close()
