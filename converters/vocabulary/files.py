"""The files of a checkpoint that describe its tokenizer, read once and checked for their form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from converters.errors import TokenizerMissing, TokenizerUnreadable

Json = Mapping[str, Any]


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

    def read_tokenizer(self) -> None:
        """Read tokenizer.json now: what that takes for a moment is free again afterwards."""
        _ = self._tokenizer_and_merges

    @property
    def tokenizer(self) -> Json:
        """tokenizer.json, the form of the `tokenizers` library, without vocabulary and merges."""
        return self._tokenizer_and_merges[0]

    @property
    def merges(self) -> list[str]:
        """The merge rules of tokenizer.json, best first; both halves with a space between.

        A space within a half is written as U+0120.

        Raises:
            TokenizerUnreadable: They are neither texts nor pairs.
        """
        return self._tokenizer_and_merges[1]

    @cached_property
    def _tokenizer_and_merges(self) -> tuple[Json, list[str]]:
        """The vocabulary, the largest part, is passed over unread: `tokenizers` has it."""
        if not self.has("tokenizer.json"):
            return {"model": {}}, []
        path = self.folder / "tokenizer.json"
        try:
            parts = msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
            model_parts = msgspec.json.decode(
                parts.pop("model", b"null"), type=dict[str, msgspec.Raw] | None
            )
            content = {key: msgspec.json.decode(part) for key, part in parts.items()}
            model = {
                key: msgspec.json.decode(part)
                for key, part in (model_parts or {}).items()
                if key != "vocab"
            }
        except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
            raise unreadable(path, str(error)) from error
        rules = model.pop("merges", None) or []
        return {**content, "model": model}, self._rules(rules)

    def _rules(self, rules: list[Any]) -> list[str]:
        """Hundreds of thousands of pairs, mostly without blanks in them."""
        if not all(type(rule) is list and len(rule) == 2 for rule in rules):
            return [self._rule(rule) for rule in rules]
        joined = list(map(" ".join, rules))
        for index, text in enumerate(joined):
            if text.count(" ") > 1:
                joined[index] = self._rule(rules[index])
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


def unreadable(path: Path, reason: str) -> TokenizerUnreadable:
    """The error for a file that is not what its name says."""
    return TokenizerUnreadable(
        "The tokenizer cannot be read",
        f"{path}: {reason}",
        "Download this file again; if it stays so, the checkpoint was published broken.",
    )
