"""Multiples of a number within limits, as an automaton that reads their digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from inference.schema.automaton import Automaton, explored
from inference.schema.gbnf import MAX_DIGITS, any_of

MAX_STATES = 500
"""Of the automaton, each of which is a rule of the grammar."""
_MAX_EXPLORED = 5000
MAX_PLACES = 9
"""Behind the point of the number whose multiples these are."""
_POINT = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the largest number, None for no bound; `above` and `below`: without those."""

    low: Decimal | None
    high: Decimal | None
    above: bool
    below: bool

    def counted(self, unit: int) -> tuple[int | None, int | None]:
        """The first and the last number of units that are within them."""
        low = high = None
        if self.low is not None:
            low = math.floor(self.low * unit) + 1 if self.above else math.ceil(self.low * unit)
        if self.high is not None:
            high = math.ceil(self.high * unit) - 1 if self.below else math.floor(self.high * unit)
        return low, high


@dataclass(frozen=True, slots=True)
class Multiples:
    """The multiples of a step from `low` to `high`.

    All numbers are counted in units of the last place, of which a 1 has `10 ** n_places`.

    Args:
        step: More than 0.
        low: The least; None has no bound.
        high: The largest, which belongs to them.
        n_places: Digits that may stand behind the point.
    """

    step: int
    low: int | None
    high: int | None
    n_places: int

    @classmethod
    def of(cls, step: Decimal, limits: Limits, *, only_whole: bool) -> Multiples:
        """From numbers as they are written.

        Raises:
            ValueError: The step is too small.
        """
        places = max(0, -int(step.normalize().as_tuple().exponent))
        if places > MAX_PLACES:
            raise ValueError(f"no more than {MAX_PLACES} places behind the point are possible")
        unit = 10**places
        whole = int(step * unit)
        if only_whole:
            whole, places, unit = whole // math.gcd(whole, unit), 0, 1
        return cls(whole, *limits.counted(unit), places)

    def automata(self) -> tuple[Automaton | None, Automaton | None]:
        """Of what follows a minus, and of numbers without one; None where there are none.

        Raises:
            ValueError: They would be too large.
        """
        return self._below_zero(), self._from_zero()

    def _below_zero(self) -> Automaton | None:
        if self.low is not None and self.low >= 0:
            return None
        nearest = 1 if self.high is None else max(1, -self.high)
        return _of_magnitudes(self.step, nearest, _negative(self.low), self.n_places)

    def _from_zero(self) -> Automaton | None:
        if self.high is not None and self.high < 0:
            return None
        return _of_magnitudes(self.step, max(self.low or 0, 0), self.high, self.n_places)


def _negative(value: int | None) -> int | None:
    return None if value is None else -value


def _of_magnitudes(step: int, low: int, high: int | None, n_places: int) -> Automaton | None:
    """Numbers end somewhere, even where nothing says so, if that does not take too many states."""
    top = 10 ** (max(MAX_DIGITS, len(str(low))) + n_places) - 1
    for limit in [top, None] if high is None else [high]:
        try:
            reader = _Reader(step, low, limit, n_places)
            found = explored(_State(), 11, reader.step, reader.accepts, _MAX_EXPLORED)
        except ValueError:
            continue
        if len(found.steps) <= MAX_STATES:
            return found if found.steps else None
    raise ValueError(f"its multiples within these limits take more than {MAX_STATES} rules")


def one_of_digits(symbols: Sequence[int]) -> str:
    """One of the symbols of these automata, in GBNF."""
    digits = "".join(str(symbol) for symbol in symbols if symbol != _POINT)
    classes = [f"[{digits}]"] if digits else []
    return any_of([*classes, '"."'] if _POINT in symbols else classes)


class _State(NamedTuple):
    """What is known of a number behind some of its digits.

    Args:
        n_digits: Digits before the point, as far as it matters how many.
        place: Digits behind the point; -1 before it, -2 before it and behind a single 0.
        rest: What the digits so far leave when they are divided by the step.
        to_low: How they compare with as many digits of the least number: -1, 0 or 1.
        to_high: The same with the largest.
    """

    n_digits: int = 0
    place: int = -1
    rest: int = 0
    to_low: int = 0
    to_high: int = 0


class _Reader:
    """Reads the digits of a number from `low` to `high`, both in units of the last place."""

    def __init__(self, step: int, low: int, high: int | None, n_places: int) -> None:
        self._divisor = step
        self._n_places = n_places
        self._low, self._low_places = self._split(low)
        self._high, self._high_places = ("", "") if high is None else self._split(high)
        self._is_endless = high is None

    def _split(self, value: int) -> tuple[str, str]:
        whole, places = divmod(value, 10**self._n_places)
        return str(whole), str(places).zfill(self._n_places) if self._n_places else ""

    def step(self, state: _State, symbol: int) -> _State | None:
        """Where a digit leads, or the point."""
        if symbol == _POINT:
            return self._behind_point(state)
        if state.place >= 0:
            return self._next_place(state, symbol)
        return self._next_digit(state, symbol)

    def accepts(self, state: _State) -> bool:
        """Whether it may end here: as if zeros followed."""
        if state.place == 0 or not (state.n_digits or state.place > 0):
            return False
        if state.place < 0:
            ended = self._of_right_length(state)
            if ended is None:
                return False
            state = ended
        places = max(state.place, 0)
        if state.to_low == 0 and self._low_places[places:].strip("0"):
            return False
        left: int = state.rest * 10 ** (self._n_places - places) % self._divisor
        return left == 0

    def _next_digit(self, state: _State, digit: int) -> _State | None:
        if state.place == -2:
            return None
        at = state.n_digits
        if not self._is_endless and at >= len(self._high):
            return None
        return _State(
            min(at + 1, len(self._low) + 1) if self._is_endless else at + 1,
            -2 if at == 0 and digit == 0 else -1,
            (10 * state.rest + digit) % self._divisor,
            _compared(state.to_low, digit, self._low, at),
            _compared(state.to_high, digit, self._high, at),
        )

    def _behind_point(self, state: _State) -> _State | None:
        if state.place >= 0 or not state.n_digits or not self._n_places:
            return None
        ended = self._of_right_length(state)
        return None if ended is None else ended._replace(n_digits=0, place=0)

    def _of_right_length(self, state: _State) -> _State | None:
        """What is known at the end of the digits before the point; None if out of the limits."""
        to_low, to_high = state.to_low, state.to_high
        if state.n_digits != len(self._low):
            to_low = 1 if state.n_digits > len(self._low) else -1
        if self._is_endless or state.n_digits < len(self._high):
            to_high = -1
        if to_low < 0 or to_high > 0:
            return None
        return state._replace(to_low=to_low, to_high=to_high)

    def _next_place(self, state: _State, digit: int) -> _State | None:
        at = state.place
        if at == self._n_places:
            return None
        to_low = _compared(state.to_low, digit, self._low_places, at)
        to_high = _compared(state.to_high, digit, self._high_places, at)
        if to_low < 0 or to_high > 0:
            return None
        return _State(0, at + 1, (10 * state.rest + digit) % self._divisor, to_low, to_high)


def _compared(so_far: int, digit: int, bound: str, at: int) -> int:
    """-1, 0 or 1: the digits up to `at` against those of the bound; 1 behind its last one."""
    if so_far or at >= len(bound):
        return so_far or 1
    return (digit > int(bound[at])) - (digit < int(bound[at]))
