"""Subcommands of `conclave`.

Every error that a person can meet leaves as one line on stderr and an exit status.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.metadata import version
from typing import ParamSpec

import typer

from inference.errors import ModelError, ReportedError

P = ParamSpec("P")

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def run_command(arguments: Sequence[str]) -> int:
    """Run one subcommand.

    Returns:
        The exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        _application()(list(arguments), prog_name="conclave", standalone_mode=True)
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else EXIT_FAILURE
    return 0


def _application() -> typer.Typer:
    from app.commands.bench import bench
    from app.commands.calibrate import calibrate_command
    from app.commands.chat import chat
    from app.commands.convert import convert
    from app.commands.experts import experts
    from app.commands.inspect import inspect_command
    from app.commands.measure import measure_command
    from app.commands.quantize import quantize
    from app.commands.rpc_worker import rpc_worker
    from app.commands.tune import tune

    application = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Chat with language models that run on this computer. Without arguments: the window.",
    )
    application.callback(invoke_without_command=True)(_root)
    for command in (chat, convert, quantize, bench, experts, tune, rpc_worker):
        application.command()(reported(command))
    application.command("calibrate")(reported(calibrate_command))
    application.command("inspect")(reported(inspect_command))
    application.command("measure")(reported(measure_command))
    return application


def _root(
    show_version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", is_eager=True
    ),
) -> None:
    if show_version:
        typer.echo(f"Conclave {version('conclave-chat')}")
        raise typer.Exit


def reported(command: Callable[P, None]) -> Callable[P, None]:
    """The command with its errors turned into a line on stderr and an exit status."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ReportedError as error:
            typer.echo(f"conclave: {one_line(error)}", err=True)
            status = EXIT_USAGE if isinstance(error, ModelError) else EXIT_FAILURE
            raise typer.Exit(status) from None
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except BrokenPipeError:
            # Whoever read the output has left; nothing more can be told there.
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
            raise typer.Exit(EXIT_FAILURE) from None

    return run


def one_line(error: ReportedError) -> str:
    """Title, detail and hint of an error on one line."""
    sentences = (
        " ".join(part.split()).rstrip(".") for part in (error.title, error.detail, error.hint)
    )
    return ". ".join(sentence for sentence in sentences if sentence) + "."
