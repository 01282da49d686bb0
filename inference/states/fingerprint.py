"""What a KV state is bound to: the model's content, how the context is made, the engine's build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from inference.gguf_header import GgufHeader

N_SAMPLES = 32
SAMPLE_BYTES = 1 << 16


def fingerprint(header: GgufHeader, context: Mapping[str, object], build: Iterable[str]) -> str:
    """A name for all that must be the same for a state to be used again.

    Of a model's files the sizes, the whole header and `N_SAMPLES` places of the weights count: a
    model that was copied or touched stays the same one, and another quantization, merge or
    training differs in all of its weights.

    Args:
        header: The model's header.
        context: The context's parameters by name.
        build: What names the engine's build.

    Raises:
        OSError: A file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    parts = (header.path, *(part.path for part in header.further_parts))
    for index, path in enumerate(parts):
        _add_file(digest, path, header.data_start if index == 0 else SAMPLE_BYTES)
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


def _add_file(digest: hashlib.blake2b, path: Path, n_start: int) -> None:
    size = path.stat().st_size
    digest.update(f"{size}\n".encode())
    with path.open("rb") as file:
        digest.update(file.read(n_start))
        step = max(SAMPLE_BYTES, (size - n_start) // N_SAMPLES)
        for offset in range(n_start, size, step):
            file.seek(offset)
            digest.update(file.read(SAMPLE_BYTES))
