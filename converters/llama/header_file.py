"""A model file with its whole header and holes in place of weights, for llama.cpp to look at."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from converters.errors import OutputFailed
from converters.writing.encoding import Encoded
from converters.writing.plan import TensorShape, make_plan


@contextmanager
def header_file(metadata: Encoded, tensors: Sequence[TensorShape]) -> Iterator[Path]:
    """A file that takes no room for its weights; removed afterwards.

    Raises:
        OutputFailed: The file system of temporary files cannot hold it.
    """
    plan = make_plan("header.gguf", metadata, tensors)
    (file,) = plan.files
    with tempfile.TemporaryDirectory(prefix="conclave-") as folder:
        path = Path(folder) / file.name
        try:
            with path.open("wb") as stream:
                stream.write(file.header)
                stream.truncate(file.n_bytes)
        except OSError as error:
            raise OutputFailed(
                "A temporary file cannot be made",
                f"{path}, {file.n_bytes:,} bytes of which all but the first "
                f"{len(file.header):,} are holes: {error.strerror or error}.",
                "Set TMPDIR to a folder on a file system that knows sparse files.",
            ) from error
        yield path
