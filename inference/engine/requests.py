"""What can be asked of an engine, and the messages that such a request speaks of."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from inference.engine.parameters import ModelParams, Sampling


class Picture(Struct, frozen=True):
    """A picture in a message: the bytes of a file in one of the formats of `inference.pictures`."""

    data: bytes
    name: str = ""


class ChatMessage(Struct, frozen=True):
    """One message of the prompt. `role` is "system", "user" or "assistant".

    Its pictures stand before its words.
    """

    role: str
    content: str
    thinking: str = ""
    pictures: tuple[Picture, ...] = ()


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


class Summary(Struct, frozen=True):
    """What the prompt holds in place of the oldest messages of a request.

    Args:
        text: The summary.
        n_messages: It stands for so many messages, counted from the first. System prompts at the
            beginning count, although they stay in the prompt.
    """

    text: str
    n_messages: int


class LoadRequest(Struct, frozen=True):
    """Load a model and stop there."""

    id: str
    model: ModelParams


class GenerateRequest(Struct, frozen=True):
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


class BenchRequest(Struct, frozen=True):
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


class CountRequest(Struct, frozen=True):
    """Count the tokens of a prompt that may be sent. No model is loaded for it.

    Args:
        messages: The conversation; the last message is the question that is being written.
        texts: Texts in it, each of which is counted alone as well.
        summary: As in `GenerateRequest`.
        pictures: Pictures in it, each of which is counted alone as well.
    """

    id: str
    model: ModelParams
    messages: tuple[ChatMessage, ...]
    texts: tuple[str, ...] = ()
    summary: Summary | None = None
    pictures: tuple[Picture, ...] = ()


Request = LoadRequest | GenerateRequest | BenchRequest | CountRequest
