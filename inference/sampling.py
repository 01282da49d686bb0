"""How the next token is drawn when the caller does not say: as the model's authors advise.

First come the values in the model file (`general.sampling.*`), then those its authors publish for
the family, then general ones. It also owns the range of each value; the chain of samplers itself is
the engine's (`inference.llama.sampler`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from inference.engine import Sampling
from inference.errors import BadSampling

if TYPE_CHECKING:
    from inference.gguf_header import GgufHeader

# Source: common_params_sampling in common/common.h of llama.cpp, as of llama-cpp-python 0.3.36
DEFAULT_ORDER = (
    "penalties",
    "dry",
    "top_n_sigma",
    "top_k",
    "typ_p",
    "top_p",
    "min_p",
    "xtc",
    "temperature",
)


@dataclass(frozen=True, slots=True)
class SamplerSettings:
    """Everything the sampler chain needs to know; fields as in `Sampling`."""

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    dynatemp_range: float = 0.0
    dynatemp_exponent: float = 1.0
    typical_p: float = 1.0
    top_n_sigma: float = 0.0
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    penalty_last_n: int = 64
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_last_n: int = -1
    dry_breakers: tuple[str, ...] = ("\n", ":", '"', "*")
    mirostat: int = 0
    mirostat_tau: float = 5.0
    mirostat_eta: float = 0.1
    order: tuple[str, ...] = DEFAULT_ORDER

    @property
    def is_greedy(self) -> bool:
        """Whether the likeliest token is taken, without chance."""
        return self.temperature <= 0 and not self.mirostat


@dataclass(frozen=True, slots=True)
class _Range:
    low: float
    high: float
    whole: bool = False

    def holds(self, value: Any) -> bool:
        kind = int if self.whole else int | float
        return (
            isinstance(value, kind)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and self.low <= value <= self.high
        )

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.low:g} to {self.high:g}"


_ALWAYS_TOLD = ("temperature", "top_k", "top_p", "min_p")
_MANY = 2**31 - 1
_RANGES = {
    "temperature": _Range(0, 100),
    "top_k": _Range(0, _MANY, whole=True),
    "top_p": _Range(0, 1),
    "min_p": _Range(0, 1),
    "repeat_penalty": _Range(0.01, 100),
    "dynatemp_range": _Range(0, 100),
    "dynatemp_exponent": _Range(0, 100),
    "typical_p": _Range(0, 1),
    "top_n_sigma": _Range(0, 1000),
    "xtc_probability": _Range(0, 1),
    "xtc_threshold": _Range(0, 1),
    "penalty_last_n": _Range(-1, 2**24, whole=True),
    "frequency_penalty": _Range(-100, 100),
    "presence_penalty": _Range(-100, 100),
    "dry_multiplier": _Range(0, 100),
    "dry_base": _Range(1, 100),
    "dry_allowed_length": _Range(0, _MANY, whole=True),
    "dry_last_n": _Range(-1, 2**24, whole=True),
    "mirostat": _Range(0, 2, whole=True),
    "mirostat_tau": _Range(0, 100),
    "mirostat_eta": _Range(0, 1),
}

_ALIASES = {"nucleus": "top_p", "temp": "temperature", "typ": "typ_p", "typical_p": "typ_p"}
_LINK_NAMES = {
    spelling: name
    for name in DEFAULT_ORDER
    for spelling in (name, name.replace("_", "-"), name.replace("_", ""))
} | _ALIASES
"""The spellings that llama.cpp knows, and `typical_p`, which is our field."""

# Source: https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct (model card, "How to use")
# Its snippet leaves top_k to the library, whose default is 50.
_SMOLLM2 = SamplerSettings(temperature=0.2, top_p=0.9, top_k=50, min_p=0.0)

# Source: https://huggingface.co/deepseek-ai/DeepSeek-R1 (model card, "Usage Recommendations") and
# its generation_config.json; neither names top_k or min_p.
_R1 = SamplerSettings(temperature=0.6, top_p=0.95, top_k=0, min_p=0.0)

_FAMILIES = {"smollm2": _SMOLLM2, "deepseek-r1": _R1}
"""By what the model's name begins with, in lower case and with hyphens."""

_R1_TEMPLATE_MARKS = ("<｜Assistant｜>", "</think>")
"""In the templates of R1, of models distilled from it, and of V3.1, whose advice is the same."""

# Source: src/llama-arch.cpp of llama.cpp (LLM_KV_GENERAL_SAMPLING_*), as of llama-cpp-python 0.3.36
_FIELD_OF_KEY = {
    "general.sampling.temp": "temperature",
    "general.sampling.top_k": "top_k",
    "general.sampling.top_p": "top_p",
    "general.sampling.min_p": "min_p",
    "general.sampling.xtc_probability": "xtc_probability",
    "general.sampling.xtc_threshold": "xtc_threshold",
    "general.sampling.penalty_last_n": "penalty_last_n",
    "general.sampling.penalty_repeat": "repeat_penalty",
    "general.sampling.mirostat": "mirostat",
    "general.sampling.mirostat_tau": "mirostat_tau",
    "general.sampling.mirostat_eta": "mirostat_eta",
}
_ORDER_KEY = "general.sampling.sequence"


def defaults_of(header: GgufHeader) -> SamplerSettings:
    """The settings to use with a model where the caller names none.

    A value in the file that is out of its range, and a link that is not known, count as absent.
    """
    return replace(_family(header), **dict(_from_file(header)))


def _family(header: GgufHeader) -> SamplerSettings:
    for key in ("general.basename", "general.name"):
        name = header.text(key).lower().replace(" ", "-").replace("_", "-")
        for begin, settings in _FAMILIES.items():
            if name.startswith(begin):
                return settings
    template = header.text("tokenizer.chat_template")
    is_r1_like = all(mark in template for mark in _R1_TEMPLATE_MARKS)
    return _R1 if is_r1_like else SamplerSettings()


def _from_file(header: GgufHeader) -> Iterator[tuple[str, Any]]:
    for key, field in _FIELD_OF_KEY.items():
        value = header.metadata.get(key)
        if _RANGES[field].whole and isinstance(value, float) and value.is_integer():
            value = int(value)
        if _RANGES[field].holds(value):
            yield field, value
    links = header.text(_ORDER_KEY).lower().split(";")
    known = tuple(dict.fromkeys(_LINK_NAMES[link] for link in links if link in _LINK_NAMES))
    if known:
        yield "order", known


def as_sampling(settings: SamplerSettings) -> Sampling:
    """The settings as a request would ask for them."""
    return Sampling(**{item.name: getattr(settings, item.name) for item in fields(settings)})


def settled(sampling: Sampling, defaults: SamplerSettings) -> SamplerSettings:
    """What the caller asked for, with the defaults where it is silent.

    Raises:
        BadSampling: A value is out of its range.
    """
    _check(sampling)
    asked = {
        item.name: value
        for item in fields(SamplerSettings)
        if (value := getattr(sampling, item.name)) is not None
    }
    if sampling.order is not None:
        asked["order"] = _order(sampling.order)
    return replace(defaults, **asked)


def described(settings: SamplerSettings) -> str:
    """The usual values, and of the others those that are not neutral, as "name value, ..."."""
    neutral = SamplerSettings()
    parts = []
    for item in fields(SamplerSettings):
        value = getattr(settings, item.name)
        if item.name not in _ALWAYS_TOLD and value == getattr(neutral, item.name):
            continue
        words = " ".join(map(repr, value)) if isinstance(value, tuple) else f"{value:g}"
        parts.append(f"{item.name} {words}")
    return ", ".join(parts)


def _check(sampling: Sampling) -> None:
    for name, allowed in _RANGES.items():
        value = getattr(sampling, name)
        if value is not None and not allowed.holds(value):
            raise bad_sampling(name, f"{value!r} is not {allowed}")
    if not _Range(0, _MANY, whole=True).holds(sampling.max_tokens):
        raise bad_sampling("max_tokens", f"{sampling.max_tokens!r} is not a whole number from 0")
    if sampling.seed is not None and not _Range(-(2**63), 2**64, whole=True).holds(sampling.seed):
        raise bad_sampling("seed", f"{sampling.seed!r} is not a whole number")
    for name in ("stop", "dry_breakers"):
        for text in getattr(sampling, name) or ():
            if not isinstance(text, str) or not text or "\0" in text:
                raise bad_sampling(name, f"{text!r} is not a text")
    for token, bias in sampling.logit_bias:
        _check_bias(token, bias)


def _check_bias(token: object, bias: object) -> None:
    if isinstance(token, bool) or not isinstance(token, int | str) or token == "":
        raise bad_sampling("logit_bias", f"{token!r} is neither the id of a token nor a text")
    if bias != -math.inf and not _Range(-1e6, 1e6).holds(bias):
        raise bad_sampling(
            "logit_bias", f"{bias!r} for {token!r} is neither a number nor -infinity"
        )


def _order(names: tuple[str, ...]) -> tuple[str, ...]:
    """The links by llama.cpp's own names."""
    links: list[str] = []
    for name in names:
        link = _LINK_NAMES.get(name.lower()) if isinstance(name, str) else None
        if link is None:
            known = ", ".join(DEFAULT_ORDER)
            raise bad_sampling("order", f"there is no link {name!r}; the links are {known}")
        if link in links:
            raise bad_sampling("order", f"{link} is named twice")
        links.append(link)
    return tuple(links)


def bad_sampling(field: str, reason: str) -> BadSampling:
    """The error for a value that cannot be used."""
    return BadSampling(
        "A sampling value cannot be used",
        f"{field}: {reason}.",
        "Correct the value, or leave it out.",
    )
