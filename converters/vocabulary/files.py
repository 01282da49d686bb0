"""The files of a checkpoint that describe its tokenizer, read once and checked for their form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from converters.errors import TokenizerMissing, TokenizerUnreadable

Json = Mapping[str, Any]


@dataclass(frozen=True)
class TokenizerParts:
    """tokenizer.json in parts, of which the largest stay unread until somebody asks.

    Attributes:
        content: All but vocabulary and merges.
        rules: The merges as they stand there: pairs, or texts with a space between the halves.
        raw: The parts of the file, each as its JSON.
        raw_model: The parts of its model.
    """

    content: Json
    rules: list[Any]
    raw: Mapping[str, msgspec.Raw]
    raw_model: Mapping[str, msgspec.Raw]


class TokenizerFiles:
    """The folder of a checkpoint, as far as it concerns the tokenizer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str) -> bool:
        """Whether the folder holds such a file."""
        return (self.folder / name).is_file()

    def path(self, name: str) -> Path:
        """Where a file lies that the tokenizer cannot do without.

        Raises:
            TokenizerMissing: It does not exist.
        """
        if not self.has(name):
            raise TokenizerMissing(
                "The tokenizer is missing",
                f"{name} is not in {self.folder}",
                "Download the checkpoint again with all its files, not the weights alone.",
            )
        return self.folder / name

    def json(self, name: str) -> Json:
        """The object in a JSON file; an empty one where the file does not exist.

        Raises:
            TokenizerUnreadable: The file is not JSON, or something else than an object.
        """
        if not self.has(name):
            return {}
        path = self.folder / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise unreadable(path, str(error)) from error
        if not isinstance(content, dict):
            raise unreadable(path, f"it holds a {type(content).__name__} instead of an object")
        return content

    def text(self, name: str) -> str | None:
        """The content of a text file; None where it does not exist.

        Raises:
            TokenizerUnreadable: The file is not UTF-8.
        """
        if not self.has(name):
            return None
        path = self.folder / name
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise unreadable(path, str(error)) from error

    @property
    def tokenizer(self) -> Json:
        """tokenizer.json, the form of the `tokenizers` library, without vocabulary and merges."""
        return self.tokenizer_parts.content

    @property
    def merges(self) -> list[str]:
        """The merge rules of tokenizer.json, best first; both halves with a space between.

        A space within a half is written as U+0120.

        Raises:
            TokenizerUnreadable: They are neither texts nor pairs.
        """
        return self._merges

    @cached_property
    def _merges(self) -> list[str]:
        return self._rules(self.tokenizer_parts.rules)

    @cached_property
    def tokenizer_parts(self) -> TokenizerParts:
        """tokenizer.json, taken apart; nothing where it does not exist.

        Raises:
            TokenizerUnreadable: It is not JSON, or something else than an object.
        """
        if not self.has("tokenizer.json"):
            return TokenizerParts({"model": {}}, [], {}, {})
        path = self.folder / "tokenizer.json"
        try:
            return _taken_apart(path.read_bytes())
        except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
            raise unreadable(path, str(error)) from error

    def _rules(self, rules: list[Any]) -> list[str]:
        """Hundreds of thousands of pairs, mostly without blanks in them."""
        if not are_pairs(rules):
            return [self._rule(rule) for rule in rules]
        joined = list(map(" ".join, rules))
        if "".join(joined).count(" ") > len(joined):
            joined = [self._rule(rule) for rule in rules]
        return joined

    def _rule(self, rule: object) -> str:
        if isinstance(rule, str):
            return rule
        if not isinstance(rule, list) or len(rule) != 2:
            path = self.folder / "tokenizer.json"
            raise unreadable(path, f"the merge {rule!r} is neither a text nor a pair")
        return " ".join(part.replace(" ", "\u0120") for part in rule)

    @cached_property
    def config(self) -> Json:
        """tokenizer_config.json: names of special tokens, chat template, class."""
        return self.json("tokenizer_config.json")

    @cached_property
    def model_config(self) -> Json:
        """config.json as it stands in the folder."""
        return self.json("config.json")

    @property
    def added_tokens(self) -> list[Json]:
        """The tokens that tokenizer.json lists beside its vocabulary."""
        return list(self.tokenizer.get("added_tokens") or [])


def are_pairs(rules: list[Any]) -> bool:
    """Whether merges are written as pairs, as newer versions of the library write them."""
    return set(map(type, rules)) == {list} and set(map(len, rules)) == {2}


def _taken_apart(text: bytes) -> TokenizerParts:
    raw = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    raw_model = (
        msgspec.json.decode(raw.get("model", b"null"), type=dict[str, msgspec.Raw] | None) or {}
    )
    content = {key: msgspec.json.decode(part) for key, part in raw.items() if key != "model"}
    model = {key: msgspec.json.decode(part) for key, part in raw_model.items() if key != "vocab"}
    rules = model.pop("merges", None) or []
    return TokenizerParts({**content, "model": model}, rules, raw, raw_model)


def unreadable(path: Path, reason: str) -> TokenizerUnreadable:
    """The error for a file that is not what its name says."""
    return TokenizerUnreadable(
        "The tokenizer cannot be read",
        f"{path}: {reason}",
        "Download this file again; if it stays so, the checkpoint was published broken.",
    )
