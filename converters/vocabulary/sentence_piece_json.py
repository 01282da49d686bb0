"""SentencePiece vocabularies of which only tokenizer.json was published.

The `tokenizers` library writes such a vocabulary as BPE with bytes to fall back on. Scores are lost
on the way, but the order of the merges is the order of the scores, so they are made anew.
"""

from __future__ import annotations

import re

from tokenizers import Tokenizer

from converters.vocabulary.byte_pairs import merges
from converters.vocabulary.files import TokenizerFiles
from converters.vocabulary.token_list import (
    BYTE,
    CONTROL,
    NORMAL,
    USER_DEFINED,
    TokenList,
    with_plain_spaces,
)

_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")
_ADDED_SCORE = -1000.0
_SPECIAL_NAMES = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
_DEFAULT_NAMES = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


def is_sentence_piece_json(files: TokenizerFiles) -> bool:
    """Whether tokenizer.json holds what once was a tokenizer.model."""
    model = files.tokenizer.get("model") or {}
    decoder = files.tokenizer.get("decoder") or {}
    return (
        model.get("type") == "BPE"
        and bool(model.get("byte_fallback"))
        and decoder.get("type") == "Sequence"
    )


def sentence_piece_json_tokens(tokenizer: Tokenizer, files: TokenizerFiles) -> TokenList:
    """The tokens with scores from the order of merges.

    llama.cpp joins two neighbours into the token with the highest score. A token's score is
    therefore minus the place of the first merge that makes it, as in SentencePiece's own BPE
    models. Tokens that no merge makes are never joined; their score does not matter.
    """
    n_base = tokenizer.get_vocab_size(with_added_tokens=False)
    special_ids = _special_ids(tokenizer, files)
    scores = _scores(files)
    texts = {index: text for text, index in tokenizer.get_vocab().items()}
    added = tokenizer.get_added_tokens_decoder()
    tokens = TokenList()
    for index in sorted(texts):
        text = texts[index]
        if index < n_base or index in special_ids:
            tokens.append(text, _kind(index, text, special_ids), scores.get(text, _ADDED_SCORE))
        else:
            tokens.append(with_plain_spaces(added[index].content), USER_DEFINED, _ADDED_SCORE)
    return tokens


def adds_blank_in_front(files: TokenizerFiles) -> bool:
    """Whether a text gets a blank in front before it is cut into tokens."""
    normalizer = files.tokenizer.get("normalizer") or {}
    before = files.tokenizer.get("pre_tokenizer") or {}
    steps = normalizer.get("normalizers", [normalizer]) + before.get("pretokenizers", [before])
    return any(
        step.get("type") == "Prepend"
        or (step.get("type") == "Metaspace" and step.get("prepend_scheme", "always") != "never")
        for step in steps
    )


def _scores(files: TokenizerFiles) -> dict[str, float]:
    """Minus the place of the first merge that makes a token, by the token's text."""
    scores: dict[str, float] = {}
    for place, rule in enumerate(merges(files)):
        scores.setdefault(rule.replace(" ", "", 1), -float(place))
    return scores


def _kind(index: int, text: str, special_ids: set[int]) -> int:
    if _BYTE.fullmatch(text):
        return BYTE
    return CONTROL if index in special_ids else NORMAL


def _special_ids(tokenizer: Tokenizer, files: TokenizerFiles) -> set[int]:
    """The tokens that tokenizer_config.json names, or the class that it names has by default."""
    llama = str(files.config.get("tokenizer_class") or "").startswith("LlamaTokenizer")
    named = (_DEFAULT_NAMES if llama else {}) | dict(files.config)
    entries = [named.get(f"{name}_token") for name in _SPECIAL_NAMES]
    entries += named.get("additional_special_tokens") or []
    texts = [entry["content"] if isinstance(entry, dict) else entry for entry in entries if entry]
    ids = [tokenizer.token_to_id(text) for text in texts]
    return {index for index in ids if index is not None}
