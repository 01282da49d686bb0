"""A search for the fastest settings, carried out by an engine: one request after the other.

It owns the deadline and what is read from events. Whoever drives it, a loop or a window, runs
`next_request` on an engine, hands it the events, and asks again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

from inference.busy_neighbour import BusyNeighbour
from inference.engine import BenchPoint, BenchRequest, Event, Loaded, ModelParams
from inference.errors import ModelError
from inference.machine import Machine
from inference.tune import Ask, Measured, Tuned, TuneResult
from inference.tune_search import TuneSearch

DEADLINE_S = 150.0


class TuneRun:
    """One run of a search.

    Args:
        params: The model; settings that are searched begin with what it has.
        base: The settings before the search.
        machine: Where it runs.
        loaded: What the engine said of the model, where it is loaded with these settings already.
        seconds: A search that takes longer ends with what it has found.
        clock: Seconds.
    """

    def __init__(
        self,
        params: ModelParams,
        base: Tuned,
        machine: Machine,
        loaded: Loaded | None = None,
        seconds: float = DEADLINE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._params = params
        self._machine = machine
        self._clock = clock
        self._ends_at = clock() + seconds
        self._search = TuneSearch(base, machine)
        self._asks = self._search.run()
        self._neighbour = BusyNeighbour()
        self._loaded = loaded
        self._point: BenchPoint | None = None
        self._is_begun = False
        self.ask: Ask | None = None
        """What is being measured."""
        self.result: TuneResult | None = None
        """What was found, at the end."""

    def next_request(self) -> BenchRequest | None:
        """What to run now, after the request before has ended; None at the end."""
        self._neighbour.stop()
        self._advance()
        ask = self.ask
        if ask is None:
            return None
        if ask.is_busy:
            spare = self._machine.logical_cores - ask.setting.n_threads
            self._neighbour.start(max(0, spare) + 1)
        self._point = None
        return BenchRequest(
            uuid4().hex,
            ask.setting.applied_to(self._params),
            (ask.depth,),
            ask.n_prompt,
            ask.n_answer,
            repetitions=1,
        )

    def heard(self, event: Event) -> None:
        """Take an event of the request."""
        if isinstance(event, Loaded):
            self._loaded = event
        elif isinstance(event, BenchPoint):
            self._point = event

    def refused(self, error: ModelError) -> None:
        """The request has ended in this error.

        Raises:
            ModelError: It is the model itself that cannot be used, not a candidate.
        """
        self._neighbour.stop()
        if not self._search.has_begun:
            raise error

    def close(self) -> None:
        """End before the end; nothing is found."""
        self._neighbour.stop()
        self._asks.close()
        self.ask = None

    def _advance(self) -> None:
        if self._is_begun and self._clock() > self._ends_at:
            self._asks.close()
            self._end(self._search.so_far())
            return
        try:
            self.ask = self._asks.send(self._measured()) if self._is_begun else next(self._asks)
        except StopIteration as end:
            self._end(end.value)
        self._is_begun = True

    def _end(self, result: TuneResult) -> None:
        self.ask, self.result = None, result

    def _measured(self) -> Measured | None:
        """What the request before has shown; None where it ended in an error."""
        ask, point, loaded = self.ask, self._point, self._loaded
        if ask is None or point is None or loaded is None:
            return None
        return Measured(
            ask.n_prompt * 1e9 / point.prefill_ns[0],
            ask.n_answer * 1e9 / point.decode_ns[0],
            loaded.n_ctx,
            sum(loaded.memory_bytes.values()),
        )
