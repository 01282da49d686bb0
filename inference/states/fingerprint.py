"""What a KV state is bound to: the model's content, how the context is made, the engine's build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from inference.gguf_header import GgufHeader, TensorInfo

N_SAMPLES = 32
SAMPLE_BYTES = 1 << 16
TENSOR_BYTES = 1 << 10


def fingerprint(header: GgufHeader, context: Mapping[str, object], build: Iterable[str]) -> str:
    """A name for all that must be the same for a state to be used again.

    Of a model's files the sizes, the whole header, `N_SAMPLES` places of the weights and the middle
    of every tensor count: a model that was copied or touched stays the same one, and one in which a
    quantization, merge or training has changed as much as a single matrix is another.

    Args:
        header: The model's header.
        context: The context's parameters by name.
        build: What names the engine's build.

    Raises:
        OSError: A file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    _add_file(digest, header.path, header.data_start)
    n_further = sum(len(part.tensors) for part in header.further_parts)
    _add_tensors(digest, header.path, header.data_start, header.tensors[: -n_further or None])
    for part in header.further_parts:
        _add_file(digest, part.path, SAMPLE_BYTES)
        _add_tensors(digest, part.path, part.data_start, part.tensors)
    for name in sorted(context):
        digest.update(f"{name}={context[name]!r}\n".encode())
    for line in build:
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def sampled_digest(path: Path) -> str:
    """A digest of a file's size, beginning and samples."""
    digest = hashlib.blake2b(digest_size=16)
    _add_file(digest, path, SAMPLE_BYTES)
    return digest.hexdigest()


def _add_tensors(
    digest: hashlib.blake2b, path: Path, data_start: int, tensors: Iterable[TensorInfo]
) -> None:
    with path.open("rb") as file:
        for tensor in tensors:
            file.seek(data_start + tensor.offset + tensor.n_bytes // 2)
            digest.update(file.read(min(TENSOR_BYTES, tensor.n_bytes - tensor.n_bytes // 2)))


def _add_file(digest: hashlib.blake2b, path: Path, n_start: int) -> None:
    size = path.stat().st_size
    digest.update(f"{size}\n".encode())
    with path.open("rb") as file:
        digest.update(file.read(n_start))
        step = max(SAMPLE_BYTES, (size - n_start) // N_SAMPLES)
        for offset in range(n_start, size, step):
            file.seek(offset)
            digest.update(file.read(SAMPLE_BYTES))
