"""How a tokenizer splits text before its merges: what tokenizer.json says, brought to one form.

The same rule is written in many ways: `Digits` or the expression for it, `(?i:'s)` or `(?:'[sS])`,
"isolate what matches" or "remove what does not" of an expression that matches everything. Brought
to one form they can be compared with each other and with what llama.cpp has compiled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from converters.vocabulary.files import Json

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"
_ALL_SPACES = r"|\s+(?!\S)"
_CONTROLS = {"\r": r"\r", "\n": r"\n", "\t": r"\t"}
# An escape or a bracket is one unit; a letter within (?i:...) becomes both of its forms.
_UNITS = re.compile(r"\\[pP]\{[^}]*\}|\\.|[\[\]()]|.", re.DOTALL)


@dataclass(frozen=True)
class Definition:
    """Everything that decides where text is split.

    Attributes:
        splits: Regular expressions in their order, or names of steps that are none.
        normalizers: Changes to the text before. NFC is not among them: llama.cpp makes none, and
            only text in decomposed form is other for it.
        byte_level: Whether bytes stand in the vocabulary as GPT-2's printable signs.
        ignore_merges: Whether a piece that is a token as it stands is taken without merges.
    """

    splits: tuple[str, ...]
    normalizers: tuple[str, ...] = ()
    byte_level: bool = True
    ignore_merges: bool = False


@dataclass(frozen=True)
class Known:
    """Names that llama.cpp treats alike.

    Attributes:
        names: Values of tokenizer.ggml.pre, the customary one first.
        splits: Ways to write the expressions, each as `one_form` has it.
        ignore_merges: Whether a piece that is a token is taken as it stands.
        adds_bos: Whether BOS goes in front where a file does not say.
    """

    names: tuple[str, ...]
    splits: tuple[tuple[str, ...], ...]
    ignore_merges: bool = False
    adds_bos: bool = False


def read_definition(tokenizer: Json) -> Definition:
    """The definition in a tokenizer.json."""
    steps = _flat(tokenizer.get("pre_tokenizer"), "pretokenizers")
    normalizers = _flat(tokenizer.get("normalizer"), "normalizers")
    return Definition(
        splits=tuple(form for step in steps if (form := _split(step))),
        normalizers=tuple(form for step in normalizers if (form := _named(step, "")) != "NFC"),
        byte_level=any(step.get("type") == "ByteLevel" for step in steps),
        ignore_merges=bool((tokenizer.get("model") or {}).get("ignore_merges")),
    )


def one_form(expression: str) -> str:
    """A regular expression in the form in which it is compared."""
    for sign, escape in _CONTROLS.items():
        expression = expression.replace(sign, escape)
    expression = _without_case_groups(expression).replace("{1}", "")
    # What the last alternative would match stays together anyway when nothing matches it.
    return expression.removesuffix(r"|\s+") if _ALL_SPACES in expression else expression


def _flat(step: Json | None, inner: str) -> list[Json]:
    if not step:
        return []
    if step.get("type") == "Sequence":
        return [part for child in step.get(inner) or [] for part in _flat(child, inner)]
    return [step]


def _split(step: Json) -> str:
    """One step of a pre-tokenizer as an expression; empty if it splits nothing."""
    match step.get("type"):
        case "ByteLevel":
            prefix = "blank in front; " if step.get("add_prefix_space") else ""
            return prefix + (GPT2 if step.get("use_regex", True) else "")
        case "Digits":
            return r"\p{N}" if step.get("individual_digits") else r"\p{N}+"
        case "Punctuation" if step.get("behavior") == "Contiguous":
            return r"[\p{P}\$\+<=>\^~\|`]+"
        case "Split" if _isolates(step):
            return one_form(_pattern(step))
        case "Split":
            return _named(step, one_form(_pattern(step)))
    return _named(step, "")


def _isolates(step: Json) -> bool:
    how = (step.get("behavior"), bool(step.get("invert")))
    return how in (("Isolated", False), ("Removed", True))


def _pattern(step: Json) -> str:
    pattern: Any = step.get("pattern") or {}
    return str(pattern.get("Regex") or re.escape(str(pattern.get("String", ""))))


def _named(step: Json, pattern: str) -> str:
    """A step that is no expression, with all that it says of itself."""
    details = {key: value for key, value in step.items() if key not in ("type", "pattern")}
    shown = " ".join(f"{key}={value}" for key, value in sorted(details.items()))
    return " ".join(part for part in (str(step.get("type")), shown, pattern) if part)


def _without_case_groups(expression: str) -> str:
    """The expression with each (?i:...) written out: letters in both forms."""
    result: list[str] = []
    # For each open group whether case is ignored in it; a bracket expression is no group.
    groups: list[bool] = []
    bracket = False
    position = 0
    while position < len(expression):
        if not bracket and expression.startswith("(?i:", position):
            groups.append(True)
            result.append("(?:")
            position += len("(?i:")
            continue
        unit = _unit_at(expression, position)
        position += len(unit)
        if unit == "(" and not bracket:
            groups.append(any(groups))
        elif unit == ")" and not bracket and groups:
            groups.pop()
        elif unit in "[]":
            bracket = unit == "["
        result.append(_both_cases(unit, bracket) if any(groups) else unit)
    return "".join(result)


def _unit_at(expression: str, position: int) -> str:
    found = _UNITS.match(expression, position)
    return found[0] if found else expression[position]


def _both_cases(unit: str, bracket: bool) -> str:
    if len(unit) > 1 or not unit.isalpha():
        return unit
    both = unit.lower() + unit.upper()
    return both if bracket else f"[{both}]"
