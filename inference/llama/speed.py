"""Times prefill and decode of a loaded model at a depth, as `llama-bench` does.

Source: tools/llama-bench/llama-bench.cpp of llama.cpp (test_prompt, test_gen), as of
llama-cpp-python 0.3.36: random tokens, a synchronization behind each batch, no sampling.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from inference.engine import BenchPoint, BenchRequest
from inference.errors import ContextTooShort
from inference.llama.model import LoadedModel


class SpeedMeasurement:
    """Measures one model at one depth after the other.

    Args:
        model: What to measure; its KV cache is overwritten.
        request: How much and how often.
        is_cancelled: Asked between two steps.

    Raises:
        ContextTooShort: The context does not hold the deepest measurement.
    """

    def __init__(
        self,
        model: LoadedModel,
        request: BenchRequest,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._model = model
        self._request = request
        self._is_cancelled = is_cancelled
        self._step = model.params.step_tokens
        needed = max(request.depths) + max(request.n_prompt, request.n_generate)
        if needed > model.info.n_ctx:
            raise ContextTooShort(
                "The context is too short for this measurement",
                f"Depth {max(request.depths):,} needs {needed:,} tokens; the context holds "
                f"{model.info.n_ctx:,}.",
                "Measure at a smaller depth, or with a longer context.",
            )
        draw = random.Random(0)
        self._tokens = [draw.randrange(model.n_vocab) for _ in range(needed)]

    def at(self, depth: int) -> BenchPoint | None:
        """Measure behind `depth` tokens; None where it was cancelled."""
        request = self._request
        prefill_ns = self._repeated(depth, request.n_prompt, self._step)
        decode_ns = self._repeated(depth, request.n_generate, 1) if prefill_ns else None
        if not prefill_ns or not decode_ns:
            return None
        return BenchPoint(depth, tuple(prefill_ns), tuple(decode_ns))

    def _repeated(self, depth: int, n_tokens: int, step: int) -> list[int] | None:
        times = []
        for _ in range(self._request.repetitions + 1):
            if not self._fill(depth):
                return None
            began = time.perf_counter_ns()
            if not self._evaluate(self._tokens[depth : depth + n_tokens], step):
                return None
            times.append(time.perf_counter_ns() - began)
        return times[1:]

    def _fill(self, depth: int) -> bool:
        """Let the KV cache hold `depth` tokens."""
        held = self._model.keep_prefix(self._tokens[: depth + 1])
        return self._evaluate(self._tokens[held:depth], self._step)

    def _evaluate(self, tokens: Sequence[int], step: int) -> bool:
        """Evaluate tokens in steps; False where it was cancelled."""
        for start in range(0, len(tokens), step):
            if self._is_cancelled() or not self._model.evaluate(list(tokens[start : start + step])):
                return False
            self._model.synchronize()
        return True
