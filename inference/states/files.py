"""A KV state as a file: whole and of the right model, or not used.

Layout, little-endian: magic, length and CRC-32 of the header, the header as JSON, tokens (int32),
then the parts one behind the other: the sequence, each checkpoint. The header has the CRC-32 of
each. CRC-32 because it finds what can befall a file that only we write, at 6 GB/s where a
cryptographic digest does 1 to 2.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from inference.engine import Rank
from inference.states.kept import Bytes, Checkpoint, KeptState, Owner, Tokens, usable_tokens

MAGIC = b"CCLVKV01"
ENDING = ".kvstate"
UNFINISHED = ".part"
_CHUNK_BYTES = 4 << 20
_MAX_HEADER_BYTES = 1 << 20
_START = struct.Struct("<8sII")


class BadStateFile(Exception):
    """The file is not what it should be; the text says how."""


class _Header(msgspec.Struct):
    fingerprint: str
    conversation: str
    can_be_cut: bool
    n_tokens: int
    tokens_crc: int
    checkpoints: list[int]
    part_bytes: list[int]
    part_crcs: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class StateFile:
    """What a file says about itself."""

    path: Path
    fingerprint: str
    tokens: Tokens
    checkpoints: tuple[int, ...]
    can_be_cut: bool
    conversation: str

    def usable(self, prompt: Tokens) -> int:
        """Tokens of the state that the prompt can use."""
        return usable_tokens(self.tokens, prompt, self.checkpoints, can_be_cut=self.can_be_cut)


def write_state(state: KeptState, path: Path, may_go_on: Callable[[], bool]) -> bool:
    """Write a state under its final name only once it is whole.

    Args:
        state: What to write.
        path: The final name; its folder exists.
        may_go_on: Asked between two pieces; it may wait. After False nothing is left behind.

    Returns:
        Whether it was written.

    Raises:
        OSError: It could not be written; nothing is left behind.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            whole = _write_all(file, state, may_go_on)
        if whole:
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return whole


def _write_all(file: BinaryIO, state: KeptState, may_go_on: Callable[[], bool]) -> bool:
    parts = _parts(state)
    header = _Header(
        fingerprint=state.fingerprint,
        conversation=state.owner.conversation,
        can_be_cut=state.can_be_cut,
        n_tokens=len(state.tokens),
        tokens_crc=zlib.crc32(state.tokens.data),
        checkpoints=[checkpoint.n_tokens for checkpoint in state.checkpoints],
        part_bytes=[part.nbytes for part in parts],
        part_crcs=[zlib.crc32(part.data) for part in parts],
    )
    text = msgspec.json.encode(header)
    file.write(_START.pack(MAGIC, len(text), zlib.crc32(text)) + text)
    for part in (state.tokens.view(np.uint8), *parts):
        view = part.data
        for start in range(0, len(view), _CHUNK_BYTES):
            if not may_go_on():
                return False
            _write_whole(file, view[start : start + _CHUNK_BYTES])
    return True


def _write_whole(file: BinaryIO, view: memoryview) -> None:
    while view:
        view = view[file.write(view) :]


def _parts(state: KeptState) -> list[Bytes]:
    return [state.data, *(checkpoint.data for checkpoint in state.checkpoints)]


def read_description(path: Path) -> StateFile:
    """Read what a file says about itself, not the state.

    Raises:
        BadStateFile: It is damaged or cut off.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        header, tokens = _read_head(file)
    return StateFile(
        path,
        header.fingerprint,
        tokens,
        tuple(header.checkpoints),
        header.can_be_cut,
        header.conversation,
    )


def read_state(path: Path) -> KeptState:
    """Read a state.

    Raises:
        BadStateFile: It is damaged or cut off.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        header, tokens = _read_head(file)
        data, *more = (
            _read_part(file, size, crc)
            for size, crc in zip(header.part_bytes, header.part_crcs, strict=True)
        )
    checkpoints = tuple(map(Checkpoint, header.checkpoints, more))
    owner = Owner(header.conversation, Rank.SCREEN)
    return KeptState(header.fingerprint, tokens, data, checkpoints, header.can_be_cut, owner)


def _read_head(file: BinaryIO) -> tuple[_Header, Tokens]:
    start = file.read(_START.size)
    if len(start) < _START.size:
        raise BadStateFile("it is cut off in its first bytes")
    magic, n_text, crc = _START.unpack(start)
    if magic != MAGIC or n_text > _MAX_HEADER_BYTES:
        raise BadStateFile("it does not begin as such a file does")
    text = file.read(n_text)
    if zlib.crc32(text) != crc:
        raise BadStateFile("its header is damaged")
    header = _decoded(text)
    expected = _START.size + n_text + 4 * header.n_tokens + sum(header.part_bytes)
    size = os.fstat(file.fileno()).st_size
    if size != expected:
        raise BadStateFile(f"it has {size:,} bytes instead of {expected:,}")
    tokens = _read_part(file, 4 * header.n_tokens, header.tokens_crc).view(np.int32)
    return header, tokens


def _decoded(text: bytes) -> _Header:
    try:
        header = msgspec.json.decode(text, type=_Header)
    except (msgspec.DecodeError, json.JSONDecodeError) as error:
        raise BadStateFile("its header is of another version") from error
    n_parts = len(header.checkpoints) + 1
    sizes: list[Any] = [header.n_tokens, *header.part_bytes]
    if len(header.part_bytes) != n_parts or len(header.part_crcs) != n_parts or min(sizes) < 0:
        raise BadStateFile("its header contradicts itself")
    return header


def _read_part(file: BinaryIO, n_bytes: int, crc: int) -> Bytes:
    part = np.empty(n_bytes, dtype=np.uint8)
    view = part.data
    while view and (n_read := file.readinto(view)):  # type: ignore[attr-defined]
        view = view[n_read:]
    if view or zlib.crc32(part.data) != crc:
        raise BadStateFile("its checksum is wrong")
    return part
