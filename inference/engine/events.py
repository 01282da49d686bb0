"""What an engine tells while it carries out a request."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from inference.engine.parameters import Sampling
from inference.engine.requests import ContextPolicy, Summary


class FinishReason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    """The model ended its turn."""
    LENGTH = "length"
    """`max_tokens` or the end of the context was reached."""
    CANCELLED = "cancelled"
    """The caller asked for it."""


class LoadProgress(Struct, frozen=True):
    """A model is being read; `fraction` goes from 0 to 1."""

    fraction: float


class Loaded(Struct, frozen=True):
    """The model is ready. Sizes in bytes, lengths in tokens; `device` as a person would name it.

    `placement` says where the layers lie, `memory_bytes` how much each device holds ("CPU" is the
    system's memory), `notes` which devices are not used and why, and what was changed to load.
    `thinks` says whether the model's template knows thinking, `sees` whether it has a projector for
    pictures, `sampling` what holds where a request says nothing.
    """

    name: str
    architecture: str
    n_params: int
    size_bytes: int
    n_ctx: int
    n_ctx_train: int
    n_threads: int
    device: str
    placement: str = ""
    memory_bytes: dict[str, int] = field(default_factory=dict)
    notes: str = ""
    thinks: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    sees: bool = False


class PrefillProgress(Struct, frozen=True):
    """The prompt is being evaluated: `done` of `total` tokens are in the KV cache."""

    done: int
    total: int


class SummaryProgress(Struct, frozen=True):
    """The oldest messages are being summarised; `fraction` goes from 0 to 1."""

    fraction: float


class SummaryDelta(Struct, frozen=True):
    """More of the summary that is being written; long ones part by part, the last holds all."""

    text: str


class MessagesUnseen(Struct, frozen=True):
    """What of the request the model does not see, told before the prompt is evaluated.

    Args:
        first: Index of the first message that is not in the prompt.
        last: Index of the last one; `first - 1` where it is only the beginning of an answer.
        n_tokens: About how many tokens they would have.
        policy: What was done; DROP_OLDEST also where a summary was wanted and could not be written.
        summary: What stands in the prompt in their place; it may cover fewer of them.
        is_new: The summary was written for this answer.
        n_characters: So much of the beginning of the answer that goes on is unseen as well.
        note: Why there is no summary that was wanted.
    """

    first: int
    last: int
    n_tokens: int
    policy: ContextPolicy
    summary: Summary | None = None
    is_new: bool = False
    n_characters: int = 0
    note: str = ""


class TextDelta(Struct, frozen=True):
    """More of the answer."""

    text: str


class ThinkingDelta(Struct, frozen=True):
    """More of the thinking that comes before the answer."""

    text: str


class ToolCall(Struct, frozen=True):
    """The model calls a tool of the request's; `arguments` is JSON as the model wrote it."""

    name: str
    arguments: str


class ExpertCounts(Struct, frozen=True):
    """How often each expert was picked: tables of `(len(layers), n_experts)` numbers.

    It comes about twice a second while an answer grows, then with `answer` alone, and once with
    everything right before `Finished`. Each token that is evaluated picks `n_used` experts in each
    of `layers`; for most architectures llama.cpp evaluates the last layer only for tokens whose
    output is needed, which in a prompt is the last one of each step.

    Args:
        n_experts: Routed experts of a layer; shared ones serve every token and are not counted.
        n_used: How many of them a token picks.
        layers: Which layers have experts, by their numbers in the model.
        answer: For the tokens of this answer.
        prompt: For the tokens of its prompt that had to be evaluated.
        total: For all that was recorded since the model was loaded.
        is_final: Whether this is the last one of the answer.
    """

    n_experts: int
    n_used: int
    layers: tuple[int, ...]
    answer: tuple[tuple[int, ...], ...]
    prompt: tuple[tuple[int, ...], ...] = ()
    total: tuple[tuple[int, ...], ...] = ()
    is_final: bool = False


class Finished(Struct, frozen=True):
    """The answer ended.

    Args:
        reason: Why.
        tokens_in: Tokens of the prompt, reused ones included.
        tokens_out: Tokens generated.
        tokens_reused: Tokens of the prompt that the KV cache, or a kept state, already held.
        prefill_ms: Time to evaluate the prompt.
        decode_ms: Time to generate the answer.
        n_ctx: Context length of the loaded model.
        n_used: Tokens that the context holds now.
        seed: What the random numbers came from; None where no token was drawn.
        sampling: How tokens were drawn, the model's own defaults included, by llama.cpp's names.
        tokens_of_pictures: How many of the prompt's tokens stand for pictures.
    """

    reason: FinishReason
    tokens_in: int
    tokens_out: int
    tokens_reused: int
    prefill_ms: float
    decode_ms: float
    n_ctx: int
    n_used: int = 0
    seed: int | None = None
    sampling: str = ""
    tokens_of_pictures: int = 0

    @property
    def tokens_evaluated(self) -> int:
        """Tokens of the prompt that had to be evaluated."""
        return self.tokens_in - self.tokens_reused

    @property
    def n_left(self) -> int:
        """Tokens that the context still has room for."""
        return self.n_ctx - self.n_used

    @classmethod
    def before_start(cls) -> Finished:
        """A request that was cancelled before anything was evaluated."""
        return cls(FinishReason.CANCELLED, 0, 0, 0, 0.0, 0.0, 0)


class BenchPoint(Struct, frozen=True):
    """What was measured at one depth: the time of each repetition in nanoseconds."""

    depth: int
    prefill_ns: tuple[int, ...]
    decode_ns: tuple[int, ...]


class Counted(Struct, frozen=True):
    """What a prompt that is not sent yet has in tokens; all 0 where the model is not loaded.

    Args:
        n_prompt: The whole prompt. One that is far too long is estimated, never below the context.
        n_question: System prompts and the last message alone: what no policy leaves out.
        n_ctx: Context length of the loaded model.
        texts: Of each of the request's texts.
        pictures: Of each of its pictures; 0 where the model sees none.
    """

    n_prompt: int
    n_question: int
    n_ctx: int
    texts: tuple[int, ...] = ()
    pictures: tuple[int, ...] = ()


Event = (
    LoadProgress
    | Loaded
    | PrefillProgress
    | SummaryProgress
    | SummaryDelta
    | MessagesUnseen
    | TextDelta
    | ThinkingDelta
    | ToolCall
    | ExpertCounts
    | BenchPoint
    | Counted
    | Finished
)
