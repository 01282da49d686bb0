"""Broken and hostile model files: each is read or refused, in memory of the size of the file."""

from __future__ import annotations

import random
import tracemalloc
from collections import Counter
from pathlib import Path

import gguf
import pytest

from inference.engine import Loaded, LoadRequest, ModelParams
from inference.errors import EngineDied, EngineError, ModelError, NotAModelFile
from inference.gguf_header import read_header
from inference.host import EngineHost
from tests.inference.mutated_gguf import Field, broken_files, joined, number, sound_file, text
from tests.inference.tiny_models import write_tiny_model

MEMORY_LIMIT_BYTES = 300_000
"""What Python takes to read the sound file (28 keys and strings of 4 KB) several times over."""


def test_the_file_that_is_broken_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "sound.gguf"
    path.write_bytes(joined(sound_file()))

    reference = gguf.GGUFReader(path)
    header = read_header(path)
    assert [tensor.name for tensor in header.tensors] == [
        tensor.name for tensor in reference.tensors
    ]
    assert [tensor.n_bytes for tensor in header.tensors] == [
        tensor.n_bytes for tensor in reference.tensors
    ]
    assert header.data_start == reference.data_offset
    assert header.number("llama.attention.head_count") == 4


def test_broken_files_are_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    outcomes: Counter[str] = Counter()
    tracemalloc.start()
    try:
        for content in broken_files():
            path.unlink(
                missing_ok=True
            )  # to shorten a file makes some file systems wait for the disk
            path.write_bytes(content)
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            try:
                header = read_header(path)
            except ModelError as error:
                outcomes[type(error).__name__] += 1
            else:
                whole = header.expected_bytes <= header.file_bytes == len(content)
                outcomes["read" if whole else "read beyond its end"] += 1
            _, peak = tracemalloc.get_traced_memory()
            assert peak - before < MEMORY_LIMIT_BYTES, content[:64]
    finally:
        tracemalloc.stop()

    assert outcomes.total() >= 2000
    assert "read beyond its end" not in outcomes
    assert min(outcomes["read"], outcomes["NotAModelFile"], outcomes["ModelFileTruncated"]) > 100


HEAD = [Field(b"GGUF"), number(3, 4)]
KEY_OF_ARRAY = [number(0, 8), number(1, 8), *text("k"), number(9, 4)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([number(0, 8), number(2**60, 8)], "metadata keys"),
        ([number(2**60, 8), number(0, 8)], "tensors"),
        ([number(0, 8), number(60_000, 8)], "twice"),
        ([number(100_000, 8), number(0, 8)], "twice"),
        ([*KEY_OF_ARRAY, number(8, 4), number(2**60, 8)], "texts in one array"),
        ([*KEY_OF_ARRAY, number(9, 4), number(2, 8)], "array of arrays"),
        ([number(0, 8), number(1, 8), number(2**35, 8)], "bytes for one text"),
        ([number(1, 8), number(0, 8), *text("t"), number(2**31, 4)], "dimensions"),
        (
            [number(1, 8), number(0, 8), *text("t"), number(4, 4), *[number(2**63, 8)] * 4],
            "values",
        ),
        ([number(0, 8), number(1, 8), *text("general.alignment"), number(4, 4)], "alignment is 0"),
    ],
)
def test_a_huge_file_of_zeros_keeps_nobody_busy(
    tmp_path: Path, fields: list[Field], words: str
) -> None:
    path = tmp_path / "zeros.gguf"
    path.write_bytes(joined([*HEAD, *fields]))
    with path.open("r+b") as file:
        file.truncate(2**36)  # sparse: it takes no room

    with pytest.raises(NotAModelFile) as caught:
        read_header(path)
    assert words in caught.value.detail


def test_headers_that_are_read_but_wrong_never_take_the_parent_along(
    engine_host: EngineHost, tmp_path: Path
) -> None:
    """Of a whole model: what the reader lets pass may end llama.cpp, and is told."""
    sound = write_tiny_model(tmp_path / "sound.gguf", "qwen3moe", n_layer=1)
    content, end = sound.read_bytes(), read_header(sound).data_start
    chance = random.Random(11)
    path = tmp_path / "broken.gguf"
    outcomes: Counter[str] = Counter()
    told: list[EngineError] = []
    for _ in range(60):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 3)):  # keys at the beginning, tensors at the end
            place = chance.choice([chance.randrange(8, 1200), chance.randrange(end - 2000, end)])
            broken[place] = chance.choice([0, 255, chance.randrange(256), broken[place] ^ 1])
        path.unlink(missing_ok=True)
        path.write_bytes(broken)
        try:
            list(engine_host.run(LoadRequest("1", ModelParams(path, n_ctx=512, n_threads=1))))
        except EngineError as error:
            outcomes["died" if type(error) is EngineDied else "refused"] += 1
            told.append(error)
        else:
            outcomes["loaded"] += 1

    assert all(error.detail and error.hint for error in told)
    assert not [error.detail for error in told if "unexpected error" in error.title]
    assert outcomes["refused"] > 20
    assert outcomes["loaded"] > 0
    wanted = ModelParams(sound, n_ctx=512, n_threads=1)
    assert isinstance(list(engine_host.run(LoadRequest("2", wanted)))[-1], Loaded)


def test_the_last_words_of_a_load_that_ends_the_process_are_told(
    engine_host: EngineHost, tmp_path: Path
) -> None:
    model = write_tiny_model(
        tmp_path / "none.gguf", "qwen3moe", n_layer=1, more_keys={"expert_used_count": 0}
    )
    with pytest.raises(EngineDied, match=r"GGML_ASSERT\(n_expert_used_max > 0\) failed"):
        list(engine_host.run(LoadRequest("1", ModelParams(model, n_ctx=512, n_threads=1))))
