"""Finite automata: built state by state, made as small as they can be, and written as GBNF."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

State = TypeVar("State", bound=Hashable)
Steps = list[dict[int, int]]
"""By state: to which state each symbol leads; a symbol that is not there leads nowhere."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """Begins in state 0, from which every state can be reached and every state reaches an end.

    One that accepts nothing has no states.
    """

    steps: Steps
    accepting: frozenset[int]

    def rules(self, prefix: str, written: Callable[[Sequence[int]], str]) -> dict[str, str]:
        """One rule a state; that of the whole is `prefix`-0.

        Args:
            prefix: What the names of the rules begin with.
            written: One of several symbols, in GBNF.
        """
        return {
            f"{prefix}-{state}": self._rule(state, prefix, written)
            for state in range(len(self.steps))
            if state == 0 or self.steps[state]
        }

    def _rule(self, state: int, prefix: str, written: Callable[[Sequence[int]], str]) -> str:
        symbols_to: dict[int, list[int]] = {}
        for symbol, target in sorted(self.steps[state].items()):
            symbols_to.setdefault(target, []).append(symbol)
        options = [
            f"{written(symbols)} {prefix}-{target}" if self.steps[target] else written(symbols)
            for target, symbols in symbols_to.items()
        ]
        return " | ".join([*options, *(['""'] if state in self.accepting else [])])


def explored(
    start: State,
    n_symbols: int,
    step: Callable[[State, int], State | None],
    accepts: Callable[[State], bool],
    most: int,
) -> Automaton:
    """The smallest automaton that does what these functions say.

    Args:
        start: Where it begins.
        n_symbols: Symbols are numbers from 0.
        step: The state that a symbol leads to; None: nowhere.
        accepts: Whether a word may end in a state.
        most: How many states are looked at.

    Raises:
        ValueError: There are more.
    """
    number = {start: 0}
    queue, steps = [start], Steps()
    for state in queue:
        found = {symbol: step(state, symbol) for symbol in range(n_symbols)}
        targets = {symbol: target for symbol, target in found.items() if target is not None}
        for target in targets.values():
            if target not in number:
                number[target] = len(queue)
                queue.append(target)
        if len(queue) > most:
            raise ValueError(f"it takes more than {most:,} states")
        steps.append({symbol: number[target] for symbol, target in targets.items()})
    accepting = frozenset(number[state] for state in queue if accepts(state))
    return _smallest(*_useful(steps, accepting))


def _useful(steps: Steps, accepting: frozenset[int]) -> tuple[Steps, frozenset[int]]:
    """Without states from which no end can be reached."""
    before: list[list[int]] = [[] for _ in steps]
    for state, targets in enumerate(steps):
        for target in targets.values():
            before[target].append(state)
    found = set(accepting)
    queue = list(accepting)
    for state in queue:
        new = [earlier for earlier in before[state] if earlier not in found]
        found.update(new)
        queue += dict.fromkeys(new)
    if 0 not in found:
        return [], frozenset()
    number = {state: index for index, state in enumerate(sorted(found))}
    kept = [
        {symbol: number[to] for symbol, to in steps[state].items() if to in found}
        for state in number
    ]
    return kept, frozenset(number[state] for state in accepting)


def _smallest(steps: Steps, accepting: frozenset[int]) -> Automaton:
    """States that differ in nothing become one: they are told apart in rounds, until none more."""
    block = [int(state in accepting) for state in range(len(steps))]
    n_blocks = 0
    while n_blocks != (n_blocks := len(set(block))):
        seen: dict[Hashable, int] = {}
        block = [
            seen.setdefault(
                (block[state], tuple((symbol, block[to]) for symbol, to in targets.items())),
                len(seen),
            )
            for state, targets in enumerate(steps)
        ]
    # In the order of their first states, so that the first block is that of state 0.
    first = {one: state for state, one in reversed(list(enumerate(block)))}
    return Automaton(
        [
            {symbol: block[to] for symbol, to in steps[first[one]].items()}
            for one in range(len(first))
        ],
        frozenset(block[state] for state in accepting),
    )
