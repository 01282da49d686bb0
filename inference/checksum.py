"""A model file against the checksum that lies beside it as `NAME.sha256`.

Damage inside of weights shows in no header, and a model with a few wrong blocks still talks. Who
wants it noticed puts the publisher's checksum beside the file; see docs/decisions/failing-loads.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from inference.errors import ModelDamaged

CHUNK_BYTES = 1 << 24
_SUM = re.compile(r"^\\?([0-9a-fA-F]{64})(?:$|[ \t]+\*?(.*)$)", re.MULTILINE)


def checksum_file(path: Path) -> Path:
    """Where a file's checksum is looked for."""
    return path.with_name(path.name + ".sha256")


def check_sum(path: Path) -> Iterator[int]:
    """Compare a file with its checksum, where it has one.

    Yields:
        Number of bytes read since the time before. A consumer that stops leaves it unchecked.

    Raises:
        ModelDamaged: It differs, or the checksum file holds none.
        OSError: One of the two cannot be read.
    """
    beside = checksum_file(path)
    if not beside.is_file():
        return
    expected = _expected(beside, path.name)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            yield len(chunk)
    if digest.hexdigest() != expected:
        raise ModelDamaged(
            "The model file is damaged",
            f"{path.name} has the SHA-256 {digest.hexdigest()}, but {beside.name} says {expected}.",
            f"Download the file again, or remove {beside.name} if it belongs to another version.",
        )


def _expected(beside: Path, name: str) -> str:
    """The checksum of this name, or the only one there; as `sha256sum` writes it, or bare."""
    found = _SUM.findall(beside.read_text("utf-8", "replace")[:1_000_000])
    named = [digest for digest, of in found if Path(of.strip()).name in ("", name)]
    if not named:
        raise ModelDamaged(
            "The checksum file cannot be read",
            f"{beside.name} holds no SHA-256 for {name}.",
            "Get it again, or remove it.",
        )
    return str(named[0]).lower()
