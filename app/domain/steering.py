"""What a person sets for a conversation, and the library of system prompts it may be taken from."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, field

from inference.engine import ContextPolicy, Sampling, Thinking


class Steering(Struct, frozen=True):
    """How a conversation is answered; a new one has the defaults.

    Args:
        system_prompt: What the model is told before everything else; empty leaves it to the model.
        model: The file of the model that answers; None: the one chosen for new conversations.
        sampling: Only what differs from the model's own defaults.
        thinking: Whether a model that can think does so first.
        thinking_budget: Tokens of thinking after which the answer begins; None sets no limit.
        policy: What happens when the context is full.
    """

    system_prompt: str = ""
    model: Path | None = None
    sampling: Sampling = field(default_factory=Sampling)
    thinking: Thinking = Thinking.AUTO
    thinking_budget: int | None = None
    policy: ContextPolicy = ContextPolicy.DROP_OLDEST


class Persona(Struct, frozen=True):
    """A system prompt with a name. Conversations copy it: changing it changes none of them."""

    id: int
    name: str
    prompt: str
