"""`conclave chat QUESTION`: the answer on stdout, the conversation in the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app import paths
from app.domain.conversations import Role, Status
from app.store import Store
from tests.app.commands.shell import Shell

SHORT = ("--temperature", "0", "--max-tokens", "20")
MODEL, TINY = "SmolLM2-135M-Instruct.Q4_1", "Tiny-Llama.F32"


def test_answers_and_stores(shell: Shell) -> None:
    before = datetime.now(UTC)
    # As a window has it open beside the terminal.
    store = Store(paths.database_path())
    assert store.submit(lambda repository: repository.conversations()).result() == []

    done = shell.run("chat", "Say hello.")

    assert done.returncode == 0
    assert done.stderr == ""
    found = store.submit(lambda repository: repository.conversations()).result()
    store.close()
    assert [conversation.title for conversation in found] == ["Say hello."]
    assert before - timedelta(seconds=1) <= found[0].created_at <= found[0].updated_at
    [stored] = shell.stored()
    question, answer = stored.messages
    assert (question.role, question.content) == (Role.USER, "Say hello.")
    assert (answer.role, answer.status, answer.model) == (Role.ASSISTANT, Status.COMPLETE, MODEL)
    assert answer.parent_id == question.id
    assert answer.content.strip()
    assert done.stdout == answer.content.removesuffix("\n") + "\n"
    assert answer.stats is not None
    assert answer.stats.tokens_out > 0


def test_options_reach_the_engine(tiny_shell: Shell) -> None:
    answers = [tiny_shell.run("chat", *SHORT, "Tell me a story.") for _ in range(2)]

    assert answers[0].returncode == answers[1].returncode == 0
    assert answers[0].stdout == answers[1].stdout
    replies = [stored.messages[-1] for stored in tiny_shell.stored()]
    assert [reply.status for reply in replies] == [Status.LENGTH, Status.LENGTH]
    assert [reply.stats.tokens_out for reply in replies if reply.stats] == [20, 20]


def test_words_need_no_quotes(tiny_shell: Shell) -> None:
    assert tiny_shell.run("chat", *SHORT, "Say", "hello.").returncode == 0

    [stored] = tiny_shell.stored()
    assert stored.messages[0].content == "Say hello."


def test_piped_text_is_added_to_the_question(tiny_shell: Shell) -> None:
    done = tiny_shell.run(
        "chat", *SHORT, "Which fruit is this?", stdin="A long yellow one — ça va?\n"
    )

    assert done.returncode == 0
    [stored] = tiny_shell.stored()
    assert stored.messages[0].content == "Which fruit is this?\n\nA long yellow one — ça va?"
    assert stored.conversation.title == "Which fruit is this?"


def test_piped_text_alone_is_the_question(tiny_shell: Shell) -> None:
    done = tiny_shell.run("chat", *SHORT, stdin="Say hello.\n")

    assert done.returncode == 0
    assert done.stdout.strip()
    [stored] = tiny_shell.stored()
    assert stored.messages[0].content == "Say hello."


def test_model_by_name(tiny_shell: Shell) -> None:
    assert tiny_shell.run("chat", *SHORT, "--model", TINY.lower(), "Hi").returncode == 0

    [stored] = tiny_shell.stored()
    assert stored.messages[1].model == TINY
