"""What is told of an answer while it comes: whole sentences, in order, without marks and code."""

from __future__ import annotations

import pytest

from app.views.transcript.sentences import MAX_CHARS, Sentences


def told(*parts: str, final: bool = True) -> list[str]:
    """All that is told, where each part comes alone."""
    sentences = Sentences()
    found = []
    for part in parts:
        sentences.feed(part)
        while words := sentences.take():
            found.append(words)
    while words := sentences.take(final=final):
        found.append(words)
    return found


def test_a_sentence_is_told_when_it_is_whole() -> None:
    sentences = Sentences()
    sentences.feed("It is 3.14 or")
    assert sentences.take() == ""
    sentences.feed(" so. And the")
    assert sentences.take() == "It is 3.14 or so."
    assert sentences.take() == ""
    sentences.feed(" rest")
    assert sentences.take(final=True) == "And the rest"
    assert sentences.take(final=True) == ""


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("One. Two! Three? ",), ["One. Two! Three?"]),
        (("一。二！", "三"), ["一。二！", "三"]),
        (("He said “No.” Then ", "he left.\n"), ["He said “No.”", "Then he left."]),
        (("# Title\n\n- *one*\n- **two**\n",), ["Title • one • two"]),
        (("See [this](https://example.org). ",), ["See this."]),
        (("Look:\n```python\nprint(1). \n```\nDone.\n",), ["Look: Done."]),
        (("Look:\n```", "python\nx. y. \n", "z. \n```\n", "Done."), ["Look:", "Done."]),
        (("```\nnever closed. ",), []),
        (("", "\n\n", "  "), []),
    ],
)
def test_it_is_told_as_it_is_read(parts: tuple[str, ...], expected: list[str]) -> None:
    assert told(*parts) == expected


def test_long_answers_are_told_in_parts_and_nothing_is_lost_or_doubled() -> None:
    sentences = [f"This is sentence number {number}." for number in range(200)]
    parts = told(" ".join(sentences))
    assert " ".join(parts) == " ".join(sentences)
    assert max(map(len, parts)) <= MAX_CHARS
    long = "word " * 300 + "end. "
    assert told(long) == [long.strip()]
