"""The one entry point: decides which role this process plays, and imports only what that needs.

Roles: the window (no arguments), a subcommand, or a child process (`--child=ROLE`, for Conclave's
own use: so the packaged program needs no second executable).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from app.child import CHILD_OPTION, child_command


def main(argv: Sequence[str] | None = None) -> int:
    """Run Conclave.

    Returns:
        The exit status: 0 for success, 1 for a failure, 2 for wrong usage or a model that cannot be
        used, 130 after Ctrl+C.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0].startswith(CHILD_OPTION):
        return _child(arguments[0].removeprefix(CHILD_OPTION))()
    if arguments:
        return _command(arguments)
    from app import quick_start  # noqa: F401  before all the others
    from app.composition import run_window

    return run_window(arguments)


def _command(arguments: Sequence[str]) -> int:
    try:
        from app.commands import run_command

        return run_command(arguments)
    except KeyboardInterrupt:  # outside the command itself, which has its own way to end
        return 130


def _child(role: str) -> Callable[[], int]:
    # gguf loads it where it is there, for tokenizers that Conclave reads by itself: 0.3 s.
    sys.modules["mistral_common"] = None  # type: ignore[assignment]
    if role == "engine":
        from inference.child import main as engine_main

        return lambda: engine_main(child_command("template"))
    if role == "template":
        from inference.prompt.template_child import main as template_main

        return template_main
    if role == "convert":
        from converters.child import main as convert_main

        return lambda: convert_main(child_command("judge"))
    if role == "judge":
        from converters.llama.child import main as judge_main

        return judge_main
    if role == "document":
        from app.documents.child import main as document_main

        return document_main
    raise SystemExit(f"conclave: there is no child role {role!r}")
