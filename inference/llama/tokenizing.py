"""Texts to the tokens of a model's vocabulary."""

from __future__ import annotations

import ctypes

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray


def tokenized(
    vocab: int, text: str, *, add_special: bool, parse_special: bool
) -> NDArray[np.int32]:
    """Token ids of a text, shape (n,).

    Args:
        vocab: llama.cpp's handle.
        text: Half a surrogate pair becomes a question mark.
        add_special: Put the tokens around it that the model wants around a whole text.
        parse_special: Read the texts of control tokens as those.
    """
    data = text.encode("utf-8", "replace")
    room = len(data) + 16
    while True:
        ids = np.empty(room, np.int32)
        pointer = ids.ctypes.data_as(ctypes.POINTER(llama.llama_token))
        count = llama.llama_tokenize(
            vocab, data, len(data), pointer, room, add_special, parse_special
        )
        if count >= 0:
            return ids[:count]
        room = -count  # a vocabulary that has no token for a space needs three bytes for it
