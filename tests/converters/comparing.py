"""A GGUF file against what llama.cpp's own converter made of the same checkpoint.

The expectations lie in `references/`; see the scripts there.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np

Json = dict[str, Any]

REFERENCES = Path(__file__).parent / "references"
CONVERTED = ("f32", "f16", "bf16", "q8_0")
_LONG = 16


@cache
def expectation(family: str) -> Json:
    """What is stored for a family; `references/make_references.py` says how it is laid out."""
    stored: Json = json.loads((REFERENCES / f"{family}.json").read_text(encoding="utf-8"))
    return stored


def compare(path: Path, family: str, kind: str) -> list[str]:
    """Differences between a GGUF file and upstream's, one a line; `kind` as in `CONVERTED`."""
    return differences(describe(path), expected(expectation(family), kind))


def expected(stored: Json, kind: str) -> Json:
    """One file of a stored expectation, in the form of `describe`."""
    tensors = {
        name: {"shape": tensor["shape"], "type": tensor[kind][0], "sha256": tensor[kind][1]}
        for name, tensor in stored["tensors"].items()
    }
    metadata = stored["metadata"] | stored["metadata_changes"].get(kind, {})
    return {"metadata": metadata, "tensors": tensors}


def assert_same_file(path: Path, family: str, kind: str) -> None:
    """Make sure that a whole file is upstream's; else tell the differences."""
    assert is_same_file(path, family, kind), compare(path, family, kind) or "order or padding"


def compare_files(ours: Path, theirs: Path) -> list[str]:
    """Differences between two GGUF files, one a line."""
    return differences(describe(ours), describe(theirs))


def is_same_file(path: Path, family: str, kind: str) -> bool:
    """Whether the whole file is upstream's, with the order of keys and tensors and all padding."""
    digest: str = expectation(family)["files"][kind]
    return hashlib.sha256(path.read_bytes()).hexdigest() == digest


def describe(path: Path) -> Json:
    """Keys with types and values, tensors with shapes (numpy's order), types and digests."""
    reader = gguf.GGUFReader(path)
    metadata = {
        name: [_type_of(field), _value_of(field)]
        for name, field in reader.fields.items()
        if not name.startswith("GGUF.")
    }
    tensors = {
        tensor.name: {
            "shape": [int(size) for size in reversed(tensor.shape)],
            "type": tensor.tensor_type.name,
            "sha256": hashlib.sha256(np.ascontiguousarray(tensor.data)).hexdigest(),
        }
        for tensor in reader.tensors
    }
    return {"metadata": metadata, "tensors": tensors}


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder, by name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


def differences(ours: Json, theirs: Json) -> list[str]:
    """Every key and tensor that only one has or that both have differently."""
    found: list[str] = []
    for part in ("metadata", "tensors"):
        left, right = ours[part], theirs[part]
        found += [f"{name}: missing" for name in right if name not in left]
        found += [f"{name}: not in upstream's file" for name in left if name not in right]
        found += [
            f"{name}: {_shown(left[name], right[name])}"
            for name in right
            if name in left and left[name] != right[name]
        ]
    return found


def _shown(ours: Any, theirs: Any) -> str:
    if isinstance(ours, dict):
        both = {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]}
        return ", ".join(f"{key} {a!s:.40}, not {b!s:.40}" for key, (a, b) in both.items())
    return f"{ours!s:.200}, not {theirs!s:.200}"


def _type_of(field: gguf.ReaderField) -> str:
    return " ".join(kind.name for kind in field.types)


def _value_of(field: gguf.ReaderField) -> Any:
    value = field.contents()
    if isinstance(value, list) and len(value) > _LONG:
        text = json.dumps(value, ensure_ascii=False)
        return {"count": len(value), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    if isinstance(value, np.generic):
        return value.item()
    return value
