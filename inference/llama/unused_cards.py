"""Graphics cards that the system shows and llama.cpp does not use, and why.

Of the devices it knows, the plan itself says which it does not use. Here is what it does not know.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_DRM = Path("/sys/class/drm")
"""Where Linux shows cards, whether a driver that computes is there or not."""


@dataclass(frozen=True, slots=True)
class _Maker:
    """One maker of cards.

    Args:
        name: With its article.
        pci: Its number, as Linux writes it.
        backends: ggml's names of what computes on its cards.
        words: One of these is in what ggml calls each of its cards.
    """

    name: str
    pci: str
    backends: tuple[str, ...]
    words: tuple[str, ...]


_NVIDIA = _Maker(
    "An NVIDIA", "0x10de", ("CUDA", "Vulkan"), ("nvidia", "cuda", "geforce", "tesla", "quadro")
)
_MAKERS = (
    _NVIDIA,
    _Maker("An AMD", "0x1002", ("ROCm", "Vulkan"), ("amd", "radeon", "rocm")),
    _Maker("An Intel", "0x8086", ("SYCL", "Vulkan"), ("intel", "sycl")),
)


def unused_cards(
    known: Iterable[str],
    has_backend: Callable[[str], bool],
    drm: Path = _DRM,
    nvidia_driver: Path | None = None,
) -> str:
    """A sentence for each maker whose card the system shows and ggml does not; often none.

    Args:
        known: Names and descriptions of this machine's devices, as ggml has them.
        has_backend: Whether this build of llama.cpp has a backend of that name.
        drm: Where Linux shows cards.
        nvidia_driver: What is there where NVIDIA's driver is; None: where this system has it.
    """
    names = " ".join(known).lower()
    shown = set(_makers_shown(drm, nvidia_driver or _nvidia_driver()))
    missing = [
        maker
        for maker in _MAKERS
        if maker in shown and not any(word in names for word in maker.words)
    ]
    return " ".join(_told(maker, has_backend) for maker in missing)


def _makers_shown(drm: Path, nvidia_driver: Path) -> Iterator[_Maker]:
    if nvidia_driver.exists():
        yield _NVIDIA
    for vendor in drm.glob("card*/device/vendor"):
        try:
            number = vendor.read_text().strip()
        except OSError:
            continue
        yield from (maker for maker in _MAKERS if maker.pci == number)


def _told(maker: _Maker, has_backend: Callable[[str], bool]) -> str:
    found = [name for name in maker.backends if has_backend(name)]
    if found:
        reason = f"{' and '.join(found)} of this build of llama.cpp finds no device to use"
    else:
        reason = f"this build of llama.cpp has no {' or '.join(maker.backends)}"
    return f"{maker.name} card is present but not used: {reason}."


def _nvidia_driver() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "nvcuda.dll")
    return Path("/proc/driver/nvidia/version")
