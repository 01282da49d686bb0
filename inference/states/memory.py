"""KV states in memory, up to a budget; least recently used goes first."""

from __future__ import annotations

from inference.engine import Rank
from inference.states.kept import KeptState, Tokens


class MemoryShelf:
    """States of conversations that are not in the context.

    One state can be pinned: that of the conversation on the screen while a request of lower rank
    has the context. It is no part of the budget and never leaves by itself.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._states: list[KeptState] = []  # least recently used first
        self.pinned: KeptState | None = None

    @property
    def n_bytes(self) -> int:
        """Memory that is taken from the budget."""
        return sum(state.n_bytes for state in self._states)

    @property
    def states(self) -> tuple[KeptState, ...]:
        """All, the pinned one first, then the most recently used."""
        pinned = (self.pinned,) if self.pinned is not None else ()
        return (*pinned, *reversed(self._states))

    def set_budget(self, budget_bytes: int) -> None:
        """Take another budget; what is too much leaves."""
        self._budget = budget_bytes
        self._shrink()

    def put(self, state: KeptState) -> None:
        """Keep a state; it takes the place of those that it makes needless."""
        for kept in self._states:
            if kept.holds(state) and _may_replace(kept, state):
                self.use(kept)
                return
        self._states = [
            kept
            for kept in self._states
            if not (state.replaces(kept) and _may_replace(state, kept))
        ]
        self._states.append(state)
        self._shrink()

    def use(self, state: KeptState) -> None:
        """Note that a state was used: of those that are kept it is the last one to leave now."""
        others = [kept for kept in self._states if kept is not state]
        if len(others) < len(self._states):
            self._states = [*others, state]

    def take(self, state: KeptState) -> None:
        """Give a state away."""
        if state is self.pinned:
            self.pinned = None
        self._states = [kept for kept in self._states if kept is not state]

    def unpin(self) -> None:
        """Let the pinned state be one among the others."""
        pinned, self.pinned = self.pinned, None
        if pinned is not None:
            self.put(pinned)

    def _shrink(self) -> None:
        while self._states and self.n_bytes > self._budget:
            lower = (state for state in self._states if state.owner.rank is Rank.BACKGROUND)
            self._states.remove(next(lower, self._states[0]))


def best_of(
    states: tuple[KeptState, ...], fingerprint: str, prompt: Tokens
) -> tuple[KeptState | None, int]:
    """The state of which a prompt can use most, with the number of those tokens."""
    best: tuple[KeptState | None, int] = None, 0
    for state in states:
        if state.fingerprint == fingerprint:
            n_tokens = state.usable(prompt)
            if n_tokens > best[1]:
                best = state, n_tokens
    return best


def _may_replace(state: KeptState, other: KeptState) -> bool:
    return state.owner.rank is Rank.SCREEN or other.owner.rank is Rank.BACKGROUND
