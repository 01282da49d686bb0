"""A worker: lends this machine's memory and processors to a model that outgrows another one."""

from __future__ import annotations

import signal
import sys

from inference.errors import WorkerNotStarted
from inference.rpc_address import ipv4, is_loopback_host
from inference.threads import default_n_threads

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 50_052


def run_worker(host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, n_threads: int = 0) -> None:
    """Lend until the process is ended.

    Args:
        host: The interface to listen on. Whoever reaches it may use this machine: ggml's protocol
            asks for no password and encrypts nothing.
        port: Where to listen.
        n_threads: Threads to compute with; 0 takes what the engine would take.

    Raises:
        WorkerNotStarted: The address cannot be listened on, or this build cannot lend.
    """
    try:
        endpoint = f"{ipv4(host)}:{port}"
    except OSError as error:
        raise _not_started(f"{host}: {error.strerror or error}") from error
    if warning := exposure(host):
        print(warning, file=sys.stderr, flush=True)  # noqa: T201  (a terminal's command)
    # While native code listens, Python would not come to see Ctrl+C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from inference.llama.worker import lend

    if not lend(endpoint, n_threads or default_n_threads()):
        raise _not_started(
            f"{endpoint} cannot be listened on, or this build of llama.cpp has no RPC backend."
        )


def _not_started(detail: str) -> WorkerNotStarted:
    return WorkerNotStarted(
        "The worker could not be started",
        detail,
        "Choose another port, or an address of this machine.",
    )


def exposure(host: str) -> str:
    """What to warn of; nothing where only this machine reaches the worker."""
    if is_loopback_host(host):
        return ""
    return (
        f"Warning: the worker listens on {host}. Its protocol has no password and no encryption: "
        "whoever reaches this address can use this machine and read what is computed. Use it only "
        "in a network that you trust."
    )
