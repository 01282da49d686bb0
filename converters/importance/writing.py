"""Writes an importance matrix in llama.cpp's GGUF form, which `llama-quantize` reads."""

from __future__ import annotations

from pathlib import Path

import gguf

from converters.importance.matrix import ImportanceMatrix
from converters.importance.reading import CHUNK_COUNT, CHUNK_SIZE, COUNTS, DATASETS, SUMS, TYPE
from converters.replacing import replacing


def write_importance(matrix: ImportanceMatrix, target: Path) -> None:
    """Write a file, under its name only when it is whole.

    Raises:
        OutputFailed: It cannot be written.
    """
    with replacing(target) as temporary:
        _write(matrix, temporary)


def _write(matrix: ImportanceMatrix, path: Path) -> None:
    writer = gguf.GGUFWriter(path, "")
    writer.add_type(TYPE)
    writer.add_array(DATASETS, list(matrix.datasets))
    writer.add_uint32(CHUNK_COUNT, matrix.n_chunks)
    writer.add_uint32(CHUNK_SIZE, matrix.chunk_tokens)
    for key, value in matrix.extra.items():
        writer.add_string(key, value)
    for name in sorted(matrix.entries):
        entry = matrix.entries[name]
        sums, counts = entry.sums, entry.counts[:, None]
        if len(counts) == 1:  # ggml leaves out axes of one
            sums, counts = sums[0], counts[0]
        writer.add_tensor(name + SUMS, sums)
        writer.add_tensor(name + COUNTS, counts)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
