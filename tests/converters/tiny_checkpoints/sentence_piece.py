"""Small SentencePiece models, written as the protocol buffer that the library reads."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from .byte_level import TEXT, learn

Json = dict[str, Any]

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6
N_MERGES = 64


@dataclass(frozen=True)
class SentencePiece:
    """A family's SentencePiece tokenizer: head of the vocabulary, bytes, pieces, added tokens."""

    head: tuple[tuple[str, int], ...] = (("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL))
    # Added behind the pieces, in tokenizer_config.json: text and whether it is special.
    added: tuple[tuple[str, bool], ...] = ()
    add_dummy_prefix: bool = True
    bos: str = "<s>"
    eos: str = "</s>"
    unk: str = "<unk>"
    pad: str | None = None
    template: str | None = None
    # `added_tokens.json` as well, as Phi-3 has it.
    added_file: bool = False
    tokenizer_class: str = "LlamaTokenizer"
    more: Json = field(default_factory=dict)

    def files(self) -> dict[str, Json | str | bytes]:
        """File name -> what it holds."""
        config: Json = {
            "tokenizer_class": self.tokenizer_class,
            "bos_token": self.bos,
            "eos_token": self.eos,
            "unk_token": self.unk,
            "clean_up_tokenization_spaces": False,
            "model_max_length": 32768,
            "added_tokens_decoder": {
                str(index): self._added(index, text, special)
                for index, text, special in self._listed()
            },
            **self.more,
        }
        if self.pad is not None:
            config["pad_token"] = self.pad
        if self.template is not None:
            config["chat_template"] = self.template
        files: dict[str, Json | str | bytes] = {
            "tokenizer.model": self.model(),
            "tokenizer.json": self._tokenizer(),
            "tokenizer_config.json": config,
        }
        if self.added_file:
            start = len(self.pieces())
            files["added_tokens.json"] = {
                text: start + place for place, (text, _) in enumerate(self.added)
            }
        return files

    def pieces(self) -> list[tuple[str, float, int]]:
        """Text, score and type of every piece."""
        head = [(text, 0.0, kind) for text, kind in self.head]
        bytes_ = [(f"<0x{byte:02X}>", 0.0, BYTE) for byte in range(256)]
        merged = ["".join(pair) for pair in _merges()]
        letters = sorted(set("▁" + TEXT.replace(" ", "▁")))
        pieces = [(text, float(-place), NORMAL) for place, text in enumerate([*merged, *letters])]
        return head + bytes_ + pieces

    def model(self) -> bytes:
        """The serialized ModelProto.

        Source: https://github.com/google/sentencepiece/blob/v0.2.0/src/sentencepiece_model.proto
        """
        ids = {text: place for place, (text, _, _) in enumerate(self.pieces())}
        pieces = b"".join(
            _block(1, _block(1, text.encode()) + _float(2, score) + _number(3, kind))
            for text, score, kind in self.pieces()
        )
        trainer = _number(3, 2) + _number(4, len(ids)) + _number(35, 1)
        trainer += _number(40, ids[self.unk]) + _number(41, ids[self.bos])
        trainer += _block(45, self.unk.encode()) + _block(46, self.bos.encode())
        # Phi-3 ends with an added token, of which its model knows nothing.
        eos = self.eos if self.eos in ids else "</s>"
        trainer += _number(42, ids[eos]) + _block(47, eos.encode())
        trainer += _number(43, ids.get(self.pad or "", -1))
        normalizer = _block(1, b"identity") + _number(3, int(self.add_dummy_prefix))
        normalizer += _number(4, 0) + _number(5, 1)
        return pieces + _block(2, trainer) + _block(3, normalizer)

    def id_of(self, token: str) -> int:
        """The id of a token by its text."""
        texts = [text for text, _, _ in self.pieces()] + [text for text, _ in self.added]
        return texts.index(token)

    def _listed(self) -> list[tuple[int, str, bool]]:
        head = [(place, text, True) for place, (text, kind) in enumerate(self.head) if kind != 4]
        start = len(self.pieces())
        added = [(start + place, *token) for place, token in enumerate(self.added)]
        return head + added

    @staticmethod
    def _added(_index: int, text: str, special: bool) -> Json:
        return {
            "content": text,
            "lstrip": False,
            "normalized": False,
            "rstrip": False,
            "single_word": False,
            "special": special,
        }

    def _tokenizer(self) -> Json:
        prepend = [{"type": "Prepend", "prepend": "▁"}] if self.add_dummy_prefix else []
        replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {"id": index, **self._added(index, text, special)}
                for index, text, special in self._listed()
            ],
            "normalizer": {"type": "Sequence", "normalizers": [*prepend, replace]},
            "pre_tokenizer": None,
            "post_processor": None,
            "decoder": {
                "type": "Sequence",
                "decoders": [
                    {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                    {"type": "ByteFallback"},
                    {"type": "Fuse"},
                ],
            },
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": self.unk,
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": True,
                "byte_fallback": True,
                "vocab": {text: place for place, (text, _, _) in enumerate(self.pieces())},
                "merges": [" ".join(pair) for pair in _merges()],
            },
        }


def _merges() -> list[tuple[str, str]]:
    return learn([tuple("▁" + word) for word in TEXT.split(" ")], N_MERGES)


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    result = bytearray()
    while value > 0x7F:
        result.append(0x80 | value & 0x7F)
        value >>= 7
    return bytes([*result, value])


def _number(field_number: int, value: int) -> bytes:
    return _varint(field_number << 3) + _varint(value)


def _block(field_number: int, data: bytes) -> bytes:
    return _varint(field_number << 3 | 2) + _varint(len(data)) + data


def _float(field_number: int, value: float) -> bytes:
    return _varint(field_number << 3 | 5) + struct.pack("<f", value)
