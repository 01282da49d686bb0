"""tokenizer.json through the `tokenizers` library, as transformers 4 would use it."""

from __future__ import annotations

from typing import Any

from tokenizers import AddedToken, Tokenizer

from converters.vocabulary.files import Json, TokenizerFiles, unreadable

SPECIAL_KINDS = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
_END = "<|endoftext|>"
# Special tokens of the classes of transformers 4, where tokenizer_config.json does not name any.
_CLASS_TOKENS = {
    "LlamaTokenizer": {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"},
    "GPT2Tokenizer": {"unk_token": _END, "bos_token": _END, "eos_token": _END},
    "GPTNeoXTokenizer": {"unk_token": _END, "bos_token": _END, "eos_token": _END},
    "Qwen2Tokenizer": {"unk_token": _END, "eos_token": _END, "pad_token": _END},
}
# These classes build their post-processor anew from add_bos_token and add_eos_token, whatever
# tokenizer.json says; the value is what counts for BOS where the former is not set.
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
    _ = files.merges  # now: what that takes for a moment is free again afterwards
    return made_tokenizer(path.read_bytes(), files)


def made_tokenizer(text: bytes, files: TokenizerFiles) -> Tokenizer:
    """A tokenizer with the tokens that only tokenizer_config.json names.

    Args:
        text: tokenizer.json, or what shall stand in its place.
        files: The folder.

    Raises:
        TokenizerUnreadable: The library refuses it.
    """
    try:
        tokenizer = Tokenizer.from_buffer(text)
    except Exception as error:  # The library raises plain Exception, with a text from Rust.
        raise unreadable(files.path("tokenizer.json"), str(error)) from error
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
    if config.get("add_bos_token", _REBUILDING_CLASSES[_class_name(config)]):
        ids = [*_named_id(tokenizer, config, "bos_token"), *ids]
    if config.get("add_eos_token", False):
        ids = [*ids, *_named_id(tokenizer, config, "eos_token")]
    return ids


def special_texts(config: Json) -> list[str]:
    """The texts of the tokens that tokenizer_config.json calls special, or its class does."""
    return [entry if isinstance(entry, str) else entry["content"] for entry in _named(config)]


def rebuilds_post_processor(config: Json) -> bool:
    """Whether transformers ignores tokenizer.json's post-processor for this tokenizer_config."""
    return _class_name(config) in _REBUILDING_CLASSES


def _class_name(config: Json) -> str:
    return str(config.get("tokenizer_class") or "").removesuffix("Fast")


def _named(config: Json) -> list[Any]:
    """Special tokens, each as a text or as the object of an added token."""
    named = _CLASS_TOKENS.get(_class_name(config), {}) | dict(config)
    entries = [named.get(f"{kind}_token") for kind in SPECIAL_KINDS]
    return [entry for entry in (*entries, *(named.get("additional_special_tokens") or ())) if entry]


def _named_id(tokenizer: Tokenizer, config: Json, name: str) -> list[int]:
    entry = (_CLASS_TOKENS.get(_class_name(config), {}) | dict(config)).get(name)
    text = entry["content"] if isinstance(entry, dict) else entry
    index = tokenizer.token_to_id(text) if text else None
    return [] if index is None else [index]


def _add_configured(tokenizer: Tokenizer, files: TokenizerFiles) -> None:
    """Add what tokenizer_config.json lists and tokenizer.json does not, or lists with other flags.

    Source: PreTrainedTokenizerFast.__init__ in src/transformers/tokenization_utils_fast.py,
    https://github.com/huggingface/transformers/tree/v4.57.6
    """
    present = tokenizer.get_added_tokens_decoder().values()
    listed = files.config.get("added_tokens_decoder")
    if listed is None:
        tokens = [_token(entry) for entry in files.added_tokens]
    else:
        tokens = [_token(listed[index]) for index in sorted(listed, key=int)]
    flags = {repr(token) for token in present}
    new = [token for token in tokens if repr(token) not in flags]
    known = {token.content for token in (*present, *new)}
    by_text = {token.content: token for token in tokens}
    for entry in _named(files.config):
        text = entry if isinstance(entry, str) else entry["content"]
        if text in by_text or isinstance(entry, dict):
            new.append(by_text.get(text) or _token(entry))
        elif text not in known:
            new.append(AddedToken(text, normalized=False))
    special = set(special_texts(files.config))
    for token in new:
        token.special = token.special or token.content in special
    tokenizer.add_tokens(new)


def _token(entry: Json) -> AddedToken:
    flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return AddedToken(entry["content"], **{flag: entry[flag] for flag in flags if flag in entry})
