"""The ways in which checkpoints keep a vocabulary: byte pairs, SentencePiece, tekken.

Each recipe adds keys in the order in which llama.cpp's converter writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from converters.errors import SpecialTokenMissing
from converters.typed_value import TypedValue, boolean, int32s, string, strings
from converters.vocabulary.byte_pairs import byte_pair_tokens, merges, merges_suffice
from converters.vocabulary.chat_templates import template_keys
from converters.vocabulary.few_merges import load_for
from converters.vocabulary.files import TokenizerFiles
from converters.vocabulary.loading import encode, load_tokenizer
from converters.vocabulary.pre_tokenizer.choice import TEST_TEXT, Splitting, choose
from converters.vocabulary.pre_tokenizer.definition import read_definition
from converters.vocabulary.sentence_piece import phi3_tokens, sentence_piece_tokens
from converters.vocabulary.sentence_piece_json import (
    adds_blank_in_front,
    sentence_piece_json_tokens,
)
from converters.vocabulary.special_tokens import SpecialTokens, read_special_tokens
from converters.vocabulary.tekken import Tekken, read_tekken
from converters.vocabulary.token_list import TokenList

ADD_BOS = "tokenizer.ggml.add_bos_token"
ADD_EOS = "tokenizer.ggml.add_eos_token"
SPACE_PREFIX = "tokenizer.ggml.add_space_prefix"
_MODEL = "tokenizer.ggml.model"
_PRE = "tokenizer.ggml.pre"
_MERGES = "tokenizer.ggml.merges"
# GLM-4 begins a text with [gMASK], and a turn of the user or of a tool ends the model's own.
_GLM4_SPECIAL = {
    "bos": "[gMASK]",
    "eot": "<|user|>",
    "unk": "<|endoftext|>",
    "eom": "<|observation|>",
}


@dataclass
class Draft:
    """What a recipe works with, and what it has written so far.

    Attributes:
        files: The folder of the checkpoint.
        config: config.json, with the values of its `text_config` at its top.
        pre_tokenizer: The name a person has chosen; None to find it.
        usual: The pre-tokenizer that models of this architecture have.
        keys: The keys of a GGUF file, in their order.
        n_tokens: How many tokens there are, padding included.
        notes: What a person may want to know.
    """

    files: TokenizerFiles
    config: Mapping[str, Any]
    pre_tokenizer: str | None = None
    usual: str | None = None
    keys: dict[str, TypedValue] = field(default_factory=dict)
    n_tokens: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def n_vocab(self) -> int | None:
        """The rows of the embedding, as far as config.json tells."""
        size = self.config.get("vocab_size")
        return size if isinstance(size, int) else None

    def add_tokens(self, model: str, pre: str, tokens: TokenList) -> None:
        """Model, pre-tokenizer and tokens."""
        self.keys |= {_MODEL: string(model), _PRE: string(pre)} | tokens.keys()
        self.n_tokens = len(tokens)
        self.notes += tokens.notes

    def add_special(self, special: SpecialTokens) -> None:
        """Special tokens and chat templates."""
        self.keys |= special.keys() | template_keys(self.files)
        self.notes += special.notes


def byte_pairs(draft: Draft) -> None:
    """Byte-level BPE from tokenizer.json."""
    _add_byte_pairs(draft)
    draft.add_special(read_special_tokens(draft.files))


def glm4(draft: Draft) -> None:
    """GLM-4 and its mixtures: byte pairs with special tokens that its files do not name.

    Raises:
        SpecialTokenMissing: One of them is not in the vocabulary.
    """
    _add_byte_pairs(draft)
    special = read_special_tokens(draft.files)
    for kind, text in _GLM4_SPECIAL.items():
        special.set_missing(kind, _added_id(draft.files, text))
    draft.add_special(special)


def sentence_piece(draft: Draft) -> None:
    """SentencePiece from tokenizer.model."""
    _add_sentence_piece(draft, sentence_piece_tokens(draft.files, draft.n_vocab))


def phi3(draft: Draft) -> None:
    """Phi-3: SentencePiece, with added tokens from one more file."""
    _add_sentence_piece(draft, phi3_tokens(draft.files, draft.n_vocab))


def sentence_piece_json(draft: Draft) -> None:
    """SentencePiece of which only tokenizer.json is there."""
    tokenizer = load_tokenizer(draft.files)
    _add_sentence_piece(draft, sentence_piece_json_tokens(tokenizer, draft.files, draft.n_vocab))
    if not adds_blank_in_front(draft.files):
        draft.keys.setdefault(SPACE_PREFIX, boolean(False))


def tekken(draft: Draft) -> None:
    """Mistral's tekken.json."""
    vocabulary = read_tekken(draft.files)
    tokens = vocabulary.tokens()
    draft.n_tokens = len(tokens)
    draft.keys |= {
        _MODEL: string("gpt2"),
        _PRE: string("tekken"),
        _MERGES: strings(vocabulary.merges()),
    }
    draft.keys |= _tekken_special(vocabulary).keys()
    listed = tokens.keys()
    types = listed.pop("tokenizer.ggml.token_type")
    # Zeros, but as whole numbers: so llama.cpp's converter writes them, and llama.cpp reads them.
    scores = int32s([0] * len(tokens))
    draft.keys |= listed | {"tokenizer.ggml.scores": scores, "tokenizer.ggml.token_type": types}
    draft.keys |= {ADD_BOS: boolean(True), ADD_EOS: boolean(False)} | template_keys(draft.files)


def _tekken_special(vocabulary: Tekken) -> SpecialTokens:
    texts = {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "pad": "<pad>"}
    ids = {kind: vocabulary.special_id(text) for kind, text in texts.items()}
    return SpecialTokens({kind: index for kind, index in ids.items() if index is not None})


def _add_byte_pairs(draft: Draft) -> None:
    files = draft.files
    tokenizer, vocabulary = load_for(files, TEST_TEXT)
    ids = encode(tokenizer, files.config, TEST_TEXT)
    plain = tokenizer.encode(TEST_TEXT, add_special_tokens=False).ids
    splitting = Splitting(
        ids=ids,
        definition=read_definition(files.tokenizer),
        adds_bos=ids[:1] != plain[:1],
        merges_suffice=lambda: merges_suffice(load_tokenizer(files)),
    )
    pre = choose(splitting, draft.usual, draft.pre_tokenizer)
    draft.add_tokens("gpt2", pre, byte_pair_tokens(tokenizer, vocabulary, files, draft.n_vocab))
    if rules := merges(files):
        draft.keys[_MERGES] = strings(rules)


def _add_sentence_piece(draft: Draft, tokens: TokenList) -> None:
    draft.add_tokens("llama", "default", tokens)
    draft.add_special(read_special_tokens(draft.files, len(tokens)))


def _added_id(files: TokenizerFiles, text: str) -> int:
    for token in files.added_tokens:
        if token.get("content") == text:
            return int(token["id"])
    raise SpecialTokenMissing(
        "A special token is missing",
        f"{text!r} is not among the added tokens of {files.folder / 'tokenizer.json'}",
        "GLM-4 models need it to know where a turn ends; take the tokenizer from the original "
        "checkpoint.",
    )
