"""Run llama.cpp's own converter on the real tokenizers and store the keys it writes.

It needs torch, transformers 4.57.6 and the packages in which the tokenizers lie, so it has an
environment of its own; from the root of the repository:

    PYTHONPATH=LLAMA_CPP/gguf-py python -m tests.converters.references.make_vocabularies LLAMA_CPP

LLAMA_CPP is the source that llama-cpp-python ships (`vendor/llama.cpp` in its source package).
`vocabularies.json` holds for each tokenizer key -> type and value; of long arrays count and
SHA-256.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.converters.comparing import REFERENCES, describe
from tests.converters.vocabulary.real_tokenizers import REAL, write_real


def _keys(folder: Path, config: dict[str, Any], out: Path) -> dict[str, Any]:
    """Let the class of the architecture write its vocabulary, and nothing else."""
    import gguf
    from conversion import get_model_class

    kind = get_model_class(config["architectures"][0])
    model = kind.__new__(kind)
    model.dir_model = folder
    model.hparams = dict(config)
    model.origin_hf_arch = config["architectures"][0]
    model.is_mistral_format = False
    model.gguf_writer = gguf.GGUFWriter(out, "llama")
    model.set_vocab()
    model.gguf_writer.write_header_to_file()
    model.gguf_writer.write_kv_data_to_file()
    model.gguf_writer.close()
    metadata = describe(out)["metadata"]
    return {key: value for key, value in metadata.items() if key.startswith("tokenizer.")}


def main() -> None:
    """Make `vocabularies.json`."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    sys.path.insert(0, sys.argv[1])
    stored = {}
    with tempfile.TemporaryDirectory() as work:
        for name in REAL:
            folder, config = write_real(Path(work), name)
            stored[name] = _keys(folder, config, Path(work) / f"{name}.gguf")
    (REFERENCES / "vocabularies.json").write_text(_lines(stored), encoding="utf-8")


def _lines(stored: dict[str, Any]) -> str:
    """One key a line."""
    parts = []
    for name, keys in stored.items():
        rows = [f"  {json.dumps(key)}: {json.dumps(keys[key], ensure_ascii=False)}" for key in keys]
        parts.append(f" {json.dumps(name)}: {{\n" + ",\n".join(rows) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
