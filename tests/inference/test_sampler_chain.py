"""Each link of the chain, on logits whose outcome can be worked out by hand."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import llama_cpp.llama_cpp as llama
import pytest

from inference.llama.sampler import SamplerChain
from inference.llama.tokenizing import tokenized
from inference.sampling import SamplerSettings

NEUTRAL = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
HALVES = [math.log(p) for p in (0.5, 0.25, 0.125, 0.125)]
"""The logits of tokens 0 to 3, which have these probabilities."""

Run = Callable[..., tuple[int, dict[int, float]]]


@pytest.fixture
def run(vocab: int, starter_model: Path) -> Run:
    """Applies a chain to logits: the token drawn, and the probabilities of those that were left."""

    def apply(
        logits: Sequence[float] = HALVES,
        *,
        seed: int = 1,
        biases: Sequence[tuple[int, float]] = (),
        prompt: Sequence[int] = (),
        **settings: object,
    ) -> tuple[int, dict[int, float]]:
        chosen = SamplerSettings(**{**NEUTRAL, **settings})  # type: ignore[arg-type]
        with closing(SamplerChain(chosen, seed, vocab, biases, prompt, 100)) as chain:
            return applied(chain, logits)

    return apply


def applied(chain: SamplerChain, logits: Sequence[float]) -> tuple[int, dict[int, float]]:
    """The token that a chain draws next, and the probabilities of those that were left."""
    data = (llama.llama_token_data * len(logits))(
        *((token, logit, 0.0) for token, logit in enumerate(logits))
    )
    array = llama.llama_token_data_array(data, len(logits), -1, False)
    llama.llama_sampler_apply(chain.chain, ctypes.byref(array))
    left = {
        array.data[at].id: array.data[at].p
        for at in range(array.size)
        if array.data[at].logit != -math.inf
    }
    return array.data[array.selected].id, left


def drawn(run: Run, n_draws: int = 40, **settings: object) -> set[int]:
    """The tokens that different seeds draw."""
    return {run(seed=seed, **settings)[0] for seed in range(n_draws)}


def test_a_neutral_chain_draws_by_the_models_own_probabilities(run: Run) -> None:
    assert run()[1] == pytest.approx({0: 0.5, 1: 0.25, 2: 0.125, 3: 0.125})
    assert drawn(run) == {0, 1, 2, 3}
    assert run(seed=7) == run(seed=7)


def test_temperature_zero_takes_the_likeliest(run: Run) -> None:
    assert drawn(run, temperature=0.0) == {0}
    assert drawn(run, temperature=0.0, xtc_probability=1.0, xtc_threshold=0.1) == {0}


def test_temperature_divides_the_logits(run: Run) -> None:
    # 1/2 at the power of 1/0.5 is 1/4; the four are 16, 4, 1 and 1 parts of 22.
    probabilities = run(temperature=0.5)[1]
    assert probabilities == pytest.approx({0: 16 / 22, 1: 4 / 22, 2: 1 / 22, 3: 1 / 22})


def test_dynamic_temperature_follows_the_entropy(run: Run) -> None:
    # All equally likely: the entropy is the greatest possible, so the temperature is 1 + 0.5.
    even = run([2.0, 2.0, 2.0, 2.0], dynatemp_range=0.5)[1]
    assert even == pytest.approx(dict.fromkeys(range(4), 0.25))
    # Entropy 1.75 bits of 2: 0.875 of the way from 0.5 to 1.5, so 1.375.
    weights = [p ** (1 / 1.375) for p in (0.5, 0.25, 0.125, 0.125)]
    expected = {token: weight / sum(weights) for token, weight in enumerate(weights)}
    assert run(dynatemp_range=0.5)[1] == pytest.approx(expected)
    # With exponent 2: 0.875 squared of the way.
    weights = [p ** (1 / (0.5 + 0.875**2)) for p in (0.5, 0.25, 0.125, 0.125)]
    expected = {token: weight / sum(weights) for token, weight in enumerate(weights)}
    assert run(dynatemp_range=0.5, dynatemp_exponent=2.0)[1] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({"top_k": 1}, {0}),
        ({"top_k": 2}, {0, 1}),
        ({"top_p": 0.4}, {0}),
        ({"top_p": 0.7}, {0, 1}),
        ({"min_p": 0.3}, {0, 1}),  # 0.3 of the likeliest is 0.15
        ({"min_p": 0.6}, {0}),
        # Standard deviation of the logits is 0.594: the second is ln 2 = 0.69 below the first.
        ({"top_n_sigma": 1.0}, {0}),
        ({"top_n_sigma": 1.3}, {0, 1}),
        # Entropy 1.75 bits: a quarter is 2 bits, the nearest; a half is 1 bit, an eighth is 3.
        ({"typical_p": 0.2}, {1}),
        ({"typical_p": 0.7}, {0, 1}),
        # All above the threshold but the least likely of them leave.
        ({"xtc_probability": 1.0, "xtc_threshold": 0.2}, {1, 2, 3}),
        ({"xtc_probability": 1.0, "xtc_threshold": 0.3}, {0, 1, 2, 3}),
        ({"xtc_probability": 0.0, "xtc_threshold": 0.2}, {0, 1, 2, 3}),
    ],
)
def test_links_that_cut_leave_the_right_tokens(
    run: Run, settings: dict[str, float], left: set[int]
) -> None:
    assert set(run(**settings)[1]) == left
    assert drawn(run, **settings) <= left


def test_top_choices_are_excluded_by_chance(run: Run) -> None:
    settings = {"xtc_probability": 0.5, "xtc_threshold": 0.2}
    left = [frozenset(run(seed=seed, **settings)[1]) for seed in range(60)]
    assert set(left) == {frozenset({0, 1, 2, 3}), frozenset({1, 2, 3})}
    # Of 60 throws of a coin; farther from 30 than 18 comes once in half a million times.
    assert abs(left.count(frozenset({1, 2, 3})) - 30) <= 18


def test_the_order_of_the_links_counts(run: Run) -> None:
    # At temperature 4 the four have 0.31, 0.26, 0.22 and 0.22: 0.55 needs two of them.
    hot = {"temperature": 4.0, "top_p": 0.55}
    assert set(run(**hot, order=("temperature", "top_p"))[1]) == {0, 1}
    assert set(run(**{**hot, "top_p": 0.5}, order=("top_p", "temperature"))[1]) == {0}
    # A link that is not named is not used.
    assert set(run(top_k=1, order=("top_p",))[1]) == {0, 1, 2, 3}


def test_a_bias_forces_and_forbids(run: Run) -> None:
    assert drawn(run, biases=[(3, 100.0)]) == {3}
    assert drawn(run, biases=[(0, -math.inf)]) == {1, 2, 3}
    assert drawn(run, biases=[(0, -math.inf), (1, -math.inf)], temperature=0.0) <= {2, 3}


def test_repetition_penalty_divides_and_multiplies(run: Run) -> None:
    # Positive logits are divided, negative ones multiplied.
    once = run([2.0, -1.0, 1.0], repeat_penalty=2.0, prompt=[0, 1])[1]
    weights = [math.exp(1.0), math.exp(-2.0), math.exp(1.0)]
    assert once == pytest.approx({t: w / sum(weights) for t, w in enumerate(weights)})
    # What lies farther back than it looks is not penalised.
    far = run([2.0, -1.0, 1.0], repeat_penalty=2.0, prompt=[0, 5, 6], penalty_last_n=2)[1]
    weights = [math.exp(2.0), math.exp(-1.0), math.exp(1.0)]
    assert far == pytest.approx({t: w / sum(weights) for t, w in enumerate(weights)})


def test_frequency_counts_and_presence_does_not(run: Run) -> None:
    prompt = [0, 0, 0, 1]
    weights = [math.exp(-1.5), math.exp(-0.5), 1.0]
    often = run([0.0, 0.0, 0.0], frequency_penalty=0.5, prompt=prompt)[1]
    assert often == pytest.approx({t: w / sum(weights) for t, w in enumerate(weights)})
    weights = [math.exp(-0.5), math.exp(-0.5), 1.0]
    there = run([0.0, 0.0, 0.0], presence_penalty=0.5, prompt=prompt)[1]
    assert there == pytest.approx({t: w / sum(weights) for t, w in enumerate(weights)})


def test_dry_penalises_what_would_go_on_repeating(run: Run) -> None:
    # 5 6 7 0 ... 5 6 7: token 0 would make the repetition four long. The penalty is
    # multiplier * base ** (3 - allowed length) = 1 * 2 ** 1.
    repeated = [5, 6, 7, 0, 8, 5, 6, 7]
    settings = {"dry_multiplier": 1.0, "dry_base": 2.0, "dry_allowed_length": 2}
    weights = [math.exp(-2.0), 1.0, 1.0]
    got = run([0.0] * 3, **settings, dry_breakers=(), prompt=repeated)[1]
    assert got == pytest.approx({t: w / sum(weights) for t, w in enumerate(weights)})
    even = pytest.approx(dict.fromkeys(range(3), 1 / 3))
    assert run([0.0] * 3, **settings, dry_breakers=(), prompt=[5, 6, 0, 7, 8])[1] == even
    assert run([0.0] * 3, **settings, dry_breakers=(), prompt=repeated, dry_last_n=3)[1] == even


def test_what_breaks_a_sequence_ends_dry_s_search(run: Run, vocab: int) -> None:
    (line_break,) = tokenized(vocab, "\n", add_special=False, parse_special=False)
    # 5 6 / 7 0 ... 5 6 / 7, where a line ends: behind it only 7 is repeated, which is allowed.
    repeated = [5, 6, int(line_break), 7, 0, 8, 5, 6, int(line_break), 7]
    settings = {"dry_multiplier": 1.0, "dry_base": 2.0, "dry_allowed_length": 2}
    even = pytest.approx(dict.fromkeys(range(3), 1 / 3))
    assert run([0.0] * 3, **settings, dry_breakers=("\n",), prompt=repeated)[1] == even
    # Without a breaker four tokens are repeated: 1 * 2 ** (4 - 2).
    weights = [math.exp(-4.0), 1.0, 1.0]
    got = run([0.0] * 3, **settings, dry_breakers=(), prompt=repeated)[1]
    assert got == pytest.approx({t: w / sum(weights) for t, w in enumerate(weights)})


def test_greedy_keeps_penalties(run: Run) -> None:
    settings = {"temperature": 0.0, "repeat_penalty": 4.0, "prompt": [0]}
    assert run([2.0, 1.0], **settings)[0] == 1


@pytest.mark.parametrize("version", [1, 2])
def test_mirostat_with_little_surprise_is_greedy(run: Run, version: int) -> None:
    # At first, what surprises by more than twice tau is cut off, all but the likeliest: here by
    # more than 0.8 bits, and the likeliest has 1.
    assert drawn(run, mirostat=version, mirostat_tau=0.4) == {0}
    assert drawn(run, mirostat=version, mirostat_tau=5.0) == {0, 1, 2, 3}


def test_mirostat_2_follows_the_surprise_that_it_has_seen(vocab: int, starter_model: Path) -> None:
    """At first 2.4 bits are let through: the first two, now with 2/3 and 1/3.

    The likelier one surprises by log2 of 1.5 = 0.585 bits, 0.615 less than tau, so that 2.4 + 0.615
    bits are let through next: all four, of which the last two have 3. The other one surprises by
    log2 of 3 = 1.585 bits, 0.385 more than tau: 2.015 bits, and again the first two.
    """
    settings = SamplerSettings(**NEUTRAL, mirostat=2, mirostat_tau=1.2, mirostat_eta=1.0)
    first_drawn = set()
    for seed in range(20):
        with closing(SamplerChain(settings, seed, vocab, (), (), 100)) as chain:
            token, left = applied(chain, HALVES)
            assert left == pytest.approx({0: 2 / 3, 1: 1 / 3})
            assert set(applied(chain, HALVES)[1]) == ({0, 1, 2, 3} if token == 0 else {0, 1})
        first_drawn.add(token)
    assert first_drawn == {0, 1}


@pytest.mark.parametrize(("tau", "n_left"), [(1.0, 1), (2.0, 1), (2.5, 3), (5.0, 4)])
def test_mirostat_1_leaves_so_many_as_the_formula_says(run: Run, tau: float, n_left: int) -> None:
    """Of the four probabilities Zipf's exponent s is 1.0466, by least squares over their steps.

    k is ((s - 1) * 2**mu / (1 - n**(1 - s))) ** (1 / s) with mu = 2 tau and n = 49,152 tokens:
    0.49, 1.83, 3.55 and more than 90. Source: https://arxiv.org/abs/2007.14966v2, algorithm 1
    """
    left = run(mirostat=1, mirostat_tau=tau)[1]
    assert len(left) == n_left
    assert min(left) == 0
