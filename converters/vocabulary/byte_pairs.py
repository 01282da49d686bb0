"""Byte-level BPE: the tokens and merges of tokenizer.json."""

from __future__ import annotations

from collections.abc import Mapping

from tokenizers import AddedToken, Tokenizer

from converters.vocabulary.files import TokenizerFiles
from converters.vocabulary.token_list import (
    CONTROL,
    NORMAL,
    UNUSED,
    TokenList,
    added_kind,
    padding_text,
    too_large,
    with_plain_spaces,
)


def byte_pair_tokens(
    tokenizer: Tokenizer, vocabulary: Mapping[str, int], files: TokenizerFiles, n_vocab: int | None
) -> TokenList:
    """All tokens by id, filled up to the size of the embedding.

    Args:
        tokenizer: It knows the added tokens.
        vocabulary: Ids by text, those of added tokens not needed.
        files: The folder.
        n_vocab: The size in config.json; None where it says nothing.

    Raises:
        VocabularySizeMismatch: The tokenizer has ids that the embedding has no rows for.
    """
    added = tokenizer.get_added_tokens_decoder()
    texts = {index: text for text, index in vocabulary.items()}
    texts |= {index: token.content for index, token in added.items()}
    if n_vocab is None:
        n_vocab = len(texts)
    if max(texts) >= n_vocab:
        raise too_large(files.folder, max(texts), n_vocab)
    tokens = TokenList([texts.get(index, "") for index in range(n_vocab)], [NORMAL] * n_vocab)
    for index in set(range(n_vocab)) - texts.keys():
        tokens.texts[index], tokens.types[index] = padding_text(index), UNUSED
    for index, token in added.items():
        tokens.texts[index], tokens.types[index] = _added(tokenizer, token)
    return tokens


def merges(files: TokenizerFiles) -> list[str]:
    """The merge rules of tokenizer.json, or of merges.txt where that has none; best first."""
    return files.merges or _merges_of_text(files)


def merges_suffice(tokenizer: Tokenizer) -> bool:
    """Whether merges alone make every token, so that `ignore_merges` changes nothing."""
    model = tokenizer.model
    ignores, model.ignore_merges = model.ignore_merges, False
    try:
        added = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
        texts = tokenizer.get_vocab(with_added_tokens=False).keys() - added
        return all(len(model.tokenize(text)) == 1 for text in texts)
    finally:
        model.ignore_merges = ignores


def _merges_of_text(files: TokenizerFiles) -> list[str]:
    lines = (files.text("merges.txt") or "").splitlines()
    if lines and lines[0].startswith("#"):
        del lines[0]
    rules = (line.split() for line in lines)
    return [" ".join(rule) for rule in rules if len(rule) == 2]


def _added(tokenizer: Tokenizer, token: AddedToken) -> tuple[str, int]:
    """Text and kind of an added token; llama.cpp looks for the text as it is after normalizing."""
    text = token.content
    if not token.normalized:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        text = tokenizer.decode(ids, skip_special_tokens=False)
    kind = added_kind(text, token.special)
    return (text if kind == CONTROL else with_plain_spaces(text)), kind
