"""Small whole projectors with random weights, and what one of them makes of a picture.

Keys, names and shapes follow tools/mtmd/clip.cpp of llama.cpp; shapes stand here in ggml's order.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
from PIL import Image

from inference.engine import Picture
from tests.inference.tiny_models import N_EMBD, Shapes

EDGE, PATCH, WIDTH, N_FF, N_HEAD, MERGE = 32, 4, 32, 64, 2, 2
N_PATCHES = (EDGE // PATCH) ** 2
N_TOKENS = N_PATCHES // MERGE**2
"""Of a picture of `EDGE` x `EDGE` pixels."""
_EPS = 1e-6

Numbers = npt.NDArray[np.float32]


def write_tiny_projector(path: Path, kind: str = "gemma3", n_embd: int = N_EMBD) -> Path:
    """Write a projector of random float32 weights.

    Args:
        kind: "gemma3" (read all at once, positions as of words) or "qwen2vl_merger" (positions in
            two dimensions).
        n_embd: For models with embeddings of so many numbers.
    """
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_string("clip.projector_type", kind)
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_bool("clip.use_gelu", True)
    for key, value in {
        "image_size": EDGE,
        "patch_size": PATCH,
        "embedding_length": WIDTH,
        "feed_forward_length": N_FF,
        "projection_dim": n_embd,
        "block_count": 1,
        "attention.head_count": N_HEAD,
        "projector.scale_factor": MERGE,
    }.items():
        writer.add_uint32(f"clip.vision.{key}", value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", _EPS)
    writer.add_array("clip.vision.image_mean", [0.5] * 3)
    writer.add_array("clip.vision.image_std", [0.5] * 3)
    for name, weights in _weights(kind, n_embd).items():
        writer.add_tensor(name, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def picture(seed: int, edge: int = EDGE, name: str = "") -> Picture:
    """A picture of random pixels, as PNG."""
    file = BytesIO()
    Image.fromarray(random_pixels(seed, edge)).save(file, "PNG")
    return Picture(file.getvalue(), name)


def random_pixels(seed: int, edge: int = EDGE) -> npt.NDArray[np.uint8]:
    """Squares of random colours: red, green and blue, (edge, edge, 3)."""
    colours = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return colours.repeat(edge // 4, axis=0).repeat(edge // 4, axis=1)


def embeddings(pixels: npt.NDArray[np.uint8]) -> Numbers:
    """What the "gemma3" projector makes of a picture of its own size, (N_TOKENS, N_EMBD).

    Written from the formulas of SigLIP (https://arxiv.org/abs/2303.15343) and Gemma 3
    (https://arxiv.org/abs/2503.19786).
    """
    weights = _weights("gemma3", N_EMBD)
    image = (pixels.astype(np.float32) / 255 - 0.5) / 0.5
    n = EDGE // PATCH
    # (row, y, column, x, channel) -> (row and column, channel, y, x)
    patches = image.reshape(n, PATCH, n, PATCH, 3).transpose(0, 2, 4, 1, 3).reshape(N_PATCHES, -1)
    kernel = weights["v.patch_embd.weight"].reshape(WIDTH, -1)
    x = patches @ kernel.T + weights["v.patch_embd.bias"] + weights["v.position_embd.weight"]
    x = x + _attention(_normed(x, weights, "v.blk.0.ln1"), weights)
    hidden = _linear(_normed(x, weights, "v.blk.0.ln2"), weights, "v.blk.0.ffn_up")
    x = x + _linear(_gelu(hidden), weights, "v.blk.0.ffn_down")
    x = _normed(x, weights, "v.post_ln")
    m = n // MERGE
    pooled = x.reshape(m, MERGE, m, MERGE, WIDTH).mean(axis=(1, 3)).reshape(N_TOKENS, WIDTH)
    scale = np.sqrt((pooled**2).mean(axis=1, keepdims=True) + _EPS)
    normed = pooled / scale * weights["mm.soft_emb_norm.weight"]
    result: Numbers = (normed @ weights["mm.input_projection.weight"]).astype(np.float32)
    return result


def _attention(x: Numbers, weights: dict[str, Numbers]) -> Numbers:
    def heads(name: str) -> Numbers:
        y = _linear(x, weights, f"v.blk.0.attn_{name}")
        return y.reshape(N_PATCHES, N_HEAD, WIDTH // N_HEAD).transpose(1, 0, 2)

    scores = heads("q") @ heads("k").transpose(0, 2, 1) / np.sqrt(WIDTH // N_HEAD)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    joined = (shares @ heads("v")).transpose(1, 0, 2).reshape(N_PATCHES, WIDTH)
    return _linear(joined, weights, "v.blk.0.attn_out")


def _linear(x: Numbers, weights: dict[str, Numbers], name: str) -> Numbers:
    result: Numbers = x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
    return result


def _normed(x: Numbers, weights: dict[str, Numbers], name: str) -> Numbers:
    spread = np.sqrt(x.var(axis=1, keepdims=True) + _EPS)
    normed = (x - x.mean(axis=1, keepdims=True)) / spread
    result: Numbers = normed * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return result


def _gelu(x: Numbers) -> Numbers:
    result: Numbers = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return result


def _weights(kind: str, n_embd: int) -> dict[str, Numbers]:
    shapes: Shapes = {"v.patch_embd.weight": (PATCH, PATCH, 3, WIDTH)}
    if kind == "gemma3":
        shapes |= {
            "v.patch_embd.bias": (WIDTH,),
            "v.position_embd.weight": (WIDTH, N_PATCHES),
            "mm.input_projection.weight": (n_embd, WIDTH),
            "mm.soft_emb_norm.weight": (WIDTH,),
        }
    else:
        shapes |= {
            "v.patch_embd.weight.1": (PATCH, PATCH, 3, WIDTH),
            "mm.0.weight": (4 * WIDTH, 4 * WIDTH),
            "mm.0.bias": (4 * WIDTH,),
            "mm.2.weight": (4 * WIDTH, n_embd),
            "mm.2.bias": (n_embd,),
        }
    for name, width in (("ln1", WIDTH), ("ln2", WIDTH)):
        shapes |= {f"v.blk.0.{name}.{part}": (width,) for part in ("weight", "bias")}
    shapes |= {f"v.post_ln.{part}": (WIDTH,) for part in ("weight", "bias")}
    for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
        shapes |= {f"v.blk.0.{name}.weight": (WIDTH, WIDTH), f"v.blk.0.{name}.bias": (WIDTH,)}
    shapes |= {"v.blk.0.ffn_up.weight": (WIDTH, N_FF), "v.blk.0.ffn_up.bias": (N_FF,)}
    shapes |= {"v.blk.0.ffn_down.weight": (N_FF, WIDTH), "v.blk.0.ffn_down.bias": (WIDTH,)}
    chance = np.random.default_rng(1)
    return {
        name: (0.1 * chance.standard_normal(shape[::-1]) + ("ln" in name or "norm" in name)).astype(
            np.float32
        )
        for name, shape in shapes.items()
    }
