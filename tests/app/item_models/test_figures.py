"""Numbers, sizes and dates in two languages; expectations are what CLDR says of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from PySide6.QtCore import QLocale

from app.item_models.figures import decimal, moment, number, size


@pytest.fixture(params=["C", "en_US", "zh_CN"])
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


def test_numbers_have_their_thousands_apart(locale: str) -> None:
    assert number(1234567) == "1,234,567"
    assert number(8_589_934_592) == "8,589,934,592"
    assert decimal(1234.56, 1) == "1,234.6"


def test_other_countries_write_them_in_other_ways() -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    assert number(1234567) == "1.234.567"
    assert decimal(0.5, 1) == "0,5"
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1234, "1.2 KB"),
        (104_600_000, "104.6 MB"),
        (4_700_000_000, "4.7 GB"),
    ],
)
def test_sizes_are_decimal(n_bytes: int, words: str) -> None:
    assert size(n_bytes) == words


def test_a_moment_is_told_in_local_time(locale: str) -> None:
    local = datetime(2026, 3, 9, 7, 5).astimezone()
    # Without a translator it is the English order; month names are those of the locale.
    month = "三月" if locale == "zh_CN" else "March"
    assert moment(local) == f"09 {month} 2026, 07:05"
