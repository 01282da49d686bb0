import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from converters.checkpoint import SafetensorsFile
from converters.errors import DamagedCheckpoint, NotACheckpoint, SourceChanged

_ONE = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def _write(path: Path, header: Any, data: bytes = bytes(24)) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def test_reads_tensors_in_pieces_and_by_name(tmp_path: Path) -> None:
    values = np.arange(10, dtype="<f4")
    header = {
        "__metadata__": {"format": "pt"},
        "b": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "a": {"dtype": "F32", "shape": [4], "data_offsets": [24, 40]},
    }
    file = SafetensorsFile(_write(tmp_path / "x.safetensors", header, values.tobytes()))
    assert list(file.tensors) == ["a", "b"]
    assert file.tensors["b"].shape == (2, 3)
    assert file.tensors["b"].read_bytes(8, 8).view("<f4").tolist() == [2, 3]
    assert file.tensors["a"].read_bytes(0, 16).view("<f4").tolist() == [6, 7, 8, 9]
    with pytest.raises(ValueError, match="of 16"):
        file.tensors["a"].read_bytes(8, 12)
    file.close()


@pytest.mark.parametrize(
    ("header", "data", "words"),
    [
        ({"a": _ONE, "b": {**_ONE, "data_offsets": [12, 36]}}, bytes(36), "overlaps"),
        ({"a": {**_ONE, "data_offsets": [4, 28]}}, bytes(28), "leaves a gap"),
        ({"a": _ONE}, bytes(20), "is incomplete"),
        ({"a": _ONE}, bytes(25), "belong to no tensor"),
        ({"a": {**_ONE, "data_offsets": [1 << 60, (1 << 60) + 24]}}, bytes(24), "leaves a gap"),
        ({"a": {**_ONE, "data_offsets": [24, 0]}}, bytes(24), "its offsets are"),
        ({"a": {**_ONE, "data_offsets": [0, 24, 48]}}, bytes(24), "its offsets are"),
        ({"a": {**_ONE, "data_offsets": [0, 23]}}, bytes(23), "its offsets give 23 bytes"),
        ({"a": {**_ONE, "shape": [2, -3]}}, bytes(24), "its shape is"),
        ({"a": {**_ONE, "shape": [2, True]}}, bytes(24), "its shape is"),
        ({"a": {**_ONE, "shape": [1] * 9}}, bytes(24), "its shape is"),
        ({"a": {**_ONE, "shape": [1 << 40, 1 << 40]}}, bytes(24), "its offsets give"),
        ({"a": {**_ONE, "dtype": "F31"}}, bytes(24), "'F31' is unknown"),
        ({"a": 3}, bytes(24), "it is no object"),
        (b'{"a": {}, "a": {}}', b"", "'a' stands there twice"),
        (b"[1]", b"", "no list of tensors"),
        (b"{", b"", "cannot be read"),
        (b"\xff\xfe", b"", "cannot be read"),
        (b"[" * 100_000, b"", "cannot be read"),
    ],
)
def test_hostile_headers_are_refused(tmp_path: Path, header: Any, data: bytes, words: str) -> None:
    path = _write(tmp_path / "x.safetensors", header, data)
    with pytest.raises(DamagedCheckpoint, match=words) as caught:
        SafetensorsFile(path)
    assert "x.safetensors" in caught.value.detail
    assert caught.value.hint


def test_a_header_of_more_than_100_mb_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 150_000_000))
        file.truncate(200_000_000)  # sparse
    with pytest.raises(DamagedCheckpoint, match=r"150,000,000 bytes; at most 100,000,000"):
        SafetensorsFile(path)


@pytest.mark.parametrize("content", [b"", b"1234567", struct.pack("<Q", 10) + b"{}"])
def test_a_file_that_ends_in_its_header_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(DamagedCheckpoint):
        SafetensorsFile(path)


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotACheckpoint, match=r"x\.safetensors"):
        SafetensorsFile(tmp_path / "x.safetensors")


@pytest.mark.parametrize("change", ["truncated", "deleted", "written", "replaced"])
def test_a_change_while_reading_is_an_error(tmp_path: Path, change: str) -> None:
    path = _write(tmp_path / "x.safetensors", {"a": _ONE})
    file = SafetensorsFile(path)
    file.tensors["a"].read_bytes(0, 24)
    match change:
        case "truncated":
            with path.open("r+b") as stream:
                stream.truncate(path.stat().st_size - 8)
        case "deleted":
            path.unlink()
        case "written":
            content = path.read_bytes()
            path.write_bytes(content[:-1] + b"x")
        case "replaced":
            other = _write(tmp_path / "y", {"a": _ONE})
            other.replace(path)
    with pytest.raises(SourceChanged, match=r"x\.safetensors"):
        file.tensors["a"].read_bytes(0, 24)
    file.close()
