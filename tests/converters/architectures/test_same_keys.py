"""Keys of configurations that leave much to defaults are those of llama.cpp's converter."""

import json

import gguf
import pytest

from converters.architectures import architecture_of
from tests.converters.comparing import REFERENCES
from tests.converters.configurations import CONFIGURATIONS

KEYS = json.loads((REFERENCES / "keys.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_keys_are_upstreams(name: str) -> None:
    described = architecture_of(CONFIGURATIONS[name])(CONFIGURATIONS[name], {})
    found = described.leading_metadata() | described.metadata(gguf.LlamaFileType.ALL_F32)
    keys = {key: [value.type.name, value.value] for key, value in found.items()}
    assert keys == KEYS[name]
    assert list(keys) == list(KEYS[name])
