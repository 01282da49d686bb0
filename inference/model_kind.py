"""Whether a sound GGUF file holds a model that can chat, told from its header alone.

Source: `GGUFType` and `general.type` in gguf-py/gguf/constants.py, and the architectures that
`llama_model_has_encoder` names in src/llama-model.cpp, of llama.cpp as in llama-cpp-python 0.3.36.
"""

from __future__ import annotations

from inference.errors import NotAChatModel
from inference.gguf_header import GgufHeader

_MODEL = "Choose the model itself."
_ANOTHER = "Choose a model that was made for chats."
_BY_TYPE = {
    "adapter": (
        "an adapter (LoRA), which changes another model",
        "Choose its model, and give this file as --adapter.",
    ),
    "mmproj": ("the part of a model that sees pictures or hears sounds", _MODEL),
    "imatrix": ("an importance matrix, which is used to quantize a model", _MODEL),
}
_BY_ARCHITECTURE = {
    "clip": _BY_TYPE["mmproj"],
    "controlvector": ("a control vector, which steers another model", _MODEL),
    "t5": ("an encoder with a decoder, made to translate and to sum up", _ANOTHER),
    "t5encoder": ("an encoder, which makes numbers of texts and writes none", _ANOTHER),
}
_ENCODER = "a model that reads texts as a whole, as for embeddings, and writes none token by token"


def check_chats(header: GgufHeader) -> None:
    """See that the file holds a language model.

    Raises:
        NotAChatModel: It holds something else.
    """
    found = _by_header(header)
    if found is None:
        return
    what, hint = found
    raise NotAChatModel(
        "This file is not a chat model",
        f"{header.path.name} (architecture '{header.architecture}') is {what}.",
        hint,
    )


def _by_header(header: GgufHeader) -> tuple[str, str] | None:
    if found := _BY_TYPE.get(header.text("general.type")):
        return found
    if found := _BY_ARCHITECTURE.get(header.architecture):
        return found
    if not header.tensors:
        return "a vocabulary without weights", _MODEL
    causal = header.metadata.get(f"{header.architecture}.attention.causal")
    if causal is False:
        return _ENCODER, _ANOTHER
    if header.arch_number("pooling_type") > 0:
        return "a model for embeddings or for ranking texts", _ANOTHER
    return None
