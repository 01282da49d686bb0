from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtTest import QAbstractItemModelTester

from app.item_models.fuzzy import matcher
from app.item_models.palette import PaletteEntry, PaletteModel


def entry(title: str, key: str = "") -> PaletteEntry:
    return PaletteEntry(key or title, title, "Action", lambda: None)


def ranked(letters: str, *texts: str, recent: tuple[str, ...] = ()) -> list[str]:
    model = PaletteModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_entries(map(entry, texts), recent)
    model.search(letters)
    return [model.index(row).data() for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("letters", "better", "worse"),
    [
        ("ec", "Export conversations", "Select it once more"),
        ("new", "New conversation", "Next week"),
        ("menu", "Open the menu", "Move every nice unit"),
        ("op", "Open a file", "Go to the top"),
        ("copy", "Copy", "Copy the last answer"),
        ("北京", "去北京旅行", "北方的南京"),
    ],
)
def test_starts_of_words_and_neighbours_come_first(letters, better, worse) -> None:
    assert ranked(letters, worse, better) == [better, worse]


def test_letters_must_all_be_there_in_their_order() -> None:
    assert ranked("wen", "New", "When") == ["When"]
    assert ranked("N W", "New") == ["New"]


def test_what_was_used_lately_comes_first_but_not_before_a_better_fit() -> None:
    assert ranked("", "a", "b", "c", recent=("c", "b")) == ["c", "b", "a"]
    assert ranked("re", "Rename", "Other entry", recent=("Other entry",)) == [
        "Rename",
        "Other entry",
    ]
    assert ranked("o", "Open", "Other", recent=("Other",)) == ["Other", "Open"]


@given(st.text(max_size=40), st.text(max_size=5))
@settings(deadline=None)
def test_the_places_spell_the_letters(text: str, letters: str) -> None:
    found = matcher(letters)(text)
    wanted = "".join(letters.casefold().split())
    if found is not None:
        spelled = [text[place] for place in found.places]
        assert len(spelled) == len(wanted)
        assert list(found.places) == sorted(set(found.places))
        assert all(a == b or a.lower() == b for a, b in zip(spelled, wanted, strict=True))


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=30), st.data())
@settings(deadline=None)
def test_any_selection_of_letters_finds_its_text(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(range(len(text))), unique=True))
    letters = "".join(text[place] for place in sorted(places))
    assert matcher(letters)(text) is not None


def test_ten_thousand_titles_are_searched_in_little_time() -> None:
    model = PaletteModel()
    model.set_entries(
        (entry(f"Notes about subject {n} and more", str(n)) for n in range(10_000)), ()
    )
    spent = []
    for letters in ("n", "no", "nsubj", "zzz"):
        start = time.thread_time()
        model.search(letters)
        spent.append(time.thread_time() - start)
    # The window may not stand still for longer than this.
    assert max(spent) < 0.2


@pytest.mark.parametrize("title", ["a" * 300, "ab" * 150, "a b " * 75])
def test_letters_that_nearly_fit_take_no_time_without_end(title: str) -> None:
    began = time.process_time()
    assert matcher("a" * 40 + "z")(title) is None
    assert matcher("a" * 40)(title) is not None
    assert matcher("^]-\\[.")("a^b]c-d\\e[f.") is not None
    assert time.process_time() - began < 1
