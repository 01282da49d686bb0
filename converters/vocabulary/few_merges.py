"""Byte pairs for one text: a tokenizer without the merges that cannot apply to it.

The `tokenizers` library takes most of a second for the hundreds of thousands of merges of a large
vocabulary, and a conversion asks it for the ids of a single text.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import msgspec
from tokenizers import Tokenizer

from converters.vocabulary.files import TokenizerFiles, TokenizerParts, are_pairs
from converters.vocabulary.loading import load_tokenizer, made_tokenizer

_CHANGES_MERGING = (
    *("continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "dropout"),
    "fuse_unk",
)
_SHORT = 24
"""Signs of a token that is looked up among all parts of a text; longer ones are few."""


def load_for(files: TokenizerFiles, text: str) -> tuple[Tokenizer, Mapping[str, int]]:
    """A tokenizer that makes of a text what the checkpoint's own does, and the vocabulary.

    All tokens are there. Of any other text it may make more and shorter ones.

    Args:
        files: The folder.
        text: What it shall be good for.

    Returns:
        The tokenizer, and the ids of its model's tokens.

    Raises:
        TokenizerMissing: There is no tokenizer.json.
        TokenizerUnreadable: The library refuses it.
    """
    files.path("tokenizer.json")
    _ = files.merges  # which refuses what are none
    parts = files.tokenizer_parts
    vocabulary = _vocabulary(parts)
    if vocabulary is None:
        tokenizer = load_tokenizer(files)
        return tokenizer, tokenizer.get_vocab(with_added_tokens=False)
    signs = {sign: index for index, sign in enumerate(filter(_is_sign, vocabulary))}
    cut = made_tokenizer(_with_model(parts, vocab=signs, merges=[]), files)
    signs_of_text = "".join(cut.encode(text, add_special_tokens=False).tokens)
    few = _applicable(parts.rules, signs_of_text)
    return made_tokenizer(_with_model(parts, merges=few), files), vocabulary


def _is_sign(token: str) -> bool:
    return len(token) == 1


def _vocabulary(parts: TokenizerParts) -> dict[str, int] | None:
    """The ids by text; None where the model is not plain byte pairs, or merges make no tokens."""
    model = parts.content["model"]
    is_plain = model.get("type", "BPE") == "BPE" and not any(map(model.get, _CHANGES_MERGING))
    if not is_plain or model.get("unk_token") is not None or not are_pairs(parts.rules):
        return None
    try:
        vocabulary = msgspec.json.decode(parts.raw_model.get("vocab", b"null"), type=dict[str, int])
    except msgspec.DecodeError:
        return None
    tokens = chain(chain.from_iterable(parts.rules), map("".join, parts.rules))
    return vocabulary if all(map(vocabulary.__contains__, tokens)) else None


def _applicable(rules: list[list[str]], text: str) -> list[list[str]]:
    """The merges whose result stands in the text."""
    starts = range(len(text))
    parts = {text[start : start + size] for size in range(2, _SHORT + 1) for start in starts}
    return [
        rule
        for rule, made in zip(rules, map("".join, rules), strict=True)
        if made in parts or (len(made) > _SHORT and made in text)
    ]


def _with_model(parts: TokenizerParts, **replaced: Any) -> bytes:
    """tokenizer.json with other parts of its model."""
    model = msgspec.json.encode({**parts.raw_model, **replaced})
    return msgspec.json.encode({**parts.raw, "model": msgspec.Raw(model)})
