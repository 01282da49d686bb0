"""Measure models on a text, alone or against a reference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from converters.errors import VocabulariesDiffer
from converters.measurement.kept import KeptPredictions
from converters.measurement.statistics import (
    ChunkFigures,
    compared,
    divergence_of,
    figures,
    log_probabilities,
    quality_of,
)
from converters.measurement.text import pieces_of, read_text
from converters.measurement.values import Measured, MeasureOptions, MeasureProgress
from converters.progress import Cancelled, IsCancelled, never_cancelled
from inference.engine import ModelParams
from inference.gguf_header import read_header
from inference.llama.backend import Backend
from inference.llama.forward import ForwardModel, ForwardStopped

MEMORY_SHARE = 0.8
"""Two models are loaded together where their files take at most so much of the free memory."""

Pieces = NDArray[np.int32]


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
    try:
        yield from _measure_all(options, text, is_cancelled)
    except ForwardStopped:
        yield Cancelled()


def _measure_all(
    options: MeasureOptions, text: str, is_cancelled: IsCancelled
) -> Iterator[MeasureProgress | Measured]:
    backend = Backend(passes_log_on=False)
    keep = not _fit_together(options)
    with _Reference(backend, options, text, is_cancelled, keep=keep) as reference:
        yield from reference.prepare()
        for path in options.models:
            yield from _measure_one(backend, options, path, text, reference, is_cancelled)


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
    with ForwardModel(backend, _params(options, path), is_cancelled) as model:
        reference.check(path.name, model)
        pieces = pieces_of(
            model.tokenize(text), options.n_ctx, options.n_chunks, model.opening_token
        )
        reference.rewind()
        for done, piece in enumerate(pieces, start=1):
            if is_cancelled():
                raise ForwardStopped
            log_p = _predictions(model, piece, first)
            expected = reference.predictions(piece, first)
            targets = piece[first + 1 :]
            chunks.append(
                figures(log_p, targets) if expected is None else compared(log_p, expected, targets)
            )
            so_far = quality_of(chunks).perplexity.value
            yield MeasureProgress(path.name, done, len(pieces), options.n_ctx, so_far)
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

    def __init__(
        self,
        backend: Backend,
        options: MeasureOptions,
        text: str,
        is_cancelled: IsCancelled,
        *,
        keep: bool,
    ) -> None:
        self._options = options
        self._text = text
        self._keep = keep
        self._model: ForwardModel | None = None
        self._kept: KeptPredictions | None = None
        self._pieces_of_tokens: list[bytes] = []
        if options.reference is not None:
            params = _params(options, options.reference)
            self._model = ForwardModel(backend, params, is_cancelled)
            self._pieces_of_tokens = self._model.pieces()

    def __enter__(self) -> _Reference:
        return self

    def __exit__(self, *_error: object) -> None:
        self._free_model()
        if self._kept is not None:
            self._kept.close()

    def prepare(self) -> Iterator[MeasureProgress]:
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
            log_p = _predictions(model, piece, first)
            self._kept.append(log_p)
            chunks.append(figures(log_p, piece[first + 1 :]))
            name = model.params.path.name
            so_far = quality_of(chunks).perplexity.value
            yield MeasureProgress(name, done, len(pieces), options.n_ctx, so_far)
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
