"""The JSON lines between the engine's process and its parent: one object a line, UTF-8.

Parent to child: `{"op": "run", "request": {...}}`, `{"op": "cancel", "id": ...}`.
Child to parent: `{"event": "hello", "protocol": 1}`, then for the running request
`{"id": ..., "event": CLASS, ...fields}`, `{"id": ..., "event": "error", "kind", "title", "detail",
"hint"}` or `{"id": ..., "event": "end"}`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from inference.engine import (
    BenchPoint,
    BenchRequest,
    ChatMessage,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    LoadProgress,
    LoadRequest,
    ModelParams,
    PrefillProgress,
    Request,
    Sampling,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolCall,
)
from inference.errors import EngineError, from_name

PROTOCOL = 1
Line = dict[str, Any]

_EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        LoadProgress,
        Loaded,
        PrefillProgress,
        TextDelta,
        ThinkingDelta,
        BenchPoint,
        ToolCall,
        Finished,
    )
}
_KINDS = {LoadRequest: "load", GenerateRequest: "generate", BenchRequest: "bench"}
_FIELDS = {kind: tuple(item.name for item in fields(kind)) for kind in _EVENTS.values()}


def dump(line: Line) -> bytes:
    """One line, newline included. Lone surrogates survive as JSON escapes."""
    return json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def request_line(request: Request) -> Line:
    """How a request travels."""
    body = asdict(request)
    body["model"]["path"] = str(request.model.path)
    return {"op": "run", "kind": _KINDS[type(request)], "request": body}


def read_request(line: Line) -> Request:
    """The request of a line.

    Raises:
        KeyError, TypeError: The line is not one that `request_line` makes.
    """
    body = line["request"]
    model = ModelParams(
        **{
            **body["model"],
            "path": Path(body["model"]["path"]),
            "rpc_servers": tuple(body["model"]["rpc_servers"]),
        }
    )
    if line["kind"] == "load":
        return LoadRequest(body["id"], model)
    if line["kind"] == "bench":
        return BenchRequest(**{**body, "model": model, "depths": tuple(body["depths"])})
    return GenerateRequest(
        id=body["id"],
        model=model,
        messages=tuple(ChatMessage(**message) for message in body["messages"]),
        sampling=_read_sampling(body["sampling"]),
        continue_last=body["continue_last"],
        grammar=body["grammar"],
        json_schema=body["json_schema"],
        thinking=Thinking(body["thinking"]),
        thinking_budget=body["thinking_budget"],
        use_chatml=body["use_chatml"],
        tools=body["tools"],
    )


def _read_sampling(body: dict[str, Any]) -> Sampling:
    """JSON knows no tuples."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in body.items()
    }
    values["logit_bias"] = tuple((token, bias) for token, bias in body["logit_bias"])
    return Sampling(**values)


def event_line(request_id: str, event: Event) -> Line:
    """How an event travels."""
    kind = type(event)
    line: Line = {"id": request_id, "event": kind.__name__}
    for name in _FIELDS[kind]:
        line[name] = getattr(event, name)
    return line


def read_event(line: Line) -> Event:
    """The event of a line.

    Raises:
        EngineError: The line carries an error.
        KeyError: The line is not one that `event_line` makes.
    """
    if line["event"] == "error":
        raise from_name(line["kind"], line["title"], line["detail"], line["hint"])
    kind = _EVENTS[line["event"]]
    values = {name: line[name] for name in _FIELDS[kind]}
    if "reason" in values:
        values["reason"] = FinishReason(values["reason"])
    if kind is BenchPoint:
        values |= {name: tuple(values[name]) for name in ("prefill_ns", "decode_ns")}
    return kind(**values)


def error_line(request_id: str, error: EngineError) -> Line:
    """How an error travels."""
    return {
        "id": request_id,
        "event": "error",
        "kind": type(error).__name__,
        "title": error.title,
        "detail": error.detail,
        "hint": error.hint,
    }
