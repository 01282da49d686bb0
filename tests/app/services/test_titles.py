from __future__ import annotations

import pytest

from app.services.titles import clean_title, title_from, title_from_model


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Why is the sky blue?", "Why is the sky blue?"),
        ("\n\n  First   line \nsecond line", "First line"),
        ("", "New conversation"),
        ("a" * 60, "a" * 60),
        ("a" * 61, "a" * 59 + "…"),
        (
            # The 60th character stands inside "dog".
            "The quick brown fox jumps over the lazy and very sleepy old dog",
            "The quick brown fox jumps over the lazy and very sleepy old…",
        ),
        (
            "One, two, three, four, five, six, seven, eight, nine, ten, eleven",
            "One, two, three, four, five, six, seven, eight, nine, ten…",
        ),
    ],
)
def test_title_is_the_first_line_cut_at_a_word(text: str, title: str) -> None:
    assert title_from(text) == title
    assert len(title) <= 60


def test_typed_title_is_one_line() -> None:
    assert clean_title("  two\nlines\t here ") == "two lines here"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Capital of France", "Capital of France"),
        ('"Capital of France."', "Capital of France"),
        ("\n**Title:** The capital\nIt is about Paris.", "The capital"),
        ("# Conversation title: “A garden on the roof”", "A garden on the roof"),
        ("标题：《屋顶花园》。", "屋顶花园"),
        ("It's a `dog`'s life", "It's a `dog`'s life"),
        ("What is 2 + 2?", "What is 2 + 2?"),
        ("- ...", ""),
        ("", ""),
        ("word " * 30, "word word word word word word word word word word word word…"),
    ],
)
def test_what_a_model_writes_becomes_a_title(text: str, title: str) -> None:
    assert title_from_model(text) == title
