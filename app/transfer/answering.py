"""How a conversation is answered, as it stands in Conclave's own file."""

from __future__ import annotations

import msgspec

from app.domain.transfer import CarriedSteering
from app.transfer.fields import mapping, text
from inference.engine import Sampling, Thinking

_MAX_INTEGER = 2**63


def steering_fields(steering: CarriedSteering | None) -> dict[str, object] | None:
    """What a file says of it; of the sampling only what differs from the model's own."""
    if steering is None:
        return None
    values, default = (msgspec.to_builtins(each) for each in (steering.sampling, Sampling()))
    return {
        "system_prompt": steering.system_prompt,
        "model": steering.model,
        "sampling": {key: value for key, value in values.items() if value != default[key]},
        "thinking": steering.thinking.value,
        "thinking_budget": steering.thinking_budget,
    }


def read_steering(value: object) -> tuple[CarriedSteering | None, tuple[str, ...]]:
    """How it was answered, and what of that could not be kept."""
    said = mapping(value)
    if not said:
        return None, ()
    faults: list[str] = []
    try:
        sampling = msgspec.convert(mapping(said.get("sampling")), Sampling)
    except (msgspec.ValidationError, OverflowError) as error:
        faults.append(f"sampling that cannot be understood ({error})")
        sampling = Sampling()
    try:
        thinking = Thinking(text(said.get("thinking")) or Thinking.AUTO)
    except ValueError:
        faults.append("a way to think that is not known")
        thinking = Thinking.AUTO
    found = CarriedSteering(
        text(said.get("system_prompt")),
        text(said.get("model")),
        sampling,
        thinking,
        _budget(said.get("thinking_budget")),
    )
    return found, tuple(faults)


def _budget(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _MAX_INTEGER else None
