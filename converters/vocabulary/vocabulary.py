"""Reads the vocabulary of a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converters.errors import VocabularySizeMismatch
from converters.memory import give_back
from converters.typed_value import TypedValue
from converters.vocabulary.families import USUAL_PRE_TOKENIZERS, recipe_for
from converters.vocabulary.files import TokenizerFiles, unreadable
from converters.vocabulary.recipes import Draft


@dataclass(frozen=True)
class Vocabulary:
    """A vocabulary, ready to be written.

    Attributes:
        keys: Keys and values of the GGUF file, in the order in which they are written.
        n_tokens: How many tokens there are, padding included.
        notes: What a person may want to know: tokens that were left out or replaced.
    """

    keys: Mapping[str, TypedValue]
    n_tokens: int
    notes: tuple[str, ...] = ()

    def metadata(self) -> dict[str, TypedValue]:
        """Keys and values, as llama.cpp's converter writes them."""
        return dict(self.keys)

    def check_embedding(self, n_rows: int) -> None:
        """Refuse an embedding that has no row for a token, or rows for none.

        Raises:
            VocabularySizeMismatch: The numbers differ.
        """
        if n_rows != self.n_tokens:
            raise VocabularySizeMismatch(
                "Tokenizer and weights do not fit each other",
                f"the vocabulary has {self.n_tokens:,} tokens, the embedding {n_rows:,} rows",
                "Take tokenizer, config.json (vocab_size) and weights from the same revision of "
                "the checkpoint.",
            )


def read_vocabulary(
    folder: Path, config: Mapping[str, Any], *, pre_tokenizer: str | None = None
) -> Vocabulary:
    """Read the tokenizer that lies in the folder of a checkpoint.

    Args:
        folder: The folder with tokenizer.json, tokenizer.model or tekken.json.
        config: config.json of the model: `architectures` decides the way, `vocab_size` (also
            within `text_config`) the number of tokens.
        pre_tokenizer: A name that llama.cpp knows, where it must not be found out.

    Raises:
        TokenizerMissing: There is no tokenizer in the folder.
        TokenizerUnreadable: One of its files is damaged.
        UnknownPreTokenizer: llama.cpp has no rules that split text as this tokenizer does.
        VocabularySizeMismatch: The tokenizer has more tokens than the model.
        SpecialTokenMissing: A token that this family needs is not there.
    """
    text_config = config.get("text_config") or {}
    architecture = str((config.get("architectures") or [""])[0])
    draft = Draft(
        TokenizerFiles(folder),
        {**config, **text_config},
        pre_tokenizer,
        USUAL_PRE_TOKENIZERS.get(architecture),
    )
    try:
        recipe_for(architecture)(draft)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # The files come from anywhere: what stands in them may have any form.
        raise unreadable(folder, f"its files have a form of their own ({error!r})") from error
    used = draft.keys["tokenizer.ggml.pre"].value
    if pre_tokenizer not in (None, used):
        draft.notes.append(
            f"the pre-tokenizer {pre_tokenizer!r} is not used: this vocabulary has {used!r}"
        )
    vocabulary = Vocabulary(draft.keys, draft.n_tokens, tuple(draft.notes))
    give_back()
    return vocabulary
