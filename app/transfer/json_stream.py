"""The entries of a JSON file, one after the other, without ever parsing the whole.

Parsing a large file in one piece would hold Python's lock, and with it the window, for seconds; and
one broken entry would lose all the others. So the ends of the entries are found first, and each is
decoded by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Protocol

import msgspec
from msgspec import Struct

MAX_ENTRY_BYTES = 256 << 20
"""A conversation larger than this is none."""
_CHUNK_BYTES = 1 << 20

_TOKEN = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|["\[\]{},]', re.DOTALL)
"""Strings and the marks that nest. A string does not go over a line's end, so that one that was
cut off spoils no more than its own line."""
_UNFINISHED_STRING = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+\\?\Z', re.DOTALL)
_LIST_KEY = b'"conversations"'
_BLANK = b"\xef\xbb\xbf \t\r\n"


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; none at the end."""


class Element(Struct, frozen=True):
    """One entry as it stands in the file.

    Args:
        number: Counted from 1.
        data: Its bytes; empty where the file ends within it or it is too large.
        head: The object around the list of entries, as far as it stands before them.
        whole: False where the file ended before the entry did.
    """

    number: int
    data: bytes
    head: bytes = b""
    whole: bool = True


def decode(data: bytes) -> object:
    """The value of a piece of JSON.

    Raises:
        ValueError: It is no JSON; the message says where.
    """
    try:
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # Slower, but takes what others write: lone surrogates, NaN, control characters.
            return json.loads(data.decode("utf-8", "replace"), strict=False)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


class ElementReader:
    """Cuts a stream into the elements of its outermost list.

    The list is the whole file or the value of `conversations` in an object. An object without such
    a list is one element itself.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._buffer = b""
        self._at = 0
        self._ended = False

    def elements(self) -> Iterator[Element]:
        """The elements in their order."""
        first = self._first_mark()
        if first == b"[":
            self._at += 1
            yield from self._list()
        elif first == b"{":
            yield from self._object()
        elif first:
            yield Element(1, self._buffer[self._at :])

    def _first_mark(self) -> bytes:
        while not self._buffer.strip(_BLANK) and self._fill():
            pass
        text = self._buffer.lstrip(_BLANK)
        self._at = len(self._buffer) - len(text)
        return text[:1]

    def _fill(self) -> bool:
        """Forget what was read before the present place, and read on."""
        self._buffer = self._buffer[self._at :]
        self._at = 0
        # Twice as much each time, so that a long entry is not looked at again and again.
        more = self._stream.read(max(_CHUNK_BYTES, len(self._buffer)))
        self._ended = not more
        self._buffer += more
        return bool(more)

    def _object(self) -> Iterator[Element]:
        """An object: one with a list of entries, or an entry itself."""
        depth, previous = 0, b""
        for position, token in self._tokens():
            if token == b"[" and depth == 1 and previous == _LIST_KEY:
                head = self._buffer[self._at : position]
                self._at = position + 1
                yield from self._list(head)
                return
            depth += _step(token)
            previous = token
            if depth <= 0:
                yield Element(1, self._buffer[self._at : position + 1])
                return
        yield Element(1, b"", whole=False)

    def _list(self, head: bytes = b"") -> Iterator[Element]:
        number = 1
        while (found := self._end_of_element()) is not None:
            end, is_last = found
            data = self._buffer[self._at : end].strip()
            self._at = end + 1
            if data or not is_last:
                yield Element(number, data or b"null", head)
            if is_last:
                return
            number += 1
        if self._buffer[self._at :].strip():
            yield Element(number, b"", head, whole=False)
            yield from self._lines(number + 1, head)

    def _lines(self, number: int, head: bytes) -> Iterator[Element]:
        """What can be had from behind an entry without an end, where each has a line of its own."""
        _broken, *lines = self._buffer[self._at :].split(b"\n")
        for line in lines:
            data = line.strip().removesuffix(b",")
            if data.startswith(b"{") and data.endswith(b"}"):
                yield Element(number, data, head)
                number += 1

    def _end_of_element(self) -> tuple[int, bool] | None:
        """Where the element that begins here ends, and whether it is the last."""
        depth = 0
        for position, token in self._tokens():
            if depth == 0 and token in (b",", b"]"):
                return position, token == b"]"
            # Where more closes than opens, a broken entry shall not swallow those that follow.
            depth = max(0, depth + _step(token))
        return None

    def _tokens(self) -> Iterator[tuple[int, bytes]]:
        """Place in the buffer and text of the tokens from here on, reading more as needed."""
        position = self._at
        while True:
            for match in _TOKEN.finditer(self._buffer, position):
                token = match.group()
                position = match.start()
                if token == b'"' and not self._ended and self._goes_on(position):
                    break
                yield position, token
                position = match.end()
            else:
                position = len(self._buffer)
            kept = self._at
            if len(self._buffer) - kept > MAX_ENTRY_BYTES:
                return
            if not self._fill() and position - kept >= len(self._buffer):
                return
            position -= kept

    def _goes_on(self, position: int) -> bool:
        return _UNFINISHED_STRING.match(self._buffer, position) is not None


def _step(token: bytes) -> int:
    if token in (b"{", b"["):
        return 1
    return -1 if token in (b"}", b"]") else 0
