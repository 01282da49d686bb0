"""What inspecting gives to programs: JSON; and short words for values that are long."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from converters.inspection.inspected import Inspected
from inference.gguf_cursor import SkippedArray

_LONGEST = 100
_FIRST = 3


def as_json(found: Inspected) -> str:
    """Everything, metadata in full."""
    plain: dict[str, Any] = {
        "path": str(found.path),
        "form": found.form,
        "architecture": found.architecture,
        "n_weights": found.total.n_weights,
        "n_weights_active": found.n_active,
        "n_bytes": found.total.n_bytes,
        "bits_per_weight": found.bits_per_weight,
        "n_experts": found.n_experts,
        "n_experts_used": found.n_experts_used,
        "by_kind": {kind.value: asdict(size) for kind, size in found.by_kind.items()},
        "by_layer": {str(layer): asdict(size) for layer, size in found.by_layer.items()},
        "by_type": {name: asdict(size) for name, size in found.by_type.items()},
        "chat_template": found.chat_template,
        "metadata": found.metadata,
        "tensors": [asdict(tensor) for tensor in found.tensors],
    }
    return json.dumps(plain, indent=2, ensure_ascii=False, default=_skipped)


def _skipped(value: object) -> str:
    """Long arrays are not read."""
    if isinstance(value, SkippedArray):
        return short(value)
    raise TypeError(f"{type(value).__name__} is not expected in metadata")


def short(value: object) -> str:
    """A value on one line."""
    if isinstance(value, list | tuple):
        first = ", ".join(short(item) for item in value[:_FIRST])
        return f"[{first}]" if len(value) <= _FIRST else f"[{first}, …] ({len(value):,} values)"
    if isinstance(value, SkippedArray):
        return f"({value.length:,} values)"
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def weights(count: int) -> str:
    """A number of weights as people say it."""
    for unit, size in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)


def megabytes(count: int) -> str:
    """A size as people say it."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
