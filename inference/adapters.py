"""Whether an adapter (LoRA) belongs to a model: told from both headers before anything is loaded.

Source: llama_adapter_lora_init_impl in src/llama-adapter.cpp of llama.cpp, as in llama-cpp-python
0.3.36, which makes the same checks but names no sizes.
"""

from __future__ import annotations

from collections.abc import Sequence

from inference.engine import Adapter
from inference.errors import AdapterFailed, AdapterMismatch, ModelError
from inference.gguf_header import GgufHeader, TensorInfo, read_header

_A, _B = ".lora_a", ".lora_b"
_EMBEDDING = "token_embd.weight"
_ANOTHER = "Choose an adapter that was made for this model, or go on without it."


def read_adapters(adapters: Sequence[Adapter], model: GgufHeader) -> tuple[GgufHeader, ...]:
    """Their headers.

    Raises:
        AdapterFailed: One cannot be read, or is none.
        AdapterMismatch: One belongs to another model.
    """
    return tuple(_read(adapter, model) for adapter in adapters)


def _read(adapter: Adapter, model: GgufHeader) -> GgufHeader:
    try:
        header = read_header(adapter.path)
    except ModelError as error:
        raise AdapterFailed(
            "The adapter cannot be used", f"{error.title}. {error.detail}", error.hint
        ) from error
    _check_is_adapter(header)
    _check_belongs(header, model)
    return header


def _check_is_adapter(header: GgufHeader) -> None:
    name = header.path.name
    kind, adapter_type = header.text("general.type"), header.text("adapter.type")
    if kind != "adapter":
        reason = f"{name} is no adapter: it is of the type {kind or 'model'!r}."
        raise AdapterFailed("The adapter cannot be used", reason, "Choose a LoRA adapter in GGUF.")
    if adapter_type != "lora":
        reason = f"{name} is of the type {adapter_type!r}; only 'lora' is known."
        raise AdapterFailed("The adapter cannot be used", reason, "Choose a LoRA adapter.")
    if "adapter.alora.invocation_tokens" in header.metadata:
        raise AdapterFailed(
            "The adapter cannot be used",
            f"{name} is an activated LoRA, which holds only behind certain words of a prompt.",
            "Choose an ordinary LoRA adapter.",
        )


def _check_belongs(header: GgufHeader, model: GgufHeader) -> None:
    if header.architecture != model.architecture:
        raise _mismatch(
            header,
            f"is for the architecture '{header.architecture}', and {model.path.name} is of "
            f"'{model.architecture}'",
        )
    weights = {tensor.name: tensor for tensor in model.tensors}
    pairs = _pairs(header)
    if not pairs:
        raise _mismatch(header, "changes no weights")
    for name, pair in pairs.items():
        _check_pair(header, model, name, pair, weights.get(name))


def _pairs(header: GgufHeader) -> dict[str, dict[str, TensorInfo]]:
    """Tensors by the weights they change and by `_A` and `_B`."""
    pairs: dict[str, dict[str, TensorInfo]] = {}
    for tensor in header.tensors:
        for ending in (_A, _B):
            if tensor.name.endswith(ending):
                pairs.setdefault(tensor.name.removesuffix(ending), {})[ending] = tensor
    return pairs


def _check_pair(
    header: GgufHeader,
    model: GgufHeader,
    name: str,
    pair: dict[str, TensorInfo],
    weights: TensorInfo | None,
) -> None:
    if len(pair) < 2:
        raise _mismatch(header, f"has only one half of the change of {name}")
    if weights is None:
        raise _mismatch(header, f"changes {name}, which {model.path.name} does not have")
    a, b = _matrix(pair[_A]), _matrix(pair[_B])
    # B of an embedding lies as the embedding does, A the other way round.
    changed = (b[1], a[1]) if name.endswith(_EMBEDDING) else (a[0], b[1])
    if changed != _matrix(weights):
        there, here = " x ".join(map(str, changed)), " x ".join(map(str, _matrix(weights)))
        raise _mismatch(
            header, f"changes {name} as a matrix of {there}; in {model.path.name} it is {here}"
        )


def _matrix(tensor: TensorInfo) -> tuple[int, int]:
    """The first two dimensions in ggml's order."""
    shape = (*tensor.shape, 1, 1)
    return shape[0], shape[1]


def _mismatch(header: GgufHeader, reason: str) -> AdapterMismatch:
    return AdapterMismatch(
        "The adapter does not belong to this model", f"{header.path.name} {reason}.", _ANOTHER
    )
