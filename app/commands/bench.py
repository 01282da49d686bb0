"""`conclave bench`: how fast a model runs on this computer."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer
from msgspec.structs import replace

from app import paths
from app.child import child_command
from app.commands.model_choice import choose_model
from app.commands.status_line import show_status
from app.store import Store
from inference import bench as report
from inference.engine import BenchPoint, BenchRequest, Loaded
from inference.host import EngineHost


def bench(
    model: Annotated[
        str,
        typer.Argument(
            help="A GGUF file, or a name from the models folder; by default the one chosen last."
        ),
    ] = "",
    depths: Annotated[
        str, typer.Option(help="Tokens that the KV cache holds before each measurement.")
    ] = "0,1024,4096,8192",
    n_prompt: Annotated[int, typer.Option(min=1, help="Tokens of the prefill test.")] = 512,
    n_generate: Annotated[int, typer.Option(min=1, help="Tokens of the decode test.")] = 128,
    repetitions: Annotated[int, typer.Option(min=1, help="How often each is measured.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="JSON as llama-bench gives it.")] = False,
) -> None:
    """Measure prefill and decode at several depths; comparable with llama-bench."""
    numbers = _depths(depths)
    n_ctx = max(numbers) + max(n_prompt, n_generate)
    with ExitStack() as stack:
        store = Store(paths.database_path())
        stack.callback(store.close)
        params = choose_model(store, paths.models_dir(), model).params
        host = EngineHost(child_command("engine"), paths.log_dir() / "engine-bench.log")
        stack.callback(host.close)
        request = BenchRequest(
            "bench", replace(params, n_ctx=n_ctx), numbers, n_prompt, n_generate, repetitions
        )
        loaded, points = _measure(host, request)
    rows = report.rows_of(request, points)
    if as_json:
        typer.echo(report.as_json(params.path, loaded, params.step_tokens, rows))
    else:
        typer.echo(report.table(loaded, rows))


def _depths(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        problem = f"{text!r} is not a list of numbers such as 0,1024"
        raise typer.BadParameter(problem, param_hint="--depths")
    return tuple(int(part) for part in parts)


def _measure(host: EngineHost, request: BenchRequest) -> tuple[Loaded, list[BenchPoint]]:
    """Run the request; progress goes to a person at stderr."""
    loaded: Loaded | None = None
    points: list[BenchPoint] = []
    waiting = list(request.depths)
    try:
        show_status("loading the model")
        for event in host.run(request):
            if isinstance(event, Loaded):
                loaded = event
            elif isinstance(event, BenchPoint):
                points.append(event)
                waiting.remove(event.depth)
            if waiting and isinstance(event, Loaded | BenchPoint):
                show_status(f"measuring at depth {waiting[0]:,}")
    finally:
        show_status("")
    assert loaded is not None  # the child was new, so the model was loaded
    return loaded, points
