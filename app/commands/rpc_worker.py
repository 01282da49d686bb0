"""`conclave rpc-worker`: lends this machine to an engine on another one."""

from __future__ import annotations

from typing import Annotated

import typer

from inference.rpc_worker import DEFAULT_HOST, DEFAULT_PORT, run_worker


def rpc_worker(
    host: Annotated[
        str, typer.Option(help="Where to listen. Only this machine reaches 127.0.0.1.")
    ] = DEFAULT_HOST,
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="The port to listen on.")
    ] = DEFAULT_PORT,
    threads: Annotated[
        int, typer.Option(min=0, help="Threads to compute with; 0 takes the physical cores.")
    ] = 0,
) -> None:
    """Lend this machine's memory and processors to a model that outgrows another machine."""
    run_worker(host, port, threads)
