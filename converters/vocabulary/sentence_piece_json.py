"""SentencePiece vocabularies of which only tokenizer.json was published.

The `tokenizers` library writes such a vocabulary as BPE with bytes to fall back on. Scores are lost
on the way, but the order of the merges is the order of the scores, so they are made anew.
"""

from __future__ import annotations

import re

from tokenizers import Tokenizer

from converters.vocabulary.byte_pairs import merges
from converters.vocabulary.files import TokenizerFiles
from converters.vocabulary.loading import special_texts
from converters.vocabulary.token_list import (
    ADDED_SCORE,
    BYTE,
    CONTROL,
    NORMAL,
    PADDING_SCORE,
    USER_DEFINED,
    TokenList,
    too_large,
    with_plain_spaces,
)

_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")


def is_sentence_piece_json(files: TokenizerFiles) -> bool:
    """Whether tokenizer.json holds what once was a tokenizer.model."""
    model = files.tokenizer.get("model") or {}
    decoder = files.tokenizer.get("decoder") or {}
    return (
        model.get("type") == "BPE"
        and bool(model.get("byte_fallback"))
        and decoder.get("type") == "Sequence"
    )


def sentence_piece_json_tokens(
    tokenizer: Tokenizer, files: TokenizerFiles, n_vocab: int | None
) -> TokenList:
    """The tokens with scores from the order of merges, filled up to the size of the embedding.

    llama.cpp joins two neighbours into the token with the highest score. A token's score is
    therefore minus the place of the first merge that makes it, as in SentencePiece's own BPE
    models. Tokens that no merge makes are never joined; their score does not matter.

    Args:
        tokenizer: What `load_tokenizer` returned.
        files: The folder.
        n_vocab: The size in config.json; None where it says nothing.

    Raises:
        VocabularySizeMismatch: The tokenizer has ids that the embedding has no rows for.
    """
    n_base = tokenizer.get_vocab_size(with_added_tokens=False)
    special_ids = set(map(tokenizer.token_to_id, special_texts(files.config)))
    scores = _scores(files)
    ids = tokenizer.get_vocab()
    last = max(ids.values())
    tokens = TokenList.padding(n_vocab or last + 1, PADDING_SCORE)
    if last >= len(tokens):
        raise too_large(files.folder, last, len(tokens))
    for text, index in ids.items():
        if index < n_base or index in special_ids:
            kind = _kind(index, text, special_ids)
            tokens.replace(index, text, kind, scores.get(text, ADDED_SCORE))
        else:
            tokens.replace(index, with_plain_spaces(text), USER_DEFINED, ADDED_SCORE)
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


def _kind(index: int, text: str, special_ids: set[int | None]) -> int:
    if _BYTE.fullmatch(text):
        return BYTE
    return CONTROL if index in special_ids else NORMAL
