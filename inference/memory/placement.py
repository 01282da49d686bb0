"""Where a model's layers lie: a pure function of its header, the context and the devices' memory.

Devices stand in llama.cpp's order (workers on other machines first, graphics cards of this one
last) and are filled from the last to the first, so the fastest memory is used first. Layers on
devices are the last ones of the model, without a gap, as llama.cpp wants it. What cannot fit is
refused in `shortage`. Measuring and loading are the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from inference.gguf_header import GgufHeader
from inference.memory.attention_memory import CacheOptions
from inference.memory.model_memory import ModelMemory, estimated_compute, model_memory

SYSTEM = "CPU"
"""The name under which system memory stands beside the devices."""
ALL = -1


@dataclass(frozen=True, slots=True)
class Device:
    """A graphics device, of this machine or behind a worker, with its free memory.

    Args:
        name: ggml's, such as CUDA0 or RPC0.
        free_bytes: What may be used of it.
        description: As a person would name it.
        shares_system_memory: What it uses is taken from the system's memory.
    """

    name: str
    free_bytes: int
    description: str = ""
    shares_system_memory: bool = False


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What to plan for.

    Args:
        cache: Context length and types of the KV cache.
        system_free_bytes: Free system memory.
        max_gpu_layers: Layers to put on devices at most (the output counts as one); -1: all.
        max_expert_layers: Layers of these whose routed experts may lie there; -1: all.
        compute_bytes: Measured compute buffers by device; where one is missing, it is estimated.
        cache_bytes: The measured size of the whole cache; 0 takes what the header says.
    """

    cache: CacheOptions
    system_free_bytes: int
    max_gpu_layers: int = ALL
    max_expert_layers: int = ALL
    compute_bytes: Mapping[str, int] = field(default_factory=dict)
    cache_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What one device, or the system's memory, holds."""

    name: str
    free_bytes: int
    n_layers: int = 0
    weights_bytes: int = 0
    cache_bytes: int = 0
    compute_bytes: int = 0
    shares_system_memory: bool = False

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.cache_bytes + self.compute_bytes


@dataclass(frozen=True, slots=True)
class Placement:
    """Who holds what.

    Args:
        system: The share of system memory.
        devices: One share for each device, in their order; of unused ones an empty one.
        n_layers: Layers of the model and one for its output.
        experts_in_memory: Layers on devices whose routed experts stay in system memory.
        unused: Why a device is not used, by its name.
    """

    system: Share
    devices: tuple[Share, ...]
    n_layers: int
    experts_in_memory: tuple[int, ...]
    unused: Mapping[str, str]

    @property
    def fits(self) -> bool:
        """Whether every share is within its free memory."""
        shared = sum(share.total_bytes for share in self.devices if share.shares_system_memory)
        within = all(share.total_bytes <= share.free_bytes for share in self.devices)
        return within and self.system.total_bytes + shared <= self.system.free_bytes

    @property
    def n_gpu_layers(self) -> int:
        """Layers on devices, the output counted as one."""
        return sum(share.n_layers for share in self.devices)

    @property
    def total_bytes(self) -> int:
        """Of all shares."""
        return self.system.total_bytes + sum(share.total_bytes for share in self.devices)

    @property
    def cache_bytes(self) -> int:
        """KV cache and recurrent states of all shares."""
        return self.system.cache_bytes + sum(share.cache_bytes for share in self.devices)

    @property
    def bytes_by_device(self) -> dict[str, int]:
        """Bytes of each that holds something."""
        shares = (self.system, *self.devices)
        return {share.name: share.total_bytes for share in shares if share.total_bytes}

    def with_buffers(self, compute_bytes: Mapping[str, int]) -> Placement:
        """The same placement with compute buffers of these sizes."""

        def known(share: Share) -> Share:
            return replace(share, compute_bytes=compute_bytes.get(share.name, 0))

        devices = tuple(known(share) for share in self.devices)
        return replace(self, system=known(self.system), devices=devices)

    def summary(self) -> str:
        """The placement in one sentence."""
        if not self.n_gpu_layers:
            return f"all {self.n_layers} layers in system memory"
        used = [share for share in self.devices if share.n_layers]
        words = ", ".join(f"{share.n_layers} layers on {share.name}" for share in used)
        if len(used) == 1 and self.n_gpu_layers == self.n_layers:
            words = f"all {self.n_layers} layers on {used[0].name}"
        elif self.n_gpu_layers < self.n_layers:
            words += f", {self.n_layers - self.n_gpu_layers} in system memory"
        if self.experts_in_memory:
            words += f"; experts of {len(self.experts_in_memory)} of them in system memory"
        return words


def plan(header: GgufHeader, options: PlanOptions, devices: Sequence[Device] = ()) -> Placement:
    """Place a model; whether it fits stands in the result."""
    memory = _with_measured_cache(model_memory(header, options.cache), options.cache_bytes)
    return _Plan(memory, options, devices, estimated_compute(header, options.cache)).made()


def _with_measured_cache(memory: ModelMemory, measured: int) -> ModelMemory:
    """The cache as measured, laid out over the layers as the header says."""
    if measured <= 0 or measured == memory.cache:
        return memory
    n_layer = max(1, len(memory.layers))
    layers = tuple(
        replace(
            layer,
            cache=measured * layer.cache // memory.cache if memory.cache else measured // n_layer,
        )
        for layer in memory.layers
    )
    return replace(memory, layers=layers)


class _Plan:
    """One placement in the making; a unit is a layer or, the last one, the output."""

    def __init__(
        self,
        memory: ModelMemory,
        options: PlanOptions,
        devices: Sequence[Device],
        estimated: int,
    ) -> None:
        self.memory = memory
        self.options = options
        self.devices = devices
        self.estimated = estimated
        self.fixed = [*(layer.without_experts for layer in memory.layers), memory.output]
        self.experts = [*(layer.experts for layer in memory.layers), 0]
        self.rooms = [max(0, device.free_bytes - self._compute(device.name)) for device in devices]
        n_units = len(self.fixed)
        limit = options.max_gpu_layers
        self.first_allowed = 0 if limit == ALL else max(0, n_units - limit)
        self.unused: dict[str, str] = {}

    def made(self) -> Placement:
        """Everything whole on devices; else what goes first, then experts as far as they fit."""
        whole = [one + two for one, two in zip(self.fixed, self.experts, strict=True)]
        owners = self._filled(whole, self.rooms)
        everything = all(owner is not None for owner in owners)
        if everything and self.options.max_expert_layers == ALL:
            return self._placement(owners, set())
        if not self.memory.has_experts:
            return self._placement(owners, set())
        owners = self._spread(whole)
        return self._placement(owners, self._experts_left_out(owners))

    def _compute(self, name: str) -> int:
        return self.options.compute_bytes.get(name, self.estimated)

    def _filled(self, sizes: Sequence[int], rooms: Sequence[int]) -> list[int | None]:
        """The device of each unit, filled from the last unit and the last device backwards."""
        owners: list[int | None] = [None] * len(sizes)
        if not rooms:
            return owners
        device, room = len(rooms) - 1, rooms[-1]
        for unit in reversed(range(self.first_allowed, len(sizes))):
            while sizes[unit] > room and device > 0:
                device -= 1
                room = rooms[device]
            if sizes[unit] > room:
                break
            room -= sizes[unit]
            owners[unit] = device
        return owners

    def _spread(self, whole: Sequence[int]) -> list[int | None]:
        """Units with room for all but their experts; several devices get even parts of those.

        An even part is what a device's room is of all rooms. Were the units packed as tightly as
        they can, one device would hold all attention and the others would have nothing that
        experts may lie beside.
        """
        owners = self._filled(self.fixed, self.rooms)
        if len(self.devices) < 2 or None in owners[self.first_allowed :]:
            return owners
        total, room = sum(whole[self.first_allowed :]), max(1, sum(self.rooms))
        even = [total * one // room + max(whole, default=0) for one in self.rooms]
        parts: list[int | None] = [None] * len(whole)
        device = len(self.rooms) - 1
        left, left_even = self.rooms[device], even[device]
        for unit in reversed(range(self.first_allowed, len(whole))):
            while device >= 0 and (self.fixed[unit] > left or whole[unit] > left_even):
                device -= 1
                if device >= 0:
                    left, left_even = self.rooms[device], even[device]
            if device < 0:
                return owners
            left -= self.fixed[unit]
            left_even -= whole[unit]
            parts[unit] = device
        return parts

    def _experts_left_out(self, owners: Sequence[int | None]) -> set[int]:
        """Layers on devices whose experts do not fit beside the rest."""
        left = list(self.rooms)
        for unit, owner in enumerate(owners):
            if owner is not None:
                left[owner] -= self.fixed[unit]
        allowed = self.options.max_expert_layers
        out: set[int] = set()
        for unit in reversed(range(len(owners))):
            owner = owners[unit]
            if owner is None or not self.experts[unit]:
                continue
            if allowed and self.experts[unit] <= left[owner]:
                left[owner] -= self.experts[unit]
                allowed -= 1
            else:
                out.add(unit)
        return out

    def _placement(self, owners: Sequence[int | None], out: set[int]) -> Placement:
        shares = [
            Share(
                device.name,
                device.free_bytes,
                shares_system_memory=device.shares_system_memory,
            )
            for device in self.devices
        ]
        system = Share(
            SYSTEM,
            self.options.system_free_bytes,
            weights_bytes=self.memory.input,
            compute_bytes=self.options.compute_bytes.get(SYSTEM, self.estimated),
        )
        for unit, owner in enumerate(owners):
            if owner is None:
                tied = self.memory.tied if unit == len(self.memory.layers) else 0
                system = self._added(system, unit, self.experts[unit] - tied)
                continue
            beside = 0 if unit in out else self.experts[unit]
            shares[owner] = self._added(shares[owner], unit, beside)
            if unit in out:
                weights = system.weights_bytes + self.experts[unit]
                system = replace(system, weights_bytes=weights)
        shares = [
            replace(share, compute_bytes=self._compute(share.name)) if share.n_layers else share
            for share in shares
        ]
        return Placement(
            system=system,
            devices=tuple(shares),
            n_layers=len(owners),
            experts_in_memory=tuple(sorted(out)),
            unused=self._why_unused(shares, None not in owners),
        )

    def _added(self, share: Share, unit: int, more_weights: int) -> Share:
        layers = self.memory.layers
        cache = layers[unit].cache if unit < len(layers) else 0
        return replace(
            share,
            n_layers=share.n_layers + 1,
            weights_bytes=share.weights_bytes + self.fixed[unit] - cache + more_weights,
            cache_bytes=share.cache_bytes + cache,
        )

    def _why_unused(self, shares: Sequence[Share], all_placed: bool) -> dict[str, str]:
        reasons = {}
        for share in shares:
            if share.n_layers:
                continue
            if self.options.max_gpu_layers == 0:
                reasons[share.name] = "no layers are to be put on devices"
            elif all_placed:
                reasons[share.name] = "the model fits without it"
            else:
                needed = self._compute(share.name) + min(self.fixed, default=0)
                reasons[share.name] = (
                    f"it has {gigabytes(share.free_bytes)} free, and one layer with its "
                    f"buffers takes {gigabytes(needed)}"
                )
        return reasons


def gigabytes(n_bytes: int) -> str:
    """A size as people read it."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
