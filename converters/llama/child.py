"""The judge's process: one question from stdin, one answer to stdout, both JSON.

The only module of the converters that imports `llama_cpp`. stdout belongs to the answer; whatever
llama.cpp writes there itself goes to stderr.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]


def main() -> int:
    """Answer one question."""
    output = os.dup(1)
    os.dup2(2, 1)
    question = json.load(sys.stdin)
    answer = _QUESTIONS[question.pop("question")](**question)
    with os.fdopen(output, "w", encoding="utf-8") as stream:
        json.dump(answer, stream)
    return 0


def _load(path: str) -> Answer:
    """Load everything but weights."""
    import llama_cpp.llama_cpp as llama

    from inference.llama.native_log import NativeLog

    log = NativeLog()
    parameters = llama.llama_model_default_params()
    parameters.no_alloc = True
    parameters.load_mode = 0
    parameters.n_gpu_layers = 0
    with log.recording() as lines:
        model = llama.llama_model_load_from_file(os.fsencode(path), parameters)
        if model:
            llama.llama_model_free(model)
    return {"ok": bool(model), "log": lines}


def _mix(
    path: str,
    file_type: int,
    output_type: int | None,
    embedding_type: int | None,
    tensor_types: list[tuple[str, int]],
    has_imatrix: bool,
) -> Answer:
    """Quantize without reading or writing weights: the log then has all types."""
    import llama_cpp.llama_cpp as llama

    from inference.llama.native_log import NativeLog

    log = NativeLog()
    parameters = llama.llama_model_quantize_default_params()
    parameters.dry_run = True
    parameters.nthread = 1
    parameters.ftype = file_type
    if output_type is not None:
        parameters.output_tensor_type = output_type
    if embedding_type is not None:
        parameters.token_embedding_type = embedding_type
    overrides = (llama.llama_model_tensor_override * (len(tensor_types) + 1))()
    for place, (pattern, type_) in zip(overrides, tensor_types, strict=False):
        place.pattern, place.type = pattern.encode(), type_
    if tensor_types:
        parameters.tt_overrides = overrides
    # Whether there is a matrix changes the mix; what it holds does not.
    one = ctypes.c_float(1)
    imatrix = (llama.llama_model_imatrix_data * 2)()
    imatrix[0].name, imatrix[0].data, imatrix[0].size = b"-", ctypes.pointer(one), 1
    if has_imatrix:
        parameters.imatrix = imatrix
    with log.recording() as lines:
        status = llama.llama_model_quantize(os.fsencode(path), b"", parameters)
    return {"ok": status == 0, "log": lines}


_QUESTIONS: dict[str, Callable[..., Answer]] = {"load": _load, "mix": _mix}

if __name__ == "__main__":
    sys.exit(main())
