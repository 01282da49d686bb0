from __future__ import annotations

import json
from pathlib import Path

from inference.bench import as_json, rows_of, table
from inference.engine import BenchPoint, BenchRequest, Loaded, ModelParams

PATH = Path("/models/m.gguf")
LOADED = Loaded("Model", "llama", 135_000_000, 94 * 2**20, 8704, 8192, 2, "CPU")
REQUEST = BenchRequest("1", ModelParams(PATH), (0, 4096), n_prompt=512, n_generate=128)
POINTS = [
    BenchPoint(0, prefill_ns=(1_000_000_000, 500_000_000), decode_ns=(1_280_000_000,)),
    BenchPoint(4096, prefill_ns=(2_000_000_000,), decode_ns=(2_560_000_000,)),
]


def test_the_table_names_the_tests_as_llama_bench_does() -> None:
    lines = table(LOADED, rows_of(REQUEST, POINTS)).splitlines()

    assert lines[0] == "Model (llama, 94 MiB, 135 M parameters)"
    # 512 tokens in 1 s and in 0.5 s: mean of 512 and 1024, and their sample standard deviation.
    assert lines[4].split() == ["pp512", "768.00", "±", "362.04"]
    assert lines[5].split() == ["tg128", "100.00", "±", "0.00"]
    assert lines[6].split() == ["pp512", "@", "d4096", "256.00", "±", "0.00"]
    assert lines[7].split() == ["tg128", "@", "d4096", "50.00", "±", "0.00"]


def test_the_json_has_the_names_of_llama_bench() -> None:
    first, second, *_ = json.loads(as_json(PATH, LOADED, 512, rows_of(REQUEST, POINTS)))

    assert (first["n_prompt"], first["n_gen"], first["n_depth"]) == (512, 0, 0)
    assert first["avg_ns"] == 750_000_000
    assert first["samples_ts"] == [512.0, 1024.0]
    assert (second["n_prompt"], second["n_gen"], second["avg_ts"]) == (0, 128, 100.0)
    assert second["model_filename"] == "/models/m.gguf"
