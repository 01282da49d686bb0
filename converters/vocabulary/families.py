"""Which family of models keeps its vocabulary in which way.

Source: set_vocab of the classes in conversion/ of llama.cpp, as of llama-cpp-python 0.3.36
"""

from __future__ import annotations

from collections.abc import Callable

from converters.errors import TokenizerMissing
from converters.typed_value import boolean, uint32
from converters.vocabulary.files import TokenizerFiles
from converters.vocabulary.recipes import (
    ADD_BOS,
    SPACE_PREFIX,
    Draft,
    byte_pairs,
    glm4,
    phi3,
    sentence_piece,
    sentence_piece_json,
    tekken,
)
from converters.vocabulary.sentence_piece import MODEL_FILE
from converters.vocabulary.sentence_piece_json import is_sentence_piece_json
from converters.vocabulary.tekken import TEKKEN_FILE

_CODE_LLAMA_SIZE = 32016
_CODE_LLAMA_EOT = 32010
_STARCODER_SIZE = 49152
# Gemma 3 with pictures leaves vocab_size to the default of transformers' Gemma3TextConfig.
# Source: https://github.com/huggingface/transformers/tree/v4.57.6
_GEMMA3_SIZE = 262208


def whichever(draft: Draft) -> None:
    """SentencePiece, tekken or byte pairs, whichever files there are."""
    files = draft.files
    if files.has(MODEL_FILE):
        sentence_piece(draft)
    elif is_sentence_piece_json(files):
        sentence_piece_json(draft)
    elif files.has("tokenizer.json"):
        byte_pairs(draft)
    elif files.has(TEKKEN_FILE):
        tekken(draft)
    else:
        raise _nothing(files)


def llama(draft: Draft) -> None:
    """Llama, Mistral, Mixtral, Granite, SmolLM3: whichever, with the exceptions of some sizes."""
    prefix = draft.files.config.get("add_prefix_space")
    newer = draft.files.has(TEKKEN_FILE) and not draft.files.has("tokenizer.json")
    if newer:
        tekken(draft)
        return
    if isinstance(prefix, bool):
        draft.keys[SPACE_PREFIX] = boolean(prefix)
    whichever(draft)
    if draft.n_vocab == _CODE_LLAMA_SIZE:
        draft.keys["tokenizer.ggml.eot_token_id"] = uint32(_CODE_LLAMA_EOT)
    if draft.n_vocab == _STARCODER_SIZE:
        draft.keys[ADD_BOS] = boolean(False)


def phi(draft: Draft) -> None:
    """Phi-3 and Phi-MoE; Phi-4 has the same architecture with byte pairs."""
    if draft.files.config.get("tokenizer_class") == "GPT2Tokenizer":
        byte_pairs(draft)
    else:
        phi3(draft)


def gemma(draft: Draft) -> None:
    """Gemma 2 and 3: no blank in front of a text."""
    whichever(draft)
    draft.keys[SPACE_PREFIX] = boolean(False)


def gemma3_with_pictures(draft: Draft) -> None:
    """Gemma 3 whose config.json need not say how large the vocabulary is."""
    draft.config = {"vocab_size": _GEMMA3_SIZE, **draft.config}
    gemma(draft)


def ernie(draft: Draft) -> None:
    """ERNIE 4.5: SentencePiece, with a blank in front of a text or without as its files say."""
    sentence_piece(draft)
    prefix = draft.files.config.get("add_prefix_space")
    if isinstance(prefix, bool):
        draft.keys[SPACE_PREFIX] = boolean(prefix)


RECIPES: dict[str, Callable[[Draft], None]] = {
    "DeepseekV2ForCausalLM": byte_pairs,
    "DeepseekV3ForCausalLM": byte_pairs,
    "Ernie4_5ForCausalLM": ernie,
    "Ernie4_5_ForCausalLM": ernie,
    "Ernie4_5_MoeForCausalLM": ernie,
    "Gemma2ForCausalLM": gemma,
    "Gemma3ForCausalLM": gemma,
    "Gemma3ForConditionalGeneration": gemma3_with_pictures,
    "Glm4MoeForCausalLM": glm4,
    "GptOssForCausalLM": byte_pairs,
    "GraniteForCausalLM": llama,
    "GraniteMoeForCausalLM": llama,
    "GraniteMoeSharedForCausalLM": llama,
    "LlamaForCausalLM": llama,
    "MistralForCausalLM": llama,
    "MixtralForCausalLM": llama,
    "Olmo2ForCausalLM": byte_pairs,
    "OlmoeForCausalLM": byte_pairs,
    "Phi3ForCausalLM": phi,
    "PhiMoEForCausalLM": phi,
    "SmolLM3ForCausalLM": llama,
}
# What the published models of an architecture have: of several names that mean the same, a
# tokenizer with tokens of its own gets this one.
USUAL_PRE_TOKENIZERS = {
    "Glm4MoeForCausalLM": "glm4",
    "GraniteForCausalLM": "refact",
    "GraniteMoeForCausalLM": "refact",
    "GraniteMoeSharedForCausalLM": "refact",
    "MistralForCausalLM": "tekken",
    "OlmoeForCausalLM": "olmo",
    "SmolLM3ForCausalLM": "smaug-bpe",
}


def recipe_for(architecture: str) -> Callable[[Draft], None]:
    """The recipe of an architecture, named as in config.json.

    Qwen2, Qwen3 and families that are not listed take whichever files there are.
    """
    return RECIPES.get(architecture, whichever)


def _nothing(files: TokenizerFiles) -> TokenizerMissing:
    found = ", ".join(sorted(path.name for path in files.folder.glob("*token*"))) or "nothing"
    return TokenizerMissing(
        "The tokenizer is missing",
        f"{files.folder} holds neither {MODEL_FILE} nor tokenizer.json nor {TEKKEN_FILE}; of what "
        f"belongs to a tokenizer it holds {found}",
        "Download the checkpoint again with all its files, not the weights alone.",
    )
