"""The conversation in the terminal: reads lines, knows a few commands, prints answers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import typer

from app.commands import one_line
from app.commands.model_choice import choose_model
from app.commands.turn import TerminalSession
from app.domain.conversations import Conversation, Message, Role, Status
from inference.engine import Loaded
from inference.errors import EngineError, ReportedError

SHOWN_CONVERSATIONS = 20
ENDINGS = {
    Status.STOPPED: "stopped; /continue goes on",
    Status.LENGTH: "cut off at the limit; /continue goes on",
}


class TerminalChat:
    """An interactive chat on stdin and stdout.

    Args:
        session: Asks and answers.
        models_folder: Where `/model NAME` looks.
    """

    def __init__(self, session: TerminalSession, models_folder: Path) -> None:
        self._session = session
        self._models_folder = models_folder
        self._model_at_start = session.model.params.path
        self._listed: list[Conversation] = []
        self._commands: dict[str, tuple[str, Callable[[str], None]]] = {
            "/new": ("start a new conversation", self._new),
            "/list": ("list the latest conversations", self._list),
            "/open": ("N: return to conversation number N of the list", self._open),
            "/continue": ("go on with an answer that was cut off", self._continue),
            "/model": ("NAME: use another model", self._model),
            "/help": ("show this list", self._help),
        }

    def run(self) -> None:
        """Chat until the end of input, or /quit.

        Raises:
            EngineError: The model cannot be used at the start.
        """
        _enable_line_editing()
        self._greet(self._session.load())
        while (line := _read_line()) is not None and line != "/quit":
            if line:
                self._carry_out(line)

    def _carry_out(self, line: str) -> None:
        word, _space, rest = line.partition(" ")
        try:
            if word in self._commands:
                self._commands[word][1](rest.strip())
            elif word.startswith("/") and "/" not in word[1:]:
                _note(f"There is no command {word}; /help lists them.")
            else:
                self._tell(self._session.ask(line))
        except ReportedError as error:
            typer.echo(f"conclave: {one_line(error)}", err=True)

    def _greet(self, loaded: Loaded | None) -> None:
        where = f" on {loaded.device}, {loaded.n_ctx:,} tokens of context" if loaded else ""
        _note(f"{self._session.model.name}{where}.")
        if loaded and loaded.notes:
            _note(loaded.notes)
        _note("Ctrl+C stops an answer, Ctrl+D leaves, /help lists the commands.")

    def _tell(self, reply: Message) -> None:
        ending = ENDINGS.get(reply.status)
        speed = f"{reply.stats.tokens_per_second:.1f} tokens/s" if reply.stats else ""
        _note(" · ".join(part for part in (speed, ending) if part))

    def _new(self, _rest: str) -> None:
        self._session.conversation_id = None
        _note("A new conversation.")
        self._take_model(None)

    def _list(self, _rest: str) -> None:
        found = self._session.store.submit(lambda repository: repository.conversations()).result()
        self._listed = found[:SHOWN_CONVERSATIONS]
        for number, conversation in enumerate(self._listed, start=1):
            when = conversation.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
            typer.echo(f"{number:3}  {when}  {conversation.title}")
        if not self._listed:
            _note("There are no conversations yet.")

    def _open(self, rest: str) -> None:
        if not rest.isdecimal() or not 1 <= int(rest) <= len(self._listed):
            _note("Name a number of the list that /list shows.")
            return
        conversation = self._listed[int(rest) - 1]
        messages = self._session.store.submit(
            lambda repository: repository.messages(conversation.id)
        ).result()
        self._session.conversation_id = conversation.id
        _note(conversation.title)
        steering = self._session.store.submit(
            lambda repository: repository.steering.get(conversation.id)
        ).result()
        self._take_model(steering.model)
        for message in messages:
            mark = "> " if message.role is Role.USER else ""
            typer.echo(f"{mark}{message.content}\n")

    def _take_model(self, own: Path | None) -> None:
        """Go on with a conversation's own model, unless a person has named another."""
        session = self._session
        wanted = own or self._model_at_start
        if session.is_model_named or wanted == session.model.params.path:
            return
        try:
            self._use_model(str(wanted))
        except ReportedError as error:
            _note(f"Its own model cannot be used: {one_line(error)}")

    def _continue(self, _rest: str) -> None:
        if self._session.conversation_id is None:
            _note("There is no answer to continue.")
            return
        self._tell(self._session.answer(continuing=True))

    def _model(self, rest: str) -> None:
        self._use_model(rest)
        self._session.is_model_named = True

    def _use_model(self, wanted: str) -> None:
        before = self._session.model
        # Adapters belong to the model they were given with.
        self._session.model = choose_model(
            self._session.store, self._models_folder, wanted, before.params.rpc_servers
        )
        try:
            self._greet(self._session.load())
        except EngineError:
            self._session.model = before
            raise

    def _help(self, _rest: str) -> None:
        for name, (what, _command) in self._commands.items():
            typer.echo(f"{name:10} {what}")
        typer.echo(f"{'/quit':10} leave")


def _note(text: str) -> None:
    typer.secho(text, dim=True)


def _enable_line_editing() -> None:
    """Arrow keys and history, where Python was built with readline."""
    try:
        import readline  # noqa: F401  (the import itself changes input())
    except ImportError:
        return


def _read_line() -> str | None:
    """One line, stripped; None at the end of input. Ctrl+C begins the line anew."""
    while True:
        try:
            return input("> ").strip()
        except EOFError:
            sys.stdout.write("\n")
            return None
        except KeyboardInterrupt:
            sys.stdout.write("\n")
