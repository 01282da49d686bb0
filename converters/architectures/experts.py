"""Experts that a checkpoint stores one by one, stacked as llama.cpp wants them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from converters.architectures.base import Architecture, Named
from converters.tensors import Stacked, TensorSource


class ExpertStacks:
    """Collects the matrices of experts and gives a stack for each kind when a layer is whole.

    Args:
        n_experts: Experts of a layer.
        kinds: Names of the matrices in the checkpoint, in the order in which stacks are given.
        pattern: A tensor's name in the checkpoint; `{layer}`, `{expert}` and `{kind}` stand in it.
        stacked: The name of a stack, as an expert's tensor would be called without its number.
    """

    def __init__(self, n_experts: int, kinds: Sequence[str], pattern: str, stacked: str) -> None:
        self._n_experts = n_experts
        self._kinds = tuple(kinds)
        self._pattern = pattern
        self._stacked = stacked
        parts = {"layer": r"(?P<layer>\d+)", "expert": r"(?P<expert>\d+)"}
        kind = "|".join(re.escape(kind) for kind in kinds)
        self._search = re.compile(
            re.sub(
                r"\\\{(layer|expert|kind)\\\}",
                lambda found: parts.get(found[1], f"(?P<kind>{kind})"),
                re.escape(pattern),
            )
        )
        self._waiting: dict[int, dict[tuple[int, str], TensorSource]] = {}

    def takes(self, name: str) -> bool:
        """Whether the name is that of an expert's tensor."""
        return self._search.fullmatch(name) is not None

    def add(self, name: str, source: TensorSource) -> Iterator[tuple[str, TensorSource]]:
        """Keep a tensor; gives the layer's stacks, under their names, with its last one.

        Raises:
            ValueError: There are more experts than the configuration says, or shapes differ.
        """
        found = self._search.fullmatch(name)
        assert found is not None
        layer, expert = int(found["layer"]), int(found["expert"])
        if expert >= self._n_experts:
            raise ValueError(f"there are {self._n_experts} experts, this is number {expert}")
        kept = self._waiting.setdefault(layer, {})
        kept[expert, found["kind"]] = source
        if len(kept) < self._n_experts * len(self._kinds):
            return
        del self._waiting[layer]
        for kind in self._kinds:
            sources = [kept[number, kind] for number in range(self._n_experts)]
            yield self._stacked.format(layer=layer, kind=kind), Stacked(sources)

    def missing(self) -> Iterator[str]:
        """Names of the tensors without which a layer that was begun stays unfinished."""
        for layer, kept in self._waiting.items():
            for expert in range(self._n_experts):
                for kind in self._kinds:
                    if (expert, kind) not in kept:
                        yield self._pattern.format(layer=layer, expert=expert, kind=kind)


class StackedExperts(Architecture):
    """Architectures whose experts the checkpoint has one by one.

    Attributes:
        expert_kinds: As `kinds` of `ExpertStacks`; by default as in Qwen2-MoE.
        expert_names: As `pattern`.
        stack_names: As `stacked`.
        count_names: What configurations call the number of experts.
    """

    expert_kinds: ClassVar[tuple[str, ...]] = ("down_proj", "gate_proj", "up_proj")
    expert_names: ClassVar[str] = "model.layers.{layer}.mlp.experts.{expert}.{kind}.weight"
    stack_names: ClassVar[str] = "model.layers.{layer}.mlp.experts.{kind}.weight"
    count_names: ClassVar[tuple[str, ...]] = (
        "num_local_experts",
        "num_experts",
        "n_routed_experts",
    )

    def __init__(self, config: Mapping[str, Any], sources: Mapping[str, TensorSource]) -> None:
        super().__init__(config, sources)
        self._experts = ExpertStacks(
            int(self.need(*self.count_names)),
            self.expert_kinds,
            self.expert_names,
            self.stack_names,
        )

    def convert(self, name: str, source: TensorSource, layer: int | None) -> Iterable[Named]:
        """Experts are stacked."""
        if self._experts.takes(name):
            for stacked, stack in self._experts.add(name, source):
                yield self.map_name(stacked), stack
        else:
            yield from super().convert(name, source, layer)

    def leftovers(self) -> Iterable[str]:
        """Experts that did not come."""
        return self._experts.missing()
