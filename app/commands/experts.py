"""`conclave experts`: which experts of a mixture answer a question."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app import paths
from app.child import child_command
from app.commands.model_choice import choose_model
from app.store import Store
from inference import experts as report
from inference.engine import (
    ChatMessage,
    ExpertCounts,
    Finished,
    GenerateRequest,
    ModelParams,
    Sampling,
    TextDelta,
    Thinking,
)
from inference.host import EngineHost

SHOWN_EXPERTS = 6


def experts(
    model: Annotated[str, typer.Argument(help="A GGUF file, or a name from the models folder.")],
    prompt: Annotated[str, typer.Argument(help="The question.")],
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest answer in tokens.")] = 256,
    think: Annotated[
        bool | None, typer.Option("--think/--no-think", help="Whether the model is to think first.")
    ] = None,
    part: Annotated[
        report.Part, typer.Option(help="Whose tokens table and picture show.")
    ] = report.Part.ANSWER,
    as_json: Annotated[bool, typer.Option("--json", help="All counts as JSON.")] = False,
    png: Annotated[
        Path | None, typer.Option(help="Write a heat map, layer by expert, to this file.")
    ] = None,
) -> None:
    """Answer a question and show which experts each layer picked."""
    picture = _picture(png)
    with ExitStack() as stack:
        store = Store(paths.database_path())
        stack.callback(store.close)
        choice = choose_model(store, paths.models_dir(), model)
        _check_has_experts(choice.params.path)
        host = EngineHost(child_command("engine"), paths.log_dir() / "engine-experts.log")
        stack.callback(host.close)
        request = _request(choice.params, prompt, max_tokens, think)
        text, counts, finished = _answer(host, request, is_shown=not as_json)
    uses = report.layer_uses(counts, part)
    if as_json:
        typer.echo(report.as_json(choice.params.path, text, counts, finished))
    else:
        Console().print(_table(uses, part))
    if picture is not None:
        picture(f"{choice.name}: experts of the {part}'s tokens", uses)


def _check_has_experts(path: Path) -> None:
    from inference.gguf_header import read_header  # gguf loads slowly, and chat is in a hurry

    report.check_has_experts(read_header(path))


def _picture(path: Path | None) -> Callable[[str, list[report.LayerUse]], None] | None:
    """What writes the picture; a place where it cannot lie is told before anything is computed."""
    if path is None:
        return None
    from inference.expert_map import check_can_be_written, write_map  # so does Pillow

    check_can_be_written(path)
    return partial(write_map, path)


def _request(
    params: ModelParams, prompt: str, max_tokens: int, think: bool | None
) -> GenerateRequest:
    thinking = {None: Thinking.AUTO, True: Thinking.ON, False: Thinking.OFF}[think]
    return GenerateRequest(
        "experts",
        params,
        (ChatMessage("user", prompt),),
        Sampling(max_tokens=max_tokens),
        thinking=thinking,
        record_experts=True,
    )


def _answer(
    host: EngineHost, request: GenerateRequest, *, is_shown: bool
) -> tuple[str, ExpertCounts, Finished]:
    """The answer, printed as it comes, and what was counted."""
    text: list[str] = []
    counts: ExpertCounts | None = None
    finished: Finished | None = None
    for event in host.run(request):
        match event:
            case TextDelta(delta):
                text.append(delta)
                if is_shown:
                    typer.echo(delta, nl=False)
            case ExpertCounts():
                counts = event
            case Finished():
                finished = event
    assert counts is not None  # the model has experts, as its header said
    assert finished is not None  # nobody cancels, and all else is an error
    if is_shown:
        typer.echo("\n")
    return "".join(text), counts, finished


def _table(uses: list[report.LayerUse], part: report.Part) -> Table:
    balance = report.mean_balance(uses)
    n_tokens = max((use.n_tokens for use in uses), default=0)
    table = Table(
        title=f"Experts of the {part}: {n_tokens:,} tokens, balance {balance:.2f}",
        caption="share: of the layer's tokens · balance: 1 is even use",
    )
    for name in ("layer", "most used experts and their shares", "balance", "unused"):
        table.add_column(name, justify="left" if "experts" in name else "right")
    for use in uses:
        best = "  ".join(
            f"{expert}: {share * 100:.0f} %" for expert, share in use.most_used(SHOWN_EXPERTS)
        )
        table.add_row(str(use.layer), best, f"{use.balance:.2f}", str(use.n_unused))
    return table
