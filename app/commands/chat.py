"""`conclave chat`: one question from the shell, or a conversation in the terminal."""

from __future__ import annotations

import math
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from app import paths
from app.child import child_command
from app.commands.model_choice import choose_model
from app.commands.terminal import TerminalChat
from app.commands.turn import TerminalSession
from app.domain.attachments import Attachment
from app.domain.conversations import Status
from app.errors import AttachmentRefused
from app.services.attached import pictures_of
from app.services.engine_settings import engine_options
from app.store import Store
from inference.engine import Adapter, ChatMessage, ContextPolicy, Sampling
from inference.host import EngineHost
from inference.prompt.picture_marks import check_question


def chat(
    prompt: Annotated[
        list[str] | None,
        typer.Argument(help="The question. Without one: a conversation in the terminal."),
    ] = None,
    model: Annotated[
        str, typer.Option("--model", "-m", help="A GGUF file, or a name from the models folder.")
    ] = "",
    temperature: Annotated[
        float | None, typer.Option(min=0.0, max=5.0, help="0 always takes the likeliest token.")
    ] = None,
    max_tokens: Annotated[
        int, typer.Option(min=0, help="Longest answer in tokens; 0 means up to the context's end.")
    ] = 0,
    seed: Annotated[int | None, typer.Option(help="Makes an answer repeatable.")] = None,
    context_policy: Annotated[
        ContextPolicy | None,
        typer.Option(
            help="When the context is full: leave the oldest messages out, let the model summarise "
            "them, or stop. Without it each conversation's own choice holds.",
        ),
    ] = None,
    rpc: Annotated[
        str,
        typer.Option(
            help="Workers that hold part of the model, instead of those of the settings: "
            "host:port, more after commas."
        ),
    ] = "",
    image: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A picture that the question is about, for models with a projector (a file "
            "mmproj*.gguf beside them); can be given several times.",
        ),
    ] = None,
    projector: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The projector, where it does not lie beside the model."),
    ] = None,
    adapter: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE[:SCALE]", help="A LoRA adapter; can be given several times."),
    ] = None,
) -> None:
    """Ask a question, or chat in the terminal. Text on stdin is added to the question."""
    question = _question(prompt or [])
    pictures = tuple(_picture(path) for path in image or ())
    if pictures and not question:
        raise typer.BadParameter("a picture needs a question")
    sampling = Sampling(temperature=temperature, max_tokens=max_tokens, seed=seed)
    with ExitStack() as stack:
        store = Store(paths.database_path())
        stack.callback(store.close)
        _tell_set_aside(store.opened().result().set_aside)
        workers = tuple(part.strip() for part in rpc.split(",") if part.strip())
        adapters = tuple(adapter_of(text) for text in adapter or [])
        choice = choose_model(store, paths.models_dir(), model, workers, adapters)
        if projector is not None:
            choice = choice.with_projector(projector.expanduser().absolute())
        options = store.submit(lambda rows: engine_options(rows, paths.states_dir())).result()
        log_path = paths.log_dir() / "engine-terminal.log"
        host = EngineHost(child_command("engine"), log_path, options)
        stack.callback(host.close)
        session = TerminalSession(
            store, host, choice, sampling, context_policy, is_model_named=bool(model)
        )
        if question:
            _answer_once(session, question, pictures)
        else:
            TerminalChat(session, paths.models_dir()).run()


def _question(words: list[str]) -> str:
    """The prompt's words, with what is piped in behind them.

    Raises:
        typer.BadParameter: Something is piped in, but all is empty.
    """
    piped = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    question = "\n\n".join(part for part in (" ".join(words).strip(), piped.strip()) if part)
    if not question and (words or piped or (sys.stdin is not None and not sys.stdin.isatty())):
        raise typer.BadParameter("the question is empty")
    return question


def adapter_of(text: str) -> Adapter:
    """A file, and behind a colon how strongly it counts."""
    path, _, scale = text.rpartition(":")
    try:
        if path and math.isfinite(float(scale)):
            return Adapter(Path(path).expanduser().absolute(), float(scale))
    except ValueError:  # a colon of the path itself
        pass
    return Adapter(Path(text).expanduser().absolute())


def _tell_set_aside(path: Path | None) -> None:
    if path is not None:
        typer.echo(f"conclave: the conversation database was damaged; it is now {path}", err=True)


def _picture(path: Path) -> Attachment:
    """A picture that is named on the command line.

    Raises:
        AttachmentRefused: It cannot be read, or is no picture.
    """
    from app.documents import read_document  # brings Pillow, pypdf and python-docx

    read = read_document(path.expanduser(), lambda _done: None)
    if not read.is_picture:
        raise AttachmentRefused(
            f"“{path.name}” is no picture",
            "It has text in it.",
            "Give a picture, or pipe the text into the command.",
        )
    return read


def _answer_once(session: TerminalSession, question: str, pictures: tuple[Attachment, ...]) -> None:
    loaded = session.load()
    if pictures and loaded is not None and not loaded.sees:
        asked = ChatMessage("user", question, pictures=pictures_of(pictures))
        check_question((asked,), session.model.name)
    reply = session.ask(question, pictures)
    if reply.status is Status.STOPPED:
        raise KeyboardInterrupt
