"""From a request to a placement: what is free, a first plan, llama.cpp's figures, the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import llama_cpp.llama_cpp as llama
import psutil

from inference.engine import ModelParams
from inference.gguf_header import GgufHeader
from inference.llama.devices import Devices, FoundDevice
from inference.llama.loading import PlacedModel
from inference.llama.measuring import measure
from inference.llama.native_log import NativeLog
from inference.memory.attention_memory import CacheOptions
from inference.memory.placement import SYSTEM, Device, Placement, PlanOptions, gigabytes, plan
from inference.memory.shortage import check_fits

TIGHTENED_SHARE = 0.7
"""After a load that failed, each device is given so much of what it was given before."""
_MEASUREMENTS = 3
_CACHE_ROUNDING = 1 << 20


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """A placement and all it was made of.

    Args:
        changed: What a retry does otherwise.
        not_usable: Sentences on cards that could not be planned with.
    """

    params: ModelParams
    header: GgufHeader
    options: PlanOptions
    devices: tuple[FoundDevice, ...]
    placement: Placement
    changed: str = ""
    not_usable: str = ""

    @property
    def device_names(self) -> str:
        """What computes, as a person would name it."""
        used = [
            found.device.description or found.device.name
            for found, share in zip(self.devices, self.placement.devices, strict=True)
            if share.n_layers
        ]
        return ", ".join(used) or "CPU"

    @property
    def notes(self) -> str:
        """What the user should know: devices that are not used, and what was changed."""
        names = {found.device.name: found.device.description for found in self.devices}
        unused = [
            f"{name} ({names[name]}) is not used: {reason}."
            for name, reason in self.placement.unused.items()
        ]
        return " ".join(part for part in (self.changed, *unused, self.not_usable) if part)


class Planner:
    """Plans loads with the devices of this process."""

    def __init__(self, devices: Devices, log: NativeLog) -> None:
        self._devices = devices
        self._log = log

    def planned(
        self,
        params: ModelParams,
        header: GgufHeader,
        context: llama.llama_context_params,
        reserved_bytes: int = 0,
    ) -> LoadPlan:
        """Plan a load.

        Args:
            params: What was asked for.
            header: The model's.
            context: Of which parameters its context is to be.
            reserved_bytes: What adapters take, which may lie beside any weights; left free
                everywhere.

        Raises:
            ModelTooLarge: It cannot fit.
            WorkerUnreachable: One of the workers does not answer.
        """
        found = tuple(
            _with_less(one, reserved_bytes)
            for one in self._devices.usable(params.rpc_servers, params.max_device_bytes)
        )
        options = PlanOptions(
            cache=CacheOptions(
                n_ctx=context.n_ctx,
                n_ubatch=context.n_ubatch,
                type_k=params.kv_type,
                type_v=params.kv_type,
                swa_full=context.swa_full,
            ),
            system_free_bytes=psutil.virtual_memory().available - reserved_bytes,
            max_gpu_layers=params.n_gpu_layers,
            max_expert_layers=params.n_expert_layers,
        )
        planned = self._measured(params, header, context, found, options)
        return replace(planned, not_usable=self._devices.not_usable())

    def tightened(self, before: LoadPlan, context: llama.llama_context_params) -> LoadPlan | None:
        """A plan that asks less of the devices; None where they were asked for nothing.

        Raises:
            ModelTooLarge: What is taken from the devices does not fit elsewhere.
        """
        if not before.placement.n_gpu_layers:
            return None
        found = tuple(
            replace(
                one,
                device=replace(one.device, free_bytes=int(share.total_bytes * TIGHTENED_SHARE)),
            )
            for one, share in zip(before.devices, before.placement.devices, strict=True)
        )
        after = self._measured(before.params, before.header, context, found, before.options)
        return replace(
            after,
            changed="The devices had less memory than they said. Instead of "
            f"{before.placement.summary()}: {after.placement.summary()}.",
            not_usable=before.not_usable,
        )

    def placed_model(self, load: LoadPlan) -> PlacedModel:
        """What loads the model as planned."""
        return PlacedModel(
            load.params, load.placement, load.devices, self._devices.system_buffer_type
        )

    def _measured(
        self,
        params: ModelParams,
        header: GgufHeader,
        context: llama.llama_context_params,
        found: tuple[FoundDevice, ...],
        options: PlanOptions,
    ) -> LoadPlan:
        """Plan with buffers that take nothing; as long as the real ones do not fit, with those.

        An estimate serves only where llama.cpp refuses to be measured: since it is an upper bound,
        a first plan made with it would leave out small devices.
        """
        devices = [one.device for one in found]
        estimated = plan(header, options, devices)
        hopeful = replace(options, compute_bytes=_no_buffers(devices))
        if not plan(header, hopeful, devices).fits:
            check_fits(header, options, devices, estimated)
        options = hopeful
        for _ in range(_MEASUREMENTS):
            load = LoadPlan(params, header, options, found, plan(header, options, devices))
            measured = measure(self.placed_model(load), context, found, self._log)
            if measured is None:
                check_fits(header, options, devices, estimated)
                return replace(load, placement=estimated)
            actual = load.placement.with_buffers(measured.compute_bytes)
            if actual.fits and _is_about(measured.cache_bytes, actual.cache_bytes):
                return replace(load, placement=actual)
            options = replace(
                options,
                compute_bytes=_at_least(options.compute_bytes, measured.compute_bytes),
                cache_bytes=measured.cache_bytes,
            )
        placement = plan(header, options, devices)
        check_fits(header, options, devices, placement)
        return LoadPlan(params, header, options, found, placement)


def _with_less(found: FoundDevice, n_bytes: int) -> FoundDevice:
    free = max(0, found.device.free_bytes - n_bytes)
    return replace(found, device=replace(found.device, free_bytes=free))


def _no_buffers(devices: Sequence[Device]) -> dict[str, int]:
    return dict.fromkeys((SYSTEM, *(device.name for device in devices)), 0)


def _at_least(before: Mapping[str, int], measured: Mapping[str, int]) -> dict[str, int]:
    """The larger buffers of two measurements."""
    return {name: max(size, measured.get(name, 0)) for name, size in before.items()}


def _is_about(measured: int, planned: int) -> bool:
    return abs(measured - planned) <= max(_CACHE_ROUNDING, planned // 100)


def memory_line(placement: Placement) -> str:
    """Bytes by device, for the log."""
    return ", ".join(
        f"{name} {gigabytes(size)}" for name, size in placement.bytes_by_device.items()
    )
