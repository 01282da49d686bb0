"""tokenizer.json through the `tokenizers` library, as transformers 4 would use it."""

from __future__ import annotations

from typing import Any

from tokenizers import AddedToken, Tokenizer

from converters.vocabulary.files import Json, TokenizerFiles, unreadable

_SPECIAL_NAMES = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
# These classes of transformers 4 build their post-processor anew from add_bos_token and
# add_eos_token, whatever tokenizer.json says; the value is what counts for BOS when neither is set.
_REBUILDING_CLASSES = {
    "LlamaTokenizer": True,
    "GemmaTokenizer": True,
    "CohereTokenizer": True,
    "GPTNeoXTokenizer": False,
}


def load_tokenizer(files: TokenizerFiles) -> Tokenizer:
    """tokenizer.json with the tokens that only tokenizer_config.json names, as transformers has it.

    Raises:
        TokenizerMissing: There is no tokenizer.json.
        TokenizerUnreadable: The library refuses it.
    """
    path = files.path("tokenizer.json")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # The library raises plain Exception, with a text from Rust.
        raise unreadable(path, str(error)) from error
    _add_configured(tokenizer, files)
    return tokenizer


def encode(tokenizer: Tokenizer, config: Json, text: str) -> list[int]:
    """The token ids of a text, with the tokens that the tokenizer adds by itself.

    Args:
        tokenizer: What `load_tokenizer` returned.
        config: tokenizer_config.json.
        text: Any text.
    """
    if not rebuilds_post_processor(config):
        return list(tokenizer.encode(text).ids)
    ids = list(tokenizer.encode(text, add_special_tokens=False).ids)
    default = _REBUILDING_CLASSES[_class_name(config)]
    if config.get("add_bos_token", default):
        ids = [*_named_id(tokenizer, config, "bos_token", "<s>"), *ids]
    if config.get("add_eos_token", False):
        ids = [*ids, *_named_id(tokenizer, config, "eos_token", "</s>")]
    return ids


def rebuilds_post_processor(config: Json) -> bool:
    """Whether transformers ignores tokenizer.json's post-processor for this tokenizer_config."""
    return _class_name(config) in _REBUILDING_CLASSES


def _class_name(config: Json) -> str:
    return str(config.get("tokenizer_class") or "").removesuffix("Fast")


def _named_id(tokenizer: Tokenizer, config: Json, name: str, default: str) -> list[int]:
    entry = config.get(name, default)
    index = tokenizer.token_to_id(entry["content"] if isinstance(entry, dict) else str(entry))
    return [] if index is None else [index]


def _add_configured(tokenizer: Tokenizer, files: TokenizerFiles) -> None:
    """Add what tokenizer_config.json lists and tokenizer.json does not, or lists with other flags.

    Source: PreTrainedTokenizerFast.__init__ in src/transformers/tokenization_utils_fast.py,
    https://github.com/huggingface/transformers/tree/v4.57.6
    """
    config = files.config
    known = {repr(token) for token in tokenizer.get_added_tokens_decoder().values()}
    listed = sorted(
        (config.get("added_tokens_decoder") or {}).items(), key=lambda item: int(item[0])
    )
    tokens = [_token(entry) for _, entry in listed]
    new = [token for token in tokens if repr(token) not in known]
    contents = {token.content for token in (*tokenizer.get_added_tokens_decoder().values(), *new)}
    named = [config.get(f"{name}_token") for name in _SPECIAL_NAMES]
    named += config.get("additional_special_tokens") or []
    special = [_token(entry) for entry in named if entry]
    special_texts = {token.content for token in special}
    for token in special:
        if token.content not in contents:
            contents.add(token.content)
            new.append(token)
    for token in new:
        token.special = token.special or token.content in special_texts
    tokenizer.add_tokens(new)


def _token(entry: Any) -> AddedToken:
    if isinstance(entry, str):
        return AddedToken(entry, normalized=False, special=True)
    flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return AddedToken(entry["content"], **{flag: entry[flag] for flag in flags if flag in entry})
