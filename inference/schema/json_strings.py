"""The inside of JSON strings: patterns, lengths, formats, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from inference.schema import gbnf
from inference.schema.gbnf import united
from inference.schema.json_keywords import refuse
from inference.schema.json_limits import bounds
from inference.schema.json_listed import Excluded
from inference.schema.json_pattern import (
    ANY,
    ANYTHING,
    WRITABLE,
    followed,
    one_of,
    pattern_to_gbnf,
)
from inference.schema.language import Language, Not, Repeated, alphabet, automaton, common, word

ANY_TEXT = "char*"
# Days by month; the 29th of February is left out, for it is not in every year.
_DATE = (
    '[0-9]{3} [1-9] "-" (("0" [13578] | "10" | "12") "-" ("0" [1-9] | [12] [0-9] | "3" [01])'
    ' | ("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30")'
    ' | "02-" ("0" [1-9] | "1" [0-9] | "2" [0-8]))'
)
_HOURS = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]'
_TIME = f'{_HOURS} ":" [0-5] [0-9] ("." [0-9]{{3}})? ("Z" | [+-] {_HOURS})'
_HEX = "[0-9a-f]"
_FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f'{_DATE} "T" {_TIME}',
    "uuid": f'{_HEX}{{8}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{12}}',
}


def string(schema: dict[str, Any], path: str) -> str | Language:
    """The inside of a string: in GBNF, or as a language where several things hold together."""
    least, most = bounds(schema, "minLength", "maxLength", path)
    limited = least > 0 or most is not None
    excluded = Excluded.of(schema)
    words = [value for value in excluded.values if isinstance(value, str)]
    n_others = sum((limited, "pattern" in schema, bool(words or excluded.patterns)))
    known_format = _FORMATS.get(schema.get("format", ""))
    if known_format is not None:
        if n_others:
            raise refuse(path, "a format cannot be combined with pattern, a length or not")
        return known_format
    if n_others == 0:
        return ANY_TEXT
    if n_others == 1 and limited:
        return gbnf.repeated("char", least, most)
    if n_others == 1 and "pattern" in schema:
        try:
            return pattern_to_gbnf(schema["pattern"])
        except (ValueError, RecursionError) as error:
            raise refuse(f"{path}/pattern", str(error)) from error
    parts = [Repeated(ANY, least, most)] if limited else [ANYTHING]
    languages: list[Language] = [*parts, *(Not(word(text)) for text in words)]
    if "pattern" in schema:
        languages.append(followed(schema["pattern"], f"{path}/pattern"))
    languages += [Not(followed(pattern, f"{path}/not")) for pattern in excluded.patterns]
    return all_of(languages)


def all_of(languages: Sequence[Language]) -> Language:
    """What is in each of several languages."""
    return reduce(common, languages)


def rules(language: Language, prefix: str, path: str) -> dict[str, str]:
    """A language as rules, of which `prefix`-0 is the whole; none where no word belongs to it."""
    try:
        classes = alphabet(language, WRITABLE)
        found = automaton(language, classes)
    except (ValueError, RecursionError) as error:
        raise refuse(path, f"pattern, lengths and not are too much together: {error}") from error

    def written(symbols: Sequence[int]) -> str:
        return one_of(united(part for symbol in symbols for part in classes[symbol]))

    return found.rules(prefix, written)
