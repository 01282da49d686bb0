"""Which tensors a model seems to lack, by its other layers: for the error when it is refused."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

_LAYER = re.compile(r"blk\.(\d+)\.(.+)")
_NEEDED = ("token_embd.weight", "output_norm.weight")


def gaps(tensors: Iterable[tuple[str, tuple[int, ...]]], n_layers: int) -> list[str]:
    """Sentences on tensors that most layers have and some do not, or have in another shape.

    Args:
        tensors: Names and shapes.
        n_layers: Layers that the configuration announces.
    """
    shapes: dict[str, dict[int, tuple[int, ...]]] = defaultdict(dict)
    others: set[str] = set()
    for name, shape in tensors:
        found = _LAYER.fullmatch(name)
        if found:
            shapes[found[2]][int(found[1])] = shape
        else:
            others.add(name)
    problems = [f"{name} is missing" for name in _NEEDED if name not in others]
    for suffix, by_layer in shapes.items():
        problems += _in_layers(suffix, by_layer, n_layers)
    return problems


def _in_layers(suffix: str, by_layer: dict[int, tuple[int, ...]], n_layers: int) -> Iterator[str]:
    usual, count = Counter(by_layer.values()).most_common(1)[0]
    for layer in sorted({*range(n_layers), *by_layer}):
        name = f"blk.{layer}.{suffix}"
        if layer >= n_layers:
            yield f"{name} is in none of the {n_layers} layers that config.json announces"
        elif layer not in by_layer:
            if 2 * len(by_layer) > n_layers:
                yield f"{name} is missing"
        elif by_layer[layer] != usual and 2 * count > n_layers:
            yield f"{name} has the shape {list(by_layer[layer])}, others {list(usual)}"
