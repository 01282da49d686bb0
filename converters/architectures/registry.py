"""Which description belongs to a checkpoint."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from converters.architectures.base import Architecture
from converters.architectures.deepseek import DeepseekV2, DeepseekV3
from converters.architectures.ernie import Ernie45, Ernie45Moe
from converters.architectures.gemma import Gemma2, Gemma3
from converters.architectures.glm import Glm4Moe
from converters.architectures.gpt_oss import GptOss
from converters.architectures.granite import Granite, GraniteMoe
from converters.architectures.llama import Llama, Mistral, Mixtral, SmolLM3
from converters.architectures.olmo import Olmo2, Olmoe
from converters.architectures.phi import Phi3, PhiMoe
from converters.architectures.qwen import Qwen2, Qwen2Moe, Qwen3, Qwen3Moe
from converters.errors import UnsupportedArchitecture

ARCHITECTURES: tuple[type[Architecture], ...] = (
    DeepseekV2,
    DeepseekV3,
    Ernie45,
    Ernie45Moe,
    Gemma2,
    Gemma3,
    Glm4Moe,
    GptOss,
    Granite,
    GraniteMoe,
    Llama,
    Mistral,
    Mixtral,
    Olmo2,
    Olmoe,
    Phi3,
    PhiMoe,
    Qwen2,
    Qwen2Moe,
    Qwen3,
    Qwen3Moe,
    SmolLM3,
)
_BY_NAME = {name: found for found in ARCHITECTURES for name in found.names}


def architecture_of(config: Mapping[str, Any]) -> type[Architecture]:
    """The description of the architecture that `config.json` names.

    Raises:
        UnsupportedArchitecture: There is none, or the configuration names none.
    """
    name = _name_in(config)
    if name in _BY_NAME:
        return _BY_NAME[name]
    nearest = difflib.get_close_matches(name, _BY_NAME, n=3, cutoff=0.6)
    said = f"config.json says {name!r}" if name else "config.json names no architecture"
    hint = f"The nearest known are {', '.join(nearest)}. " if nearest else ""
    raise UnsupportedArchitecture(
        "This architecture is not known",
        f"{said}; {len(_BY_NAME)} are known: {', '.join(sorted(_BY_NAME))}.",
        hint + "A newer version of Conclave may know it; CONTRIBUTING.md says how to add one.",
    )


def _name_in(config: Mapping[str, Any]) -> str:
    text_config = config.get("text_config")
    for part in (text_config, config):
        names = part.get("architectures") if isinstance(part, Mapping) else None
        if isinstance(names, list) and names and isinstance(names[0], str):
            return names[0]
    model_type = str(config.get("model_type", "")).replace("_", "")
    return next((name for name in _BY_NAME if name.lower() == f"{model_type}forcausallm"), "")
