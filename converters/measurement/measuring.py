"""Measure models on a text, alone or against a reference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from converters.errors import VocabulariesDiffer
from converters.measurement.kept import KeptPredictions
from converters.measurement.statistics import (
    ChunkFigures,
    Divergence,
    Quality,
    compared,
    divergence_of,
    figures,
    log_probabilities,
    quality_of,
)
from converters.measurement.text import pieces_of, read_text
from converters.progress import Cancelled, IsCancelled, never_cancelled
from inference.engine import ModelParams
from inference.gguf_header import read_header
from inference.llama.forward import Backend, ForwardModel

MEMORY_SHARE = 0.8
"""Two models are loaded together where their files take at most so much of the free memory."""

Pieces = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class MeasureOptions:
    """What is measured, and on what.

    Args:
        models: GGUF files, one after the other.
        text: A text file in UTF-8, such as wiki.test.raw.
        reference: The model whose predictions the others are held against, mostly at 16 bits.
        n_ctx: Tokens of each piece; predictions of its second half count.
        n_chunks: How many pieces; 0: the whole text.
        n_threads: 0: as many as the engine takes.
        n_gpu_layers: -1: all that fit.
        scratch: Folder for what does not fit into memory.
    """

    models: tuple[Path, ...]
    text: Path
    reference: Path | None = None
    n_ctx: int = 512
    n_chunks: int = 0
    n_threads: int = 0
    n_gpu_layers: int = -1
    scratch: Path | None = None


@dataclass(frozen=True, slots=True)
class MeasureProgress:
    """`done` of `total` pieces were read; `perplexity` is that of `model` so far."""

    model: str
    done: int
    total: int
    perplexity: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one model; `divergence` where there is a reference. Size in bytes."""

    path: Path
    size_bytes: int
    n_params: int
    quality: Quality
    divergence: Divergence | None

    @property
    def bits_per_weight(self) -> float:
        """Size of the weights by their number."""
        return self.size_bytes * 8 / self.n_params if self.n_params else 0.0


def measure(
    options: MeasureOptions, is_cancelled: IsCancelled = never_cancelled
) -> Iterator[MeasureProgress | Measured | Cancelled]:
    """Measure all models; each gives progress and then its figures.

    Raises:
        ModelError: One of them cannot be loaded.
        MeasuringError: The text cannot be used, or the models cannot be compared.
    """
    text = read_text(options.text)
    for path in (*options.models, *([options.reference] if options.reference else [])):
        read_header(path)  # a wrong file is named before hours are spent on the others
    backend = Backend()
    with ExitStack() as stack:
        together = _fit_together(options)
        reference = stack.enter_context(_Reference(backend, options, text, keep=not together))
        yield from reference.prepare(is_cancelled)
        for path in options.models:
            if is_cancelled():
                break
            yield from _measure_one(backend, options, path, text, reference, is_cancelled)
    if is_cancelled():
        yield Cancelled()


def _measure_one(
    backend: Backend,
    options: MeasureOptions,
    path: Path,
    text: str,
    reference: _Reference,
    is_cancelled: IsCancelled,
) -> Iterator[MeasureProgress | Measured]:
    header = read_header(path)
    first = options.n_ctx // 2
    chunks: list[ChunkFigures] = []
    with ForwardModel(backend, _params(options, path)) as model:
        reference.check(path.name, model)
        pieces = pieces_of(
            model.tokenize(text), options.n_ctx, options.n_chunks, model.opening_token
        )
        reference.rewind()
        for done, piece in enumerate(pieces, start=1):
            if is_cancelled():
                return
            log_p = _predictions(model, piece, first)
            expected = reference.predictions(piece, first)
            targets = piece[first + 1 :]
            chunks.append(
                figures(log_p, targets) if expected is None else compared(log_p, expected, targets)
            )
            so_far = quality_of(chunks).perplexity.value
            yield MeasureProgress(path.name, done, len(pieces), so_far)
    divergence = None if options.reference is None else divergence_of(chunks)
    yield Measured(path, header.tensor_bytes, header.n_params, quality_of(chunks), divergence)


def _predictions(model: ForwardModel, piece: Pieces, first: int) -> NDArray[np.float32]:
    """Log-probabilities of the tokens behind `first`, shape (n - first - 1, n_vocab)."""
    return log_probabilities(model.evaluate(piece, first)[:-1])


def _params(options: MeasureOptions, path: Path) -> ModelParams:
    return ModelParams(
        path,
        n_ctx=options.n_ctx,
        n_threads=options.n_threads,
        n_gpu_layers=options.n_gpu_layers,
    )


def _fit_together(options: MeasureOptions) -> bool:
    if options.reference is None:
        return True
    sizes = [read_header(path).tensor_bytes for path in options.models]
    needed = read_header(options.reference).tensor_bytes + max(sizes, default=0)
    return needed <= MEMORY_SHARE * psutil.virtual_memory().available


class _Reference:
    """The reference's predictions: from its own memory, or from the disk where it had to leave."""

    def __init__(self, backend: Backend, options: MeasureOptions, text: str, *, keep: bool) -> None:
        self._options = options
        self._text = text
        self._keep = keep
        self._model: ForwardModel | None = None
        self._kept: KeptPredictions | None = None
        self._pieces_of_tokens: list[bytes] = []
        if options.reference is not None:
            self._model = ForwardModel(backend, _params(options, options.reference))
            self._pieces_of_tokens = self._model.pieces()

    def __enter__(self) -> _Reference:
        return self

    def __exit__(self, *_error: object) -> None:
        self._free_model()
        if self._kept is not None:
            self._kept.close()

    def prepare(self, is_cancelled: IsCancelled) -> Iterator[MeasureProgress]:
        """Write the predictions to the disk, where the reference has to make room."""
        model, options = self._model, self._options
        if model is None or not self._keep:
            return
        first = options.n_ctx // 2
        pieces = pieces_of(
            model.tokenize(self._text), options.n_ctx, options.n_chunks, model.opening_token
        )
        n_positions = options.n_ctx - first - 1
        self._kept = KeptPredictions(len(pieces), n_positions, model.n_vocab, options.scratch)
        chunks: list[ChunkFigures] = []
        for done, piece in enumerate(pieces, start=1):
            if is_cancelled():
                return
            log_p = _predictions(model, piece, first)
            self._kept.append(log_p)
            chunks.append(figures(log_p, piece[first + 1 :]))
            name = model.params.path.name
            so_far = quality_of(chunks).perplexity.value
            yield MeasureProgress(name, done, len(pieces), so_far)
        self._free_model()

    def check(self, name: str, model: ForwardModel) -> None:
        """Make sure that both predict the same tokens.

        Raises:
            VocabulariesDiffer: They do not.
        """
        expected = self._pieces_of_tokens
        if not expected:
            return
        pieces = model.pieces()
        if pieces == expected:
            return
        differing = sum(ours != theirs for ours, theirs in zip(pieces, expected, strict=False))
        assert self._options.reference is not None
        raise VocabulariesDiffer(
            "The model and its reference have different vocabularies",
            f"{name} has {len(pieces):,} tokens, {self._options.reference.name} has "
            f"{len(expected):,}; {differing:,} of those they share differ.",
            "Compare a quantized model with the model that it was made from.",
        )

    def rewind(self) -> None:
        """Begin with the first piece again."""
        if self._kept is not None:
            self._kept.rewind()

    def predictions(self, piece: Pieces, first: int) -> NDArray[np.float32] | None:
        """The next piece's log-probabilities; None without a reference."""
        if self._kept is not None:
            return self._kept.next()
        if self._model is not None:
            return _predictions(self._model, piece, first)
        return None

    def _free_model(self) -> None:
        if self._model is not None:
            self._model.close()
            self._model = None
