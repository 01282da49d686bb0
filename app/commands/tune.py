"""`conclave tune`: finds the settings that a model runs fastest with on this computer."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app import paths
from app.child import child_command
from app.commands.model_choice import TerminalModel, choose_model
from app.commands.status_line import show_status
from app.services.tuned_models import find_tuned, remember_tuned
from app.store import Store
from inference.engine import Engine
from inference.errors import ModelError
from inference.host import EngineHost
from inference.machine import this_machine
from inference.tune import Trial, Tuned, TuneResult
from inference.tune_run import DEADLINE_S, TuneRun


def tune(
    model: Annotated[
        str,
        typer.Argument(
            help="A GGUF file, or a name from the models folder; by default the one chosen last."
        ),
    ] = "",
    forget: Annotated[
        bool, typer.Option("--forget", help="Run the model with the usual settings again.")
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=1, help="A search that takes longer ends with what it has found.")
    ] = DEADLINE_S,
) -> None:
    """Try threads, batches, flash attention and KV cache for some minutes; keep the fastest."""
    with ExitStack() as stack:
        store = Store(paths.database_path())
        stack.callback(store.close)
        choice = choose_model(store, paths.models_dir(), model)
        if forget:
            _forget(store, choice)
            return
        host = EngineHost(child_command("engine"), paths.log_dir() / "engine-tune.log")
        stack.callback(host.close)
        result = _search(host, choice, seconds)
        remember_tuned(store, choice.params.path, result.tuned)
    Console().print(_table(choice.name, result))
    typer.echo(f"{result.words}.")


def _forget(store: Store, choice: TerminalModel) -> None:
    was_tuned = find_tuned(store, choice.params.path) is not None
    remember_tuned(store, choice.params.path, None)
    words = "forgotten; the usual settings hold" if was_tuned else "was not tuned on this computer"
    typer.echo(f"{choice.name}: {words}")


def _search(engine: Engine, choice: TerminalModel, seconds: float) -> TuneResult:
    run = TuneRun(choice.params, Tuned.of(choice.params), this_machine(), seconds=seconds)
    try:
        while (request := run.next_request()) is not None:
            _tell(run)
            try:
                for event in engine.run(request):
                    run.heard(event)
            except ModelError as error:
                run.refused(error)
    finally:
        run.close()
        show_status("")
    assert run.result is not None  # the search came to its end
    return run.result


def _tell(run: TuneRun) -> None:
    if run.ask is not None:
        show_status(f"{run.ask.fraction * 100:3.0f} %  {run.ask.words}")


def _table(name: str, result: TuneResult) -> Table:
    table = Table(title=f"{name}: from {result.before.words}")
    for heading in ("tried", "prefill tokens/s", "decode tokens/s", "beside the best", ""):
        table.add_column(heading, justify="left" if heading in ("tried", "") else "right")
    for trial in result.trials:
        table.add_row(trial.words, *_figures(trial), _verdict(trial))
    return table


def _figures(trial: Trial) -> tuple[str, str, str]:
    prefill, decode = trial.measured.prefill, trial.measured.decode
    return (
        f"{prefill:,.0f}" if prefill else "",
        f"{decode:,.1f}" if decode else "",
        f"{trial.ratio:.2f}" if trial.ratio else "",
    )


def _verdict(trial: Trial) -> str:
    return "; ".join(part for part in ("chosen" if trial.is_chosen else "", trial.note) if part)
