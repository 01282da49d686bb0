"""Which tokens begin and end texts and turns, and which of them the tokenizer adds by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from converters.typed_value import TypedValue, boolean, uint32
from converters.vocabulary.files import Json, TokenizerFiles
from converters.vocabulary.loading import SPECIAL_KINDS, rebuilds_post_processor
from converters.vocabulary.post_processor import read_post_processor

_ID_KEYS = {
    "bos": "bos_token_id",
    "eos": "eos_token_id",
    "eot": "eot_token_id",
    "eom": "eom_token_id",
    "unk": "unknown_token_id",
    "sep": "seperator_token_id",
    "pad": "padding_token_id",
    "mask": "mask_token_id",
}


@dataclass
class SpecialTokens:
    """Special tokens by kind ("bos", "eos", "eot"...), in the order in which they are written."""

    ids: dict[str, int] = field(default_factory=dict)
    adds: dict[str, bool] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def set_missing(self, kind: str, token_id: int) -> None:
        """Give a kind its token unless the checkpoint names one itself."""
        self.ids.setdefault(kind, token_id)

    def keys(self) -> dict[str, TypedValue]:
        """The keys of a GGUF file; kinds for which llama.cpp has no key are left out."""
        keys = {
            f"tokenizer.ggml.{_ID_KEYS[kind]}": uint32(token_id)
            for kind, token_id in self.ids.items()
            if kind in _ID_KEYS
        }
        return keys | {
            f"tokenizer.ggml.add_{kind}_token": boolean(adds)
            for kind, adds in self.adds.items()
            if kind in ("bos", "eos", "sep")
        }


def read_special_tokens(files: TokenizerFiles, n_vocab: int | None = None) -> SpecialTokens:
    """The special tokens of a checkpoint.

    tokenizer_config.json goes before config.json; what config.json gives as a list (several EOS
    tokens) is no single token and is passed over, as llama.cpp's converter does: llama.cpp finds
    the other tokens that end a turn by their texts.

    Args:
        files: The folder.
        n_vocab: Ids from here on are passed over; None for no limit.
    """
    around = read_post_processor(files.tokenizer, files.config, SPECIAL_KINDS)
    special = SpecialTokens(adds=around.adds, notes=around.notes)
    if files.config:
        _prefer_what_transformers_does(files, special)
        for kind in around.kinds:
            _read_configured(kind, around.config, files.added_tokens, special, n_vocab)
    text_config = files.model_config.get("text_config") or {}
    for kind in around.kinds:
        token_id = files.model_config.get(f"{kind}_token_id")
        if token_id is None:
            token_id = text_config.get(f"{kind}_token_id")
        _set(special, kind, token_id, n_vocab)
    return special


def _prefer_what_transformers_does(files: TokenizerFiles, special: SpecialTokens) -> None:
    """A byte-level post-processor says nothing about BOS where its class builds another one.

    DeepSeek-V2, V3 and R1 are such; docs/conversion.md tells why this departs from llama.cpp's
    converter.
    """
    processor = files.tokenizer.get("post_processor") or {}
    if processor.get("type") != "ByteLevel" or not rebuilds_post_processor(files.config):
        return
    for kind in ("bos", "eos"):
        if files.config.get(f"add_{kind}_token") is True:
            special.adds[kind] = True


def _read_configured(
    kind: str, config: Json, added: list[Json], special: SpecialTokens, n_vocab: int | None
) -> None:
    adds = config.get(f"add_{kind}_token")
    if isinstance(adds, bool) and special.adds.setdefault(kind, adds) != adds:
        special.notes.append(
            f"tokenizer_config.json says add_{kind}_token {adds}, but tokenizer.json's "
            f"post-processor does otherwise; the latter counts"
        )
    entry = config.get(f"{kind}_token")
    content = entry.get("content") if isinstance(entry, dict) else entry
    if isinstance(content, str):
        ids = (token.get("id") for token in added if token.get("content") == content)
        _set(special, kind, next(ids, None), n_vocab)


def _set(special: SpecialTokens, kind: str, token_id: object, n_vocab: int | None) -> None:
    if not isinstance(token_id, int) or isinstance(token_id, bool):
        return
    if token_id < 0 or (n_vocab is not None and token_id >= n_vocab):
        special.notes.append(f"the {kind} token {token_id} is not in the vocabulary; passed over")
        return
    special.set_missing(kind, token_id)
