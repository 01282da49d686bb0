"""A state belongs to a model's content, not to its name or date."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from inference.gguf_header import read_header
from inference.states.fingerprint import fingerprint
from tests.inference.tiny_models import write_tiny_model

CONTEXT = {"n_ctx": 2048, "type_k": 1}


def test_only_content_context_and_build_count(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "a.gguf", "llama")
    name = fingerprint(read_header(path), CONTEXT, ["1.0"])
    copy = tmp_path / "other name.gguf"
    shutil.copy(path, copy)
    os.utime(copy, (0, 0))
    assert fingerprint(read_header(copy), CONTEXT, ["1.0"]) == name
    assert fingerprint(read_header(path), {**CONTEXT, "n_ctx": 4096}, ["1.0"]) != name
    assert fingerprint(read_header(path), CONTEXT, ["1.1"]) != name


def test_one_other_matrix_makes_another_model(tmp_path: Path) -> None:
    """Of a file so large that samples at equal distances miss most of its tensors."""
    path = write_tiny_model(tmp_path / "a.gguf", "llama", n_layer=12)
    header = read_header(path)
    name = fingerprint(header, CONTEXT, [])
    names = set()
    for tensor in header.tensors:
        with path.open("r+b") as file:
            start = header.data_start + tensor.offset
            file.seek(start)
            weights = file.read(tensor.n_bytes)
            file.seek(start)
            file.write(bytes(byte ^ 1 for byte in weights))
            file.flush()
            names.add(fingerprint(header, CONTEXT, []))
            file.seek(start)
            file.write(weights)
    assert fingerprint(header, CONTEXT, []) == name
    assert len(names - {name}) == len(header.tensors)


def test_other_weights_are_another_model(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "a.gguf", "llama")
    header = read_header(path)
    name = fingerprint(header, CONTEXT, [])
    size = path.stat().st_size
    with path.open("r+b") as file:  # what a merge or a training changes is everywhere
        file.seek(header.data_start)
        weights = bytearray(file.read())
        weights[::4096] = bytes(byte ^ 1 for byte in weights[::4096])
        file.seek(header.data_start)
        file.write(weights)
    assert path.stat().st_size == size
    assert fingerprint(read_header(path), CONTEXT, []) != name
