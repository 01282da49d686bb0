"""Made-up importance matrices: figures, files in llama.cpp's two forms, and their means by hand."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

N_CHUNKS, _TOKENS = 3, 512
_UNREACHED = 2
"""The expert that no token came to."""

Figures = Mapping[str, NDArray[np.float32]]


def made_up_sums(plain: Path) -> Figures:
    """Made-up sums of squares for all matrices, (n_matrices, n_columns)."""
    random = np.random.default_rng(7)
    return {
        tensor.name: random.lognormal(
            0, 2, (int(tensor.shape[2]) if len(tensor.shape) > 2 else 1, int(tensor.shape[0]))
        ).astype(np.float32)
        for tensor in gguf.GGUFReader(plain).tensors
        if len(tensor.shape) > 1 and tensor.name != "token_embd.weight"
    }


def _counts(n_matrices: int) -> NDArray[np.float32]:
    """Tokens of each matrix; one of several experts has none."""
    counts = np.arange(11, 11 + n_matrices, dtype=np.float32)
    counts[_UNREACHED:][: int(n_matrices > 1)] = 0
    return counts


def write_gguf(path: Path, sums: Figures) -> Figures:
    """A file of llama.cpp's form; its means, made by hand."""
    writer = gguf.GGUFWriter(path, "")
    writer.kv_data[0].clear()
    writer.add_string("general.type", "imatrix")
    writer.add_array("imatrix.datasets", ["some text.txt"])
    writer.add_uint32("imatrix.chunk_count", N_CHUNKS)
    writer.add_uint32("imatrix.chunk_size", _TOKENS)
    means = {}
    for name, values in sums.items():
        counts = _counts(len(values))
        writer.add_tensor(f"{name}.in_sum2", values)
        writer.add_tensor(f"{name}.counts", counts[:, None])
        means[name] = values / np.maximum(counts, 1)[:, None]
        means[name][counts == 0] = 1
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return means


def write_old(path: Path, sums: Figures) -> Figures:
    """A file of the old form, as `save_imatrix_legacy` of llama.cpp writes it; its means."""
    parts = [struct.pack("<i", len(sums))]
    for name, values in sums.items():
        encoded = name.encode()
        parts += [struct.pack("<i", len(encoded)), encoded]
        parts += [struct.pack("<ii", N_CHUNKS, values.size), values.tobytes()]
    text = b"some text.txt"
    parts.append(struct.pack("<ii", N_CHUNKS, len(text)) + text)
    path.write_bytes(b"".join(parts))
    return {name: values / np.float32(N_CHUNKS) for name, values in sums.items()}
