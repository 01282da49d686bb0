"""Quantization compiled for this processor: ggml's bytes, many times as fast.

Everything in here needs numba, which is optional. `converters.quantization.compiled` decides
whether and for which types these kernels are used.
"""
