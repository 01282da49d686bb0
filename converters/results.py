"""What a conversion comes to: plain values, which load nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Planned:
    """What a dry run tells.

    Attributes:
        paths: Files that would be written.
        file_bytes: Their sizes.
        types: How many tensors of each type there are, and their bytes.
        n_parameters: Weights.
        free_bytes: What the file system has free.
        seconds: How long writing is expected to take.
        notes: What a person should know.
    """

    paths: tuple[Path, ...]
    file_bytes: tuple[int, ...]
    types: Mapping[str, tuple[int, int]]
    n_parameters: int
    free_bytes: int
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Converted:
    """A finished model.

    Attributes:
        paths: Its files; the first opens it.
        n_bytes: Their size.
        types: How many tensors of each type there are, and their bytes.
        seconds: How long it took.
        notes: What a person should know: fallbacks, weights that are not finite.
    """

    paths: tuple[Path, ...]
    n_bytes: int
    types: Mapping[str, tuple[int, int]]
    seconds: float
    notes: tuple[str, ...]
