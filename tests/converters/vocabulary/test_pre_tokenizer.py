"""The pre-tokenizer is known by what it does, and an unknown one is never guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from converters.errors import UnknownPreTokenizer
from converters.vocabulary import read_vocabulary
from converters.vocabulary.pre_tokenizer.choice import Splitting, choose
from converters.vocabulary.pre_tokenizer.definition import one_form, read_definition
from converters.vocabulary.pre_tokenizer.digests import NAMES_BY_DIGEST
from converters.vocabulary.pre_tokenizer.known import KNOWN, OTHERS
from tests.converters.tiny_checkpoints import RECIPES
from tests.converters.tiny_checkpoints.byte_level import PRE_TOKENIZERS
from tests.converters.vocabulary.native import loaded

Json = dict[str, Any]
LLAMA3_WORDS = PRE_TOKENIZERS["llama-bpe"]["pretokenizers"][0]["pattern"]["Regex"]
# Where several names stand for the same expressions and flags.
ALIKE = {
    "llama-bpe": {"llama-bpe", "glm4", "dbrx"},
    "glm4": {"llama-bpe", "glm4", "dbrx"},
    "dbrx": {"llama-bpe", "glm4", "dbrx"},
    "olmo": {"gpt-2"},
    "refact": {"starcoder"},
}


def _tokenizer(pre: Json, **more: Any) -> Json:
    return {"pre_tokenizer": pre, "model": {"type": "BPE"}} | more


def _splitting(tokenizer: Json, *, adds_bos: bool = False, suffice: bool = False) -> Splitting:
    return Splitting([], read_definition(tokenizer), adds_bos, lambda: suffice)


def _split(pattern: str, behavior: str = "Isolated", invert: bool = False) -> Json:
    return {
        "type": "Split",
        "pattern": {"Regex": pattern},
        "behavior": behavior,
        "invert": invert,
    }


def _bytes(use_regex: bool = False) -> Json:
    return {"type": "ByteLevel", "add_prefix_space": False, "use_regex": use_regex}


def _sequence(*steps: Json) -> Json:
    return {"type": "Sequence", "pretokenizers": list(steps)}


@pytest.mark.parametrize("name", PRE_TOKENIZERS)
def test_the_definition_of_each_family_is_found(name: str) -> None:
    found = choose(_splitting(_tokenizer(PRE_TOKENIZERS[name]), suffice=True))
    assert found in ALIKE.get(name, {name})


@pytest.mark.parametrize("name", PRE_TOKENIZERS)
def test_of_names_that_mean_the_same_a_family_gets_its_own(name: str) -> None:
    assert choose(_splitting(_tokenizer(PRE_TOKENIZERS[name]), suffice=True), name) == name


def test_merges_and_bos_decide_between_equal_expressions() -> None:
    ignoring = _tokenizer(PRE_TOKENIZERS["llama-bpe"], model={"type": "BPE", "ignore_merges": True})
    plain = _tokenizer(PRE_TOKENIZERS["llama-bpe"])
    # llama.cpp sets ignore_merges for llama-bpe and glm4, and BOS by default for the former.
    assert choose(_splitting(ignoring, adds_bos=True)) == "llama-bpe"
    assert choose(_splitting(ignoring)) == "glm4"
    assert choose(_splitting(plain)) == "dbrx"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_split(LLAMA3_WORDS), _split(LLAMA3_WORDS, "Removed", invert=True)),
        (_split("(?i:'s|ll)|x"), _split("(?:'[sS]|[lL][lL])|x")),
        (_split("'(?i:[sd]|ve)"), _split("'(?:[sSdD]|[vV][eE])")),
        (_split("[\r\n]+"), _split(r"[\r\n]+")),
        (_split(r"\p{N}"), {"type": "Digits", "individual_digits": True}),
        (_split(r"\p{N}{1}"), _split(r"\p{N}")),
    ],
)
def test_the_same_rule_in_other_words_is_the_same(first: Json, second: Json) -> None:
    one, other = (
        read_definition(_tokenizer(_sequence(step, _bytes()))) for step in (first, second)
    )
    assert one == other


def test_case_is_written_out_within_its_group_only() -> None:
    written = one_form(r"a(?i:b(c)[d\p{L}])e(?:f)")
    assert written == r"a(?:[bB]([cC])[dD\p{L}])e(?:f)"


def test_an_unknown_one_is_named_with_its_nearest() -> None:
    changed = LLAMA3_WORDS.replace("{1,3}", "{1,2}")
    tokenizer = _tokenizer(_sequence(_split(changed), _bytes()))

    with pytest.raises(UnknownPreTokenizer) as caught:
        choose(_splitting(tokenizer, suffice=True))

    assert "'dbrx'" in caught.value.detail
    assert r"\p{N}{1,2}" in caught.value.detail
    assert r"\p{N}{1,3}" in caught.value.detail
    assert "--pre-tokenizer dbrx" in caught.value.hint


@pytest.mark.parametrize(
    ("tokenizer", "word"),
    [
        (
            _tokenizer(_sequence(_split(LLAMA3_WORDS, "MergedWithPrevious"), _bytes())),
            "MergedWithPrevious",
        ),
        (
            _tokenizer(PRE_TOKENIZERS["qwen2"], normalizer={"type": "Lowercase"}),
            "Lowercase",
        ),
        (_tokenizer(PRE_TOKENIZERS["qwen2"], normalizer={"type": "NFKC"}), "NFKC"),
        (_tokenizer({"type": "Whitespace"}), "not one of bytes"),
        (_tokenizer(_sequence(_split(LLAMA3_WORDS), _split("x"), _bytes())), "rule 2 is x"),
        (_tokenizer({"type": "ByteLevel", "add_prefix_space": True}), "blank in front"),
    ],
)
def test_what_llama_cpp_would_not_do_is_refused(tokenizer: Json, word: str) -> None:
    with pytest.raises(UnknownPreTokenizer) as caught:
        choose(_splitting(tokenizer, suffice=True))
    assert word in caught.value.detail


def test_merges_that_do_not_suffice_are_refused() -> None:
    tokenizer = _tokenizer(PRE_TOKENIZERS["qwen2"], model={"type": "BPE", "ignore_merges": True})

    with pytest.raises(UnknownPreTokenizer, match="ignore_merges is True instead of False"):
        choose(_splitting(tokenizer))
    assert choose(_splitting(tokenizer, suffice=True)) == "qwen2"


def test_a_person_decides_among_names_that_llama_cpp_knows() -> None:
    splitting = _splitting(_tokenizer({"type": "Whitespace"}))

    assert choose(splitting, forced="gpt-2") == "gpt-2"
    with pytest.raises(UnknownPreTokenizer, match="lama-bpe") as caught:
        choose(splitting, forced="lama-bpe")
    assert "llama-bpe" in caught.value.detail


def test_llama_cpp_accepts_every_name(tmp_path: Path) -> None:
    recipe = RECIPES["qwen2"]
    for name, content in recipe.tokenizer.files().items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    names = {name for known in KNOWN for name in known.names} | {*OTHERS}
    assert names >= set(NAMES_BY_DIGEST.values())

    for name in sorted(names):
        vocabulary = read_vocabulary(tmp_path, recipe.config, pre_tokenizer=name)
        with loaded(tmp_path, vocabulary.metadata()) as native:
            assert native.encode("x")
