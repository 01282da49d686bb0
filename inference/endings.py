"""What is said of an engine's process that ended, or that had to be ended, in mid-work."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Sequence

from inference.errors import EngineDied, EngineHung, EngineOutOfMemory, WorkerLost

LAST_WORDS = 6
WORKER_LOST = "Remote RPC server crashed"
"""What ggml says before it ends the process. Source: ggml/src/ggml-rpc/ggml-rpc.cpp, 0.25.3."""
OUT_OF_MEMORY = (
    "bad_alloc",
    "failed to allocate",
    "unable to allocate",
    "out of memory",
    "OutOfMemory",
    "insufficient memory",
    "Cannot allocate memory",
)
"""What C++, ggml and its backends say where memory is refused to them."""
LESS_MEMORY = (
    "Choose a shorter context, a smaller model or a smaller quantization, or close programs."
)


def speaks_of_memory(lines: Iterable[str]) -> bool:
    """Whether a device or the system had less memory than was asked of it."""
    return any(word in line for line in lines for word in OUT_OF_MEMORY)


def death(code: int, lines: Sequence[str]) -> EngineDied:
    """The error for a process that ended with `code` and logged `lines` last."""
    words = last_words(lines)
    if any(WORKER_LOST in line for line in lines):
        return WorkerLost(
            "A worker that held part of the model is gone",
            words,
            "Start it again, or take it out of the list of workers, and try again.",
        )
    detail = f"{_ending(code)} {words}"
    if not _is_killed(code) and speaks_of_memory(lines[-LAST_WORDS:]):
        return EngineOutOfMemory("The engine ran out of memory", detail, LESS_MEMORY)
    return EngineDied("The engine stopped unexpectedly", detail, _hint(code))


def hung(silent_s: float, lines: Sequence[str]) -> EngineHung:
    """The error for a process that was ended because nothing moved in it any more."""
    return EngineHung(
        "The engine was stuck and has been ended",
        f"Nothing moved in it for {silent_s:.0f} s. {last_words(lines)}",
        "Try again: the engine starts anew. If it happens each time, choose another model.",
    )


def last_words(lines: Sequence[str]) -> str:
    """The end of its log."""
    words = [line for line in lines if line.strip()][-LAST_WORDS:]
    return f"Last log lines: {' | '.join(words)}" if words else "It logged nothing."


def _ending(code: int) -> str:
    if code < 0:
        try:
            return f"It was ended by {signal.Signals(-code).name}."
        except ValueError:
            return f"It was ended by signal {-code}."
    return f"It ended with code {code}."


def _is_killed(code: int) -> bool:
    return sys.platform != "win32" and code == -signal.SIGKILL.value


def _hint(code: int) -> str:
    if _is_killed(code):
        return "The system may have ended it for lack of memory. Try again, or a smaller model."
    if code == -signal.SIGABRT.value:
        return "Try again; if it happens each time, choose another model."
    if sys.platform != "win32" and code == -signal.SIGBUS.value:
        return (
            "The model's file was cut short or its drive went away while it was in use. "
            "See that it is whole, or download it again."
        )
    return "Try again: the engine starts anew."
