"""Planned bytes against what llama.cpp reports after loading: the starter model and tiny ones."""

from __future__ import annotations

from pathlib import Path

import gguf
import pytest

from bench.native_sizes import MIB, Reported, last_report
from inference.engine import Loaded, LoadRequest, ModelParams
from inference.errors import ModelLoadFailed, ModelTooLarge
from inference.gguf_header import read_header
from inference.host import EngineHost
from inference.memory.attention_memory import CacheOptions
from inference.memory.model_memory import model_memory
from tests.inference.tiny_models import KINDS, write_tiny_model

ROUNDING_MIB = 0.02
TOLERANCE = 0.03


class Loader:
    """Loads models in the real engine, and reads what llama.cpp said of each."""

    def __init__(self, host: EngineHost, log_path: Path) -> None:
        self._host = host
        self._log_path = log_path
        self._n_loads = 0

    def load(self, params: ModelParams) -> tuple[Loaded, Reported]:
        self._n_loads += 1
        *_, loaded = self._host.run(LoadRequest(str(self._n_loads), params))
        assert isinstance(loaded, Loaded)
        return loaded, last_report(self._log_path, self._n_loads)


@pytest.fixture
def loader(engine_host: EngineHost, tmp_path: Path) -> Loader:
    return Loader(engine_host, tmp_path / "engine.log")


def assert_planned(loaded: Loaded, report: Reported, device: str = "CPU") -> None:
    planned, actual = loaded.memory_bytes[device] / MIB, report.total(device)
    assert planned == pytest.approx(actual, rel=TOLERANCE, abs=3 * ROUNDING_MIB)


def test_sizes_of_all_architectures_are_those_of_llama_cpp(loader: Loader, tmp_path: Path) -> None:
    assert len(KINDS) >= 8
    for architecture in KINDS:
        path = write_tiny_model(tmp_path / f"{architecture}.gguf", architecture)
        loaded, report = loader.load(ModelParams(path, n_ctx=1500, n_threads=1))

        assert loaded.architecture == architecture
        # The padded context, in the type and with the whole windows that the engine asks for.
        memory = model_memory(read_header(path), CacheOptions(1500))
        exactly = {"rel": 0.001, "abs": ROUNDING_MIB}
        assert memory.weights / MIB == pytest.approx(report.weights["CPU"], **exactly)
        assert memory.cache / MIB == pytest.approx(report.cache["CPU"], **exactly)
        assert_planned(loaded, report)


@pytest.mark.parametrize("kv_type", ["q8_0", "q4_0", "bf16"])
def test_caches_of_other_types_are_those_of_llama_cpp(
    loader: Loader, tmp_path: Path, kv_type: str
) -> None:
    for architecture in KINDS:
        path = write_tiny_model(tmp_path / f"{architecture}.gguf", architecture)
        loaded, report = loader.load(ModelParams(path, n_ctx=1500, n_threads=1, kv_type=kv_type))

        memory = model_memory(read_header(path), CacheOptions(1500, type_k=kv_type, type_v=kv_type))
        assert memory.cache / MIB == pytest.approx(report.cache["CPU"], rel=0.001, abs=ROUNDING_MIB)
        assert_planned(loaded, report)


def test_the_starter_model_is_planned_for_each_cache_type(
    loader: Loader, starter_model: Path
) -> None:
    for kv_type in ("f16", "q8_0", "q4_0"):
        params = ModelParams(starter_model, n_ctx=4096, n_threads=1, kv_type=kv_type)
        loaded, report = loader.load(params)

        assert report.cache["CPU"] > 20
        assert_planned(loaded, report)
        assert loaded.placement == "all 31 layers in system memory"


def test_a_split_model_is_loaded_and_planned_whole(loader: Loader, tmp_path: Path) -> None:
    whole = gguf.GGUFReader(write_tiny_model(tmp_path / "whole.gguf", "qwen3moe"))
    writer = gguf.GGUFWriter(tmp_path / "split.gguf", "qwen3moe", split_max_tensors=20)
    for key, value in whole.fields.items():
        if not key.startswith("GGUF.") and key != "general.architecture":
            item = value.types[-1] if value.types[0] == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(key, value.contents(), value.types[0], item)
    for tensor in whole.tensors:
        writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    parts = sorted(tmp_path.glob("split-*.gguf"))
    assert len(parts) == 3
    loaded, report = loader.load(ModelParams(parts[0], n_ctx=512, n_threads=1))
    assert loaded.size_bytes == sum(tensor.n_bytes for tensor in whole.tensors)
    assert_planned(loaded, report)


def test_a_context_that_does_not_fit_is_refused_before_loading(
    engine_host: EngineHost, starter_model: Path
) -> None:
    params = ModelParams(starter_model, n_ctx=2**30, n_threads=1)

    with pytest.raises(ModelTooLarge, match="1,073,741,824 tokens of context") as caught:
        list(engine_host.run(LoadRequest("1", params)))
    assert "tokens would fit" in caught.value.hint


def test_an_unknown_cache_type_is_refused_with_the_known_ones(
    engine_host: EngineHost, starter_model: Path
) -> None:
    with pytest.raises(ModelLoadFailed, match="q3_7") as caught:
        list(engine_host.run(LoadRequest("1", ModelParams(starter_model, kv_type="q3_7"))))
    assert "q8_0" in caught.value.hint
