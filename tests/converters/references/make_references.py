r"""Run llama.cpp's own converter on every tiny checkpoint and store what it made.

It needs torch, transformers 4.57.6 and what llama.cpp's requirements name, so it has an
environment of its own; from the root of the repository:

    PYTHONPATH=LLAMA_CPP/gguf-py \
        python -m tests.converters.references.make_references LLAMA_CPP WORK [NAME...]

LLAMA_CPP is the source that llama-cpp-python ships (`vendor/llama.cpp` in its source package), WORK
a folder that keeps the checkpoints and the GGUF files for the scripts beside this one, a name that
of a family or of a variant. Each `NAME.json` holds

    checkpoint        SHA-256 of each file of the checkpoint
    files             kind of file -> SHA-256 of the whole file
    metadata          key -> type and value in the F32 file; of long arrays count and SHA-256
    metadata_changes  kind -> keys that differ in that file
    tensors           name -> shape in numpy's order, and for each kind type and SHA-256 of bytes
    quantized         added by make_quantized.py: kind -> changed keys and types of tensors

The hash by which upstream knows a pre-tokenizer belongs to whole vocabularies, and those here are
small, so the name of the pre-tokenizer is given to it.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.converters.comparing import CONVERTED, REFERENCES, describe, digests
from tests.converters.tiny_checkpoints import RECIPES, write_checkpoint
from tests.converters.tiny_checkpoints.byte_level import ByteLevel

# Conversions of a family in another way than the usual one, each with a reference of its own.
VARIANTS = {"glm4moe-without-mtp": "glm4moe", "deepseek3-with-mtp": "deepseek3"}


def _convert(reference: str, checkpoint: Path, out: Path, kind: str, pre: str | None) -> None:
    """One run of upstream's program, in this process."""
    import convert_hf_to_gguf
    import torch
    from conversion.base import TextModel

    torch.set_num_threads(1)
    if pre is not None:
        TextModel.get_vocab_base_pre = lambda *_arguments: pre
    sys.argv = ["convert", str(checkpoint), "--outfile", str(out), "--outtype", kind]
    if reference == "glm4moe-without-mtp":
        sys.argv.append("--no-nextn")
    if reference == "deepseek3-with-mtp":
        _keep_mtp_of_deepseek()
    convert_hf_to_gguf.main()


def _keep_mtp_of_deepseek() -> None:
    """Have upstream treat DeepSeek as GLM-4.7-Flash.

    It has the same architecture, and upstream keeps these layers of it alone.
    """
    from conversion.base import ModelBase, ModelType
    from conversion.deepseek import DeepseekV2Model
    from conversion.glm import Glm4MoeLiteModel

    Glm4MoeLiteModel.set_vocab = DeepseekV2Model.set_vocab
    ModelBase._model_classes[ModelType.TEXT]["DeepseekV3ForCausalLM"] = Glm4MoeLiteModel


def _in_child(*arguments: Any) -> None:
    """Upstream keeps state in its classes, so that each run has a process of its own."""
    child = multiprocessing.get_context("fork").Process(target=_convert, args=arguments)
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"upstream's converter failed on {arguments[0]}")


def _reference(reference: str, work: Path) -> dict[str, Any]:
    """Convert the checkpoint of a family, or of a variant, to every kind and describe the files."""
    family = VARIANTS.get(reference, reference)
    tokenizer = RECIPES[family].tokenizer
    pre = tokenizer.pre if isinstance(tokenizer, ByteLevel) else None
    folder = work / "checkpoints" / reference
    shutil.rmtree(folder, ignore_errors=True)
    checkpoint = write_checkpoint(folder, family)
    files, described = {}, {}
    for kind in CONVERTED:
        out = work / f"{reference}-{kind}.gguf"
        _in_child(reference, checkpoint, out, kind, pre)
        files[kind] = hashlib.sha256(out.read_bytes()).hexdigest()
        described[kind] = describe(out)
    return {"checkpoint": digests(checkpoint), "files": files, **_folded(described)}


def _folded(described: dict[str, Any]) -> dict[str, Any]:
    """The descriptions of all kinds in one, without what is the same in each."""
    base = described["f32"]
    changes = {
        kind: {
            key: value
            for key, value in described[kind]["metadata"].items()
            if base["metadata"].get(key) != value
        }
        for kind in CONVERTED[1:]
    }
    tensors = {
        name: {
            "shape": tensor["shape"],
            **{
                kind: [described[kind]["tensors"][name][part] for part in ("type", "sha256")]
                for kind in CONVERTED
            },
        }
        for name, tensor in base["tensors"].items()
    }
    return {"metadata": base["metadata"], "metadata_changes": changes, "tensors": tensors}


def store(family: str, reference: dict[str, Any]) -> None:
    """Write a family's file, one key or tensor a line."""
    parts = []
    for name, part in reference.items():
        lines = [f"  {json.dumps(key)}: {_json(value)}" for key, value in part.items()]
        parts.append(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }")
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    (REFERENCES / f"{family}.json").write_text(text, encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Make the references of the families and variants named, or of all."""
    llama_cpp, work, *families = sys.argv[1:]
    os.environ["HF_HUB_OFFLINE"] = "1"
    sys.path.insert(0, llama_cpp)
    import convert_hf_to_gguf  # noqa: F401  -- loaded once, before the processes are forked

    for family in families or [*RECIPES, *VARIANTS]:
        store(family, _reference(family, Path(work)))


if __name__ == "__main__":
    main()
