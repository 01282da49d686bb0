"""Layers behind the last one that predict further tokens (MTP, in GGUF "nextn"): kept or left out.

They draft what the model then confirms. A configuration that announces none leaves them out, which
is how `configured` decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import gguf

from converters.architectures.base import Keys, UnknownTensor
from converters.architectures.experts import StackedExperts
from converters.errors import UnsupportedArchitecture

N_FURTHER = "num_nextn_predict_layers"
_LAYER = re.compile(r"model\.layers\.(\d+)\.")


class FurtherLayers(StackedExperts):
    """Mixtures of experts with layers that predict further tokens."""

    @classmethod
    def configured(cls, config: Mapping[str, Any], keep_mtp: bool | None) -> Mapping[str, Any]:
        """The configuration, without these layers where they are not wanted."""
        if keep_mtp and not config.get(N_FURTHER):
            raise UnsupportedArchitecture(
                "This model has no MTP layers",
                f"In its config.json, {N_FURTHER} is {config.get(N_FURTHER)!r}.",
                "Leave out --mtp keep, or take the original checkpoint if these layers were "
                "removed from this one.",
            )
        keep = cls.keeps_mtp if keep_mtp is None else keep_mtp
        return config if keep else {**config, N_FURTHER: None}

    def count_layers(self) -> int:
        """Those that predict further are counted as well."""
        return super().count_layers() + int(self.find(N_FURTHER) or 0)

    def kept_name(self, name: str) -> str | None:
        """Layers that the configuration does not count are left out."""
        found = _LAYER.match(name)
        if found and int(found[1]) >= self.n_layers:
            return None
        return super().kept_name(name)

    def map_name(self, name: str) -> str:
        """The names in these layers are GLM's, also where `gguf` gives an architecture none.

        gguf 0.19 lists none for DeepSeek, while llama.cpp reads them.
        """
        try:
            return super().map_name(name)
        except UnknownTensor:
            found = _further_names(self.n_layers).get_name(name, try_suffixes=(".weight", ".bias"))
            if found is None or ".nextn." not in found:
                raise
            return str(found)

    def add_keys(self, keys: Keys) -> None:
        """How many there are, behind all other keys."""
        if (count := self.find(N_FURTHER)) is not None:
            keys.add_nextn_predict_layers(count)


@cache
def _further_names(n_layers: int) -> gguf.TensorNameMap:
    return gguf.get_tensor_name_map(gguf.MODEL_ARCH.GLM4_MOE, n_layers)
