"""Seeded weights in the forms in which checkpoints store them.

Only raw words of PCG64 are used: numpy promises that stream for ever, unlike its distributions.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Largest finite magnitude that is drawn for FP8: exponent 14 of 15, so the NaN codes stay out.
_E4M3_CODES = 0x77
BLOCK = 128


@dataclass(frozen=True)
class Stored:
    """A tensor as it lies in a safetensors file."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


def words(seed: str, count: int) -> NDArray[np.uint16]:
    """`count` random 16-bit words that depend on `seed` alone; shape (count,)."""
    raw = np.random.PCG64(zlib.crc32(seed.encode())).random_raw(-(-count // 4))
    return raw.astype("<u8").view("<u2")[:count]


def draw(seed: str, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Values for the tensor `name`, of a size that keeps activations near 1; shape as asked."""
    middle, width = _range(name, shape)
    unit = words(f"{seed}/{name}", math.prod(shape)).astype(np.float32) / 32768 - 1
    return (middle + width * unit).astype(np.float32).reshape(shape)


def _range(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """Middle and half width of the uniform values of a tensor."""
    if "norm" in name.split(".")[-2] and name.endswith("weight"):
        return 1.0, 0.25
    if name.endswith("bias") or name.endswith("sinks"):
        return 0.0, 0.3
    if "embed_tokens" in name:
        return 0.0, 1.7
    # sqrt(3 / n) gives a product of variance 1.
    gain = 2.5 if "lm_head" in name or _is_router(name) else 1.0
    columns = shape[-2] if _is_transposed(name) else shape[-1]
    return 0.0, gain * math.sqrt(3 / columns)


def _is_router(name: str) -> bool:
    return name.endswith((".gate.weight", "router.weight", "router.layer.weight"))


def _is_transposed(name: str) -> bool:
    """The experts of gpt-oss are stored as (expert, in, out) when they are not packed."""
    return name.endswith(("experts.gate_up_proj", "experts.down_proj"))


def bf16(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The upper half of each float: BF16, rounded towards zero; shape as given."""
    return (values.view(np.uint32) >> 16).astype("<u2")


def bf16_values(codes: NDArray[np.uint16]) -> NDArray[np.float32]:
    """What BF16 codes mean; shape as given."""
    return (codes.astype(np.uint32) << 16).view(np.float32)


def store(values: NDArray[np.float32], dtype: str) -> Stored:
    """The tensor as `dtype`: F32, F16 or BF16."""
    if dtype == "BF16":
        data = bf16(values).tobytes()
    else:
        data = values.astype({"F32": "<f4", "F16": "<f2"}[dtype]).tobytes()
    return Stored(dtype, values.shape, data)


def load(stored: Stored) -> NDArray[np.float32]:
    """The values of a tensor that `store` made; shape as stored."""
    if stored.dtype == "BF16":
        flat = bf16_values(np.frombuffer(stored.data, "<u2"))
    else:
        flat = np.frombuffer(stored.data, {"F32": "<f4", "F16": "<f2"}[stored.dtype])
    return flat.astype(np.float32).reshape(stored.shape)


def e4m3_values() -> NDArray[np.float32]:
    """What each of the 256 codes of FP8 e4m3 (without infinities) means; shape (256,).

    Source: https://arxiv.org/abs/2209.05433, table 1.
    """
    codes = np.arange(256)
    exponent, fraction = (codes >> 3) & 15, (codes & 7) / 8
    normal = np.exp2(exponent - 7.0) * (1 + fraction)
    values = np.where(exponent == 0, fraction * 2.0**-6, normal)
    values = np.where((codes & 0x7F) == 0x7F, np.nan, values)
    return np.where(codes & 0x80, -values, values).astype(np.float32)


def fp8_blocks(
    seed: str, name: str, shape: tuple[int, int], power_of_two: bool
) -> tuple[Stored, Stored]:
    """FP8 codes, and one float32 scale for each 128 x 128 block, as DeepSeek publishes them."""
    rows, columns = shape
    random = words(f"{seed}/{name}/codes", rows * columns)
    # Mostly large codes, so that the values are spread about as those of a trained matrix.
    magnitude = 0x38 + (random & 0xFF) % (_E4M3_CODES - 0x38)
    codes = (magnitude | ((random >> 8) & 0x80)).astype(np.uint8)
    grid = (-(-rows // BLOCK), -(-columns // BLOCK))
    unit = words(f"{seed}/{name}/scales", grid[0] * grid[1]).astype(np.float32) / 65536
    # The root mean square of such codes is about 85.
    scales = (0.75 + 0.5 * unit) / (85 * math.sqrt(columns))
    if power_of_two:
        scales = np.exp2(np.round(np.log2(scales)))
    scale_data = scales.astype("<f4").tobytes()
    return Stored("F8_E4M3", shape, codes.tobytes()), Stored("F32", grid, scale_data)


def fp8_values(codes: Stored, scales: Stored) -> NDArray[np.float32]:
    """What `fp8_blocks` stored; shape (rows, columns)."""
    values = e4m3_values()[np.frombuffer(codes.data, np.uint8)].reshape(codes.shape)
    grid = np.frombuffer(scales.data, "<f4").reshape(scales.shape)
    spread = np.repeat(np.repeat(grid, BLOCK, 0), BLOCK, 1)
    return (values * spread[: codes.shape[0], : codes.shape[1]]).astype(np.float32)


def mxfp4(seed: str, name: str, shape: tuple[int, int, int]) -> tuple[Stored, Stored]:
    """Packed FP4 codes (expert, row, block, 16) and one power of two for each 32 values."""
    experts, rows, columns = shape
    blocks = (experts, rows, columns // 32, 16)
    codes = words(f"{seed}/{name}/codes", math.prod(blocks)).astype(np.uint8)
    spread = words(f"{seed}/{name}/scales", math.prod(blocks[:3])) % 3
    # The root mean square of random FP4 codes is about 3; 127 stands for 1.
    middle = 127 - round(math.log2(3 * math.sqrt(columns)))
    scales = (middle - 1 + spread).astype(np.uint8)
    return Stored("U8", blocks, codes.tobytes()), Stored("U8", blocks[:3], scales.tobytes())


def mxfp4_values(codes: Stored, scales: Stored) -> NDArray[np.float32]:
    """What `mxfp4` stored; shape (experts, rows, columns).

    Source: OCP Microscaling Formats (MX) Specification 1.0, sections 5.3.3 (E2M1) and 5.4.1.
    """
    table = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], np.float32)
    table = np.concatenate([table, -table])
    packed = np.frombuffer(codes.data, np.uint8).reshape(codes.shape)
    values = np.stack([table[packed & 15], table[packed >> 4]], -1)
    exponents = np.frombuffer(scales.data, np.uint8).reshape(scales.shape).astype(np.float32)
    values = values.reshape(*codes.shape[:3], 32) * np.exp2(exponents - 127)[..., None]
    return values.reshape(*codes.shape[:2], -1).astype(np.float32)
