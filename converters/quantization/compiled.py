"""Whether a type is made by a kernel of ours or by ggml: asked once a type and process.

A kernel is used where numba is installed and where the bytes of a trial are those of this build of
ggml. Compilers differ: a libggml-base in which multiplications and additions are fused into one
rounding gives other bytes, and then it quantizes itself.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import logging
import os
import pickle
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import platformdirs
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from numpy.typing import NDArray

from converters.quantization import ggml

if TYPE_CHECKING:
    from converters.quantization.kernels.catalogue import Kernel

_Type = GGMLQuantizationType
COMPILED = (
    *(_Type.Q8_0, _Type.Q2_K, _Type.Q3_K, _Type.Q4_K, _Type.Q5_K, _Type.Q6_K),
    *(_Type.IQ4_NL, _Type.IQ4_XS),
)
"""Types that have a kernel: known without numba, which takes half a second to load."""
_log = logging.getLogger(__name__)
_lock = threading.Lock()
_TRIAL_COLUMNS, _TRIAL_ROWS = 1024, 128
_UNREADABLE = (pickle.UnpicklingError, EOFError, AttributeError, IndexError, ValueError)
"""What numba raises for a damaged cache: whatever unpickling it happens to raise."""
_found: dict[GGMLQuantizationType, Kernel | None] = {}


def kernel_for(type_: GGMLQuantizationType, *, waits: bool = True) -> Kernel | None:
    """The kernel for a type; None where ggml makes it.

    The first call for a type compiles the kernel, or takes it from the cache, and tries it out:
    seconds the first time ever, tenths of a second afterwards.

    Args:
        type_: What is to be made.
        waits: Whether that is done now, or ggml makes the type until somebody else has done it.
    """
    if type_ not in COMPILED:
        return None
    if type_ not in _found:
        if not waits:
            return None
        with _lock:
            if type_ not in _found:
                _found[type_] = _tried_kernel(type_)
    return _found[type_]


def kernel_types() -> list[GGMLQuantizationType]:
    """All types that kernels make on this machine."""
    return [type_ for type_ in COMPILED if kernel_for(type_) is not None]


def run_kernel(
    kernel: Kernel,
    type_: GGMLQuantizationType,
    rows: NDArray[np.float32],
    imatrix: NDArray[np.float32] | None,
    out: NDArray[np.uint8],
) -> None:
    """Quantize whole rows, with ggml's help for those blocks that the kernel leaves.

    Args:
        kernel: The kernel of the type.
        type_: What to make of the rows.
        rows: Weights, (n_rows, n_columns), contiguous.
        imatrix: The importance of each column, (n_columns,).
        out: Where the bytes go, (n_rows, row_size), contiguous.
    """
    block_size, type_size = _block(type_, rows.shape[1])
    packed = out.reshape(-1, type_size)
    odd = np.empty(len(packed), np.uint8)
    importance = np.empty(0, np.float32) if imatrix is None else imatrix
    kernel(rows.reshape(-1), importance, packed, odd)
    left = np.flatnonzero(odd)
    if left.size:
        _let_ggml(type_, rows.reshape(-1, block_size), imatrix, packed, left)


def _block(type_: GGMLQuantizationType, n_columns: int) -> tuple[int, int]:
    """The weights and bytes of what a kernel marks as odd; types without blocks have rows."""
    block_size, type_size = GGML_QUANT_SIZES[type_]
    return (n_columns, n_columns * type_size) if block_size == 1 else (block_size, type_size)


def _let_ggml(
    type_: GGMLQuantizationType,
    blocks: NDArray[np.float32],
    imatrix: NDArray[np.float32] | None,
    packed: NDArray[np.uint8],
    left: NDArray[np.intp],
) -> None:
    """Quantize the blocks `left` by ggml: for it a block is a row of its own."""
    if imatrix is None:
        packed[left] = ggml.quantize_rows(type_, blocks[left])
        return
    importance = imatrix.reshape(-1, blocks.shape[1])
    place = left % len(importance)
    for column in np.unique(place):
        here = left[place == column]
        packed[here] = ggml.quantize_rows(type_, blocks[here], importance[column])


def _tried_kernel(type_: GGMLQuantizationType) -> Kernel | None:
    if not _has_numba():
        return None
    try:
        cache = _cache_folder()
        kernel = _kernels(cache)[type_]
        same = _survives_damage(kernel, type_, cache)
    except (ImportError, OSError, RuntimeError) as error:
        # numba's own errors reach this far only when it and Python or numpy do not fit together.
        _log.warning("ggml itself makes %s: kernels cannot be compiled: %s", type_.name, error)
        return None
    if not same:
        _log.warning("ggml itself makes %s: this build of it gives other bytes", type_.name)
        return None
    return kernel


def _survives_damage(kernel: Kernel, type_: GGMLQuantizationType, cache: Path) -> bool:
    """Try a kernel; where what was compiled before cannot be read, compile it anew."""
    try:
        return _gives_the_same(kernel, type_)
    except _UNREADABLE as error:
        _log.info("compiling anew: the cache in %s is damaged: %s", cache, error)
    for file in cache.rglob("*.nb?"):
        file.unlink(missing_ok=True)
    return _gives_the_same(kernel, type_)


@functools.cache
def _has_numba() -> bool:
    found = importlib.util.find_spec("numba") is not None
    if not found:
        _log.info("ggml itself quantizes: numba is not installed")
    return found


@functools.cache
def _kernels(cache: Path) -> dict[GGMLQuantizationType, Kernel]:
    """All kernels, not compiled yet; what is compiled is kept in the folder."""
    import numba

    # Read when functions are declared, so before the import that does that.
    numba.config.CACHE_DIR = str(cache)
    from converters.quantization.kernels.catalogue import KERNELS

    return KERNELS


def _cache_folder() -> Path:
    """A folder for this version of the kernels; those of other versions are removed.

    numba looks for changes in the file of a compiled function only, not in those it calls.
    """
    digest = hashlib.sha256()
    for file in sorted((Path(__file__).parent / "kernels").glob("*.py")):
        digest.update(file.read_bytes())
    override = os.environ.get("CONCLAVE_DATA_DIR")
    base = Path(override) if override else platformdirs.user_cache_path("conclave", appauthor=False)
    folder = base / "kernels" / digest.hexdigest()[:16]
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        for other in set(folder.parent.iterdir()) - {folder}:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _gives_the_same(kernel: Kernel, type_: GGMLQuantizationType) -> bool:
    """Whether kernel and ggml agree on a trial, with and without importances."""
    rows = _trial_rows()
    random = np.random.default_rng(2)
    importance = random.exponential(size=_TRIAL_COLUMNS).astype(np.float32)
    for imatrix in (None, importance):
        expected = ggml.quantize_rows(type_, rows, imatrix)
        out = np.empty_like(expected)
        run_kernel(kernel, type_, rows, imatrix, out)
        if not np.array_equal(out, expected):
            return False
    return True


@functools.cache
def _trial_rows() -> NDArray[np.float32]:
    """512 super-blocks as they are in models, and stranger ones."""
    random = np.random.default_rng(1)
    shape = (_TRIAL_ROWS // 4, _TRIAL_COLUMNS)
    normal = random.standard_normal(shape) * 0.02
    heavy = random.standard_t(1.5, shape) * 0.01
    uneven = random.standard_normal(shape) * 10.0 ** random.uniform(-9, 1, (len(normal), 1))
    whole = random.integers(-3, 4, shape) * 0.125
    whole[:, :256] = 0
    rows: NDArray[np.float32] = np.concatenate([normal, heavy, uneven, whole]).astype(np.float32)
    return rows
