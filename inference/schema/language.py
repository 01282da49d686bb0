"""Regular languages: what a regular expression matches, and what several leave of each other.

They are taken apart character by character, by Brzozowski's derivatives: what must follow when a
word of the language begins with a character is a language again. So "and" and "not" cost no more
than "or", which regular expressions alone do not have.

Source: J. Brzozowski, Derivatives of Regular Expressions, https://doi.org/10.1145/321239.321249
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from inference.schema.automaton import Automaton, explored
from inference.schema.gbnf import Ranges

MAX_STATES = 400
_MAX_OPTIONS = 500
"""Of what may follow a character; some expressions would grow and grow."""


class Language(ABC):
    """A set of words."""

    __slots__ = ()

    @property
    @abstractmethod
    def has_empty(self) -> bool:
        """Whether the empty word belongs to it."""

    @abstractmethod
    def after(self, code: int) -> Language:
        """What may follow a character, given as its code point."""

    @property
    @abstractmethod
    def parts(self) -> Iterable[Language]:
        """What it is made of."""

    def holds(self, word: str) -> bool:
        """Whether a word belongs to it."""
        left: Language = self
        for char in word:
            left = left.after(ord(char))
        return left.has_empty


@dataclass(frozen=True, slots=True)
class Chars(Language):
    """Words of one character out of these ranges."""

    ranges: tuple[tuple[int, int], ...]

    @property
    def has_empty(self) -> bool:
        """See `Language`; likewise all below."""
        return False

    def after(self, code: int) -> Language:
        """Nothing more."""
        return EMPTY if any(low <= code <= high for low, high in self.ranges) else NOTHING

    @property
    def parts(self) -> Iterable[Language]:
        """It is a leaf."""
        return ()


@dataclass(frozen=True, slots=True)
class Joined(Language):
    """A word of one language, then one of another."""

    first: Language
    rest: Language

    @property
    def has_empty(self) -> bool:
        """Where both have it."""
        return self.first.has_empty and self.rest.has_empty

    def after(self, code: int) -> Language:
        """The first goes on; the second begins where the first may be empty."""
        going_on = joined(self.first.after(code), self.rest)
        if not self.first.has_empty:
            return going_on
        return _bounded(union([going_on, self.rest.after(code)]))

    @property
    def parts(self) -> Iterable[Language]:
        """Both."""
        return self.first, self.rest


@dataclass(frozen=True, slots=True)
class Repeated(Language):
    """From `least` to `most` words of a language; None has no end."""

    item: Language
    least: int
    most: int | None

    @property
    def has_empty(self) -> bool:
        """Where nothing is needed."""
        return self.least == 0 or self.item.has_empty

    def after(self, code: int) -> Language:
        """One of them goes on; those that are left follow."""
        # Words that may be empty need not be counted from below.
        least = 0 if self.item.has_empty else max(0, self.least - 1)
        most = None if self.most is None else self.most - 1
        return joined(self.item.after(code), repetition(self.item, least, most))

    @property
    def parts(self) -> Iterable[Language]:
        """What is repeated."""
        return (self.item,)


@dataclass(frozen=True, slots=True)
class Union(Language):
    """Words of any of these."""

    options: frozenset[Language]

    @property
    def has_empty(self) -> bool:
        """Where one has it."""
        return any(option.has_empty for option in self.options)

    def after(self, code: int) -> Language:
        """Of each of them."""
        return _bounded(union(option.after(code) for option in self.options))

    @property
    def parts(self) -> Iterable[Language]:
        """All of them."""
        return self.options


@dataclass(frozen=True, slots=True)
class Common(Language):
    """Words that are in two languages."""

    one: Language
    other: Language

    @property
    def has_empty(self) -> bool:
        """Where both have it."""
        return self.one.has_empty and self.other.has_empty

    def after(self, code: int) -> Language:
        """Of both of them."""
        return common(self.one.after(code), self.other.after(code))

    @property
    def parts(self) -> Iterable[Language]:
        """Both."""
        return self.one, self.other


@dataclass(frozen=True, slots=True)
class Not(Language):
    """All other words."""

    language: Language

    @property
    def has_empty(self) -> bool:
        """Where the language does not."""
        return not self.language.has_empty

    def after(self, code: int) -> Language:
        """All else than what the language goes on with."""
        return Not(self.language.after(code))

    @property
    def parts(self) -> Iterable[Language]:
        """The language."""
        return (self.language,)


NOTHING = Chars(())
"""No word at all."""
EMPTY = Repeated(NOTHING, 0, 0)
"""The empty word alone."""


def joined(first: Language, rest: Language) -> Language:
    """Words of one, then of the other."""
    if NOTHING in (first, rest):
        return NOTHING
    if first == EMPTY or rest == EMPTY:
        return rest if first == EMPTY else first
    if isinstance(first, Joined):  # always to the right, so that equal ones look alike
        return Joined(first.first, joined(first.rest, rest))
    return Joined(first, rest)


def repetition(item: Language, least: int, most: int | None) -> Language:
    """A language so many times."""
    if most == 0 or item == EMPTY:
        return EMPTY
    return item if (least, most) == (1, 1) else Repeated(item, least, most)


def union(options: Iterable[Language]) -> Language:
    """Words of any of these."""
    found: set[Language] = set()
    for option in options:
        found |= option.options if isinstance(option, Union) else {option}
    found.discard(NOTHING)
    if not found:
        return NOTHING
    return Union(frozenset(found)) if len(found) > 1 else found.pop()


def _bounded(language: Language) -> Language:
    if isinstance(language, Union) and len(language.options) > _MAX_OPTIONS:
        raise ValueError("it can be read in too many ways")
    return language


def common(one: Language, other: Language) -> Language:
    """Words that are in both."""
    if NOTHING in (one, other):
        return NOTHING
    return one if one == other else Common(one, other)


def word(text: str) -> Language:
    """This word alone."""
    language: Language = EMPTY
    for char in reversed(text):
        language = joined(Chars(((ord(char), ord(char)),)), language)
    return language


def alphabet(language: Language, within: Ranges) -> list[Ranges]:
    """The characters that a language does not tell apart, class by class."""
    classes = {part.ranges for part in _leaves(language)}
    borders = {low for low, _ in within} | {high + 1 for _, high in within}
    borders |= {border for ranges in classes for low, high in ranges for border in (low, high + 1)}
    ordered = sorted(borders)
    found: dict[frozenset[tuple[tuple[int, int], ...]], Ranges] = {}
    for low, after in pairwise(ordered):
        if not any(first <= low <= last for first, last in within):
            continue
        kind = frozenset(one for one in classes if any(a <= low <= b for a, b in one))
        found.setdefault(kind, []).append((low, after - 1))
    return list(found.values())


def _leaves(language: Language) -> Iterator[Chars]:
    queue = [language]
    seen = set(queue)
    for one in queue:
        if isinstance(one, Chars):
            yield one
        new = [part for part in one.parts if part not in seen]
        seen.update(new)
        queue += new


def automaton(language: Language, classes: list[Ranges]) -> Automaton:
    """What reads a language; symbols are places in `classes`.

    Raises:
        ValueError: It would be too large.
    """

    def after(state: Language, symbol: int) -> Language | None:
        left = state.after(classes[symbol][0][0])
        return None if left == NOTHING else left

    return explored(language, len(classes), after, lambda state: state.has_empty, MAX_STATES)
