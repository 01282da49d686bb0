"""The judge's process: questions from stdin, answers to stdout, one JSON object a line.

The only module of the converters that imports `llama_cpp`. stdout belongs to the answers; whatever
llama.cpp writes there itself goes to stderr. The process ends when its stdin closes.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import llama_cpp.llama_cpp as llama

from inference.llama.native_log import NativeLog

Answer = dict[str, Any]


def main() -> int:
    """Answer questions until nobody asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the parent's to handle
    output = os.dup(1)
    os.dup2(2, 1)
    log = NativeLog()
    with os.fdopen(output, "w", encoding="utf-8") as answers:
        for line in sys.stdin:
            question = json.loads(line)
            answer = _QUESTIONS[question.pop("question")](log, **question)
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
    return 0


def _load(log: NativeLog, path: str) -> Answer:
    """Load everything but weights."""
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
    log: NativeLog,
    path: str,
    file_type: int,
    output_type: int | None,
    embedding_type: int | None,
    tensor_types: list[tuple[str, int]],
    has_imatrix: bool,
) -> Answer:
    """Quantize without reading or writing weights: the log then has all types."""
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
