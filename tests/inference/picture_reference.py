"""Answers about pictures as llama.cpp itself gives them, beside the engine.

`through_libmtmd` lets libmtmd do all of a prompt, as llama.cpp's own programs do; `from_embeddings`
uses nothing of it, and takes embeddings that were computed elsewhere.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import llama_cpp.llama_cpp as llama
import llama_cpp.mtmd_cpp as mtmd
import numpy as np
import numpy.typing as npt

_MARKER = b"<__media__>"
_FIRST_LETTER, _N_LETTERS = 3 + ord("a"), 26
_SILENT = llama.llama_log_callback(lambda _level, _text, _data: None)


@dataclass
class Reference:
    model: int
    context: int

    def tokens(self, text: str, *, first: bool = False) -> list[int]:
        data = text.encode()
        ids = (llama.llama_token * (3 * len(data) + 16))()
        vocab = llama.llama_model_get_vocab(self.model)
        count = llama.llama_tokenize(vocab, data, len(data), ids, len(ids), first, True)
        return list(ids[:count])

    def decode(self, tokens: Sequence[int], position: int) -> int:
        n = len(tokens)
        ids = (llama.llama_token * n)(*tokens)
        batch = llama.llama_batch_get_one(ids, n)
        batch.pos = (llama.llama_pos * n)(*range(position, position + n))
        assert llama.llama_decode(self.context, batch) == 0
        return position + n

    def letters(self, position: int, n_letters: int) -> str:
        """The likeliest small letters, one after the other."""
        found = ""
        for _ in range(n_letters):
            logits = llama.llama_get_logits_ith(self.context, -1)
            letters = logits[_FIRST_LETTER : _FIRST_LETTER + _N_LETTERS]
            best = int(np.argmax(letters))
            found += chr(ord("a") + best)
            position = self.decode([_FIRST_LETTER + best], position)
        return found


@contextmanager
def loaded(path: Path) -> Iterator[Reference]:
    llama.llama_backend_init()
    llama.llama_log_set(_SILENT, ctypes.c_void_p(0))
    mtmd.mtmd_helper_log_set(_SILENT, ctypes.c_void_p(0))
    model = llama.llama_model_load_from_file(os.fsencode(path), llama.llama_model_default_params())
    params = llama.llama_context_default_params()
    params.n_ctx, params.n_batch, params.n_ubatch = 1024, 512, 512
    params.n_threads = params.n_threads_batch = 1
    context = llama.llama_init_from_model(model, params)
    yield Reference(model, context)
    llama.llama_free(context)
    llama.llama_model_free(model)


def through_libmtmd(
    model: Path,
    projector: Path,
    prompt: str,
    pictures: Sequence[npt.NDArray[np.uint8]],
    n_letters: int,
) -> tuple[str, int]:
    """The answer and the prompt's tokens; `prompt` has `<__media__>` where pictures stand."""
    with loaded(model) as reference:
        params = mtmd.mtmd_context_params_default()
        params.n_threads, params.warmup, params.use_gpu = 1, False, False
        context = mtmd.mtmd_init_from_file(os.fsencode(projector), reference.model, params)
        bitmaps = (mtmd.mtmd_bitmap_p_ctypes * len(pictures))()
        for index, pixels in enumerate(pictures):
            height, width, _ = pixels.shape
            data = np.ascontiguousarray(pixels).ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
            bitmaps[index] = mtmd.mtmd_bitmap_init(width, height, data)
        chunks = mtmd.mtmd_input_chunks_init()
        data = prompt.encode()
        text = mtmd.mtmd_input_text(data, len(data), True, True)
        assert not mtmd.mtmd_tokenize(context, chunks, ctypes.byref(text), bitmaps, len(pictures))
        end = llama.llama_pos()
        assert not mtmd.mtmd_helper_eval_chunks(
            context, reference.context, chunks, 0, 0, 512, True, ctypes.byref(end)
        )
        n_tokens = mtmd.mtmd_helper_get_n_tokens(chunks)
        answer = reference.letters(end.value, n_letters)
        mtmd.mtmd_input_chunks_free(chunks)
        for bitmap in bitmaps:
            mtmd.mtmd_bitmap_free(bitmap)
        mtmd.mtmd_free(context)
        return answer, n_tokens


def from_embeddings(
    model: Path, before: str, embeddings: npt.NDArray[np.float32], after: Sequence[str], n: int
) -> str:
    """The answer behind words, embeddings that all see each other, and more words.

    Args:
        after: Each is cut into tokens by itself.
    """
    with loaded(model) as reference:
        position = reference.decode(reference.tokens(before, first=True), 0)
        count = len(embeddings)
        batch = llama.llama_batch_init(count, embeddings.shape[1], 1)
        batch.n_tokens = count
        ctypes.memmove(batch.embd, np.ascontiguousarray(embeddings).ctypes.data, embeddings.nbytes)
        for index in range(count):
            batch.pos[index] = position + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = 0
        llama.llama_set_causal_attn(reference.context, False)
        assert llama.llama_decode(reference.context, batch) == 0
        llama.llama_set_causal_attn(reference.context, True)
        llama.llama_batch_free(batch)
        position += count
        for words in after:
            position = reference.decode(reference.tokens(words), position)
        return reference.letters(position, n)
