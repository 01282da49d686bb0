"""How the next token is drawn when the caller does not say: as the model's authors advise.

First come the values in the model file (`general.sampling.*`), then those its authors publish for
the family, then general ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inference.engine import Sampling
from inference.gguf_header import GgufHeader


@dataclass(frozen=True, slots=True)
class SamplerSettings:
    """Everything the sampler chain needs to know; fields as in `Sampling`."""

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0


# Source: https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct (model card, "How to use")
# Its snippet leaves top_k to the library, whose default is 50.
_SMOLLM2 = SamplerSettings(temperature=0.2, top_p=0.9, top_k=50, min_p=0.0)

_FAMILIES = {"smollm2": _SMOLLM2}
"""By the beginning of `general.basename`, in lower case."""

# Source: src/llama-arch.cpp of llama.cpp (LLM_KV_GENERAL_SAMPLING_*), as of llama-cpp-python 0.3.36
_FIELD_OF_KEY = {
    "general.sampling.temp": "temperature",
    "general.sampling.top_k": "top_k",
    "general.sampling.top_p": "top_p",
    "general.sampling.min_p": "min_p",
    "general.sampling.penalty_repeat": "repeat_penalty",
}


def defaults_of(header: GgufHeader) -> SamplerSettings:
    """The settings to use with a model where the caller names none."""
    base = header.text("general.basename").lower()
    family = (value for name, value in _FAMILIES.items() if base.startswith(name))
    settings = next(family, SamplerSettings())
    named = {
        field: header.metadata[key]
        for key, field in _FIELD_OF_KEY.items()
        if isinstance(header.metadata.get(key), int | float)
    }
    return replace(settings, **named)  # type: ignore[arg-type]


def settled(sampling: Sampling, defaults: SamplerSettings) -> SamplerSettings:
    """What the caller asked for, with the defaults where it is silent."""
    asked = {
        field: value
        for field in SamplerSettings.__slots__
        if (value := getattr(sampling, field)) is not None
    }
    return replace(defaults, **asked)
