"""Chooses what llama.cpp is compiled for, and the settings of that build."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.places import IS_MACOS, IS_WINDOWS
from tools.process import output_of
from tools.steps import StepFailed

STEP = "backend"
BACKENDS = ("cpu", "cuda", "metal", "vulkan")
_BUILD_OF = "llama-cpp-python"


@dataclass(frozen=True)
class Machine:
    """What a build can count on here.

    Args:
        is_macos: Whether Metal is there.
        nvcc: The compiler of the CUDA toolkit; None where there is none.
        has_driver: Whether the library of the NVIDIA driver can be loaded.
        has_gpu: Whether a GPU answers, so that its architecture can be asked for.
        glslc: The shader compiler that Vulkan builds need; None where there is none.
    """

    is_macos: bool
    nvcc: str | None
    has_driver: bool
    has_gpu: bool
    glslc: str | None


def look_at_machine() -> Machine:
    """Find out what this machine offers."""
    return Machine(
        is_macos=IS_MACOS,
        nvcc=_find_nvcc(),
        has_driver=_has_driver(),
        has_gpu="GPU" in (output_of(["nvidia-smi", "-L"]) or ""),
        glslc=shutil.which("glslc"),
    )


def choose(requested: str | None, remembered: str | None, look: Callable[[], Machine]) -> str:
    """The backend to build: the one asked for, else the one before, else what fits.

    A build for CUDA is linked to the driver's library and cannot be loaded without it, so that
    `nvcc` alone is not reason enough for one.
    """
    if requested:
        return requested
    if remembered in BACKENDS:
        return remembered
    machine = look()
    if machine.is_macos:
        return "metal"
    return "cuda" if machine.nvcc and machine.has_driver else "cpu"


def cmake_settings(backend: str, machine: Machine) -> dict[str, str]:
    """The CMake definitions of a build.

    Raises:
        StepFailed: The machine lacks what this backend is built with.
    """
    settings = {"GGML_RPC": "ON"}
    if machine.is_macos:
        settings["GGML_METAL"] = "ON" if backend == "metal" else "OFF"
    elif backend == "metal":
        raise StepFailed(STEP, "Metal exists on macOS only.", "Choose another --backend.")
    if backend == "cuda":
        settings |= _cuda_settings(machine)
    if backend == "vulkan":
        if machine.glslc is None:
            raise StepFailed(STEP, "glslc is not on the PATH.", "Install the Vulkan SDK.")
        settings["GGML_VULKAN"] = "ON"
    return settings


def _cuda_settings(machine: Machine) -> dict[str, str]:
    if machine.nvcc is None:
        raise StepFailed(STEP, "nvcc is not on the PATH.", "Install the CUDA toolkit.")
    settings = {"GGML_CUDA": "ON", "CMAKE_CUDA_COMPILER": machine.nvcc}
    if machine.has_gpu:
        settings["CMAKE_CUDA_ARCHITECTURES"] = "native"
    return settings


def uv_flags(settings: dict[str, str]) -> list[str]:
    """The settings as uv takes them; this way they are part of the key of its cache."""
    flags = []
    for name, value in sorted(settings.items()):
        flags += ["--config-settings-package", f"{_BUILD_OF}:cmake.define.{name}={value}"]
    return flags


def _find_nvcc() -> str | None:
    homes = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"]
    folders = [str(Path(home) / "bin") for home in homes if home]
    return shutil.which("nvcc") or shutil.which("nvcc", path=os.pathsep.join(folders))


def _has_driver() -> bool:
    try:
        ctypes.CDLL("nvcuda.dll" if IS_WINDOWS else "libcuda.so.1")
    except OSError:
        return False
    return True
