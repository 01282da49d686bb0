"""What `conclave chat` cannot do is one line on stderr and an exit status."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from app.commands import _COMMANDS, _application
from app.store import Store
from tests.app.commands.shell import Shell


def test_missing_model(shell: Shell) -> None:
    done = shell.run("chat", "--model", "missing.gguf", "hi")

    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("conclave: ")
    assert "missing.gguf" in line
    # The way out: what there is.
    assert "SmolLM2-135M-Instruct.Q4_1" in line
    assert shell.stored() == []


def test_no_model_at_all(empty_shell: Shell) -> None:
    done = empty_shell.run("chat", "hi")

    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert str(empty_shell.models) in line
    assert "--model" in line
    assert empty_shell.stored() == []


@pytest.mark.parametrize("content", [b"", b"no model at all\n" * 100, b"GGUF\x03\x00\x00\x00"])
def test_file_that_is_no_model(empty_shell: Shell, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.gguf"
    file.write_bytes(content)

    done = empty_shell.run("chat", "--model", str(file), "hi")

    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("conclave: ")
    assert "bad.gguf" in line
    assert empty_shell.stored() == []


def test_a_worker_that_does_not_answer(shell: Shell) -> None:
    done = shell.run("chat", "--rpc", "127.0.0.1:1", "hi")

    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "127.0.0.1:1" in line
    assert "conclave rpc-worker" in line
    assert shell.stored() == []


@pytest.mark.parametrize(
    ("words", "piped"), [([""], ""), (["  ", " "], "\n"), ([], " \n"), ([], "")]
)
def test_empty_question(shell: Shell, words: list[str], piped: str) -> None:
    done = shell.run("chat", *words, stdin=piped)

    assert done.returncode == 2
    assert done.stdout == ""
    assert "the question is empty" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (shell.data_dir / "conclave.db").exists()


def test_question_that_is_too_long(shell: Shell) -> None:
    question = "word " * 20_000

    done = shell.run("chat", stdin=question)

    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "tokens" in line
    # The question was sent: it is kept, without an answer.
    [stored] = shell.stored()
    assert [message.content for message in stored.messages] == [question.strip()]


def test_newer_database(shell: Shell) -> None:
    shell.data_dir.mkdir(exist_ok=True)
    database = shell.data_dir / "conclave.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = database.read_bytes()

    done = shell.run("chat", "hi")

    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "99" in line
    assert database.read_bytes() == before


def test_locked_database(shell: Shell) -> None:
    database = shell.data_dir / "conclave.db"
    store = Store(database)
    store.opened().result()
    store.close()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")

        done = shell.run("chat", "hi")

    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("conclave: ")
    assert str(database) in line
    assert shell.stored() == []


def test_unknown_option(shell: Shell) -> None:
    done = shell.run("chat", "--temprature", "0", "hi")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "--temprature" in done.stderr


def test_a_folder_that_cannot_be_made(empty_shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    empty_shell.environment["CONCLAVE_DATA_DIR"] = str(tmp_path / "file" / "folder")

    done = empty_shell.run("chat", "hi")

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert str(tmp_path / "file") in line
    # Of a disk that cannot be asked nothing is said.
    assert "inf" not in line


def test_help_says_what_every_option_does_without_its_opposite() -> None:
    group = typer.main.get_command(_application(list(_COMMANDS)))
    assert isinstance(group, TyperGroup)
    assert set(group.commands) == set(_COMMANDS)
    for name, command in group.commands.items():
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), (name, parameter.name)
            opposites = [each for each in parameter.secondary_opts if each != "--no-think"]
            assert opposites == [], name


def test_a_short_h_asks_for_help_too(empty_shell: Shell) -> None:
    for arguments in (("-h",), ("inspect", "-h")):
        done = empty_shell.run(*arguments)
        assert done.returncode == 0
        assert "Usage: conclave" in done.stdout
