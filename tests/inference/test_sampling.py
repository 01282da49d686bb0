from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import gguf
import pytest

from inference.engine import Sampling
from inference.errors import BadSampling
from inference.gguf_header import GgufHeader, MetadataValue, read_header
from inference.sampling import DEFAULT_ORDER, SamplerSettings, defaults_of, described, settled


def header(**metadata: MetadataValue) -> GgufHeader:
    values = {key.replace("__", "."): value for key, value in metadata.items()}
    return GgufHeader(Path("m.gguf"), values, (), 0, 0)


def test_the_file_comes_before_the_family_and_the_family_before_the_rest() -> None:
    plain = defaults_of(header(general__basename="Other"))
    family = defaults_of(header(general__basename="SmolLM2-135M"))
    in_file = defaults_of(header(general__basename="SmolLM2", general__sampling__temp=0.6))

    assert plain == SamplerSettings()
    assert (family.temperature, family.top_p) == (0.2, 0.9)
    assert (in_file.temperature, in_file.top_p) == (0.6, 0.9)


def test_the_starter_model_belongs_to_its_family(starter_model: Path) -> None:
    assert defaults_of(read_header(starter_model)).temperature == 0.2


def test_what_the_caller_names_wins() -> None:
    defaults = SamplerSettings(temperature=0.2, top_k=0)
    chosen = settled(Sampling(temperature=0.0, min_p=0.1), defaults)

    assert chosen == SamplerSettings(temperature=0.0, top_k=0, min_p=0.1)


def test_every_key_that_llama_cpp_knows_is_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sampling.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_sampling_sequence("min-p;temp;topk;infill;penalties")
    writer.add_sampling_top_k(17)
    writer.add_sampling_top_p(0.5)
    writer.add_sampling_min_p(0.25)
    writer.add_sampling_xtc_probability(0.125)
    writer.add_sampling_xtc_threshold(0.375)
    writer.add_sampling_temp(1.5)
    writer.add_sampling_penalty_last_n(99)
    writer.add_sampling_penalty_repeat(1.25)
    writer.add_sampling_mirostat(2)
    writer.add_sampling_mirostat_tau(3.5)
    writer.add_sampling_mirostat_eta(0.75)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    assert defaults_of(read_header(path)) == SamplerSettings(
        order=("min_p", "temperature", "top_k", "penalties"),
        top_k=17,
        top_p=0.5,
        min_p=0.25,
        xtc_probability=0.125,
        xtc_threshold=0.375,
        temperature=1.5,
        penalty_last_n=99,
        repeat_penalty=1.25,
        mirostat=2,
        mirostat_tau=3.5,
        mirostat_eta=0.75,
    )


def test_nonsense_in_the_file_counts_as_absent() -> None:
    values: dict[str, MetadataValue] = {
        "general.sampling.temp": math.nan,
        "general.sampling.top_k": -1,
        "general.sampling.top_p": 7.0,
        "general.sampling.min_p": "high",
        "general.sampling.sequence": "no;such;links",
    }
    assert defaults_of(GgufHeader(Path("m.gguf"), values, (), 0, 0)) == SamplerSettings()


@pytest.mark.parametrize(
    "metadata",
    [
        {"general__basename": "DeepSeek-R1-Distill-Qwen"},
        {"general__name": "DeepSeek R1 0528"},
        {
            "general__name": "My finetune",
            "tokenizer__chat_template": "{{ '<｜Assistant｜>' }}{{ x.split('</think>')[-1] }}",
        },
    ],
)
def test_models_like_r1_get_what_its_authors_advise(metadata: dict[str, Any]) -> None:
    defaults = defaults_of(header(**metadata))
    assert (defaults.temperature, defaults.top_p) == (0.6, 0.95)


def test_the_order_may_use_any_of_llama_cpps_spellings() -> None:
    chosen = settled(Sampling(order=("temp", "typical_p", "Top-K", "nucleus")), SamplerSettings())

    assert chosen.order == ("temperature", "typ_p", "top_k", "top_p")
    assert settled(Sampling(), SamplerSettings()).order == DEFAULT_ORDER


@pytest.mark.parametrize(
    ("sampling", "words"),
    [
        (Sampling(temperature=-0.1), "temperature: -0.1 is not a number from 0"),
        (Sampling(temperature=math.nan), "temperature: nan"),
        (Sampling(top_k=-1), "top_k: -1 is not a whole number from 0"),
        (Sampling(top_k=1.5), "top_k: 1.5"),  # type: ignore[arg-type]
        (Sampling(top_p=1.1), "top_p: 1.1 is not a number from 0 to 1"),
        (Sampling(min_p=True), "min_p: True"),
        (Sampling(repeat_penalty=0), "repeat_penalty: 0"),
        (Sampling(presence_penalty=math.inf), "presence_penalty: inf"),
        (Sampling(mirostat=3), "mirostat: 3"),
        (Sampling(max_tokens=-5), "max_tokens: -5"),
        (Sampling(seed=1.5), "seed: 1.5"),  # type: ignore[arg-type]
        (Sampling(stop=("",)), "stop: ''"),
        (Sampling(dry_breakers=("a\0b",)), "dry_breakers"),
        (Sampling(order=("top_k", "banana")), "banana"),
        (Sampling(order=("top_k", "topk")), "top_k is named twice"),
        (Sampling(logit_bias=((5, math.nan),)), "logit_bias: nan"),
        (Sampling(logit_bias=(("", 1.0),)), "logit_bias: ''"),
    ],
)
def test_a_value_out_of_range_is_named(sampling: Sampling, words: str) -> None:
    with pytest.raises(BadSampling) as caught:
        settled(sampling, SamplerSettings())
    assert words in caught.value.detail
    assert caught.value.hint


def test_what_is_not_usual_is_told_by_its_name() -> None:
    assert described(SamplerSettings()) == "temperature 0.7, top_k 40, top_p 0.95, min_p 0.05"
    told = described(SamplerSettings(top_k=0, repeat_penalty=1.1, order=("top_k", "temperature")))
    assert told == (
        "temperature 0.7, top_k 0, top_p 0.95, min_p 0.05, repeat_penalty 1.1,"
        " order 'top_k' 'temperature'"
    )
