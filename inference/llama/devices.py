"""The devices ggml can compute on, through functions that llama_cpp does not wrap."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inference.llama.libraries import declared, ggml, ggml_base
from inference.llama.unused_cards import unused_cards
from inference.memory.placement import Device
from inference.rpc_address import check_worker, is_loopback

# Source: enum ggml_backend_dev_type in ggml/include/ggml-backend.h, ggml 0.25.3. Accelerators are
# BLAS and the like, which compute in system memory.
_CPU, _INTEGRATED, _ACCELERATOR = 0, 2, 3
_RPC = b"RPC"
_RESERVE_BYTES, _RESERVE_SHARE = 512_000_000, 20
"""Left free on each device, for the driver's own buffers: so much, but at most a 20th."""


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device with ggml's handle and the name of its buffers, as they are logged."""

    handle: int
    buffer_name: str
    device: Device


class Devices:
    """Graphics devices and workers: their names and memory."""

    def __init__(self) -> None:
        registry, base = ggml(), ggml_base()
        handle, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
        self._count = declared(registry.ggml_backend_dev_count, number)
        self._get = declared(registry.ggml_backend_dev_get, handle, number)
        self._name = declared(base.ggml_backend_dev_name, text, handle)
        self._description = declared(base.ggml_backend_dev_description, text, handle)
        self._type = declared(base.ggml_backend_dev_type, ctypes.c_int, handle)
        self._registry = declared(base.ggml_backend_dev_backend_reg, handle, handle)
        self._registry_name = declared(base.ggml_backend_reg_name, text, handle)
        self._registry_by_name = declared(registry.ggml_backend_reg_by_name, handle, text)
        self._register = declared(registry.ggml_backend_register, None, handle)
        self._registry_count = declared(base.ggml_backend_reg_dev_count, number, handle)
        self._registry_device = declared(base.ggml_backend_reg_dev_get, handle, handle, number)
        self._address = declared(base.ggml_backend_reg_get_proc_address, handle, handle, text)
        self._buffer_type = declared(base.ggml_backend_dev_buffer_type, handle, handle)
        self._buffer_name = declared(base.ggml_backend_buft_name, text, handle)
        self._system_buffer_type = declared(base.ggml_backend_cpu_buffer_type, handle)
        size = ctypes.POINTER(number)
        self._memory = declared(base.ggml_backend_dev_memory, None, handle, size, size)
        self._workers: dict[str, list[int]] = {}

    @property
    def system_buffer_type(self) -> int:
        """ggml's handle of system memory."""
        return int(self._system_buffer_type())

    def usable(self, rpc_servers: Sequence[str], max_bytes: int = 0) -> list[FoundDevice]:
        """Workers in the given order, then graphics cards; with none of those, integrated ones.

        Args:
            rpc_servers: `host:port` of each worker.
            max_bytes: How much of each may be used; 0: what is free.

        Raises:
            WorkerUnreachable: One of the workers does not answer.
        """
        remote = [device for server in rpc_servers for device in self._worker_devices(server)]
        found = [
            self._found(device, max_bytes, f"worker {server}", shares=is_loopback(server))
            for server in rpc_servers
            for device in self._worker_devices(server)
        ]
        local = [device for device in self.local() if device not in remote]
        for device in self._cards(local) or local:
            integrated = self._type(device) == _INTEGRATED or sys.platform == "darwin"
            words = _text(self._description(device))
            found.append(self._found(device, max_bytes, words, shares=integrated))
        return found

    def not_usable(self) -> str:
        """Sentences on cards of this machine that are not among those `usable` gives."""
        local = self.local()
        cards = self._cards(local)
        sentences = [
            f"{self._words(device)} is not used: it shares the system's memory, and a card with "
            "memory of its own is there."
            for device in local
            if cards and device not in cards
        ]
        known = (self._words(device) for device in local)
        others = unused_cards(known, lambda name: bool(self._registry_by_name(name.encode())))
        return " ".join(part for part in (*sentences, others) if part)

    def _cards(self, local: Sequence[int]) -> list[int]:
        return [device for device in local if self._type(device) != _INTEGRATED]

    def _words(self, device: int) -> str:
        return f"{_text(self._name(device))} ({_text(self._description(device))})"

    def local(self) -> list[int]:
        """Handles of this machine's graphics devices."""
        devices = [self._get(index) for index in range(self._count())]
        return [
            device
            for device in devices
            if self._type(device) not in (_CPU, _ACCELERATOR)
            and self._registry_name(self._registry(device)) != _RPC
        ]

    def all_for_worker(self) -> list[int]:
        """What a worker lends: its graphics devices; without any, its processor."""
        devices = [self._get(index) for index in range(self._count())]
        return self.local() or [device for device in devices if self._type(device) == _CPU]

    def rpc_function(self, name: bytes, result: Any, *arguments: Any) -> Any:
        """A function of the RPC backend; None in a build without it."""
        registry = self._registry_by_name(_RPC)
        address = self._address(registry, name) if registry else None
        return ctypes.CFUNCTYPE(result, *arguments)(address) if address else None

    def _worker_devices(self, server: str) -> list[int]:
        if server not in self._workers:
            check_worker(server)
            add = self.rpc_function(
                b"ggml_backend_rpc_add_server", ctypes.c_void_p, ctypes.c_char_p
            )
            registry = add(server.encode()) if add is not None else None
            count = self._registry_count(registry) if registry else 0
            if registry:
                self._register(registry)
            self._workers[server] = [
                self._registry_device(registry, index) for index in range(count)
            ]
        return self._workers[server]

    def _found(self, handle: int, max_bytes: int, description: str, *, shares: bool) -> FoundDevice:
        free = self._free_bytes(handle)
        free -= min(_RESERVE_BYTES, free // _RESERVE_SHARE)
        return FoundDevice(
            handle,
            _text(self._buffer_name(self._buffer_type(handle))),
            Device(
                name=_text(self._name(handle)),
                free_bytes=min(free, max_bytes) if max_bytes else free,
                description=description,
                shares_system_memory=shares,
            ),
        )

    def _free_bytes(self, device: int) -> int:
        free, capacity = ctypes.c_size_t(), ctypes.c_size_t()
        self._memory(device, ctypes.byref(free), ctypes.byref(capacity))
        return free.value


def _text(words: bytes | None) -> str:
    return (words or b"").decode("utf-8", "replace")
