"""What a long operation tells while it runs, and how it is asked to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

IsCancelled = Callable[[], bool]
"""Asked often; True ends the operation soon, with nothing under a final name."""


def never_cancelled() -> bool:
    """For operations that nobody cancels."""
    return False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation is.

    Attributes:
        stage: "preparing", "writing" or "checking".
        done_bytes: Bytes of the result that are finished in this stage.
        total_bytes: Bytes of the result.
        done_tensors: Tensors that are finished in this stage.
        total_tensors: Tensors of the result.
        tensor: The tensor that was worked on last.
    """

    stage: str
    done_bytes: int = 0
    total_bytes: int = 0
    done_tensors: int = 0
    total_tensors: int = 0
    tensor: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The operation was asked to stop, and did."""
