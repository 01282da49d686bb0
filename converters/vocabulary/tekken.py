"""Mistral's own vocabularies, tekken.json: byte-level BPE kept as ranks instead of merges."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from converters.vocabulary.files import Json, TokenizerFiles, unreadable
from converters.vocabulary.token_list import CONTROL, NORMAL, TokenList, texts_of_bytes

TEKKEN_FILE = "tekken.json"
# What files of version 7 and before do not list themselves.
# Source: Tekkenizer.DEPRECATED_SPECIAL_TOKENS, mistral-common 1.9.1
_FIRST_SPECIAL = (
    *("<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"),
    *("[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]"),
    *("[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
    "[TOOL_CONTENT]",
)


@dataclass(frozen=True)
class Tekken:
    """A vocabulary of special tokens followed by ranks of byte sequences.

    Attributes:
        special: Texts of the special tokens; their places are their ids.
        ranks: The byte sequences; rank plus number of special tokens is the id.
        pattern: The regular expression that splits text.
    """

    special: list[str]
    ranks: list[bytes]
    pattern: str

    def tokens(self) -> TokenList:
        """All tokens; a score of 0 stands for each, as llama.cpp's converter writes it."""
        n_special, n_ranks = len(self.special), len(self.ranks)
        return TokenList(
            texts=self.special + texts_of_bytes(self.ranks),
            types=[CONTROL] * n_special + [NORMAL] * n_ranks,
        )

    def merges(self) -> list[str]:
        """Every way to join two tokens into a third, in the order of the third's rank.

        Among the ways to the same token, the one with the lower ranks goes first.
        """
        rank_of = {token: rank for rank, token in enumerate(self.ranks)}
        rules: list[str] = []
        for token in self.ranks[256:]:
            cuts = ((token[:cut], token[cut:]) for cut in range(1, len(token)))
            halves = [(a, b) for a, b in cuts if a in rank_of and b in rank_of]
            halves.sort(key=lambda pair: (rank_of[pair[0]], rank_of[pair[1]]))
            rules += [" ".join(texts_of_bytes(pair)) for pair in halves]
        return rules

    def special_id(self, *texts: str) -> int | None:
        """The id of the first of these special tokens that there is."""
        return next((self.special.index(text) for text in texts if text in self.special), None)


def read_tekken(files: TokenizerFiles) -> Tekken:
    """Read tekken.json.

    Raises:
        TokenizerMissing: It is not there.
        TokenizerUnreadable: It lacks what a file of this kind must have.
    """
    path = files.path(TEKKEN_FILE)
    content = files.json(TEKKEN_FILE)
    try:
        return _parse(content)
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable(path, f"{type(error).__name__}: {error}") from error


def _parse(content: Json) -> Tekken:
    config: dict[str, Any] = content["config"]
    n_special = int(config["default_num_special_tokens"])
    n_ranks = int(config["default_vocab_size"]) - n_special
    listed = content.get("special_tokens")
    special = (
        list(_FIRST_SPECIAL)
        if listed is None
        else [entry["token_str"] for entry in sorted(listed, key=lambda entry: entry["rank"])]
    )
    special += [f"<SPECIAL_{index}>" for index in range(len(special), n_special)]
    entries = content["vocab"][:n_ranks]
    ranks = [base64.b64decode(entry["token_bytes"], validate=True) for entry in entries]
    if len(ranks) != n_ranks or len(special) != n_special:
        raise ValueError(
            f"config announces {n_special:,} special tokens and {n_ranks:,} others, but there are "
            f"{len(special):,} and {len(ranks):,}"
        )
    if [entry["rank"] for entry in entries] != list(range(n_ranks)):
        raise ValueError("its ranks do not count from 0 without a gap")
    return Tekken(special, ranks, config["pattern"])
