"""Tokens that a GBNF grammar allows: what is drawn is checked, and drawn again if it does not fit.

To ask the grammar about one token is cheap, about the whole vocabulary it is not; most tokens fit
at the first try. Exceptions in C++ end the process, so it is never told of a token that it refuses.

Source: common_sampler_sample in common/sampling.cpp of llama.cpp, as of llama-cpp-python 0.3.36
"""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import llama_cpp.llama_cpp as llama
import numpy as np

from inference.errors import BadGrammar, DecodeFailed

MAX_GRAMMAR_BYTES = 512 * 1024
MAX_NESTING = 500
"""Brackets in brackets: llama.cpp reads them by recursion."""
_ROOT = b"root"
_STDERR = 2
_NEVER = float("-inf")
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Grammar:
    """A grammar on its way through one answer.

    Raises:
        BadGrammar: llama.cpp cannot read it.
    """

    def __init__(self, vocab: int, gbnf: str) -> None:
        data = gbnf.encode("utf-8", "replace")
        _check_shape(data)
        self._vocab = vocab
        n_vocab: int = llama.llama_vocab_n_tokens(vocab)
        self._candidates = np.zeros(n_vocab, _CANDIDATE)
        self._ids = np.arange(n_vocab, dtype=np.int32)
        with _said_on_stderr() as said:
            self._sampler = llama.llama_sampler_init_grammar(vocab, data, _ROOT)
        if not self._sampler:
            raise _bad_grammar(_explanation(said))

    def close(self) -> None:
        """Free it."""
        llama.llama_sampler_free(self._sampler)

    def draw(self, context: int, chain: int, exempt: int | None) -> int:
        """A token that fits, drawn by the chain; the grammar moves on by it, the chain does not.

        Raises:
            DecodeFailed: None fits.
        """
        array = self._filled(context)
        llama.llama_sampler_apply(chain, ctypes.byref(array))
        token = int(array.data[array.selected].id)
        if token == exempt:
            return token
        if not self._fits(token):
            token = self._drawn_among_fitting(context, chain)
        if not llama.llama_vocab_is_eog(self._vocab, token):
            llama.llama_sampler_accept(self._sampler, token)
        return token

    def _drawn_among_fitting(self, context: int, chain: int) -> int:
        array = self._filled(context)
        llama.llama_sampler_apply(self._sampler, ctypes.byref(array))
        if np.isfinite(self._candidates["logit"]).any():
            llama.llama_sampler_apply(chain, ctypes.byref(array))
            token = int(array.data[array.selected].id)
            if self._fits(token):
                return token
        raise DecodeFailed(
            "The answer cannot go on",
            "By the grammar, no token that the sampling leaves can follow.",
            "Change the grammar, or what the sampling forbids.",
        )

    def _filled(self, context: int) -> llama.llama_token_data_array:
        """All tokens with the logits of the last one evaluated."""
        count = len(self._candidates)
        logits = llama.llama_get_logits_ith(context, -1)
        self._candidates["id"] = self._ids
        self._candidates["logit"] = np.ctypeslib.as_array(logits, (count,))
        self._candidates["p"] = 0
        data = ctypes.cast(self._candidates.ctypes.data, ctypes.POINTER(llama.llama_token_data))
        return llama.llama_token_data_array(data, count, -1, False)

    def _fits(self, token: int) -> bool:
        one = (llama.llama_token_data * 1)((token, 1.0, 0.0))
        array = llama.llama_token_data_array(one, 1, -1, False)
        llama.llama_sampler_apply(self._sampler, ctypes.byref(array))
        return bool(one[0].logit != _NEVER)


def _check_shape(data: bytes) -> None:
    if len(data) > MAX_GRAMMAR_BYTES:
        raise _bad_grammar(f"it has {len(data):,} bytes; {MAX_GRAMMAR_BYTES:,} are possible")
    if b"\0" in data:
        raise _bad_grammar("it has a character with the code 0")
    depth = 0
    for byte in data:
        depth += (byte == ord("(")) - (byte == ord(")"))
        if depth > MAX_NESTING:
            raise _bad_grammar(f"its brackets are nested more than {MAX_NESTING} deep")


def _bad_grammar(reason: str) -> BadGrammar:
    return BadGrammar(
        "The grammar cannot be used",
        f"{reason}.",
        "Correct the grammar; it needs a rule named root.",
    )


@contextmanager
def _said_on_stderr() -> Iterator[list[str]]:
    """What native code writes to stderr meanwhile, and still finds its way there."""
    said: list[str] = []
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        before = os.dup(_STDERR)
        os.dup2(file.fileno(), _STDERR)
        try:
            yield said
        finally:
            sys.stderr.flush()
            os.dup2(before, _STDERR)
            os.close(before)
            file.seek(0)
            data = file.read()
            said += data.decode("utf-8", "replace").splitlines()
            os.write(_STDERR, data)


def _explanation(said: list[str]) -> str:
    """llama.cpp's own reason, in one line."""
    _, found, reason = next((line for line in said if "error" in line), "").partition("grammar: ")
    if found:
        return reason
    return " ".join(said[-1:]).strip().rstrip(".") or "llama.cpp cannot read it"
