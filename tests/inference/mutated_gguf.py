"""A small sound GGUF file taken apart into its fields, and thousands of broken ones made of it."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

SEED = 20
N_SCRAMBLED = 900
HOSTILE = (
    *(0, 1, 2, 3, 4, 7, 8, 9, 12, 13, 31, 33, 77, 255, 1025, 65_536),
    *(2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**60, 2**62, 2**63 - 1, 2**63, 2**64 - 1),
)
NOT_UTF8 = b"\xff\xfe\xed\xa0\x80\xc3"


@dataclass(frozen=True)
class Field:
    """One number (`width` bytes) or, with width 0, raw bytes."""

    content: bytes
    width: int = 0


def number(value: int, width: int) -> Field:
    return Field(value.to_bytes(width, "little"), width)


def text(words: str) -> list[Field]:
    return [number(len(words), 8), Field(words.encode())]


def pair(key: str, kind: int, *value: Field) -> list[Field]:
    return [*text(key), number(kind, 4), *value]


def sound_file() -> list[Field]:
    """A llama of one layer: every kind of metadata, tensors of three types."""
    pairs = [
        pair("general.architecture", 8, *text("llama")),
        pair("general.alignment", 4, number(32, 4)),
        pair("llama.block_count", 4, number(1, 4)),
        pair("llama.context_length", 10, number(2048, 8)),
        pair("llama.embedding_length", 4, number(64, 4)),
        pair("llama.feed_forward_length", 4, number(32, 4)),
        pair("llama.attention.head_count", 9, number(4, 4), number(1, 8), number(4, 4)),
        pair("llama.attention.head_count_kv", 4, number(2, 4)),
        pair("llama.rope.freq_base", 6, Field(struct.pack("<f", 1e4))),
        pair("llama.attention.layer_norm_rms_epsilon", 12, Field(struct.pack("<d", 1e-5))),
        pair("tokenizer.ggml.add_bos_token", 7, number(1, 1)),
        pair(
            "tokenizer.ggml.tokens",
            9,
            number(8, 4),
            number(3, 8),
            *text("a"),
            *text("b"),
            *text(""),
        ),
        pair("long.numbers", 9, number(0, 4), number(1100, 8), Field(bytes(1100))),
        pair("split.count", 2, number(1, 2)),
    ]
    tensors = [
        [*text("token_embd.weight"), number(2, 4), number(64, 8), number(3, 8)],
        [*text("blk.0.attn_q.weight"), number(2, 4), number(64, 8), number(64, 8)],
        [*text("output_norm.weight"), number(1, 4), number(64, 8)],
    ]
    types_offsets = [(0, 0), (2, 768), (1, 768 + 2304)]
    fields = [Field(b"GGUF"), number(3, 4), number(len(tensors), 8), number(len(pairs), 8)]
    fields += [field for one in pairs for field in one]
    for tensor, (kind, offset) in zip(tensors, types_offsets, strict=True):
        fields += [*tensor, number(kind, 4), number(offset, 8)]
    header_bytes = len(joined(fields))
    return [*fields, Field(bytes(-header_bytes % 32 + 768 + 2304 + 128))]


def joined(fields: list[Field]) -> bytes:
    return b"".join(field.content for field in fields)


def broken_files() -> Iterator[bytes]:
    """Some 3,000 files, the same ones each time."""
    fields = sound_file()
    whole = joined(fields)
    yield from _with_hostile_fields(fields)
    header_bytes = len(whole) - len(fields[-1].content)
    yield from (whole[:length] for length in range(1, header_bytes, 2))
    chance = random.Random(SEED)
    yield from (_scrambled(whole, header_bytes, chance) for _ in range(N_SCRAMBLED))


def _with_hostile_fields(fields: list[Field]) -> Iterator[bytes]:
    for place, field in enumerate(fields[:-1]):
        if field.width:
            values = {value % 2 ** (8 * field.width) for value in HOSTILE}
            contents = [value.to_bytes(field.width, "little") for value in sorted(values)]
        else:
            damaged = (NOT_UTF8 * len(field.content))[: len(field.content)]
            contents = [damaged, damaged + b"\xff", bytes(len(field.content))]
        for content in contents:
            yield joined([*fields[:place], replace(field, content=content), *fields[place + 1 :]])


def _scrambled(whole: bytes, header_bytes: int, chance: random.Random) -> bytes:
    """Bytes overwritten, taken out, put in or moved, anywhere in the header."""
    data = bytearray(whole)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(4, header_bytes)
        length = chance.choice((1, 1, 1, 2, 4, 8))
        match chance.randrange(4):
            case 0:
                data[place : place + length] = chance.randbytes(length)
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = chance.randbytes(length)
            case _:
                other = chance.randrange(4, header_bytes)
                data[place : place + length] = data[other : other + length]
    return bytes(data)
