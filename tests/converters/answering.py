"""What llama.cpp answers from a GGUF file, against what transformers answers.

`references/make_logits.py` made the expectations.
"""

from __future__ import annotations

import ctypes
import os
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.converters.reference_process import REFERENCE
from tests.converters.tiny_checkpoints.recipe import N_VOCAB

LOGITS = Path(__file__).parent / "references" / "logits.npz"
N_POSITIONS = 40
# Families that llama.cpp computes in another way than their makers; docs/conversion.md says how.
DIFFERENT = ("deepseek2", "gpt-oss", "gpt-oss-plain", "phimoe")


def tokens(family: str) -> list[int]:
    """The 40 tokens that the family's checkpoint is asked about: they depend on its name alone."""
    raw = np.random.PCG64(zlib.crc32(family.encode())).random_raw(N_POSITIONS)
    return [int(word) % N_VOCAB for word in raw]


def divergences(path: Path, family: str, as_llama_cpp: bool = True) -> NDArray[np.float64]:
    """KL divergence of llama.cpp's answer from the reference at each position, (40,), in nats.

    The reference is transformers' answer: of the model as published, or with what llama.cpp is
    known to compute differently.
    """
    suffix = "-as-llama.cpp" if as_llama_cpp and family in DIFFERENT else ""
    with np.load(LOGITS) as stored:
        reference = stored[family + suffix]
    return kl_divergence(reference, answer(path, tokens(family), N_VOCAB))


def kl_divergence(
    reference: NDArray[np.floating], ours: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Sum of p log(p / q) over the vocabulary, of logits (n, n_vocab); (n,), in nats."""
    p, q = _log_softmax(reference), _log_softmax(ours)
    return np.asarray((np.exp(p) * (p - q)).sum(axis=1))


def _log_softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def answer(path: Path, ids: list[int], n_vocab: int) -> NDArray[np.float32]:
    """Logits of llama.cpp at every position, (n_tokens, n_vocab)."""
    target = path.with_suffix(".logits.npy")
    REFERENCE.call(__name__, "evaluate", path=str(path), ids=ids, target=str(target))
    logits: NDArray[np.float32] = np.load(target)
    assert logits.shape == (len(ids), n_vocab)
    return logits


def evaluate(path: str, ids: list[int], target: str) -> None:
    """Evaluate all tokens at once, in float32 throughout where it is stored; logits to a file."""
    import llama_cpp.llama_cpp as llama

    model_params = llama.llama_model_default_params()
    model_params.n_gpu_layers = 0
    model = llama.llama_model_load_from_file(os.fsencode(path), model_params)
    if not model:
        raise SystemExit("the model was not loaded")
    params = llama.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = 64
    params.n_threads = params.n_threads_batch = 1
    params.type_k = params.type_v = 0  # GGML_TYPE_F32
    params.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
    context = llama.llama_init_from_model(model, params)
    if not context:
        raise SystemExit("no context for the model")
    n_vocab = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(model))
    batch = llama.llama_batch_init(len(ids), 0, 1)
    batch.n_tokens = len(ids)
    for place, token in enumerate(ids):
        batch.token[place], batch.pos[place] = token, place
        batch.n_seq_id[place], batch.seq_id[place][0] = 1, 0
        batch.logits[place] = True
    if llama.llama_decode(context, batch):
        raise SystemExit("the tokens could not be evaluated")
    pointer = llama.llama_get_logits(context)
    logits = np.ctypeslib.as_array(
        ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float)), (len(ids), n_vocab)
    )
    np.save(target, logits)
    llama.llama_batch_free(batch)
    llama.llama_free(context)
    llama.llama_model_free(model)
