"""Texts and grammars, with llama.cpp as the reader: which texts it lets through, and samples."""

from __future__ import annotations

import ctypes
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import llama_cpp.llama_cpp as llama
import numpy as np

from tests.inference.tiny_models import write_tiny_model

_FIRST_BYTE = 3
"""Of a tiny model's tokens, from this one on they stand for single bytes."""
_ASCII = [_FIRST_BYTE + byte for byte in range(128)]
_CLOSING = frozenset(b'"]},')
_CLOSING_SHARE = 0.3


def native_vocab(path: Path) -> tuple[int, int]:
    """llama.cpp's handles of a model without weights and of its vocabulary."""
    params = llama.llama_model_default_params()
    params.vocab_only = True
    model = llama.llama_model_load_from_file(os.fsencode(path), params)
    return model, llama.llama_model_get_vocab(model)


@contextmanager
def byte_vocab(folder: Path) -> Iterator[int]:
    """A vocabulary of single bytes."""
    model, vocab = native_vocab(write_tiny_model(folder / "bytes.gguf", "llama"))
    yield vocab
    llama.llama_model_free(model)


@contextmanager
def _reading(vocab: int, grammar: str) -> Iterator[int]:
    sampler = llama.llama_sampler_init_grammar(vocab, grammar.encode(), b"root")
    assert sampler, grammar
    try:
        yield sampler
    finally:
        llama.llama_sampler_free(sampler)


def _fitting(sampler: int, tokens: list[int]) -> list[int]:
    """Those of the tokens that may come next."""
    array = (llama.llama_token_data * len(tokens))(*((token, 1.0, 0.0) for token in tokens))
    data = llama.llama_token_data_array(array, len(tokens), -1, False)
    llama.llama_sampler_apply(sampler, ctypes.byref(data))
    return [one.id for one in array if np.isfinite(one.logit)]


def accepted(vocab: int, grammar: str, text: str) -> bool:
    """Whether the grammar lets a whole text through, token by token, and then an end."""
    data = text.encode()
    ids = (llama.llama_token * (len(data) + 8))()
    count = llama.llama_tokenize(vocab, data, len(data), ids, len(ids), False, False)
    with _reading(vocab, grammar) as sampler:
        for token in ids[:count]:
            if not _fitting(sampler, [token]):
                return False
            llama.llama_sampler_accept(sampler, token)
        return bool(_fitting(sampler, [llama.llama_vocab_eos(vocab)]))


def sampled(vocab: int, grammar: str, chance: random.Random, most: int = 300) -> str | None:
    """A text of the grammar, drawn byte by byte; None where it did not end in time.

    Args:
        vocab: As `byte_vocab` gives.
        grammar: In GBNF.
        chance: Draws. What closes a string, an array or an object is likelier than all else.
        most: Bytes after which it has not ended.
    """
    end = llama.llama_vocab_eos(vocab)
    written = bytearray()
    with _reading(vocab, grammar) as sampler:
        while len(written) < most:
            fitting = _fitting(sampler, [end, *_ASCII])
            if end in fitting and (len(fitting) == 1 or chance.random() < _CLOSING_SHARE):
                return written.decode()
            choices = [token for token in fitting if token != end]
            closing = [token for token in choices if token - _FIRST_BYTE in _CLOSING]
            wanted = closing if closing and chance.random() < _CLOSING_SHARE else choices
            token = chance.choice(wanted)
            llama.llama_sampler_accept(sampler, token)
            written.append(token - _FIRST_BYTE)
    return None
