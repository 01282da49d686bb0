"""Sixteen float32 in one value: a type for numba whose operators become vector instructions.

Compilers do not vectorise a search whose sums must be added in a fixed order. With one search per
lane they need not: code on `Lanes` reads like ggml's code on floats, and LLVM cuts the vectors to
what the processor has (one AVX-512 register, two of AVX2, four of SSE or NEON).

Every operation rounds once, as IEEE 754 says: nothing is fused or reordered.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

N_LANES = 16
_FLOATS = ir.VectorType(ir.FloatType(), N_LANES)
_BITS = ir.VectorType(ir.IntType(1), N_LANES)
_INT = ir.IntType(32)


class _LanesType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Lanes")


class _MaskType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Mask")


LANES, MASK = _LanesType(), _MaskType()


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, type_: Any) -> None:
        super().__init__(manager, type_, _FLOATS)


@register_model(_MaskType)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, type_: Any) -> None:
        super().__init__(manager, type_, _BITS)


def _binary(operation: Any, takes: Any, gives: Any, emit: Callable[[Any, Any, Any], Any]) -> None:
    """Teach numba an operator between two values of the same type."""

    @infer_global(operation)
    class _Template(AbstractTemplate):
        def generic(self, args: Any, _keywords: Any) -> Any:
            return signature(gives, takes, takes) if args == (takes, takes) else None

    @lower_builtin(operation, takes, takes)
    def _lowered(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return emit(builder, *args)


_binary(operator.add, LANES, LANES, lambda builder, a, b: builder.fadd(a, b))
_binary(operator.sub, LANES, LANES, lambda builder, a, b: builder.fsub(a, b))
_binary(operator.mul, LANES, LANES, lambda builder, a, b: builder.fmul(a, b))
_binary(operator.truediv, LANES, LANES, lambda builder, a, b: builder.fdiv(a, b))
# Comparisons with NaN are false, as in C; only "not equal" is then true.
_binary(operator.lt, LANES, MASK, lambda builder, a, b: builder.fcmp_ordered("<", a, b))
_binary(operator.gt, LANES, MASK, lambda builder, a, b: builder.fcmp_ordered(">", a, b))
_binary(operator.le, LANES, MASK, lambda builder, a, b: builder.fcmp_ordered("<=", a, b))
_binary(operator.ge, LANES, MASK, lambda builder, a, b: builder.fcmp_ordered(">=", a, b))
_binary(operator.ne, LANES, MASK, lambda builder, a, b: builder.fcmp_unordered("!=", a, b))
_binary(operator.and_, MASK, MASK, lambda builder, a, b: builder.and_(a, b))
_binary(operator.or_, MASK, MASK, lambda builder, a, b: builder.or_(a, b))


def _splat(builder: Any, value: Any) -> Any:
    undefined = ir.Constant(_FLOATS, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(_INT, 0))
    zeros = ir.Constant(ir.VectorType(_INT, N_LANES), [0] * N_LANES)
    return builder.shuffle_vector(first, undefined, zeros)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), _FLOATS.as_pointer())


@intrinsic
def splat(_typing: Any, value: Any) -> Any:
    """The same float32 in all lanes."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _splat(builder, args[0])

    return (LANES(value), emit) if value == types.float32 else None


@intrinsic
def load(_typing: Any, array: Any, index: Any) -> Any:
    """Sixteen neighbours of a flat float32 array, from `index` on; bounds are not checked."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, sig.args[0], *args), align=4)

    return LANES(array, index), emit


@intrinsic
def store(_typing: Any, array: Any, index: Any, value: Any) -> Any:
    """Write sixteen neighbours of a flat float32 array; bounds are not checked."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, sig.args[0], args[0], args[1])
        builder.store(args[2], pointer, align=4)
        return context.get_dummy_value()

    return types.void(array, index, value), emit


@intrinsic
def select(_typing: Any, mask: Any, chosen: Any, other: Any) -> Any:
    """Lane by lane: `chosen` where the mask is set, else `other`."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(*args)

    return LANES(mask, chosen, other), emit


@intrinsic
def negative(_typing: Any, value: Any) -> Any:
    """The sign of every lane turned, zeros included."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.fneg(args[0])

    return LANES(value), emit


@intrinsic
def all_set(_typing: Any, mask: Any) -> Any:
    """Whether the mask is set in every lane."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], ir.IntType(N_LANES))
        return builder.icmp_unsigned("==", bits, ir.Constant(bits.type, (1 << N_LANES) - 1))

    return types.boolean(mask), emit


def _of_llvm(name: str) -> Any:
    @intrinsic
    def function(_typing: Any, value: Any) -> Any:
        def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            kind = ir.FunctionType(_FLOATS, [_FLOATS])
            name_ = f"llvm.{name}.v{N_LANES}f32"
            return builder.call(cgutils.get_or_insert_function(builder.module, kind, name_), args)

        return LANES(value), emit

    return function


square_root = _of_llvm("sqrt")
absolute = _of_llvm("fabs")


def staircase(thresholds: Sequence[float], values: Sequence[float]) -> Any:
    """A function that rises in steps: `values[0]`, from `thresholds[i]` on `values[i + 1]`."""

    @intrinsic
    def function(_typing: Any, value: Any) -> Any:
        def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            def constant(number: float) -> Any:
                return ir.Constant(_FLOATS, [number] * N_LANES)

            result = constant(values[0])
            for threshold, reached in zip(thresholds, values[1:], strict=True):
                above = builder.fcmp_ordered(">=", args[0], constant(threshold))
                result = builder.select(above, constant(reached), result)
            return result

        return LANES(value), emit

    return function


@intrinsic
def transpose(_typing: Any, source: Any, first: Any, stride: Any, target: Any, index: Any) -> Any:
    """Turn 16 rows of 16 floats: `target[index + 16*c + r] = source[first + stride*r + c]`."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        from_, first_, stride_, to, index_ = args
        rows, offset = [], first_
        for _ in range(N_LANES):
            rows.append(
                builder.load(_pointer(context, builder, sig.args[0], from_, offset), align=4)
            )
            offset = builder.add(offset, stride_)
        for column, lanes in enumerate(_transposed(builder, rows)):
            place = builder.add(index_, ir.Constant(index_.type, N_LANES * column))
            builder.store(lanes, _pointer(context, builder, sig.args[3], to, place), align=4)
        return context.get_dummy_value()

    return types.void(source, first, stride, target, index), emit


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Sixteen vectors turned by four rounds of interleaving row i with row i + 8."""
    low = [lane // 2 + lane % 2 * N_LANES for lane in range(N_LANES)]
    high = [lane + N_LANES // 2 for lane in low]
    indexes = ir.VectorType(_INT, N_LANES)
    for _ in range(4):
        pairs = [(rows[i], rows[i + N_LANES // 2]) for i in range(N_LANES // 2)]
        rows = [
            builder.shuffle_vector(*pair, ir.Constant(indexes, order))
            for pair in pairs
            for order in (low, high)
        ]
    return rows


@njit(inline="always")
def smaller(a: Any, b: Any) -> Any:
    """`a < b ? a : b` in every lane."""
    return select(a < b, a, b)


@njit(inline="always")
def larger(a: Any, b: Any) -> Any:
    """`a > b ? a : b` in every lane."""
    return select(a > b, a, b)
