"""Compute with transformers what every tiny checkpoint answers, and store it.

In the environment of make_references.py, from the root of the repository:

    python -m tests.converters.references.make_logits [FAMILY...]

The weights come from `tiny_checkpoints.values`, not from a file, so that reading and unpacking stay
llama.cpp's and Conclave's own affair. `logits.npz` holds a float32 array (40, n_vocab) a family.
Where llama.cpp computes a family in another way than its makers, a second array says what comes out
with that one difference; see llama_cpp_readings.py.
"""

from __future__ import annotations

import math
import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.converters.answering import DIFFERENT, LOGITS, tokens
from tests.converters.references import llama_cpp_readings
from tests.converters.tiny_checkpoints import RECIPES, values
from tests.converters.tiny_checkpoints.recipe import Json


def _text_config(config: Json) -> Json:
    """What is read of the config: without packing, and of Gemma 3 with pictures the text alone."""
    config = {key: value for key, value in config.items() if key != "quantization_config"}
    if config["model_type"] != "gemma3":
        return config
    text: Json = config["text_config"]
    return text


def _model(family: str, config: Json) -> Any:
    """The family's checkpoint as a model of transformers, in float32."""
    import torch
    import transformers

    kind = transformers.CONFIG_MAPPING[config["model_type"]]
    settings = kind.from_dict(config)
    model = transformers.AutoModelForCausalLM.from_config(settings, attn_implementation="eager")
    model = model.float().eval()
    state = {
        name.removeprefix("language_model."): torch.from_numpy(array)
        for name, array in values(family).items()
        if not name.startswith(("vision_tower", "multi_modal_projector"))
    }
    missing, unexpected = model.load_state_dict(state, strict=False)
    n_layer = settings.num_hidden_layers
    unexpected = [
        name
        for name in unexpected
        # Layers that predict further and old tables of rotations are not part of these models.
        if not name.startswith(f"model.layers.{n_layer}.") and not name.endswith("inv_freq")
    ]
    if [name for name in missing if name != "lm_head.weight"] or unexpected:
        raise SystemExit(f"{family}: missing {missing}, unexpected {unexpected}")
    model.tie_weights()
    if family.startswith("deepseek2"):
        _scale_attention(model, settings.rope_scaling)
    return model


def _scale_attention(model: Any, scaling: Json) -> None:
    """What transformers leaves out of DeepSeek V2: YaRN's factor on the product of q and k.

    Source: https://huggingface.co/deepseek-ai/DeepSeek-V2-Lite/blob/604d5664dddd88a0433dbae533b7fe9472482de0/modeling_deepseek.py#L770
    """
    mscale = 0.1 * scaling["mscale_all_dim"] * math.log(scaling["factor"]) + 1
    for layer in model.model.layers:
        layer.self_attn.scaling *= mscale * mscale


def logits(model: Any, family: str) -> NDArray[np.float32]:
    """Logits at every position, (40, n_vocab)."""
    import torch

    with torch.inference_mode():
        answer = model(torch.tensor([tokens(family)]), use_cache=False).logits
    array: NDArray[np.float32] = answer[0].numpy().astype(np.float32)
    return array


def answers(family: str) -> dict[str, NDArray[np.float32]]:
    """The family's logits and, where llama.cpp reads the model in its own way, those as well."""
    config = _text_config(RECIPES[family].config)
    found = {family: logits(_model(family, config), family)}
    if family in DIFFERENT:
        model = _model(family, llama_cpp_readings.config_of(family, config))
        llama_cpp_readings.change(family, model)
        found[family + llama_cpp_readings.SUFFIX] = logits(model, family)
    return found


def main() -> None:
    """Compute the families named, or all, and keep the others."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch

    torch.set_num_threads(1)
    stored = dict(np.load(LOGITS)) if LOGITS.exists() else {}
    for family in sys.argv[1:] or RECIPES:
        stored |= answers(family)
    np.savez_compressed(LOGITS, **stored)


if __name__ == "__main__":
    main()
