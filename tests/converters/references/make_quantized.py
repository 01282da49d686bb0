"""Add to each reference what `llama-quantize` would make of it: types of tensors, changed keys.

In the project's environment, after make_references.py and with the same WORK:

    python -m tests.converters.references.make_quantized WORK [FAMILY...]

Types and keys hold for every build; bytes do not, see tests/converters/quantizing.py.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.converters.comparing import describe, expectation
from tests.converters.quantizing import QUANTIZED, quantize_family, source_kind
from tests.converters.references.make_references import store
from tests.converters.tiny_checkpoints import RECIPES


def _quantized(family: str, kind: str, work: Path, base: dict[str, Any]) -> dict[str, Any]:
    """One kind's keys that differ from the F32 file's, and the type of each tensor."""
    source = work / f"{family}-{source_kind(family)}.gguf"
    target = quantize_family(source, work / f"{family}-{kind}.gguf", family, kind)
    described = describe(target)
    changes = {key: value for key, value in described["metadata"].items() if base.get(key) != value}
    types = {name: tensor["type"] for name, tensor in described["tensors"].items()}
    return {"metadata_changes": changes, "types": types}


def main() -> None:
    """Quantize the families named, or all."""
    work = Path(sys.argv[1])
    for family in sys.argv[2:] or RECIPES:
        reference = expectation(family)
        made = {kind: _quantized(family, kind, work, reference["metadata"]) for kind in QUANTIZED}
        store(family, reference | {"quantized": made})


if __name__ == "__main__":
    main()
