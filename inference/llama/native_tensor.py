"""ggml's tensors as an evaluation callback sees them.

Source: struct ggml_tensor and enum ggml_op in ggml/include/ggml.h of llama.cpp, as of
llama-cpp-python 0.3.36.
"""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from inference.llama.libraries import declared, ggml_base, tensor_reader

TYPE_F32 = 0
MAX_NAME = 64


class NativeTensor(ctypes.Structure):
    """One tensor of the graph; `ne` counts elements and `nb` bytes, both in ggml's order."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("ne", ctypes.c_int64 * 4),
        ("nb", ctypes.c_size_t * 4),
        ("op", ctypes.c_int),
        ("op_params", ctypes.c_int32 * 16),
        ("flags", ctypes.c_int32),
        ("src", ctypes.c_void_p * 10),
        ("view_src", ctypes.c_void_p),
        ("view_offs", ctypes.c_size_t),
        ("data", ctypes.c_void_p),
        ("name", ctypes.c_char * MAX_NAME),
    )

    def source(self, index: int) -> NativeTensor:
        """What it is computed from."""
        return NativeTensor.from_address(self.src[index])


class TensorReader:
    """Copies tensors out of whatever memory they lie in."""

    def __init__(self) -> None:
        self._get = tensor_reader()
        self._op_name = declared(ggml_base().ggml_op_name, ctypes.c_char_p, ctypes.c_int)

    def operation(self, tensor: NativeTensor) -> bytes:
        """The name of what computes it, such as b"MUL_MAT"."""
        name: bytes = self._op_name(tensor.op)
        return name

    def array(self, tensor: NativeTensor, dtype: type[np.generic]) -> NDArray[np.generic]:
        """Its elements, in numpy's order of axes: shape (ne[3], ne[2], ne[1], ne[0]).

        A view's elements may lie apart; so may those of the result.
        """
        shape, strides = tuple(tensor.ne)[::-1], tuple(tensor.nb)[::-1]
        n_bytes = sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
        data = np.empty(n_bytes + np.dtype(dtype).itemsize, np.uint8)
        self._get(ctypes.addressof(tensor), data.ctypes.data, 0, len(data))
        return np.ndarray(shape, dtype, data, strides=strides)
