"""What counts of experts say: who is used most, how evenly, and the same as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict

from inference.engine import ExpertCounts, Finished
from inference.errors import NoExperts

if TYPE_CHECKING:
    from inference.gguf_header import GgufHeader


class Part(StrEnum):
    """Which tokens are meant."""

    ANSWER = "answer"
    PROMPT = "prompt"


class LayerUse(Struct, frozen=True):
    """How one layer used its experts: `counts[n]` times expert `n`, `n_used` for each token."""

    layer: int
    counts: tuple[int, ...]
    n_used: int

    @property
    def n_tokens(self) -> int:
        """Tokens that the layer routed."""
        return sum(self.counts) // self.n_used

    @property
    def shares(self) -> tuple[float, ...]:
        """The part of the tokens that picked each expert; they add up to `n_used`."""
        return tuple(count / max(1, self.n_tokens) for count in self.counts)

    @property
    def balance(self) -> float:
        """Entropy of the picks, as a part of the largest that `n` experts allow: 1 is even use.

        Few tokens cannot reach all experts, so they cannot reach 1 either.
        """
        total = sum(self.counts)
        if total == 0 or len(self.counts) < 2:
            return 0.0
        parts = [count / total for count in self.counts if count]
        return -sum(part * math.log(part) for part in parts) / math.log(len(self.counts))

    @property
    def n_unused(self) -> int:
        """Experts that no token picked."""
        return self.counts.count(0)

    def most_used(self, n: int) -> list[tuple[int, float]]:
        """The `n` experts with the largest shares, the largest first; none that was never used."""
        order = sorted(range(len(self.counts)), key=lambda expert: -self.counts[expert])
        return [(expert, self.shares[expert]) for expert in order[:n] if self.counts[expert]]


def check_has_experts(header: GgufHeader) -> None:
    """Refuse a model of one piece.

    Raises:
        NoExperts: It has no routed experts.
    """
    if header.arch_number("expert_count") > 0:
        return
    raise NoExperts(
        "This model has no experts",
        f"{header.path.name} ({header.architecture}) names no expert_count: each token uses all "
        "of its weights.",
        "Choose a mixture of experts, such as one of the families qwen3moe, deepseek2 or gpt-oss.",
    )


def layer_uses(counts: ExpertCounts, part: Part) -> list[LayerUse]:
    """What each layer with experts did for these tokens."""
    rows = counts.answer if part is Part.ANSWER else counts.prompt
    return [
        LayerUse(layer, row, counts.n_used) for layer, row in zip(counts.layers, rows, strict=True)
    ]


def as_json(path: Path, answer: str, counts: ExpertCounts, finished: Finished) -> str:
    """One object: the counts of both parts, and what they say of each layer."""
    report: dict[str, Any] = {
        "model_filename": str(path),
        "n_experts": counts.n_experts,
        "n_used": counts.n_used,
        "answer_text": answer,
        "finished": asdict(finished),
    }
    for part in Part:
        report[part] = [_object(use) for use in layer_uses(counts, part)]
    return json.dumps(report, indent=2)


def _object(use: LayerUse) -> dict[str, Any]:
    return {
        "layer": use.layer,
        "n_tokens": use.n_tokens,
        "balance": round(use.balance, 4),
        "n_unused": use.n_unused,
        "counts": list(use.counts),
    }


def mean_balance(uses: Sequence[LayerUse]) -> float:
    """The balance of all layers together."""
    return sum(use.balance for use in uses) / max(1, len(uses))
