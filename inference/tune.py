"""What tuning speaks of: settings, what is measured of them, and what was found."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from inference.engine import N_BATCH, ModelParams
from inference.threads import default_n_threads


class Tuned(Struct, frozen=True):
    """The settings that are searched; the fields are those of `ModelParams`."""

    n_threads: int
    n_batch: int = N_BATCH
    flash_attention: str = "auto"
    kv_type: str = "f16"
    gives_way: bool = False

    @classmethod
    def of(cls, params: ModelParams) -> Tuned:
        """What these parameters come to."""
        return cls(
            params.n_threads or default_n_threads(),
            params.step_tokens,
            params.flash_attention,
            params.kv_type,
            params.gives_way,
        )

    def applied_to(self, params: ModelParams) -> ModelParams:
        """The same model with these settings."""
        return replace(
            params,
            n_threads=self.n_threads,
            n_batch=self.n_batch,
            flash_attention=self.flash_attention,
            kv_type=self.kv_type,
            gives_way=self.gives_way,
        )

    @property
    def words(self) -> str:
        """As a person reads it."""
        parts = [f"{self.n_threads} thread{'s' * (self.n_threads != 1)}", f"batch {self.n_batch}"]
        if self.flash_attention != "auto":
            parts.append(f"flash attention {self.flash_attention}")
        if self.kv_type != "f16":
            parts.append(f"KV cache {self.kv_type}")
        if self.gives_way:
            parts.append("gives way to other programs")
        return ", ".join(parts)


class Measured(Struct, frozen=True):
    """Tokens per second, 0 where not measured; bytes that the loaded model takes."""

    prefill: float
    decode: float
    n_ctx: int = 8192
    memory_bytes: int = 0


class Ask(Struct, frozen=True):
    """One measurement that is wanted.

    Args:
        setting: What to measure.
        n_prompt: Tokens of prefill; 0: not wanted.
        n_answer: Tokens of decode; 0: not wanted.
        depth: Tokens that the KV cache holds before.
        is_busy: Whether another program is to keep the processor busy.
        words: What is being tried, for the person who waits.
        fraction: How much of the search lies behind, from 0 to 1.
    """

    setting: Tuned
    n_prompt: int
    n_answer: int
    depth: int = 0
    is_busy: bool = False
    words: str = ""
    fraction: float = 0.0


class Trial(Struct, frozen=True):
    """One candidate: its speed, how it compares with the best before it, and what became of it.

    `ratio` is that of the times of a turn, above 1 where the candidate is faster; 0 where it could
    not be measured.
    """

    words: str
    measured: Measured
    ratio: float
    is_chosen: bool
    note: str = ""


class TuneResult(Struct, frozen=True):
    """What the search found: `gain` is the speed beside that of the settings before it.

    `is_whole` is False where there was no time for all candidates.
    """

    tuned: Tuned
    before: Tuned
    trials: tuple[Trial, ...]
    gain: float
    notes: tuple[str, ...] = ()
    is_whole: bool = True

    @property
    def words(self) -> str:
        """The result in one sentence."""
        if not self.trials:
            return "There was no time to try anything; nothing is changed"
        if self.tuned == self.before:
            scope = "all that was tried" if self.is_whole else "what there was time for"
            return f"Nothing was faster among {scope}: {self.tuned.words}"
        cut = () if self.is_whole else ("There was no time to try everything",)
        return ". ".join((f"{self.tuned.words}: {_faster(self.gain)}", *self.notes, *cut))


def _faster(gain: float) -> str:
    if gain >= 2:
        return f"{gain:.1f} times as fast as before"
    percent = round((gain - 1) * 100)
    return f"{percent} % faster than before" if percent > 0 else "as fast as before"
