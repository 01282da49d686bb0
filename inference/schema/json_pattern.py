"""Regular expressions of JSON schemas, as far as a grammar can follow them.

What cannot be followed (look-around, back references, word borders) is a `ValueError`.
"""

from __future__ import annotations

from inference.schema.gbnf import (
    MAX_CODE_POINT,
    PLAIN,
    Ranges,
    any_of,
    char_class,
    literal,
    overlap,
    repeated,
    without,
)
from inference.schema.json_keywords import refuse
from inference.schema.language import (
    EMPTY,
    Chars,
    Joined,
    Language,
    Repeated,
    Union,
    joined,
    repetition,
    union,
)

MAX_REPEATS = 1000
_ALL: Ranges = [(0, MAX_CODE_POINT)]
_DIGIT: Ranges = [(0x30, 0x39)]
_WORD: Ranges = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]
_SPACE: Ranges = [(0x09, 0x0D), (0x20, 0x20)]
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_SHORT = {"\n": "n", "\r": "r", "\t": "t", "\f": "f", '"': '"', "\\": "\\"}
"""What JSON escapes with one letter."""
_ASSERTIONS = "^$"
WRITABLE: Ranges = sorted([*PLAIN, *((ord(char), ord(char)) for char in _SHORT)])
"""What can stand in a JSON string without its number, as itself or behind one backslash."""
ANY = Chars(tuple(_ALL))
ANYTHING = Repeated(ANY, 0, None)


def pattern_to_gbnf(pattern: str) -> str:
    """The inside of a JSON string that matches; anything may stand where there is no anchor.

    Raises:
        ValueError: The pattern is not valid, or a grammar cannot follow it.
    """
    is_begun, body, is_ended = _read(pattern)
    return f"{'' if is_begun else 'char* '}{_written(body)}{'' if is_ended else ' char*'}"


def pattern_language(pattern: str) -> Language:
    """The strings that match.

    Raises:
        ValueError: As above.
    """
    is_begun, body, is_ended = _read(pattern)
    before, behind = EMPTY if is_begun else ANYTHING, EMPTY if is_ended else ANYTHING
    return joined(before, joined(body, behind))


def followed(pattern: str, path: str) -> Language:
    """The strings that match a pattern; at `path`.

    Raises:
        BadSchema: It is not valid, or cannot be followed.
    """
    try:
        return pattern_language(pattern)
    except (ValueError, RecursionError) as error:
        raise refuse(path, str(error)) from error


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches a text; one that cannot be followed is found out elsewhere."""
    try:
        return pattern_language(pattern).holds(text)
    except (ValueError, RecursionError):
        return False


def _written(language: Language) -> str:
    """A language as the parser makes them, in GBNF."""
    match language:
        case Chars(ranges):
            return one_of(list(ranges))
        case Joined():
            items = []
            while isinstance(language, Joined):
                items.append(language.first)
                language = language.rest
            return " ".join(map(_written, [*items, language]))
        case Repeated(item, least, most) if most != 0:
            return repeated(f"({_written(item)})", least, most)
        case Union(options):
            return any_of(sorted(map(_written, options)))
        case _:
            return '""'


def _read(pattern: str) -> tuple[bool, Language, bool]:
    """Whether it holds from the beginning, what it describes, and whether up to the end."""
    inner = pattern.removeprefix("^")
    before = inner.removesuffix("$")
    n_backslashes = len(before) - len(before.rstrip("\\"))
    anchored = before != inner and n_backslashes % 2 == 0
    if "|" in inner and (pattern.startswith("^") or anchored):
        _refuse_loose_alternatives(inner)
    inner = inner[:-1] if anchored else inner
    parser = _Parser(inner)
    body = parser.alternatives()
    if parser.rest:
        raise ValueError(f"there is no group that {parser.rest[0]!r} could close")
    return pattern.startswith("^"), body, anchored


def _refuse_loose_alternatives(pattern: str) -> None:
    """An anchor belongs to one alternative only unless the alternatives stand in a group."""
    parser = _Parser(pattern.removesuffix("$"))
    parser.sequence()
    if parser.rest.startswith("|"):
        raise ValueError("alternatives with an anchor must stand in a group, as in ^(a|b)$")


def one_of(ranges: Ranges) -> str:
    """One of these characters, as JSON writes it.

    Raises:
        ValueError: None of them can be written without its number.
    """
    options = []
    plain = overlap(ranges, PLAIN)
    if plain:
        options.append(char_class(plain))
    options += [
        literal("\\" + letter) for char, letter in _SHORT.items() if _has(ranges, ord(char))
    ]
    if not options:
        raise ValueError("no character fits")
    return any_of(options)


def _has(ranges: Ranges, code: int) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _chars(ranges: Ranges) -> Chars:
    return Chars(tuple(ranges))


class _Parser:
    """Reads a pattern from left to right; `rest` is what has not been read."""

    def __init__(self, pattern: str) -> None:
        self.rest = pattern
        self._depth = 0

    def _take(self) -> str:
        if not self.rest:
            raise ValueError("it ends too early")
        char, self.rest = self.rest[0], self.rest[1:]
        return char

    def alternatives(self) -> Language:
        """Sequences with | between them."""
        options = [self.sequence()]
        while self.rest.startswith("|"):
            self._take()
            options.append(self.sequence())
        return union(options)

    def sequence(self) -> Language:
        """Items one after the other."""
        items = []
        while self.rest and self.rest[0] not in "|)":
            items.append(self._quantified(self._atom()))
        whole: Language = EMPTY
        for item in reversed(items):
            whole = joined(item, whole)
        return whole

    def _atom(self) -> Language:
        char = self._take()
        if char == "(":
            return self._group()
        if char == "[":
            return _chars(self._class())
        if char == ".":
            return _chars(without(_ALL, [(0x0A, 0x0A), (0x0D, 0x0D)]))
        if char == "\\":
            return _chars(self._escape())
        if char in _ASSERTIONS:
            raise ValueError(f"{char!r} is understood at the ends of the pattern only")
        if char in "*+?{":
            raise ValueError(f"there is nothing that {char!r} could repeat")
        return _chars([(ord(char), ord(char))])

    def _group(self) -> Language:
        if self.rest.startswith("?"):
            if not self.rest.startswith("?:"):
                raise ValueError(f"groups that begin with '({self.rest[:2]}' cannot be followed")
            self.rest = self.rest[2:]
        self._depth += 1
        if self._depth > 50:
            raise ValueError("its groups are nested too deeply")
        inner = self.alternatives()
        self._depth -= 1
        if not self.rest.startswith(")"):
            raise ValueError("a group is not closed")
        self._take()
        return inner

    def _escape(self) -> Ranges:
        char = self._take()
        if char in _CLASSES:
            return _CLASSES[char]
        if char.lower() in _CLASSES:
            return without(_ALL, _CLASSES[char.lower()])
        if char in "xu":
            length = 2 if char == "x" else 4
            digits = "".join(self._take() for _ in range(length))
            return [(int(digits, 16), int(digits, 16))]
        if char.isalnum() and char not in _ESCAPES:
            raise ValueError(f"'\\{char}' cannot be followed")
        code = ord(_ESCAPES.get(char, char))
        return [(code, code)]

    def _class(self) -> Ranges:
        negated = self.rest.startswith("^")
        if negated:
            self._take()
        found: Ranges = []
        while not self.rest.startswith("]"):
            first = self._class_part()
            if self.rest.startswith("-") and not self.rest.startswith("-]"):
                self._take()
                first = [(first[0][0], self._class_part()[-1][1])]
                if first[0][0] > first[0][1]:
                    raise ValueError("a range in a class runs backwards")
            found += first
        self._take()
        return without(_ALL, found) if negated else overlap(_ALL, found)

    def _class_part(self) -> Ranges:
        char = self._take()
        return self._escape() if char == "\\" else [(ord(char), ord(char))]

    def _quantified(self, item: Language) -> Language:
        if not self.rest or self.rest[0] not in "*+?{":
            return item
        least, most = self._bounds(self._take())
        self.rest = self.rest.removeprefix("?")  # a lazy quantifier matches the same texts
        return repetition(item, least, most)

    def _bounds(self, mark: str) -> tuple[int, int | None]:
        if mark != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[mark]
        inside, closed, self.rest = self.rest.partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isdecimal() or (high and not high.isdecimal()):
            raise ValueError(f"'{{{inside}' is not a number of repetitions")
        least = int(low)
        most = least if not comma else int(high) if high else None
        if (most is not None and most < least) or max(least, most or 0) > MAX_REPEATS:
            raise ValueError(f"'{{{inside}}}' is not a possible number of repetitions")
        return least, most
