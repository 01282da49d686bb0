"""What can be asked of a calibration, and what it tells; loads no model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CalibrateOptions:
    """What is read, and where the result goes.

    Args:
        model: A GGUF file, best at 16 bits.
        text: A text file in UTF-8; None only combines `earlier`.
        target: The file to write.
        earlier: Importance matrices of the same model that are added.
        n_ctx: Tokens of each piece.
        n_chunks: How many pieces; 0: the whole text.
        with_output: Also for the output matrix.
        n_threads: 0: as many as the engine takes.
        n_gpu_layers: -1: all that fit.
        force: Whether a file of the target's name may be replaced.
    """

    model: Path
    text: Path | None
    target: Path
    earlier: tuple[Path, ...] = ()
    n_ctx: int = 512
    n_chunks: int = 0
    with_output: bool = False
    n_threads: int = 0
    n_gpu_layers: int = -1
    force: bool = False

    @property
    def partial(self) -> Path:
        """What keeps the pieces that were read, until all are."""
        return self.target.with_name(f"{self.target.name}.partial")


@dataclass(frozen=True, slots=True)
class CalibrateProgress:
    """`done` of `total` pieces of `n_tokens` were read, with this perplexity so far."""

    done: int
    total: int
    n_tokens: int
    perplexity: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What was written.

    Args:
        path: The file.
        n_matrices: Matrices of the model that it covers.
        n_tokens: Tokens that were read, earlier runs included.
        unreached: Experts that no token came to, by matrix; quantizing takes all their columns as
            equally important.
    """

    path: Path
    n_matrices: int
    n_tokens: int
    unreached: dict[str, tuple[int, ...]]
