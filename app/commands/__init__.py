"""Subcommands of `conclave`.

Every error that a person can meet leaves as one line on stderr and an exit status.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from typing import ParamSpec

import typer

from inference.errors import ModelError, ReportedError

P = ParamSpec("P")

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

_COMMANDS = {
    "chat": "chat",
    "inspect": "inspect_command",
    "convert": "convert",
    "quantize": "quantize",
    "calibrate": "calibrate_command",
    "measure": "measure_command",
    "bench": "bench",
    "tune": "tune",
    "experts": "experts",
    "rpc-worker": "rpc_worker",
}
"""Names and functions; the module is called as the command."""


def run_command(arguments: Sequence[str]) -> int:
    """Run one subcommand.

    Returns:
        The exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        # Help, and an unknown command, need them all.
        wanted = arguments[:1] if arguments and arguments[0] in _COMMANDS else list(_COMMANDS)
        _application(wanted)(list(arguments), prog_name="conclave", standalone_mode=True)
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else EXIT_FAILURE
    return 0


def _application(wanted: Sequence[str]) -> typer.Typer:
    """The program with these commands; each loads what it needs, which for some takes a while."""
    application = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Chat with language models that run on this computer. Without arguments: the window.",
    )
    application.callback(invoke_without_command=True)(_root)
    for name in wanted:
        module = import_module(f"{__name__}.{name.replace('-', '_')}")
        application.command(name)(reported(getattr(module, _COMMANDS[name])))
    return application


def _root(
    show_version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", is_eager=True
    ),
) -> None:
    if show_version:
        from importlib.metadata import version  # 45 ms, which no other command needs

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
