"""The one interface through which models are used.

An engine is blocking and iterator-shaped: a request goes in, events come out, the last of which is
`Loaded`, `Counted` or `Finished`. Errors are raised by the iterator. `LlamaEngine` implements it in
the engine's process, `EngineHost` in the parent, and the fake of the tests as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from inference.engine.events import Event
from inference.engine.parameters import EngineOptions
from inference.engine.requests import Request


class Engine(Protocol):
    """Runs one request at a time; further ones wait for it."""

    def run(self, request: Request) -> Iterator[Event]:
        """Carry out a request.

        Returns:
            Events; after `cancel` the last one is `Finished` with reason CANCELLED, where loading
            was cancelled without any `Loaded` before it.

        Raises:
            EngineError: From the iterator. The engine can be used again afterwards.
        """
        ...

    def cancel(self, request_id: str) -> None:
        """Ask a request to end soon, queued or running; any thread. An unknown id is ignored."""
        ...

    def close(self) -> None:
        """Give everything back; nothing can be run afterwards."""
        ...


class ConfigurableEngine(Engine, Protocol):
    """An engine on this computer: it has options."""

    def configure(self, options: EngineOptions) -> None:
        """Let these options hold from the next request on."""
        ...
