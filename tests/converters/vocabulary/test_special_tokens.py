"""Which tokens begin and end a text, and which are added without being asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from converters.vocabulary.files import TokenizerFiles
from converters.vocabulary.special_tokens import SpecialTokens, read_special_tokens

Json = dict[str, Any]
ADDED = [
    {"id": index, "content": text, "special": True}
    for index, text in enumerate(("<s>", "</s>", "<eot>", "<pad>", "<sep>"))
]


def _read(folder: Path, n_vocab: int | None = None, **files: Json) -> SpecialTokens:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return read_special_tokens(TokenizerFiles(folder), n_vocab)


def _special(token: str) -> Json:
    return {"SpecialToken": {"id": token, "type_id": 0}}


def _sequence(name: str) -> Json:
    return {"Sequence": {"id": name, "type_id": 0}}


def _template(single: list[Json], pair: list[Json] | None = None) -> Json:
    return {"type": "TemplateProcessing", "single": single, "pair": pair or []}


def test_tokenizer_config_goes_before_config(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        tokenizer={"added_tokens": ADDED},
        tokenizer_config={"eos_token": {"content": "<eot>"}, "pad_token": "<pad>"},
        config={"bos_token_id": 0, "eos_token_id": 1},
    )
    assert found.ids == {"eos": 2, "pad": 3, "bos": 0}


def test_several_eos_ids_are_no_single_one(tmp_path: Path) -> None:
    """GLM-4's config.json has three; tokenizer_config.json names the one that counts."""
    found = _read(
        tmp_path,
        tokenizer={"added_tokens": ADDED},
        tokenizer_config={"eos_token": "</s>"},
        config={"eos_token_id": [2, 1, 3], "text_config": {"pad_token_id": 3}},
    )
    assert found.ids == {"eos": 1, "pad": 3}


@pytest.mark.parametrize("token_id", [-1, 5])
def test_an_id_outside_of_the_vocabulary_is_passed_over(tmp_path: Path, token_id: int) -> None:
    found = _read(tmp_path, n_vocab=5, config={"pad_token_id": token_id})
    assert found.ids == {}
    assert str(token_id) in found.notes[0]


@pytest.mark.parametrize(
    ("processor", "adds"),
    [
        ({"type": "ByteLevel"}, {"bos": False, "eos": False}),
        (_template([_special("<s>"), _sequence("A")]), {"bos": True}),
        (
            _template([_special("<s>"), _sequence("A"), _special("</s>")]),
            {"bos": True, "eos": True},
        ),
        ({"type": "RobertaProcessing"}, {"bos": True, "eos": True, "sep": True}),
        (
            {"type": "Sequence", "processors": [{"type": "ByteLevel"}]},
            {"bos": False, "eos": False},
        ),
        (None, {}),
    ],
)
def test_the_post_processor_says_what_is_added(
    tmp_path: Path, processor: Json | None, adds: dict[str, bool]
) -> None:
    found = _read(
        tmp_path,
        tokenizer={"added_tokens": ADDED, "post_processor": processor},
        tokenizer_config={"bos_token": "<s>", "eos_token": "</s>"},
    )
    assert found.adds == adds


def test_llama_3_adds_bos_and_no_separator(tmp_path: Path) -> None:
    bos = _special("<s>")
    pair = [bos, _sequence("A"), bos, _sequence("B")]
    template = _template([bos, _sequence("A")], pair)
    found = _read(
        tmp_path,
        tokenizer={
            "added_tokens": ADDED,
            "post_processor": {"type": "Sequence", "processors": [{"type": "ByteLevel"}, template]},
        },
        tokenizer_config={"bos_token": "<s>", "eos_token": "<eot>"},
    )
    assert found.adds == {"bos": True, "eos": False, "sep": False}
    assert found.ids == {"bos": 0, "eos": 2}


def test_an_eos_behind_every_text_makes_the_other_one_end_of_turn(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        tokenizer={
            "added_tokens": ADDED,
            "post_processor": _template([_sequence("A"), _special("</s>")]),
        },
        tokenizer_config={"eos_token": "<eot>"},
    )
    assert found.ids == {"eos": 1, "eot": 2}
    assert found.adds == {"eos": True}


def test_disagreement_about_bos_is_told(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        tokenizer={"added_tokens": ADDED, "post_processor": {"type": "ByteLevel"}},
        tokenizer_config={"bos_token": "<s>", "add_bos_token": True},
    )
    assert found.adds["bos"] is False
    assert "add_bos_token True" in found.notes[0]


@pytest.mark.parametrize("name", ["LlamaTokenizer", "LlamaTokenizerFast"])
def test_a_class_that_builds_its_own_post_processor_is_believed(tmp_path: Path, name: str) -> None:
    """DeepSeek-V3: tokenizer.json adds nothing, but transformers does."""
    found = _read(
        tmp_path,
        tokenizer={"added_tokens": ADDED, "post_processor": {"type": "ByteLevel"}},
        tokenizer_config={"bos_token": "<s>", "add_bos_token": True, "tokenizer_class": name},
    )
    assert found.adds == {"bos": True, "eos": False}
    assert found.notes == []


def test_keys_are_those_of_the_format(tmp_path: Path) -> None:
    special = SpecialTokens({"bos": 1, "unk": 0, "cls": 1}, {"bos": True, "mask": True})
    keys = {key: value.value for key, value in special.keys().items()}
    # Source: docs/gguf.md of ggml; it has neither a CLS token nor add_mask_token.
    assert keys == {
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.add_bos_token": True,
    }
