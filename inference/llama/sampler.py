"""The chain of samplers that draws the next token, in C."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator, Sequence

import llama_cpp.llama_cpp as llama
import numpy as np

from inference.llama.grammar import Grammar
from inference.sampling import SamplerSettings

MIN_KEEP = 1
MIROSTAT_1_M = 100
"""What llama.cpp's own programs use."""

Bias = tuple[int, float]


class SamplerChain:
    """One C sampler chain, freed with the request.

    Args:
        settings: What to use; neutral values add no link.
        seed: None draws a fresh one.
        vocab: The model's vocabulary.
        biases: Token ids with what is added to their logits.
        prompt: The tokens before the first one drawn, which penalties look at as well.
        n_ctx: What a reach of -1 stands for.
        grammar: What the answer must follow; the chain frees it.
    """

    def __init__(
        self,
        settings: SamplerSettings,
        seed: int | None,
        vocab: int,
        biases: Sequence[Bias],
        prompt: Sequence[int],
        n_ctx: int,
        grammar: Grammar | None = None,
    ) -> None:
        self.chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        drawn = seed if seed is not None else int.from_bytes(os.urandom(4))
        self.seed = drawn & 0xFFFFFFFF
        links = _Links(settings, self.seed, vocab, n_ctx)
        self._grammar = grammar
        self._n_vocab: int = llama.llama_vocab_n_tokens(vocab)
        made = list(links.all([*biases, *_suppressed(vocab)]))
        for link in made:
            llama.llama_sampler_chain_add(self.chain, link)
        self._takes_likeliest = settings.is_greedy and len(made) == 1
        if links.reach:
            for token in prompt[-links.reach :]:
                llama.llama_sampler_accept(self.chain, token)

    def draw(self, context: int, *, is_free: bool, exempt: int | None = None) -> int:
        """The next token, by the logits of the last one evaluated.

        Args:
            context: llama.cpp's.
            is_free: The grammar does not speak of it: the model is thinking.
            exempt: A token that may be drawn whatever the grammar says, and does not count for it.

        Raises:
            DecodeFailed: No token of the model can follow by the grammar.
        """
        if self._grammar is None or is_free:
            if self._takes_likeliest:  # no table of all tokens: a fifth of the time
                logits = llama.llama_get_logits_ith(context, -1)
                return int(np.ctypeslib.as_array(logits, (self._n_vocab,)).argmax())
            return int(llama.llama_sampler_sample(self.chain, context, -1))
        token = self._grammar.draw(context, self.chain, exempt)
        llama.llama_sampler_accept(self.chain, token)
        return token

    def close(self) -> None:
        """Free the chain and the grammar."""
        if self._grammar is not None:
            self._grammar.close()
        llama.llama_sampler_free(self.chain)


class _Links:
    """Makes the links; `reach` is how many tokens back the ones made look."""

    def __init__(self, settings: SamplerSettings, seed: int, vocab: int, n_ctx: int) -> None:
        self._settings = settings
        self._seed = seed
        self._vocab = vocab
        self._n_vocab: int = llama.llama_vocab_n_tokens(vocab)
        self._n_ctx = n_ctx
        self.reach = 0

    def all(self, biases: Sequence[Bias]) -> Iterator[int]:
        """Biases, the links in their order, and the one that draws."""
        settings = self._settings
        if biases:
            table = (llama.llama_logit_bias * len(biases))(*biases)
            yield llama.llama_sampler_init_logit_bias(self._n_vocab, len(biases), table)
        greedy = settings.is_greedy
        for name in settings.order:
            if name in _LOOKING_BACK or not (greedy or settings.mirostat):
                yield from _LINKS[name](self)
        yield from self._mirostat() if settings.mirostat else self._last(greedy)

    def _last(self, greedy: bool) -> Iterator[int]:
        if greedy:
            yield llama.llama_sampler_init_greedy()
        else:
            yield llama.llama_sampler_init_dist(self._seed)

    def _mirostat(self) -> Iterator[int]:
        settings = self._settings
        tau, eta = settings.mirostat_tau, settings.mirostat_eta
        yield llama.llama_sampler_init_temp(settings.temperature)
        if settings.mirostat == 1:
            yield llama.llama_sampler_init_mirostat(
                self._n_vocab, self._seed, tau, eta, MIROSTAT_1_M
            )
        else:
            yield llama.llama_sampler_init_mirostat_v2(self._seed, tau, eta)

    def _looks_back(self, last_n: int) -> int:
        n_tokens = self._n_ctx if last_n < 0 else min(last_n, self._n_ctx)
        self.reach = max(self.reach, n_tokens)
        return n_tokens

    def penalties(self) -> Iterator[int]:
        """Repetition, frequency and presence."""
        settings = self._settings
        values = (settings.repeat_penalty, settings.frequency_penalty, settings.presence_penalty)
        if values == (1.0, 0.0, 0.0) or settings.penalty_last_n == 0:
            return
        last_n = self._looks_back(settings.penalty_last_n)
        yield llama.llama_sampler_init_penalties(self._n_vocab, last_n, *values)

    def dry(self) -> Iterator[int]:
        """Don't Repeat Yourself: sequences that were there before."""
        settings = self._settings
        if settings.dry_multiplier == 0 or settings.dry_last_n == 0:
            return
        breakers = [text.encode("utf-8", "replace") for text in settings.dry_breakers]
        yield llama.llama_sampler_init_dry(
            self._vocab,
            settings.dry_multiplier,
            settings.dry_base,
            settings.dry_allowed_length,
            self._looks_back(settings.dry_last_n),
            (ctypes.c_char_p * len(breakers))(*breakers),
            len(breakers),
        )

    def top_n_sigma(self) -> Iterator[int]:
        """Logits within n standard deviations of the largest."""
        if self._settings.top_n_sigma > 0:
            yield llama.llama_sampler_init_top_n_sigma(self._settings.top_n_sigma)

    def top_k(self) -> Iterator[int]:
        """The k likeliest."""
        if self._settings.top_k > 0:
            yield llama.llama_sampler_init_top_k(self._settings.top_k)

    def typ_p(self) -> Iterator[int]:
        """Tokens about as surprising as expected."""
        if self._settings.typical_p < 1:
            yield llama.llama_sampler_init_typical(self._settings.typical_p, MIN_KEEP)

    def top_p(self) -> Iterator[int]:
        """The likeliest that together have probability p."""
        if self._settings.top_p < 1:
            yield llama.llama_sampler_init_top_p(self._settings.top_p, MIN_KEEP)

    def min_p(self) -> Iterator[int]:
        """Tokens at least p times as likely as the likeliest."""
        if self._settings.min_p > 0:
            yield llama.llama_sampler_init_min_p(self._settings.min_p, MIN_KEEP)

    def xtc(self) -> Iterator[int]:
        """Exclude Top Choices: by chance, all likely tokens but the least likely of them."""
        settings = self._settings
        if settings.xtc_probability > 0:
            yield llama.llama_sampler_init_xtc(
                settings.xtc_probability, settings.xtc_threshold, MIN_KEEP, self._seed
            )

    def temperature(self) -> Iterator[int]:
        """Fixed, or moving with the entropy."""
        settings = self._settings
        yield llama.llama_sampler_init_temp_ext(
            settings.temperature, settings.dynatemp_range, settings.dynatemp_exponent
        )


_LINKS: dict[str, Callable[[_Links], Iterator[int]]] = {
    "penalties": _Links.penalties,
    "dry": _Links.dry,
    "top_n_sigma": _Links.top_n_sigma,
    "top_k": _Links.top_k,
    "typ_p": _Links.typ_p,
    "top_p": _Links.top_p,
    "min_p": _Links.min_p,
    "xtc": _Links.xtc,
    "temperature": _Links.temperature,
}
_LOOKING_BACK = ("penalties", "dry")
"""The links that greedy decoding and mirostat keep."""


def _suppressed(vocab: int) -> list[Bias]:
    """Tokens that the model file itself forbids."""
    count = ctypes.c_int32()
    tokens = llama.llama_vocab_get_suppress_tokens(vocab, ctypes.byref(count))
    return [(tokens[index], float("-inf")) for index in range(count.value)]
