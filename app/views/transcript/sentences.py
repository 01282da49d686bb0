"""Which whole sentences of a growing answer can be told already, and how fast; no Qt."""

from __future__ import annotations

import re

from app.markdown import MarkdownStream, plain_text

_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s)|[。！？]+[”’」』）]*|\n")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
MAX_CHARS = 400
"""About as much is told at one time; a sentence that is longer is told whole."""


class Sentences:
    """Takes the text of one answer as it comes, and gives whole sentences in their order."""

    def __init__(self) -> None:
        self._text = ""
        self._in_code = False

    def feed(self, text: str) -> None:
        """More of the answer."""
        self._text += text

    def take(self, *, final: bool = False) -> str:
        """The next sentences as a person hears them, and never again; empty where none is whole.

        Args:
            final: Whether the answer has ended: then what is left counts as whole.
        """
        while True:
            part = self._next(final=final)
            if not part:
                return ""
            words = self._words(part)
            if words:
                return words

    def _next(self, *, final: bool) -> str:
        """The beginning of the text up to the last sentence that fits, or the first one."""
        end = 0
        for match in _END.finditer(self._text):
            if end and match.end() > MAX_CHARS:
                break
            end = match.end()
        if not end and final:
            end = len(self._text)
        part, self._text = self._text[:end], self._text[end:]
        return part

    def _words(self, part: str) -> str:
        """Without marks of Markdown, and without code: nobody follows that by ear as it comes."""
        told = []
        for number, piece in enumerate(_FENCE.split(part)):
            if number:
                self._in_code = not self._in_code
                # What stands behind the fence is its language.
                piece = piece.partition("\n")[2]
            if not self._in_code:
                told.append(_plain(piece))
        return " ".join(words for words in told if words)


def _plain(text: str) -> str:
    stream = MarkdownStream()
    stream.feed(text)
    stream.finish()
    return " ".join(plain_text(stream.blocks).split())
