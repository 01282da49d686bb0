"""llama.cpp with nothing but a vocabulary, to see what it makes of texts."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import gguf
import llama_cpp.llama_cpp as llama

from converters.typed_value import TypedValue


@llama.llama_log_callback
def _silent(_level: int, _text: bytes, _user_data: object) -> None:
    """llama.cpp's log of a vocabulary is long, and not always UTF-8."""


class NativeVocabulary:
    """A vocabulary as llama.cpp has loaded it."""

    def __init__(self, vocabulary: object) -> None:
        self._vocabulary = vocabulary

    def encode(self, text: str, *, special: bool = True) -> list[int]:
        """Token ids of a text.

        Args:
            text: The text.
            special: Whether tokens are added in front and behind, and control tokens in the text
                are taken as such.
        """
        data = text.encode()
        room = 4 * len(data) + 8
        ids = (llama.llama_token * room)()
        count = llama.llama_tokenize(self._vocabulary, data, len(data), ids, room, special, special)
        assert count >= 0, count
        return list(ids[:count])

    def ends(self, token: int) -> bool:
        """Whether this token ends an answer."""
        return bool(llama.llama_vocab_is_eog(self._vocabulary, token))


@contextmanager
def loaded(folder: Path, keys: Mapping[str, TypedValue]) -> Iterator[NativeVocabulary]:
    """Write a file with these keys alone and load its vocabulary."""
    path = write_vocabulary(folder / "vocabulary.gguf", keys)
    llama.llama_log_set(_silent, ctypes.c_void_p(0))
    llama.llama_backend_init()
    params = llama.llama_model_default_params()
    params.vocab_only = True
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    assert model, f"llama.cpp refuses {path}"
    try:
        yield NativeVocabulary(llama.llama_model_get_vocab(model))
    finally:
        llama.llama_model_free(model)


def write_vocabulary(path: Path, keys: Mapping[str, TypedValue]) -> Path:
    """Write a GGUF file that holds these keys and no tensors."""
    writer = gguf.GGUFWriter(path, "llama")
    for key, value in keys.items():
        writer.add_key_value(key, value.value, value.type, value.element_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path
