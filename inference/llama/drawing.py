"""From what a request says about its answer's form to the chain that draws its tokens."""

from __future__ import annotations

from collections.abc import Sequence

from inference.engine import GenerateRequest
from inference.errors import BadGrammar
from inference.llama.grammar import Grammar
from inference.llama.model import LoadedModel
from inference.llama.sampler import SamplerChain
from inference.sampling import bad_sampling, described, settled
from inference.schema.json_schema import schema_to_gbnf


class Drawer:
    """A request's sampling and grammar, checked; makes the chain once the prompt is known.

    Raises:
        BadSampling: A value cannot be used with this model.
        BadGrammar: The grammar or the JSON schema cannot be used.
    """

    def __init__(self, model: LoadedModel, request: GenerateRequest) -> None:
        sampling = request.sampling
        budget = request.thinking_budget
        if budget is not None and budget < 0:
            raise bad_sampling("thinking_budget", f"{budget} is less than 0")
        self._model = model
        self._grammar_text = _grammar_of(request)
        self._seed = sampling.seed
        self._settings = settled(sampling, model.sampler_defaults)
        self._biases = [
            (token, bias) for named, bias in sampling.logit_bias for token in self._tokens(named)
        ]
        if self._grammar_text:  # read once before anything is evaluated, to be sure of it
            Grammar(model.vocab, self._grammar_text).close()

    @property
    def words(self) -> str:
        """How tokens are drawn, in llama.cpp's names."""
        return described(self._settings)

    def chain(self, prompt: Sequence[int]) -> SamplerChain:
        """The chain for a reply to this prompt."""
        model = self._model
        text = self._grammar_text
        return SamplerChain(
            self._settings,
            self._seed,
            model.vocab,
            self._biases,
            prompt,
            model.info.n_ctx,
            Grammar(model.vocab, text) if text else None,
        )

    def _tokens(self, named: int | str) -> Sequence[int]:
        """The tokens that a logit bias names."""
        n_vocab = self._model.n_vocab
        if isinstance(named, str):
            return self._model.tokenize_part(named, parse_special=True)
        if not 0 <= named < n_vocab:
            raise bad_sampling("logit_bias", f"token {named} is not among the model's {n_vocab:,}")
        return [named]


def _grammar_of(request: GenerateRequest) -> str:
    if request.grammar and request.json_schema:
        raise BadGrammar(
            "Two grammars cannot hold at once",
            "The request has a grammar and a JSON schema.",
            "Leave one of them out.",
        )
    return schema_to_gbnf(request.json_schema) if request.json_schema else request.grammar
