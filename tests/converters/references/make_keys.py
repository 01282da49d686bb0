"""Store the keys that llama.cpp's own converter writes for configurations without weights.

In the environment of make_references.py, from the root of the repository:

    PYTHONPATH=LLAMA_CPP/gguf-py python -m tests.converters.references.make_keys LLAMA_CPP

`keys.json` holds for each name in configurations.py what `set_gguf_parameters` and
`generate_extra_tensors` of upstream's class added: key -> type and value, in their order.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.converters.comparing import REFERENCES
from tests.converters.configurations import CONFIGURATIONS
from tests.converters.tiny_checkpoints import write_tensors
from tests.converters.tiny_checkpoints.recipe import Json
from tests.converters.tiny_checkpoints.weights import Stored


def _keys(config: Json, folder: Path) -> dict[str, Any]:
    """Upstream's keys; a class of its wants a file with weights, whatever is in it."""
    import gguf
    from conversion import get_model_class
    from conversion.base import ModelBase, ModelType, get_model_architecture

    (folder / "config.json").write_text(json.dumps(config))
    write_tensors(folder, {"model.norm.weight": Stored("F32", (1,), bytes(4))})
    hparams = ModelBase.load_hparams(folder, False)
    architecture = get_model_architecture(hparams, ModelType.TEXT)
    model = get_model_class(architecture)(folder, gguf.LlamaFileType.ALL_F32, folder / "out.gguf")
    list(model.generate_extra_tensors())
    model.set_gguf_parameters()
    return {
        key: [found.type.name, found.value] for key, found in model.gguf_writer.kv_data[0].items()
    }


def main() -> None:
    """Make the file anew."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    sys.path.insert(0, sys.argv[1])
    found = {}
    for name, config in CONFIGURATIONS.items():
        with tempfile.TemporaryDirectory() as folder:
            found[name] = _keys(config, Path(folder))
    text = ",\n".join(f"{json.dumps(name)}: {json.dumps(keys)}" for name, keys in found.items())
    (REFERENCES / "keys.json").write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
