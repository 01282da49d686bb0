"""What can be asked of a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantizeOptions:
    """A GGUF file, or the result of a conversion, in another type.

    Attributes:
        source: A checkpoint, or a GGUF file.
        output: The file to be written, or a folder, where it gets a name.
        type: The type of file, such as "Q4_K_M".
        tensor_types: "PATTERN=TYPE": regular expressions on names; the first that fits counts.
        output_type: For the output matrix; "" for the choice of llama.cpp.
        embedding_type: For the token embedding; "" for the choice of llama.cpp.
        imatrix: An importance matrix.
        split_bytes: Most bytes of tensors in one file; 0 for a single file.
        force: Whether files that exist are replaced.
        dry_run: Only tell what would be written.
        allow_not_finite: Whether NaN and infinity are written, where the type has them.
        allow_requantize: Whether weights that are quantized already may be quantized again.
        n_threads: 0 for all cores.
    """

    source: Path
    output: Path
    type: str = "BF16"
    tensor_types: tuple[str, ...] = ()
    output_type: str = ""
    embedding_type: str = ""
    imatrix: Path | None = None
    split_bytes: int = 0
    force: bool = False
    dry_run: bool = False
    allow_not_finite: bool = False
    allow_requantize: bool = False
    n_threads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertOptions(QuantizeOptions):
    """A checkpoint as a GGUF file.

    Attributes:
        name: `general.name`; "" for what the model card or the folder says.
        metadata: A JSON file with keys of GGUF that replace what is found.
        pre_tokenizer: The name of the pre-tokenizer, where it is not to be found out.
        keep_mtp: Whether layers that predict further tokens are converted; None for the choice of
            llama.cpp's converter: GLM-4-MoE with them, DeepSeek without.
    """

    name: str = ""
    metadata: Path | None = None
    pre_tokenizer: str = ""
    keep_mtp: bool | None = None
