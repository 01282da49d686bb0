"""Small byte-level BPE tokenizers, each with the pre-tokenizer of its family.

A pre-tokenizer is what `tokenizer.json` of the named repository says; the merges are learnt here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEXT = (
    "the quick brown fox jumps over the lazy dog and then the other dog sees the fox that the "
    "expert in the room knows; experts answer questions, one after the other, 12 or 345 of them. "
    "Straße, naïve café, это русский текст, 这是中文文本, 日本語の文章, 🚀 emoji and CODE_like(words)"
)
N_MERGES = 64

_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN2 = _LLAMA3.replace("{1,3}", "")
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_TEKKEN = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*|\p{{N}}"
) + _REST
_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_CONTRACTION}"
    rf"|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_CONTRACTION}|\p{{N}}{{1,3}}"
) + _REST
_DEEPSEEK_3_WORDS = (
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^"""
    "\r\n"
    r"\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+["
    "\r\n"
    r"]*|\s*["
    "\r\n"
    r"]+|\s+(?!\S)|\s+"
)
_LETTERS = (
    "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af"
    "\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1"
    "\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5"
    "\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a"
    "\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d"
    "\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3"
    "\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115"
    "\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149"
    "\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d"
    "\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06"
    "\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f\U000104b0-\U000104d3"
    "\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df"
    "\U0001e900-\U0001e943"
)


def _byte_level(use_regex: bool) -> Json:
    return {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": use_regex,
    }


def _split(*patterns: str, before_bytes: tuple[Json, ...] = ()) -> Json:
    splits = [
        {"type": "Split", "pattern": {"Regex": p}, "behavior": "Isolated", "invert": False}
        for p in patterns
    ]
    return {"type": "Sequence", "pretokenizers": [*splits, *before_bytes, _byte_level(False)]}


_DIGITS: Json = {"type": "Digits", "individual_digits": True}

# llama.cpp's name -> definition. deepseek-llm: deepseek-ai/DeepSeek-V2; dbrx: allenai/OLMo-2;
# olmo: allenai/OLMoE-1B-7B-0924; refact: ibm-granite/granite-3.1-3b-a800m-instruct.
PRE_TOKENIZERS: dict[str, Json] = {
    "llama-bpe": _split(_LLAMA3),
    "dbrx": _split(_LLAMA3),
    "glm4": _split(_LLAMA3),
    "qwen2": _split(_QWEN2),
    "tekken": _split(_TEKKEN),
    "gpt-4o": _split(_O200K),
    "deepseek-v3": _split(
        r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", _DEEPSEEK_3_WORDS
    ),
    "deepseek-llm": _split(
        "[\r\n]",
        rf"\s?[{_LETTERS}]+",
        "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
        r"\s+$",
        "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+",
        before_bytes=(_DIGITS,),
    ),
    "olmo": _byte_level(True),
    "refact": {"type": "Sequence", "pretokenizers": [_DIGITS, _byte_level(True)]},
}


@dataclass(frozen=True)
class ByteLevel:
    """A family's byte-level tokenizer: special tokens first or last, as the family has it."""

    pre: str
    specials: tuple[str, ...]
    bos: str | None = None
    eos: str | None = None
    pad: str | None = None
    unk: str | None = None
    first: bool = False
    normalizer: Json | None = None
    # Not special, but added: thinking tags and the like.
    plain: tuple[str, ...] = ()
    template: str | None = None
    template_in_file: bool = False
    tokenizer_class: str = "PreTrainedTokenizerFast"
    more: Json = field(default_factory=dict)

    def files(self) -> dict[str, Json | str]:
        """File name -> what it holds: JSON or text."""
        config = {
            "tokenizer_class": self.tokenizer_class,
            "clean_up_tokenization_spaces": False,
            "model_max_length": 131072,
            "added_tokens_decoder": {
                str(token["id"]): {key: token[key] for key in token if key != "id"}
                for token in self._added()
            },
            **{
                f"{kind}_token": getattr(self, kind)
                for kind in ("bos", "eos", "pad", "unk")
                if getattr(self, kind) is not None
            },
            **self.more,
        }
        files: dict[str, Json | str] = {
            "tokenizer.json": self._tokenizer(),
            "tokenizer_config.json": config,
        }
        if self.template is not None and self.template_in_file:
            files["chat_template.jinja"] = self.template
        elif self.template is not None:
            config["chat_template"] = self.template
        return files

    def id_of(self, token: str) -> int:
        """The id of a token by its text."""
        return self._vocabulary()[token]

    def _vocabulary(self) -> dict[str, int]:
        own = [*alphabet(), *("".join(pair) for pair in merges(N_MERGES))]
        added = [*self.specials, *self.plain]
        tokens = [*added, *own] if self.first else [*own, *added]
        return {token: index for index, token in enumerate(tokens)}

    def _added(self) -> list[Json]:
        ids = self._vocabulary()
        return [
            {
                "id": ids[token],
                "content": token,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": token in self.specials,
            }
            for token in (*self.specials, *self.plain)
        ]

    def _tokenizer(self) -> Json:
        ids = self._vocabulary()
        added = {token["content"] for token in self._added()}
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": self._added(),
            "normalizer": self.normalizer,
            "pre_tokenizer": PRE_TOKENIZERS[self.pre],
            "post_processor": _byte_level(True),
            "decoder": _byte_level(True),
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": self.pre == "llama-bpe",
                "vocab": {token: ids[token] for token in ids if self.first or token not in added},
                "merges": [" ".join(pair) for pair in merges(N_MERGES)],
            },
        }


def alphabet() -> list[str]:
    """The 256 letters that stand for bytes, printable ones first, as GPT-2 lists them."""
    codes = _byte_codes()
    return sorted(codes.values())


def _byte_codes() -> dict[int, str]:
    """Byte -> letter: printable bytes stand for themselves, the others follow from U+0100 on.

    Source: https://github.com/openai/gpt-2/blob/9b63575ef42771a015060c964af2c3da4cf7c8ab/src/encoder.py#L9
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    codes = {byte: chr(byte) for byte in printable}
    return codes | {byte: chr(256 + place) for place, byte in enumerate(others)}


def merges(count: int) -> list[tuple[str, str]]:
    """The first `count` merges that byte pair encoding learns from `TEXT`."""
    codes = _byte_codes()
    text_words = (" " + TEXT).replace(" ", "\n ").split("\n")
    return learn([tuple(codes[byte] for byte in w.encode()) for w in text_words if w], count)


def learn(text_words: list[tuple[str, ...]], count: int) -> list[tuple[str, str]]:
    """Byte pair encoding: the most frequent pair first, the smallest of equals."""
    learnt: list[tuple[str, str]] = []
    for _ in range(count):
        pairs = Counter(pair for word in text_words for pair in zip(word, word[1:], strict=False))
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        learnt.append(best)
        text_words = [_merged(word, best) for word in text_words]
    return learnt


def _merged(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    result: list[str] = []
    for letter in word:
        if result and (result[-1], letter) == pair:
            result[-1] += letter
        else:
            result.append(letter)
    return tuple(result)
