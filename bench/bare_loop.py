"""A bare `llama_decode` loop in a process of its own: what the engine's speed is compared with.

It evaluates a fixed token again and again, with no sampling, no text and no pipe in between. Reads
`N_KNOWN N_PROMPT N_TOKENS` lines from stdin, answers each with two speeds in tokens per second: of
the prompt in batches, behind so many tokens that are known already, and of the tokens after it, one
by one.
"""

from __future__ import annotations

import os
import sys
import time

import llama_cpp.llama_cpp as llama

from inference.engine import N_BATCH
from inference.memory.context_length import DEFAULT_N_CTX
from inference.threads import default_n_threads

TOKEN = 100


def main(path: str) -> None:
    """Load the model as the engine does and serve until stdin ends."""
    log = llama.llama_log_callback(lambda _level, _text, _data: None)
    llama.llama_log_set(log, None)
    llama.llama_backend_init()
    model = llama.llama_model_load_from_file(os.fsencode(path), llama.llama_model_default_params())
    params = llama.llama_context_default_params()
    params.n_ctx = DEFAULT_N_CTX
    params.n_batch = params.n_ubatch = N_BATCH
    params.n_threads = params.n_threads_batch = default_n_threads()
    params.no_perf = True
    context = llama.llama_init_from_model(model, params)
    print("ready", flush=True)
    for line in sys.stdin:
        n_known, n_prompt, n_tokens = map(int, line.split())
        print(*_speeds(context, n_known, n_prompt, n_tokens), flush=True)


def _speeds(context: int, n_known: int, n_prompt: int, n_tokens: int) -> tuple[float, float]:
    llama.llama_memory_clear(llama.llama_get_memory(context), True)
    _evaluate(context, n_known)
    began = time.perf_counter()
    _evaluate(context, n_prompt)
    prefilled = time.perf_counter()
    one = llama.llama_batch_get_one((llama.llama_token * 1)(TOKEN), 1)
    for _ in range(n_tokens):
        llama.llama_decode(context, one)
        llama.llama_synchronize(context)
    ended = time.perf_counter()
    return n_prompt / (prefilled - began), n_tokens / (ended - prefilled)


def _evaluate(context: int, n_tokens: int) -> None:
    for start in range(0, n_tokens, N_BATCH):
        n_batch = min(N_BATCH, n_tokens - start)
        batch = (llama.llama_token * n_batch)(*[TOKEN] * n_batch)
        llama.llama_decode(context, llama.llama_batch_get_one(batch, n_batch))
    llama.llama_synchronize(context)


if __name__ == "__main__":
    main(sys.argv[1])
