"""The text that a model reads: from a file to pieces of tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from converters.errors import TextTooShort, TextUnreadable

MIN_CHUNKS = 2


def read_text(path: Path) -> str:
    """The whole file, which must be UTF-8.

    Raises:
        TextUnreadable: It cannot be read, or is not text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TextUnreadable(
            "The text cannot be read",
            f"{path}: {error.strerror or error}",
            "Name a text file.",
        ) from error
    except UnicodeDecodeError as error:
        raise TextUnreadable(
            "The text is not UTF-8",
            f"{path}: byte {error.start:,} is 0x{error.object[error.start]:02x}.",
            "Save it as UTF-8, or name another file.",
        ) from error


def pieces_of(
    tokens: NDArray[np.int32], n_ctx: int, n_chunks: int, opening: int | None
) -> NDArray[np.int32]:
    """Cut a text into pieces of equal length, each beginning with the opening token.

    Args:
        tokens: Shape (n,).
        n_ctx: Tokens of a piece.
        n_chunks: How many at most; 0: as many as there are.
        opening: Replaces the first token of each piece, as llama.cpp's tools do it; None: nothing.

    Returns:
        Shape (n_pieces, n_ctx).

    Raises:
        TextTooShort: It does not give `MIN_CHUNKS` pieces.
    """
    available = len(tokens) // n_ctx
    if available < MIN_CHUNKS:
        raise TextTooShort(
            "The text is too short",
            f"It has {len(tokens):,} tokens; {MIN_CHUNKS} pieces of {n_ctx:,} are the least.",
            "Use a longer text, or a shorter context (--n-ctx).",
        )
    n_pieces = min(n_chunks, available) if n_chunks else available
    pieces = tokens[: n_pieces * n_ctx].reshape(n_pieces, n_ctx).copy()
    if opening is not None:
        pieces[:, 0] = opening
    return pieces
