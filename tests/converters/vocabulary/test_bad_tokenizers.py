"""Broken, missing and misfitting tokenizers are refused with a word on what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from converters.errors import (
    SpecialTokenMissing,
    TokenizerMissing,
    TokenizerUnreadable,
    VocabularyError,
    VocabularySizeMismatch,
)
from converters.vocabulary import Vocabulary, read_vocabulary
from tests.converters.tiny_checkpoints import RECIPES
from tests.converters.vocabulary.real_tokenizers import mixtral_json

Json = dict[str, Any]


def _write(folder: Path, family: str) -> Json:
    recipe = RECIPES[family]
    for name, content in recipe.tokenizer.files().items():
        data = content if isinstance(content, str | bytes) else json.dumps(content)
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return dict(recipe.config)


def _edit(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def _refused(folder: Path, config: Json, kind: type[VocabularyError], *words: str) -> None:
    with pytest.raises(kind) as caught:
        read_vocabulary(folder, config)
    assert caught.value.title
    assert caught.value.hint
    for word in words:
        assert word in caught.value.detail


def test_no_tokenizer_at_all(tmp_path: Path) -> None:
    (tmp_path / "special_tokens_map.json").write_text("{}")
    config = {"architectures": ["LlamaForCausalLM"]}
    _refused(tmp_path, config, TokenizerMissing, "tokenizer.json", "special_tokens_map.json")


@pytest.mark.parametrize("family", ["deepseek3", "phi3"])
def test_the_file_that_the_family_needs_is_missing(tmp_path: Path, family: str) -> None:
    config = _write(tmp_path, family)
    for name in ("tokenizer.json", "tokenizer.model"):
        (tmp_path / name).unlink(missing_ok=True)
    _refused(tmp_path, config, TokenizerMissing, "tokenizer.")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"model": {}}'])
def test_a_damaged_tokenizer_json(tmp_path: Path, content: bytes) -> None:
    config = _write(tmp_path, "qwen2")
    (tmp_path / "tokenizer.json").write_bytes(content)
    _refused(tmp_path, config, TokenizerUnreadable, "tokenizer.json")


@pytest.mark.parametrize(
    "values",
    [
        {"added_tokens_decoder": ["<s>"]},
        {"added_tokens_decoder": {"0": "<s>"}},
        {"added_tokens_decoder": {"zero": {"content": "<s>"}}},
        {"bos_token": {"text": "<s>"}},
        {"additional_special_tokens": [1]},
    ],
)
@pytest.mark.parametrize("family", ["qwen2", "mixtral"])
def test_a_configuration_of_another_form(tmp_path: Path, values: Json, family: str) -> None:
    config = _write(tmp_path, family)
    _edit(tmp_path / "tokenizer_config.json", **values)
    try:
        read_vocabulary(tmp_path, config)
    except TokenizerUnreadable as error:
        assert str(tmp_path) in error.detail  # noqa: PT017  (a form may also play no part)


def test_merges_that_are_none(tmp_path: Path) -> None:
    config = _write(tmp_path, "qwen2")
    model = json.loads((tmp_path / "tokenizer.json").read_text())["model"]
    _edit(tmp_path / "tokenizer.json", model=model | {"merges": [["a", "b", "c"]]})
    _refused(tmp_path, config, TokenizerUnreadable, "['a', 'b', 'c']")


@pytest.mark.parametrize("content", [b"", b"no model", b"\x00" * 100])
def test_a_damaged_tokenizer_model(tmp_path: Path, content: bytes) -> None:
    config = _write(tmp_path, "mixtral")
    (tmp_path / "tokenizer.model").write_bytes(content)
    _refused(tmp_path, config, TokenizerUnreadable, "tokenizer.model")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"config": {"default_vocab_size": 10, "default_num_special_tokens": 2}, "vocab": []},
        {
            "config": {
                "default_vocab_size": 21,
                "default_num_special_tokens": 20,
                "pattern": "x",
            },
            "vocab": [{"rank": 1, "token_bytes": "YQ=="}],
        },
        {
            "config": {
                "default_vocab_size": 21,
                "default_num_special_tokens": 20,
                "pattern": "x",
            },
            "vocab": [{"rank": 0, "token_bytes": "?"}],
        },
    ],
)
def test_a_damaged_tekken_json(tmp_path: Path, content: Json) -> None:
    (tmp_path / "tekken.json").write_text(json.dumps(content))
    config = {"architectures": ["MistralForCausalLM"]}
    _refused(tmp_path, config, TokenizerUnreadable, "tekken.json")


@pytest.mark.parametrize("family", ["qwen2", "phi3"])
def test_a_tokenizer_with_more_tokens_than_the_model(tmp_path: Path, family: str) -> None:
    config = _write(tmp_path, family) | {"vocab_size": 300}
    _refused(tmp_path, config, VocabularySizeMismatch, "vocab_size 300")


def test_sentencepiece_tokens_beyond_the_model_are_left_out_and_told(tmp_path: Path) -> None:
    config = _write(tmp_path, "mixtral") | {"vocab_size": 290}
    vocabulary = read_vocabulary(tmp_path, config)
    assert vocabulary.n_tokens == 290
    assert "vocab_size 290" in vocabulary.notes[0]


def test_gemma_3_with_pictures_need_not_say_its_size(tmp_path: Path) -> None:
    config = _write(tmp_path, "gemma3-vision")
    config.pop("vocab_size", None)
    config["text_config"] = {
        key: value for key, value in config["text_config"].items() if key != "vocab_size"
    }
    # The rows of the embedding of google/gemma-3-4b-it.
    assert read_vocabulary(tmp_path, config).n_tokens == 262_208


def test_a_missing_special_token_of_glm(tmp_path: Path) -> None:
    config = _write(tmp_path, "glm4moe")
    tokenizer = (tmp_path / "tokenizer.json").read_text().replace("[gMASK]", "[other]")
    (tmp_path / "tokenizer.json").write_text(tokenizer)
    _refused(tmp_path, config, SpecialTokenMissing, "[gMASK]")


def test_sentencepiece_without_its_model_is_filled_up_and_bounded(tmp_path: Path) -> None:
    config = mixtral_json(tmp_path)

    vocabulary = read_vocabulary(tmp_path, config | {"vocab_size": 32_002})
    texts = vocabulary.keys["tokenizer.ggml.tokens"].value
    assert isinstance(texts, list)
    assert texts[32_000:] == ["[PAD32000]", "[PAD32001]"]
    _refused(tmp_path, config | {"vocab_size": 31_999}, VocabularySizeMismatch, "31,999")


def test_an_embedding_of_another_size() -> None:
    vocabulary = Vocabulary({}, 32_000)
    vocabulary.check_embedding(32_000)
    with pytest.raises(VocabularySizeMismatch) as caught:
        vocabulary.check_embedding(32_001)
    assert "32,000" in caught.value.detail
    assert "32,001" in caught.value.detail


def test_a_chosen_name_that_plays_no_part_is_told(tmp_path: Path) -> None:
    config = _write(tmp_path, "mixtral")
    vocabulary = read_vocabulary(tmp_path, config, pre_tokenizer="llama-bpe")
    assert "'llama-bpe' is not used" in vocabulary.notes[-1]
