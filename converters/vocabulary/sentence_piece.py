"""SentencePiece vocabularies: tokenizer.model, and what JSON files beside it add or replace."""

from __future__ import annotations

from collections.abc import Iterator

from sentencepiece import SentencePieceProcessor

from converters.vocabulary.files import TokenizerFiles, unreadable
from converters.vocabulary.token_list import (
    ADDED_SCORE,
    BYTE,
    CONTROL,
    NORMAL,
    PADDING_SCORE,
    UNKNOWN,
    UNUSED,
    USER_DEFINED,
    TokenList,
    added_kind,
    too_large,
    with_plain_spaces,
)

MODEL_FILE = "tokenizer.model"


def sentence_piece_tokens(files: TokenizerFiles, n_vocab: int | None) -> TokenList:
    """The tokens of tokenizer.model, with the added ones of every family but Phi-3.

    Args:
        files: The folder.
        n_vocab: The size in config.json; None where it says nothing.
    """
    tokens = _pieces(files, n_vocab)
    _put_added_file(files, tokens)
    for index, text, special in _configured(files):
        if _is_row(tokens, index, text):
            kind = added_kind(text, special)
            plain = text if kind == CONTROL else with_plain_spaces(text)
            tokens.replace(index, plain, kind, ADDED_SCORE)
    return tokens


def phi3_tokens(files: TokenizerFiles, n_vocab: int | None) -> TokenList:
    """The tokens of Phi-3: added ones come from tokenizer.json as well, and only `special` counts.

    Source: Phi3MiniModel.set_vocab in conversion/phi.py of llama.cpp, as of
    llama-cpp-python 0.3.36
    """
    tokens = _pieces(files, n_vocab)
    _put_added_file(files, tokens)
    listed = (
        (int(entry["id"]), str(entry["content"]), bool(entry.get("special")))
        for entry in files.added_tokens
    )
    for index, text, special in (*_configured(files), *listed):
        if index >= len(tokens):
            raise too_large(files.folder, index, len(tokens))
        kind = CONTROL if special else USER_DEFINED
        tokens.replace(index, text, kind, ADDED_SCORE)
    return tokens


def _pieces(files: TokenizerFiles, n_vocab: int | None) -> TokenList:
    processor = SentencePieceProcessor()
    path = files.path(MODEL_FILE)
    try:
        processor.LoadFromFile(str(path))
    except (RuntimeError, OSError) as error:
        raise unreadable(path, str(error)) from error
    n_pieces = processor.vocab_size()
    tokens = TokenList.padding(n_vocab or n_pieces, PADDING_SCORE)
    if n_pieces > len(tokens):
        tokens.notes.append(
            f"the last {n_pieces - len(tokens):,} of {n_pieces:,} tokens of {MODEL_FILE} are left "
            f"out: config.json says vocab_size {len(tokens):,}"
        )
    for index in range(min(n_pieces, len(tokens))):
        tokens.texts[index] = processor.IdToPiece(index)
        tokens.scores[index] = processor.GetScore(index)
        tokens.types[index] = _kind(processor, index)
    return tokens


def _kind(processor: SentencePieceProcessor, index: int) -> int:
    if processor.IsUnknown(index):
        return UNKNOWN
    if processor.IsControl(index):
        return CONTROL
    if processor.IsUnused(index):
        return UNUSED
    return BYTE if processor.IsByte(index) else NORMAL


def _put_added_file(files: TokenizerFiles, tokens: TokenList) -> None:
    """added_tokens.json, which replaces without a word: it repeats what tokenizer.model has."""
    for text, index in files.json("added_tokens.json").items():
        if _is_row(tokens, index, text):
            tokens.texts[index] = text
            tokens.scores[index] = ADDED_SCORE
            tokens.types[index] = USER_DEFINED


def _configured(files: TokenizerFiles) -> Iterator[tuple[int, str, bool]]:
    for index, entry in (files.config.get("added_tokens_decoder") or {}).items():
        yield int(index), str(entry["content"]), bool(entry.get("special"))


def _is_row(tokens: TokenList, index: int, text: str) -> bool:
    if index < len(tokens):
        return True
    tokens.notes.append(
        f"token {index}, {text!r}, is left out: config.json says vocab_size {len(tokens):,}"
    )
    return False
