"""The chain of samplers that draws the next token, in C."""

from __future__ import annotations

import os
from collections.abc import Iterator

import llama_cpp.llama_cpp as llama

from inference.sampling import SamplerSettings

PENALTY_LAST_N = 64


class SamplerChain:
    """One C sampler chain, freed with the request."""

    def __init__(self, settings: SamplerSettings, seed: int | None, n_vocab: int) -> None:
        self.chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        drawn = seed if seed is not None else int.from_bytes(os.urandom(4))
        for link in self._links(settings, drawn & 0xFFFFFFFF, n_vocab):
            llama.llama_sampler_chain_add(self.chain, link)

    @staticmethod
    def _links(sampling: SamplerSettings, seed: int, n_vocab: int) -> Iterator[int]:
        if sampling.repeat_penalty != 1.0:
            yield llama.llama_sampler_init_penalties(
                n_vocab, PENALTY_LAST_N, sampling.repeat_penalty, 0.0, 0.0
            )
        if sampling.temperature <= 0:
            yield llama.llama_sampler_init_greedy()
            return
        if sampling.top_k > 0:
            yield llama.llama_sampler_init_top_k(sampling.top_k)
        if sampling.top_p < 1:
            yield llama.llama_sampler_init_top_p(sampling.top_p, 1)
        if sampling.min_p > 0:
            yield llama.llama_sampler_init_min_p(sampling.min_p, 1)
        yield llama.llama_sampler_init_temp(sampling.temperature)
        yield llama.llama_sampler_init_dist(seed)

    def close(self) -> None:
        """Free the chain."""
        llama.llama_sampler_free(self.chain)
