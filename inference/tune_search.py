"""The search for the settings a model runs fastest with on this machine.

It is a generator: it yields what is to be measured and is sent what came of it, so that it knows
neither engines nor clocks. One setting after the other is varied; each candidate is measured in
turn with the best one so far, so that what else the machine does weighs on both.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from inference.machine import Machine
from inference.tune import Ask, Measured, Trial, Tuned, TuneResult

MIN_GAIN = 1.03
"""What a candidate must bring to be taken: less is noise on most machines."""
HOPELESS = 0.9
"""A candidate that is slower than this in its first round has no second one."""
ROUNDS = 3
TURN_PROMPT, TURN_ANSWER = 512, 256
"""Tokens of the turn whose time is compared where prefill and decode pull in two directions."""
PREFILL_S, DECODE_S = 0.6, 0.5
"""How long one measurement of either is to take."""
GIVES_WAY_QUIET, GIVES_WAY_BUSY = 0.95, 1.2
"""Giving way is taken where it keeps so much speed when quiet, and gains so much when not."""
BATCHES = (128, 256, 1024, 2048)
_PROBE_PROMPT, _PROBE_ANSWER = 32, 8
_MIN_PROMPT, _MIN_ANSWER, _MAX_ANSWER = 64, 8, 64

Answers = Generator[Ask, Measured | None, TuneResult]
"""A search; None is sent for a setting that the model cannot be loaded with."""


class _Sizes(Struct, frozen=True):
    """Tokens to measure with, from the speed that a first look showed."""

    n_prompt: int
    n_answer: int

    @classmethod
    def of(cls, speed: Measured) -> _Sizes:
        room = speed.n_ctx // 2
        return cls(
            n_prompt=max(_MIN_PROMPT, min(int(speed.prefill * PREFILL_S), BATCHES[-1], room)),
            n_answer=max(_MIN_ANSWER, min(int(speed.decode * DECODE_S), _MAX_ANSWER)),
        )


class _Candidate(Struct, frozen=True):
    setting: Tuned
    words: str
    has_prefill: bool = True
    has_decode: bool = True
    is_deep: bool = False


class TuneSearch:
    """One search.

    Args:
        base: The settings before it.
        machine: Where it runs.
        has_gomp: Whether compute threads can be told to give way.
    """

    def __init__(
        self, base: Tuned, machine: Machine, *, has_gomp: bool = sys.platform == "linux"
    ) -> None:
        self._base = self._best = base
        self._machine = machine
        self._has_gomp = has_gomp
        self._trials: list[Trial] = []
        self._notes: list[str] = []
        self._sizes = _Sizes(_PROBE_PROMPT, _PROBE_ANSWER)
        self._done = 0
        self.has_begun = False
        """Whether the model could be measured with the settings it had."""

    def run(self) -> Answers:
        """Search; a consumer that has no more time closes the generator and asks `so_far`."""
        yield from self._look()
        if not self.has_begun:
            raise ValueError("a model whose own settings cannot be measured has none to search")
        for axis in (self._threads, self._batches, self._flash_attention):
            before = self._best
            for candidate in axis():
                yield from self._try(candidate)
            if self._best != before:
                yield from self._look()
        yield from self._try_cache_type()
        # A single thread has no other to wait for.
        if self._has_gomp and not self._best.gives_way and self._best.n_threads > 1:
            yield from self._try_giving_way()
        gain = yield from self._gain()
        return self._result(gain)

    def so_far(self) -> TuneResult:
        """What was found until now."""
        gain = 1.0
        for trial in self._trials:
            gain *= trial.ratio if trial.is_chosen else 1.0
        return replace(self._result(gain), is_whole=False)

    def _look(self) -> Generator[Ask, Measured | None, None]:
        """Find out how many tokens the best settings take to be measured well."""
        speed = yield self._ask(_Candidate(self._best, self._best.words))
        if speed is not None:
            self.has_begun = True
            self._sizes = _Sizes.of(speed)

    # What is tried

    def _threads(self) -> Iterator[_Candidate]:
        cores, logical = self._machine.physical_cores, self._machine.logical_cores
        for n in sorted({cores, max(1, cores - 1), max(1, cores // 2), logical}, reverse=True):
            if n != self._base.n_threads:
                setting = replace(self._best, n_threads=n)
                yield _Candidate(setting, f"{n} thread{'s' * (n != 1)}")

    def _batches(self) -> Iterator[_Candidate]:
        for n in BATCHES:
            # A batch that no measured prompt fills would differ in nothing.
            if n != self._base.n_batch and n <= self._sizes.n_prompt:
                yield _Candidate(replace(self._best, n_batch=n), f"batch {n}", has_decode=False)

    def _flash_attention(self) -> Iterator[_Candidate]:
        for choice in ("on", "off"):
            # A cache that is not f16 needs it.
            if choice != self._base.flash_attention and self._base.kv_type == "f16":
                setting = replace(self._best, flash_attention=choice)
                yield _Candidate(setting, f"flash attention {choice}", is_deep=True)

    # How it is compared

    def _try(self, candidate: _Candidate) -> Generator[Ask, Measured | None, None]:
        ratio, measured, _best = yield from self._compared(candidate)
        self._note(candidate, measured, ratio, is_chosen=ratio >= MIN_GAIN)

    def _try_cache_type(self) -> Generator[Ask, Measured | None, None]:
        """A smaller KV cache; it is taken only where answers do not come slower."""
        if self._best.kv_type != "f16" or self._best.flash_attention == "off":
            return
        setting = replace(self._best, kv_type="q8_0")
        candidate = _Candidate(setting, "KV cache q8_0", has_prefill=False, is_deep=True)
        ratio, measured, best = yield from self._compared(candidate)
        saved = f"{max(0, best.memory_bytes - measured.memory_bytes) / 1e6:,.0f} MB less memory"
        is_chosen = ratio >= 1.0
        caveat = f"{saved}, answers may differ slightly"
        if is_chosen:
            self._notes.append(f"The KV cache in q8_0 takes {caveat}")
        self._note(candidate, measured, ratio, is_chosen=is_chosen, note=caveat if ratio else "")

    def _try_giving_way(self) -> Generator[Ask, Measured | None, None]:
        """Threads that sleep soon: measured alone and beside a program that takes a core."""
        setting = replace(self._best, gives_way=True)
        candidate = _Candidate(setting, "gives way", has_prefill=False)
        quiet, measured, _ = yield from self._compared(candidate)
        if quiet < GIVES_WAY_QUIET:
            self._note(candidate, measured, quiet, is_chosen=False)
            return
        busy, _, _ = yield from self._compared(candidate, is_busy=True)
        note = f"{busy:.1f} times as fast beside a busy program"
        is_chosen = busy >= GIVES_WAY_BUSY
        if is_chosen:
            self._notes.append(f"Beside a busy program {busy:.1f} times as fast")
        self._note(candidate, measured, quiet, is_chosen=is_chosen, note=note)

    def _gain(self) -> Generator[Ask, Measured | None, float]:
        """The best settings beside those before the search."""
        if self._best == self._base:
            return 1.0
        best = self._best
        self._best = self._base
        ratio, _, _ = yield from self._compared(_Candidate(best, best.words), hopeless=0.0)
        self._best = best
        return ratio

    def _compared(
        self, candidate: _Candidate, *, is_busy: bool = False, hopeless: float = HOPELESS
    ) -> Generator[Ask, Measured | None, tuple[float, Measured, Measured]]:
        """The median ratio of both, with what was measured of candidate and best last."""
        against = replace(candidate, setting=self._best)
        ratios: list[float] = []
        new = best = Measured(0, 0)
        for _ in range(ROUNDS):
            answers = []
            for one in (candidate, against):
                measured = yield self._ask(one, is_busy)
                if measured is None:
                    return 0.0, new, best
                answers.append(measured)
            new, best = answers
            ratios.append(turn_seconds(best) / turn_seconds(new))
            if ratios[0] < hopeless:
                break
        return median(ratios), new, best

    def _ask(self, candidate: _Candidate, is_busy: bool = False) -> Ask:
        self._done += 1
        sizes = self._sizes
        return Ask(
            candidate.setting,
            sizes.n_prompt if candidate.has_prefill else 0,
            sizes.n_answer if candidate.has_decode else 0,
            depth=sizes.n_prompt if candidate.is_deep else 0,
            is_busy=is_busy,
            words=candidate.words,
            fraction=min(0.99, self._done / self._expected),
        )

    @property
    def _expected(self) -> int:
        """Measurements of a search in which about half of the candidates are hopeless."""
        n_threads = len(list(self._threads()))
        return 2 + 4 * (n_threads + len(BATCHES) + 2 + 1 + 2 * self._has_gomp + 1)

    def _note(
        self,
        candidate: _Candidate,
        measured: Measured,
        ratio: float,
        *,
        is_chosen: bool,
        note: str = "",
    ) -> None:
        if ratio == 0:
            note = "the model could not be loaded with it"
        self._trials.append(Trial(candidate.words, measured, ratio, is_chosen, note))
        if is_chosen:
            self._best = candidate.setting

    def _result(self, gain: float) -> TuneResult:
        return TuneResult(self._best, self._base, tuple(self._trials), gain, tuple(self._notes))


def turn_seconds(measured: Measured) -> float:
    """Seconds of a turn, as far as its parts were measured."""
    seconds = 0.0
    if measured.prefill:
        seconds += TURN_PROMPT / measured.prefill
    if measured.decode:
        seconds += TURN_ANSWER / measured.decode
    return seconds
