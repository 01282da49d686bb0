"""The tokens of a vocabulary: text, kind and, for SentencePiece, score of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gguf import TokenType

from converters.errors import VocabularySizeMismatch
from converters.typed_value import TypedValue, float32s, int32s, strings

# gguf.TokenType as plain numbers.
NORMAL = int(TokenType.NORMAL)
UNKNOWN = int(TokenType.UNKNOWN)
CONTROL = int(TokenType.CONTROL)
USER_DEFINED = int(TokenType.USER_DEFINED)
UNUSED = int(TokenType.UNUSED)
BYTE = int(TokenType.BYTE)

# Scores of tokens that SentencePiece itself has not made: never joined, as no other is lower.
PADDING_SCORE = -10000.0
ADDED_SCORE = -1000.0

_BLANK = "\u2581"
# Tokens that some checkpoints list as ordinary although a text must never produce them.
_LOOKS_SPECIAL = ("<pad>", "<mask>", "<2mass>", "[@BOS@]")
_BRACKETS = (("<|", "|>"), ("<｜", "｜>"), ("<unused", ">"))


@dataclass
class TokenList:
    """Parallel lists, one entry for each row of the embedding; `scores` may stay empty.

    Attributes:
        texts: The text of each token, as llama.cpp looks for it.
        types: What gguf.TokenType numbers, of each.
        scores: The score of each, of SentencePiece and whatever is written like it.
        notes: What a person may want to know.
    """

    texts: list[str] = field(default_factory=list)
    types: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def padding(cls, n_tokens: int, score: float) -> TokenList:
        """Only the tokens that fill up an embedding with more rows than the tokenizer has."""
        return cls(
            [padding_text(index) for index in range(n_tokens)],
            [UNUSED] * n_tokens,
            [score] * n_tokens,
        )

    def __len__(self) -> int:
        return len(self.texts)

    def append(self, text: str, kind: int, score: float | None = None) -> None:
        """Add the next token."""
        self.texts.append(text)
        self.types.append(kind)
        if score is not None:
            self.scores.append(score)

    def replace(self, index: int, text: str, kind: int, score: float) -> None:
        """Put a token in the place of another; noted when that one was in use."""
        if self.types[index] != UNUSED and self.texts[index] != text:
            self.notes.append(f"token {index}: {self.texts[index]!r} is replaced by {text!r}")
        self.texts[index], self.types[index], self.scores[index] = text, kind, score

    def keys(self) -> dict[str, TypedValue]:
        """Texts, scores if there are any, and types as keys of a GGUF file."""
        keys = {"tokenizer.ggml.tokens": strings(self.texts)}
        if self.scores:
            keys["tokenizer.ggml.scores"] = float32s(self.scores)
        return keys | {"tokenizer.ggml.token_type": int32s(self.types)}


def too_large(folder: Path, index: int, n_vocab: int) -> VocabularySizeMismatch:
    """The error for a token beyond the last row of the embedding."""
    return VocabularySizeMismatch(
        "The tokenizer does not fit the model",
        f"{folder}: the tokenizer has a token {index:,}, but config.json says vocab_size "
        f"{n_vocab:,}",
        "Take tokenizer and config.json from the same revision of the checkpoint; after adding "
        "tokens, the embedding must be resized and saved with its new vocab_size.",
    )


def padding_text(index: int) -> str:
    """The text of a row of the embedding that no token belongs to."""
    return f"[PAD{index}]"


def added_kind(text: str, special: bool) -> int:
    """Control tokens are never produced by text of a user; user-defined ones are."""
    return CONTROL if special or looks_special(text) else USER_DEFINED


def looks_special(text: str) -> bool:
    """Whether a token must count as a control token although the checkpoint forgot to say so.

    Source: does_token_look_special in conversion/base.py of llama.cpp, as of
    llama-cpp-python 0.3.36
    """
    return text in _LOOKS_SPECIAL or any(
        text.startswith(begin) and text.endswith(end) for begin, end in _BRACKETS
    )


def with_plain_spaces(text: str) -> str:
    """The text with the sign that SentencePiece writes for a space turned back into one."""
    return text.replace(_BLANK, " ")


def texts_of_bytes(tokens: Iterable[bytes]) -> list[str]:
    """Each byte as the printable character that GPT-2's vocabulary has in its place."""
    return ["".join(map(_BYTE_SIGNS.__getitem__, token)) for token in tokens]


def _byte_signs() -> list[str]:
    """Printable bytes of Latin-1 stand for themselves, the others for U+0100 and following."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


_BYTE_SIGNS = _byte_signs()
