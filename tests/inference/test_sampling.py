from __future__ import annotations

from pathlib import Path

from inference.engine import Sampling
from inference.gguf_header import GgufHeader, MetadataValue, read_header
from inference.sampling import SamplerSettings, defaults_of, settled


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
