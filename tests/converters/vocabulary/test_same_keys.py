"""Vocabularies have the keys, values, types and order that llama.cpp's converter writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFValueType

from converters.typed_value import TypedValue
from converters.vocabulary import Vocabulary, read_vocabulary
from tests.converters.comparing import REFERENCES, expectation
from tests.converters.tiny_checkpoints import RECIPES
from tests.converters.vocabulary.conftest import ReadReal
from tests.converters.vocabulary.real_tokenizers import REAL

_ADDS_BOS = {"tokenizer.ggml.add_bos_token": ["BOOL", True]}
# docs/conversion.md gives the reasons. The reference of SmolLM3 was told a name; its own is this.
ON_PURPOSE: dict[str, dict[str, Any]] = {
    "deepseek3": _ADDS_BOS,
    "deepseek3.1": _ADDS_BOS,
    "deepseek-r1": _ADDS_BOS,
    "smollm3": {"tokenizer.ggml.pre": ["STRING", "smaug-bpe"]},
    "deepseek-v3": _ADDS_BOS,
    "mixtral-json": {"tokenizer.ggml.scores": None},
    "tekken": {"tokenizer.chat_template": None},
}


@pytest.mark.parametrize("family", RECIPES)
def test_a_small_tokenizer_of_each_family_gives_upstreams_keys(family: str, tmp_path: Path) -> None:
    for name, content in RECIPES[family].tokenizer.files().items():
        data = content if isinstance(content, str | bytes) else json.dumps(content)
        (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    (tmp_path / "config.json").write_text(json.dumps(RECIPES[family].config))

    vocabulary = read_vocabulary(tmp_path, RECIPES[family].config)

    expected = expectation(family)["metadata"]
    _assert_same(family, _described(vocabulary), expected)


@pytest.mark.parametrize("name", REAL)
def test_a_real_tokenizer_gives_upstreams_keys(name: str, read_real: ReadReal) -> None:
    expected = json.loads((REFERENCES / "vocabularies.json").read_text(encoding="utf-8"))[name]

    _folder, vocabulary = read_real(name)

    _assert_same(name, _described(vocabulary), expected)
    assert vocabulary.notes == ()


def _described(vocabulary: Vocabulary) -> dict[str, Any]:
    """Types and values in the form of `comparing.describe`, without a file."""
    return {key: [_type(value), _value(value)] for key, value in vocabulary.metadata().items()}


def _type(value: TypedValue) -> str:
    kinds = (value.type, value.element_type)
    return " ".join(kind.name for kind in kinds if kind is not None)


def _value(value: TypedValue) -> Any:
    if value.element_type is None:
        return value.value
    assert isinstance(value.value, Sequence)
    elements = list(value.value)
    if value.element_type == GGUFValueType.FLOAT32:
        elements = np.asarray(elements, np.float32).tolist()
    text = json.dumps(elements, ensure_ascii=False)
    return {"count": len(elements), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def _tokenizer_keys(metadata: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key.startswith("tokenizer.")}


def _assert_same(name: str, found: dict[str, Any], reference: dict[str, Any]) -> None:
    expected = _tokenizer_keys(reference)
    for key, value in ON_PURPOSE.get(name, {}).items():
        assert found.get(key) != expected[key], f"{key} is no longer different"
        if value is not None:
            expected[key] = value
        elif key in found:
            expected[key] = found[key]
        else:
            del expected[key]
    assert found == expected
    assert list(found) == list(expected)
