"""The tokenizer of a checkpoint as keys of a GGUF file.

Owned here: tokens with their kinds and scores, merges, special tokens, chat templates and the name
of the pre-tokenizer. Nothing of the checkpoint is run; transformers is not needed.
"""

from converters.vocabulary.vocabulary import Vocabulary, read_vocabulary

__all__ = ["Vocabulary", "read_vocabulary"]
