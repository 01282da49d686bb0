"""What the terminal says of messages that the model does not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.model_choice import TerminalModel
from app.commands.turn import TerminalSession, unseen_words
from app.domain.context import StoredSummary, Unseen
from app.store import Store
from inference.engine import (
    ContextPolicy,
    MessagesUnseen,
    ModelParams,
    Sampling,
    Summary,
    SummaryDelta,
    SummaryProgress,
    TextDelta,
)
from tests.app.commands.shell import Shell
from tests.fakes.engine import FakeEngine, finished

DROPPED = ContextPolicy.DROP_OLDEST


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    opened = Store(data_dir / "conclave.db")
    yield opened
    opened.close()


def test_the_words_of_the_line() -> None:
    summary = Summary("They met.", 3)
    cases = {
        MessagesUnseen(1, 1, 9, DROPPED): "The model no longer sees the first message.",
        MessagesUnseen(1, 1200, 9, DROPPED): "The model no longer sees the first 1,200 messages.",
        MessagesUnseen(0, 2, 9, ContextPolicy.SUMMARISE, summary): (
            "The model has read a summary of the first 3 messages."
        ),
        MessagesUnseen(1, 0, 0, DROPPED, n_characters=80): (
            "The model no longer sees the beginning of its answer."
        ),
        MessagesUnseen(0, 1, 9, DROPPED, note="it broke"): (
            "The model no longer sees the first 2 messages. There is no summary: it broke."
        ),
    }
    for event, words in cases.items():
        assert unseen_words(event) == words


def test_the_line_goes_to_stderr_and_is_stored(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine()
    model = TerminalModel("Fake", ModelParams(Path("fake.gguf")))
    session = TerminalSession(store, engine, model, Sampling(), ContextPolicy.SUMMARISE)
    session.ask("one")
    summary = Summary("They met.", 2)
    engine.answers(
        SummaryProgress(0.0),
        SummaryProgress(0.5),
        SummaryDelta("They met."),
        MessagesUnseen(0, 1, 9, ContextPolicy.SUMMARISE, summary, is_new=True),
        TextDelta("Two."),
        finished(),
    )
    reply = session.ask("two")
    session.ask("three")

    written = capsys.readouterr()
    assert written.out == "Hello.\nTwo.\nHello.\n"
    assert written.err.count("summarised") == 1
    assert "The model has read a summary of the first 2 messages." in written.err
    messages = store.submit(lambda repository: repository.messages(1)).result(5)
    assert reply.unseen == messages[3].unseen == Unseen(messages[1].id, summarised=True)
    context = store.submit(lambda repository: repository.contexts.get(1)).result(5)
    # The option is for this time; the conversation's own choice stays as it was.
    assert context.policy is ContextPolicy.DROP_OLDEST
    assert context.summary == StoredSummary("They met.", messages[1].id)
    requests = engine.generate_requests
    assert [request.context_policy for request in requests] == [ContextPolicy.SUMMARISE] * 3
    assert requests[-1].summary == summary


def test_a_policy_that_does_not_exist_is_refused(empty_shell: Shell) -> None:
    done = empty_shell.run("chat", "--context-policy", "shout", "Hello")

    assert done.returncode == 2
    assert "drop_oldest" in done.stderr
