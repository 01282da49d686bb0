"""What tokenizer.json's post-processor puts around a text: BOS before, EOS behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from converters.vocabulary.files import Json


@dataclass
class Surroundings:
    """What was found; `config` is a copy of tokenizer_config.json with what follows from it.

    Attributes:
        config: Special tokens by name ("bos_token"), as text or as the object of an added token.
        adds: For "bos", "eos" and "sep", whether the tokenizer adds the token by itself.
        kinds: The kinds of special tokens to look for, in order.
        notes: What could not be understood.
    """

    config: dict[str, Any]
    kinds: list[str]
    adds: dict[str, bool] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_post_processor(tokenizer: Json, config: Json, kinds: tuple[str, ...]) -> Surroundings:
    """Read the post-processor the way llama.cpp's converter does.

    Args:
        tokenizer: tokenizer.json; may be empty.
        config: tokenizer_config.json; may be empty.
        kinds: The kinds of special tokens to begin with.

    Source: SpecialVocab in gguf-py/gguf/vocab.py of llama.cpp, as of llama-cpp-python 0.3.36
    """
    found = Surroundings(dict(config), list(kinds))
    if not tokenizer:
        return found
    for alias, kind in (("cls_token", "bos_token"), ("sep_token", "eos_token")):
        if config and not config.get(kind) and config.get(alias):
            found.config[kind] = config[alias]
    processor = tokenizer.get("post_processor") or {}
    for part in processor.get("processors", [processor]):
        match part.get("type"):
            case "ByteLevel":
                found.adds.setdefault("bos", False)
                found.adds.setdefault("eos", False)
            case "RobertaProcessing":
                _read_roberta(part, found)
            case "TemplateProcessing":
                _Template(part, found).read()
    return found


def _read_roberta(part: Json, found: Surroundings) -> None:
    found.adds |= {"bos": True, "eos": True, "sep": True}
    for name, alias in (("cls", "bos_token"), ("sep", "eos_token")):
        if found.config and not found.config.get(f"{name}_token"):
            pair = part.get(name) or [found.config.get(alias)]
            found.config[f"{name}_token"] = pair[0]


class _Template:
    """One TemplateProcessing: simple templates only, as llama.cpp knows no others."""

    def __init__(self, part: Json, found: Surroundings) -> None:
        self._single: list[Json] = list(part.get("single") or [])
        self._pair: list[Json] = list(part.get("pair") or [])
        self._found = found
        self._config = found.config
        self._configured = bool(found.config)
        self._bos = found.config.get("bos_token")
        self._cls = found.config.get("cls_token")
        self._eos = found.config.get("eos_token")
        self._sep = found.config.get("sep_token")

    def read(self) -> None:
        first = last = None
        if len(self._single) > 1:
            if first := _special(self._single[0]):
                self._read_first(first)
            if last := _special(self._single[-1]):
                self._read_last(last)
        if self._pair:
            self._read_pair(first, last)

    def _read_first(self, first: str) -> None:
        if not self._configured:
            self._bos = first
        elif first not in (self._bos, self._cls):
            if not self._bos:
                self._config["bos_token"] = self._bos = first
            if not self._cls:
                self._config["cls_token"] = self._cls = first
        self._found.adds["bos"] = first in (self._bos, self._cls)
        if not self._found.adds["bos"]:
            self._found.notes.append(f"the token added in front, {first!r}, is not the BOS token")

    def _read_last(self, last: str) -> None:
        if not self._configured:
            self._eos = last
        elif last != self._eos:
            self._replace_eos(last)
        self._found.adds["eos"] = True

    def _replace_eos(self, last: str) -> None:
        """What was called EOS ends a turn only; the token really added behind is the EOS."""
        kind = next((kind for kind in ("eot", "eom") if kind not in self._found.kinds), None)
        if kind is not None:
            self._found.kinds.append(kind)
            self._config[f"{kind}_token"] = self._eos
        self._config["eos_token"] = self._eos = last

    def _read_pair(self, first: str | None, last: str | None) -> None:
        pair = self._pair
        begins = first is not None and _special(pair[0]) == first
        ends = last is not None and _special(pair[-1]) == last
        inner = pair[1 if begins else 0 : -1 if ends else None]
        if len(inner) < 3 or _sequence(inner[0]) != "A" or _sequence(inner[-1]) != "B":
            return
        between = [_special(part) for part in inner[1:-1]]
        separators = (self._sep, self._eos)
        adds = between[0] is not None and between[0] in separators and not last
        if len(between) == 2 and between[1] is not None and between[1] in separators:
            adds = True
        self._found.adds["sep"] = adds
        if adds and not self._sep and self._configured:
            self._config["sep_token"] = self._eos


def _special(part: Json) -> str | None:
    token = (part.get("SpecialToken") or {}).get("id")
    return token if isinstance(token, str) and token else None


def _sequence(part: Json) -> str | None:
    return (part.get("Sequence") or {}).get("id")
