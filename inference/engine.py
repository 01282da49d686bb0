"""The one interface through which models are used, and the values that cross it.

An engine is blocking and iterator-shaped: a request goes in, events come out, the last of which is
`Loaded`, `Counted` or `Finished`. Errors are raised by the iterator. `LlamaEngine` implements it in
the engine's process, `EngineHost` in the parent, and the fake of the tests as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

N_BATCH = 512
"""Tokens of one prefill step, where a model's parameters say nothing else: between two steps
progress is told and a cancel is seen."""


class FinishReason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    """The model ended its turn."""
    LENGTH = "length"
    """`max_tokens` or the end of the context was reached."""
    CANCELLED = "cancelled"
    """The caller asked for it."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of the prompt. `role` is "system", "user" or "assistant"."""

    role: str
    content: str
    thinking: str = ""


class Thinking(StrEnum):
    """Whether a model that can think is to do so before it answers."""

    AUTO = "auto"
    """As the model's template has it."""
    ON = "on"
    OFF = "off"


class Rank(StrEnum):
    """How much a request matters to the person at the screen."""

    SCREEN = "screen"
    """An answer in the conversation that is looked at."""
    BACKGROUND = "background"
    """A title, a summary, a call from outside: it never costs the one on the screen its place."""


class ContextPolicy(StrEnum):
    """What happens to the oldest turns where the context does not hold all of them."""

    DROP_OLDEST = "drop_oldest"
    SUMMARISE = "summarise"
    """The model writes a summary, which stands in their place."""
    STOP = "stop"
    """An error, so that nothing is ever left out."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the prompt holds in place of the oldest messages of a request.

    Args:
        text: The summary.
        n_messages: It stands for so many messages, counted from the first. System prompts at the
            beginning count, although they stay in the prompt.
    """

    text: str
    n_messages: int


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What holds for all requests of an engine.

    Args:
        state_memory_bytes: Room for the KV states of conversations that are not in the context
            just now; 0 keeps none in memory.
        state_disk_bytes: The same on disk; 0 keeps none there.
        state_folder: Where those lie; None keeps none on disk.
        idle_unload_s: The model is unloaded after so long without a request, and loaded again by
            the next one; 0 keeps it.
        prepares_next_turn: After an answer, while nothing is asked, evaluate what the next prompt
            will have in its place: an answer without its thinking.
    """

    state_memory_bytes: int = 1 << 30
    state_disk_bytes: int = 8 << 30
    state_folder: Path | None = None
    idle_unload_s: float = 0.0
    prepares_next_turn: bool = True


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter in GGUF: it changes weights of the model it was made for, times `scale`."""

    path: Path
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class ModelParams:
    """Which model to run and how; two equal values mean the same loaded model.

    Args:
        path: The GGUF file (for a split model, its first part).
        n_ctx: Context length in tokens; 0 takes the model's own, at most 8192.
        n_gpu_layers: Layers to offload; -1 offloads all that the build can.
        n_threads: Threads for decoding; 0 takes the physical cores, less one where there are more
            than two.
        n_expert_layers: Layers on devices whose routed experts lie there too; -1: as many as fit.
        max_device_bytes: Memory to use of each device; 0: all that is free.
        kv_type: Type of the KV cache, such as "f16" or "q8_0".
        rpc_servers: `host:port` of workers on other machines, used like graphics cards.
        n_batch: Tokens of one prefill step; 0 takes `N_BATCH`.
        flash_attention: "on", "off", or "auto", which leaves it to llama.cpp.
        gives_way: Compute threads that wait for others soon give their core away, instead of
            spinning: a little slower on a quiet machine, much faster beside a busy program.
        adapters: What changes the model's weights.
    """

    path: Path
    n_ctx: int = 0
    n_gpu_layers: int = -1
    n_threads: int = 0
    n_expert_layers: int = -1
    max_device_bytes: int = 0
    kv_type: str = "f16"
    rpc_servers: tuple[str, ...] = ()
    n_batch: int = 0
    flash_attention: str = "auto"
    gives_way: bool = False
    adapters: tuple[Adapter, ...] = ()

    @property
    def step_tokens(self) -> int:
        """Tokens of one prefill step."""
        return self.n_batch or N_BATCH


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn; None leaves a value to the model's own defaults.

    Names, units and neutral values are llama.cpp's; `inference.sampling` has the ranges. A value
    outside of its range is an error before anything is evaluated.

    Args:
        temperature: 0 is greedy: the likeliest token after biases and penalties.
        top_k: 0 switches it off.
        seed: None draws a fresh one.
        max_tokens: 0 means up to the end of the context.
        dynatemp_range: The temperature moves this far up and down with the entropy.
        top_n_sigma: 0 switches it off.
        penalty_last_n: Tokens that the three penalties look at, prompt included; -1 is the context.
        dry_last_n: The same for DRY.
        dry_breakers: Texts that end a repetition.
        mirostat: 0 is off; 1 and 2 are its versions, which replace all links but the penalties.
        order: Names of the links from first to last; a link that is not named is not used.
        logit_bias: What is added to the logit of a token, given by its id, or of all the tokens
            of a text; minus infinity forbids it.
        stop: The answer ends before the first of these texts.
    """

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    seed: int | None = None
    max_tokens: int = 0
    dynatemp_range: float | None = None
    dynatemp_exponent: float | None = None
    typical_p: float | None = None
    top_n_sigma: float | None = None
    xtc_probability: float | None = None
    xtc_threshold: float | None = None
    penalty_last_n: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    dry_multiplier: float | None = None
    dry_base: float | None = None
    dry_allowed_length: int | None = None
    dry_last_n: int | None = None
    dry_breakers: tuple[str, ...] | None = None
    mirostat: int | None = None
    mirostat_tau: float | None = None
    mirostat_eta: float | None = None
    order: tuple[str, ...] | None = None
    logit_bias: tuple[tuple[int | str, float], ...] = ()
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Load a model and stop there."""

    id: str
    model: ModelParams


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """Answer the last message, loading the model first if it is not loaded.

    With `continue_last` the last message is an assistant's that was cut off; the events carry only
    what comes after it.

    Args:
        grammar: What the answer must follow, in llama.cpp's GBNF; thinking is free. It describes
            what is generated, so also with `continue_last` only that.
        json_schema: The same as a JSON schema, in JSON; only one of the two can be given.
        thinking: Whether the model is to think first; without effect on one that cannot.
        thinking_budget: After so many tokens the thinking is closed and the answer begins; None
            sets no limit.
        use_chatml: The ChatML layout instead of the model's own template, where that one fails.
        tools: A JSON list of tools, as the model's template takes it. Only then calls in the reply
            become `ToolCall` events.
        conversation: Which conversation this belongs to, so that its KV state is found again;
            empty where it belongs to none.
        rank: A request of lower rank leaves the KV state of the one on the screen as it was.
        is_private: Nothing of it goes to the disk.
        context_policy: What happens when the messages and room for the answer do not fit.
        summary: What an earlier `MessagesUnseen` brought, as it was or edited. Without it the
            messages count as not summarised.
        record_experts: Tell with `ExpertCounts` which experts are picked, where the model has any.
            The first such request makes the context anew, and so does the next one without.
    """

    id: str
    model: ModelParams
    messages: tuple[ChatMessage, ...]
    sampling: Sampling = field(default_factory=Sampling)
    continue_last: bool = False
    grammar: str = ""
    json_schema: str = ""
    thinking: Thinking = Thinking.AUTO
    thinking_budget: int | None = None
    use_chatml: bool = False
    tools: str = ""
    conversation: str = ""
    rank: Rank = Rank.SCREEN
    is_private: bool = False
    context_policy: ContextPolicy = ContextPolicy.DROP_OLDEST
    summary: Summary | None = None
    record_experts: bool = False


@dataclass(frozen=True, slots=True)
class BenchRequest:
    """Measure a model's speed, loading it first if it is not loaded.

    At each of `depths` the KV cache holds that many tokens; behind them `n_prompt` tokens are
    evaluated in batches (prefill) and `n_generate` one by one (decode), `repetitions` times each
    after one that is not counted. The context must hold the deepest of these.
    """

    id: str
    model: ModelParams
    depths: tuple[int, ...]
    n_prompt: int = 512
    n_generate: int = 128
    repetitions: int = 5


@dataclass(frozen=True, slots=True)
class CountRequest:
    """Count the tokens of a prompt that may be sent. No model is loaded for it.

    Args:
        messages: The conversation; the last message is the question that is being written.
        texts: Texts in it, each of which is counted alone as well.
        summary: As in `GenerateRequest`.
    """

    id: str
    model: ModelParams
    messages: tuple[ChatMessage, ...]
    texts: tuple[str, ...] = ()
    summary: Summary | None = None


Request = LoadRequest | GenerateRequest | BenchRequest | CountRequest


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """A model is being read; `fraction` goes from 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """The model is ready. Sizes in bytes, lengths in tokens; `device` as a person would name it.

    `placement` says where the layers lie, `memory_bytes` how much each device holds ("CPU" is the
    system's memory), `notes` which devices are not used and why, and what was changed to load.
    `thinks` says whether the model's template knows thinking, `sampling` what holds where a request
    says nothing.
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


@dataclass(frozen=True, slots=True)
class PrefillProgress:
    """The prompt is being evaluated: `done` of `total` tokens are in the KV cache."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SummaryProgress:
    """The oldest messages are being summarised; `fraction` goes from 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class SummaryDelta:
    """More of the summary that is being written; long ones part by part, the last holds all."""

    text: str


@dataclass(frozen=True, slots=True)
class MessagesUnseen:
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


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """More of the thinking that comes before the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model calls a tool of the request's; `arguments` is JSON as the model wrote it."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ExpertCounts:
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


@dataclass(frozen=True, slots=True)
class Finished:
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


@dataclass(frozen=True, slots=True)
class BenchPoint:
    """What was measured at one depth: the time of each repetition in nanoseconds."""

    depth: int
    prefill_ns: tuple[int, ...]
    decode_ns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a prompt that is not sent yet has in tokens; all 0 where the model is not loaded.

    Args:
        n_prompt: The whole prompt. One that is far too long is estimated, never below the context.
        n_question: System prompts and the last message alone: what no policy leaves out.
        n_ctx: Context length of the loaded model.
        texts: Of each of the request's texts.
    """

    n_prompt: int
    n_question: int
    n_ctx: int
    texts: tuple[int, ...] = ()


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


class Engine(Protocol):
    """Runs one request at a time; further ones wait for it."""

    def run(self, request: Request) -> Iterator[Event]:
        """Carry out a request.

        Returns:
            Events; after `cancel` the last one is `Finished` with reason CANCELLED, where loading
            was cancelled without any `Loaded` before it.

        Raises:
            EngineError: From the iterator. The engine can be used again afterwards.
        """
        ...

    def cancel(self, request_id: str) -> None:
        """Ask a request to end soon, queued or running; any thread. An unknown id is ignored."""
        ...

    def close(self) -> None:
        """Give everything back; nothing can be run afterwards."""
        ...


class ConfigurableEngine(Engine, Protocol):
    """An engine on this computer: it has options."""

    def configure(self, options: EngineOptions) -> None:
        """Let these options hold from the next request on."""
        ...
