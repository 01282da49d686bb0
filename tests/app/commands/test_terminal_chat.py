"""`conclave chat` alone: a conversation in a real terminal."""

from __future__ import annotations

import signal

from app.domain.conversations import Status
from tests.app.commands.shell import Shell

SHORT = ("--temperature", "0", "--max-tokens", "8")


def test_a_session(shell: Shell) -> None:
    with shell.terminal("chat", *SHORT) as terminal:
        greeting = terminal.wait_prompt()
        assert "SmolLM2-135M-Instruct.Q4_1" in greeting
        assert "/help" in greeting

        first = terminal.say("Tell me a story about a river.")
        assert "tokens/s · cut off at the limit; /continue goes on" in first
        follow_up = terminal.say("And about a mountain?")
        longer = terminal.say("/continue")

        assert "A new conversation." in terminal.say("/new")
        terminal.say("Which day is today?")
        assert "There is no command /fly" in terminal.say("/fly")
        help_text = terminal.say("/help")
        listed = terminal.say("/list")
        assert "Name a number" in terminal.say("/open 3")
        opened = terminal.say("/open 2")
        terminal.type("\x04")
        terminal.wait_end()

    assert terminal.process.returncode == 0
    names = ("/new", "/list", "/open", "/continue", "/model", "/help", "/quit")
    assert all(f"\n{name} " in help_text for name in names)
    days, river = shell.stored()
    assert days.messages[0].content == "Which day is today?"
    lines = listed.strip().splitlines()
    assert [line.split(maxsplit=3)[3] for line in lines] == [
        "Which day is today?",
        "Tell me a story about a river.",
    ]
    story, answer, mountain, second = river.messages
    assert (story.content, mountain.content) == (
        "Tell me a story about a river.",
        "And about a mountain?",
    )
    assert answer.content in first
    assert all(message.content in opened for message in river.messages)
    assert second.content == shown_answer(follow_up) + shown_answer(longer)
    assert (answer.status, second.status) == (Status.LENGTH, Status.LENGTH)
    # The engine was given what had been said before.
    assert answer.stats is not None
    assert second.stats is not None
    assert second.stats.tokens_in > 2 * (answer.stats.tokens_in + answer.stats.tokens_out)
    assert second.stats.tokens_out == 16


def shown_answer(shown: str) -> str:
    """The answer in what was shown after a question, without the line about its speed."""
    words, _newline, speed = shown.removeprefix("\n").rpartition("\n")
    assert "tokens/s" in speed
    return words


def test_interrupt_stops_the_answer_and_not_the_chat(shell: Shell) -> None:
    question = "Tell me a very long story about a river."
    with shell.terminal("chat", "--temperature", "0") as terminal:
        terminal.wait_prompt()
        terminal.type(f"{question}\n")
        terminal.wait_for(r"river\.\n\w+ ")
        terminal.type("\x03")
        assert "stopped; /continue goes on" in terminal.wait_prompt()

        terminal.type("/continue\n")
        terminal.wait_for(r"/continue\n\s*\S+ ")
        terminal.type("\x03")
        assert "stopped; /continue goes on" in terminal.wait_prompt()

        terminal.type("half a line")
        terminal.wait_for("half a line")
        terminal.empty_line()
        terminal.type("/quit\n")
        terminal.wait_end()

    assert terminal.process.returncode == 0
    [stored] = shell.stored()
    assert stored.messages[0].content == question
    assert [message.status for message in stored.messages] == [Status.COMPLETE, Status.STOPPED]


def test_a_killed_engine_is_told_and_started_again(shell: Shell) -> None:
    with shell.terminal("chat", *SHORT) as terminal:
        terminal.wait_prompt()
        terminal.children()[0].send_signal(signal.SIGKILL)
        assert "tokens/s" in terminal.say("Hello!")
        terminal.type("\x04")
        terminal.wait_end()

    assert terminal.process.returncode == 0


def test_errors_do_not_end_the_chat(shell: Shell) -> None:
    with shell.terminal("chat", *SHORT) as terminal:
        terminal.wait_prompt()
        assert "There is no answer to continue." in terminal.say("/continue")
        assert "There are no conversations yet." in terminal.say("/list")
        missing = terminal.say("/model nowhere")
        answer = terminal.say("Hello!")
        model = terminal.say("/model SmolLM2-135M-Instruct.Q4_1")
        terminal.type("\x04")
        terminal.wait_end()

    assert "conclave: There is no such model. nowhere" in missing
    assert "tokens/s" in answer
    assert "tokens of context" in model
    assert terminal.process.returncode == 0


def test_without_a_model_it_does_not_begin(empty_shell: Shell) -> None:
    with empty_shell.terminal("chat") as terminal:
        shown = terminal.wait_end()

    assert terminal.process.returncode == 2
    assert shown.startswith("conclave: There is no model yet")
    assert len(shown.splitlines()) == 1
