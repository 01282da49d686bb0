"""What all architectures share: from a configuration and named tensors to GGUF's keys and names.

An architecture is a class with a few attributes and, where its tensors are more than renamed, a
`convert` of its own. Keys and names are those of llama.cpp's own converter, and so is their order.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/base.py)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import gguf

from converters.architectures import hyperparameters
from converters.errors import DamagedCheckpoint, UnsupportedArchitecture, WrongTensors
from converters.gaps import gaps
from converters.tensors import SourceDtype, TensorSource
from converters.typed_value import TypedValue

Keys = Any
"""A `gguf.GGUFWriter`, of which only the `add_...` methods for keys are used."""
Named = tuple[str, TensorSource]

_NOT_WEIGHTS = (".attention.masked_bias", ".attention.bias", ".rotary_emb.inv_freq")
_LAYER = re.compile(r"(?:^|\.)(\d+)(?:\.|$)")
_LISTED = 40
_LONGEST_REASON = 500


class Architecture:
    """One architecture; a subclass for each.

    Attributes:
        names: Entries of `architectures` in `config.json`.
        arch: Its number in the `gguf` package.
        defaults: What the configuration class of transformers fills in where `config.json` is
            silent, as far as a key of GGUF depends on it.
        keeps_mtp: Whether layers that predict further tokens are kept where nobody asks.
        config: The configuration with these defaults; that of the text model where there are more.
        sources: The checkpoint's tensors that belong to the text model, under their names there.
        n_layers: Layers, with those that the architecture adds.
    """

    names: ClassVar[tuple[str, ...]]
    arch: ClassVar[gguf.MODEL_ARCH]
    defaults: ClassVar[Mapping[str, Any]] = {}
    keeps_mtp: ClassVar[bool] = True

    @classmethod
    def configured(cls, config: Mapping[str, Any], keep_mtp: bool | None) -> Mapping[str, Any]:
        """`config.json` with what was asked for.

        Args:
            config: What it says.
            keep_mtp: Whether layers that predict further tokens are converted; None for the
                architecture's own choice.

        Raises:
            UnsupportedArchitecture: There are none, but they were spoken of.
        """
        if keep_mtp is not None:
            raise UnsupportedArchitecture(
                "This architecture has no MTP layers",
                f"{cls.names[0]} has no layers that predict further tokens.",
                "Leave out --mtp.",
            )
        return config

    def __init__(self, config: Mapping[str, Any], sources: Mapping[str, TensorSource]) -> None:
        self.config = self.completed(hyperparameters.of_text_model(config))
        with reading_config():
            hyperparameters.check_sizes(self.config)
        self.n_layers = self.count_layers()
        self.rope = hyperparameters.rope_parameters(self.config)
        self.sources = {
            kept: source
            for name, source in sources.items()
            if not name.endswith(_NOT_WEIGHTS) and (kept := self.kept_name(name))
        }
        self.tensor_names = gguf.get_tensor_name_map(self.arch, self.n_layers)

    # What a subclass may change.

    def completed(self, config: dict[str, Any]) -> dict[str, Any]:
        """The configuration with defaults; values that depend on others are set here."""
        config = {**self.defaults, **config}
        if config.get("num_key_value_heads", 0) is None:
            config["num_key_value_heads"] = config.get("num_attention_heads")
        return config

    def count_layers(self) -> int:
        """How many layers the result has."""
        return int(self.need("num_hidden_layers", "n_layers", "n_layer", "num_layers"))

    def kept_name(self, name: str) -> str | None:
        """The name under which a tensor is converted; None for one that is left out."""
        return hyperparameters.text_model_name(name)

    def add_common_keys(self, keys: Keys, file_type: gguf.LlamaFileType) -> None:
        """Add the keys that most architectures have, and `general.file_type`."""
        hyperparameters.add_common_keys(keys, self.config, self.rope, self.n_layers)
        keys.add_file_type(file_type)

    def add_keys(self, keys: Keys) -> None:
        """Add the keys of this architecture behind the common ones."""

    def add_leading_keys(self, keys: Keys) -> None:
        """Add keys that stand before all others but `general.architecture`."""

    def extra_tensors(self) -> Iterable[Named]:
        """Tensors under GGUF's names that stand before all others and in no checkpoint."""
        return ()

    def convert(self, name: str, source: TensorSource, layer: int | None) -> Iterable[Named]:
        """GGUF's names and contents for one tensor of the checkpoint.

        Args:
            name: Its name there.
            source: What it holds.
            layer: The first number in its name.

        Raises:
            UnknownTensor: The architecture has no such tensor.
        """
        del layer
        yield self.map_name(name), source

    def leftovers(self) -> Iterable[str]:
        """What is still missing when all tensors went through `convert`."""
        return ()

    def forced_type(self, name: str, shape: tuple[int, ...]) -> gguf.GGMLQuantizationType | None:
        """The type that a tensor, by its name in GGUF, has in every file; None for the usual."""
        del name, shape
        return None

    # What callers use.

    @property
    def name(self) -> str:
        """`general.architecture`."""
        return str(gguf.MODEL_ARCH_NAMES[self.arch])

    def metadata(self, file_type: gguf.LlamaFileType) -> dict[str, TypedValue]:
        """The architecture's keys and `general.file_type`, in the order of llama.cpp's converter.

        Raises:
            DamagedCheckpoint: `config.json` lacks a value or has one that makes no sense.
        """
        keys = gguf.GGUFWriter(None, self.name)
        with reading_config():
            self.add_common_keys(keys, file_type)
            self.add_keys(keys)
        return typed_values(keys)

    def leading_metadata(self) -> dict[str, TypedValue]:
        """`general.architecture` and the keys that llama.cpp's converter writes right behind it.

        Raises:
            DamagedCheckpoint: As for `metadata`.
        """
        keys = gguf.GGUFWriter(None, self.name)
        with reading_config():
            self.add_leading_keys(keys)
        return typed_values(keys)

    def tensors(self) -> Iterator[Named]:
        """All tensors of the result, in the order of llama.cpp's converter.

        Raises:
            DamagedCheckpoint: `config.json` has a value that makes no sense.
            WrongTensors: Some are unknown, missing or of a wrong shape; all are listed.
        """
        with reading_config():
            extra = list(self.extra_tensors())
        yield from extra
        found = [(name, source.shape) for name, source in extra]
        problems: list[str] = []
        unsound: set[int | None] = set()
        for name, source in self.sources.items():
            try:
                if source.dtype is SourceDtype.WHOLE:
                    raise ValueError("it holds whole numbers, which weights are not")
                made = list(self.convert(name, source, layer_of(name)))
            except UnknownTensor:
                problems.append(f"{name} is unknown")
            except ValueError as error:
                problems.append(f"{name}: {error}")
                unsound.add(layer_of(name))
            else:
                found += [(name, source.shape) for name, source in made]
                yield from made
        left = list(self.leftovers())
        problems += [f"{name} is missing" for name in left]
        unsound |= {layer_of(name) for name in left}
        if problems:
            # In a layer of which a tensor could not be made, others lack only in consequence.
            others = (gap for gap in gaps(found, self.n_layers) if layer_of(gap) not in unsound)
            raise wrong_tensors([*problems, *others])

    # Helps for subclasses.

    def find(self, *keys: str) -> Any:
        """The value of the first of these keys that the configuration has; None where none is."""
        return next((self.config[key] for key in keys if key in self.config), None)

    def need(self, *keys: str) -> Any:
        """The same, for a value without which nothing can be done.

        Raises:
            DamagedCheckpoint: There is none.
        """
        value = self.find(*keys)
        if value is None:
            raise _bad_config(f"it has no {keys[0]}")
        return value

    def set_key(self, keys: Keys, key: str, value: Any, type_: gguf.GGUFValueType) -> None:
        """Add a key, or give it another value at its old place."""
        keys.kv_data[0][key.format(arch=self.name)] = gguf.GGUFValue(value, type_)

    @property
    def head_dim(self) -> int:
        """Columns of an attention head."""
        return int(
            self.find("head_dim") or self.need("hidden_size") // self.need("num_attention_heads")
        )

    def map_name(self, name: str) -> str:
        """GGUF's name for a tensor of the checkpoint.

        Raises:
            UnknownTensor: The architecture has no such tensor.
        """
        found = self.tensor_names.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise UnknownTensor(name)
        return str(found)

    def name_of(
        self, tensor: gguf.MODEL_TENSOR, layer: int | None = None, suffix: str = ".weight"
    ) -> str:
        """GGUF's name of a tensor of this architecture."""
        return str(gguf.TENSOR_NAMES[tensor].format(bid=layer)) + suffix


def typed_values(keys: Keys) -> dict[str, TypedValue]:
    """The keys that a `gguf.GGUFWriter` has collected, with their types, in their order."""
    return {
        key: TypedValue(found.value, found.type, _element_type(found))
        for key, found in keys.kv_data[0].items()
    }


def _element_type(found: Any) -> gguf.GGUFValueType | None:
    if found.type != gguf.GGUFValueType.ARRAY:
        return None
    return found.sub_type or gguf.GGUFValueType.get_type(found.value[0])


class UnknownTensor(Exception):
    """The architecture has no tensor of this name."""


def layer_of(name: str) -> int | None:
    """The first number in a tensor's name."""
    found = _LAYER.search(name)
    return int(found[1]) if found else None


def wrong_tensors(problems: list[str]) -> WrongTensors:
    """An error that lists all problems."""
    rest = len(problems) - _LISTED
    more = f"; and {rest} more" if rest > 0 else ""
    return WrongTensors(
        "The checkpoint's tensors are not those of its architecture",
        f"{len(problems)} problems: {'; '.join(problems[:_LISTED])}{more}.",
        "Download the missing files; if nothing is missing, the model is of another architecture "
        "than its config.json says.",
    )


@contextmanager
def reading_config(files: str = "config.json") -> Iterator[None]:
    """What fails while values of the configuration are used is the configuration's fault.

    Args:
        files: Where the values stand.

    Raises:
        DamagedCheckpoint: Something failed that comes of a value which is missing or of a strange
            form; the checkpoint's files come from anywhere.
    """
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise _bad_config(f"{type(error).__name__}: {error}"[:_LONGEST_REASON], files) from error


def _bad_config(problem: str, files: str = "config.json") -> DamagedCheckpoint:
    """An error that says what config.json lacks or has wrong."""
    return DamagedCheckpoint(
        "The configuration of the checkpoint makes no sense",
        f"{files}: {problem}.",
        f"Download {files} again.",
    )


def misread(problem: str) -> UnsupportedArchitecture:
    """An error for a model that llama.cpp would take for another one, without a word."""
    return UnsupportedArchitecture(
        "llama.cpp would compute this model wrongly",
        f"{problem}.",
        "Nothing in a GGUF file could tell it so. Take a checkpoint of the usual form, or a newer "
        "Conclave.",
    )
