"""Make an importance matrix: let the model read a text and add up what reaches its matrices."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from converters.calibration.values import Calibrated, CalibrateOptions, CalibrateProgress
from converters.errors import BadImportanceMatrix
from converters.importance import (
    Entry,
    ImportanceMatrix,
    combined,
    read_importance,
    write_importance,
)
from converters.measurement.statistics import figures, log_probabilities, quality_of
from converters.measurement.text import pieces_of, read_text
from converters.progress import Cancelled, IsCancelled, never_cancelled
from converters.replacing import check_absent
from inference.engine import ModelParams
from inference.gguf_header import GgufHeader, read_header
from inference.llama.activations import ActivationCollector
from inference.llama.backend import Backend
from inference.llama.forward import ForwardModel, ForwardStopped

log = logging.getLogger(__name__)

"""Ending of what has been collected so far, from which a run that broke off goes on."""
SAVE_AFTER_S = 20.0
"""Reading that a process that is killed can lose at most, besides one piece."""
_RUN_KEY = "conclave.calibration"


def calibrate(
    options: CalibrateOptions, is_cancelled: IsCancelled = never_cancelled
) -> Iterator[CalibrateProgress | Calibrated | Cancelled]:
    """Make an importance matrix; a run that was cancelled or broke off goes on where it was.

    Raises:
        ModelError: The model cannot be loaded.
        ConverterError: Text, earlier matrices or target cannot be used.
    """
    check_absent([options.target], options.force)
    header = read_header(options.model)
    earlier = [_read_earlier(path, header, options) for path in options.earlier]
    if options.text is None:
        yield _finished(options, combined(earlier))
        return
    run = _Run(options, read_text(options.text))
    try:
        yield from run.read(is_cancelled)
    except ForwardStopped:
        yield Cancelled()
        return
    result = combined([*earlier, replace(run.matrix(), extra={})])
    calibrated = _finished(options, result)
    run.partial.unlink(missing_ok=True)
    yield calibrated


def _read_earlier(path: Path, header: GgufHeader, options: CalibrateOptions) -> ImportanceMatrix:
    """The importance matrix of an earlier run on the same model."""
    matrix = read_importance(path).counted_in_tokens(options.n_ctx)
    shapes = {tensor.name: tensor.shape for tensor in header.tensors}
    for name, entry in matrix.entries.items():
        n_columns, *others = shapes.get(name, (0,))
        n_values = n_columns * math.prod(others[1:])
        if entry.sums.size != n_values:
            raise BadImportanceMatrix(
                "The importance matrix belongs to another model",
                f"{path.name}: {name} has {entry.sums.size:,} columns, the model's has "
                f"{n_values:,}.",
                "Give only importance matrices of this model.",
            )
    return matrix


def _finished(options: CalibrateOptions, matrix: ImportanceMatrix) -> Calibrated:
    write_importance(matrix, options.target)
    unreached = {name: entry.unreached for name, entry in sorted(matrix.entries.items())}
    return Calibrated(
        options.target,
        len(matrix.entries),
        matrix.n_chunks * matrix.chunk_tokens,
        {name: experts for name, experts in unreached.items() if experts},
    )


class _Run:
    """One reading of a text, which may have been begun earlier."""

    def __init__(self, options: CalibrateOptions, text: str) -> None:
        self._options = options
        self._text = text
        self.partial = options.partial
        self._identity = _identity(options, text)
        self._before = self._begun_earlier()
        self._n_done = self._before.n_chunks if self._before else 0
        self._collector = ActivationCollector(with_output=options.with_output)

    def read(self, is_cancelled: IsCancelled) -> Iterator[CalibrateProgress]:
        """Read what has not been read yet.

        Raises:
            ForwardStopped: It was cancelled. What was kept last is there for another run; between
                two pieces that is all.
        """
        options = self._options
        params = ModelParams(
            options.model,
            n_ctx=options.n_ctx,
            n_threads=options.n_threads,
            n_gpu_layers=options.n_gpu_layers,
        )
        with ForwardModel(
            Backend(passes_log_on=False), params, is_cancelled, self._collector.callback
        ) as model:
            tokens = model.tokenize(self._text)
            pieces = pieces_of(tokens, options.n_ctx, options.n_chunks, model.opening_token)
            chunks = []
            first = options.n_ctx // 2
            saved_at = monotonic()
            for piece in pieces[self._n_done :]:
                if is_cancelled():
                    self._save()
                    raise ForwardStopped
                logits = self._evaluated(model, piece)[first:-1]
                chunks.append(figures(log_probabilities(logits), piece[first + 1 :]))
                self._n_done += 1
                if monotonic() > saved_at + SAVE_AFTER_S:
                    self._save()
                    saved_at = monotonic()
                perplexity = quality_of(chunks).perplexity.value
                yield CalibrateProgress(self._n_done, len(pieces), options.n_ctx, perplexity)

    def _save(self) -> None:
        if self._n_done:
            write_importance(self.matrix(), self.partial)

    def _evaluated(self, model: ForwardModel, piece: NDArray[np.int32]) -> NDArray[np.float32]:
        """All positions: the last layer computes only what logits are wanted of."""
        logits = model.evaluate(piece, 0)
        self._collector.check()
        return logits

    def matrix(self) -> ImportanceMatrix:
        """All that has been read, what was read before it broke off included."""
        options = self._options
        assert options.text is not None
        entries = {
            name: Entry(
                found.sums.reshape(len(found.counts), -1).astype(np.float32),
                found.counts.astype(np.float32),
            )
            for name, found in self._collector.found.items()
        }
        n_before = self._before.n_chunks if self._before else 0
        now = ImportanceMatrix(
            entries, (options.text.name,), self._n_done - n_before, options.n_ctx
        )
        whole = combined([self._before, now] if self._before else [now])
        return replace(whole, extra={_RUN_KEY: self._identity})

    def _begun_earlier(self) -> ImportanceMatrix | None:
        """What a run that broke off left, if it was this one."""
        if not self.partial.exists():
            return None
        try:
            found = read_importance(self.partial)
        except BadImportanceMatrix as error:
            log.warning("%s is begun anew: %s", self.partial, error)
            return None
        return found if found.extra.get(_RUN_KEY) == self._identity else None


def _identity(options: CalibrateOptions, text: str) -> str:
    """What two runs must share so that one can go on with the other."""
    status = options.model.stat()
    parts = (
        options.model.name,
        status.st_size,
        status.st_mtime_ns,
        hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        options.n_ctx,
        options.with_output,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()
