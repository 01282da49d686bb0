"""From what a request says about sampling to the chain that draws its tokens."""

from __future__ import annotations

from collections.abc import Sequence

from inference.engine import Sampling
from inference.llama.model import LoadedModel
from inference.llama.sampler import SamplerChain
from inference.sampling import bad_sampling, settled


class Drawer:
    """A request's sampling, checked against the model; makes the chain once the prompt is known.

    Raises:
        BadSampling: A value cannot be used with this model.
    """

    def __init__(self, model: LoadedModel, sampling: Sampling) -> None:
        self._model = model
        self._seed = sampling.seed
        self._settings = settled(sampling, model.sampler_defaults)
        self._biases = [
            (token, bias) for named, bias in sampling.logit_bias for token in self._tokens(named)
        ]

    def chain(self, prompt: Sequence[int]) -> SamplerChain:
        """The chain for a reply to this prompt."""
        model = self._model
        return SamplerChain(
            self._settings, self._seed, model.vocab, self._biases, prompt, model.info.n_ctx
        )

    def _tokens(self, named: int | str) -> Sequence[int]:
        """The tokens that a logit bias names."""
        n_vocab = self._model.n_vocab
        if isinstance(named, str):
            return self._model.tokenize_part(named, parse_special=True)
        if not 0 <= named < n_vocab:
            raise bad_sampling("logit_bias", f"token {named} is not among the model's {n_vocab:,}")
        return [named]
