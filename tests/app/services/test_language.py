"""Which language is spoken, and that the choice is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from pytestqt.qtbot import QtBot

from app.services.language import ENGLISH, SYSTEM, LanguageService, language_for, locale_of

CHINESE = "zh_CN"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "language"


@pytest.fixture
def service(qtbot: QtBot, path: Path) -> Iterator[LanguageService]:
    service = LanguageService(path)
    service.start()
    yield service
    service.close()


def words() -> str:
    return QCoreApplication.translate("Sidebar", "New conversation")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        # As QLocale::uiLanguages gives them for LANG=zh_CN, zh_SG, zh_TW, en_GB and de_DE.
        (["zh-Hans-CN", "zh-CN", "zh-Hans", "zh"], CHINESE),
        (["zh-Hans-SG", "zh-SG", "zh-Hans", "zh"], CHINESE),
        (["zh-Hant-TW", "zh-TW", "zh-Hant"], ENGLISH),
        (["en-Latn-GB", "en-GB", "en"], ENGLISH),
        (["de-Latn-DE", "de-DE", "de"], ENGLISH),
        (["de-DE", "zh-CN", "en-US"], CHINESE),
        (["C"], ENGLISH),
        ([], ENGLISH),
    ],
)
def test_the_first_language_of_the_system_that_there_is(wanted: list[str], language: str) -> None:
    assert language_for(wanted) == language


def test_numbers_and_dates_follow_the_country_where_the_language_is_its_own() -> None:
    british = QLocale("en_GB")
    assert locale_of(ENGLISH, british) == british
    assert locale_of(CHINESE, british).language() == QLocale.Language.Chinese
    assert locale_of(ENGLISH, QLocale("de_DE")).language() == QLocale.Language.English


def test_a_choice_is_spoken_at_once(service: LanguageService) -> None:
    service.choose(CHINESE)
    assert (service.chosen, service.current) == (CHINESE, CHINESE)
    assert words() == "新建对话"
    assert QLocale().language() == QLocale.Language.Chinese
    service.choose(ENGLISH)
    assert words() == "New conversation"
    assert QLocale().language() == QLocale.Language.English


def test_the_texts_of_qt_itself_are_translated_too(service: LanguageService) -> None:
    service.choose(CHINESE)
    # Source: qtbase_zh_CN.ts of Qt 6.
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "取消"


def test_a_choice_outlives_the_program(service: LanguageService, path: Path) -> None:
    service.choose(CHINESE)
    service.close()
    assert words() == "New conversation"
    next_time = LanguageService(path)
    next_time.start()
    assert next_time.chosen == CHINESE
    assert words() == "新建对话"
    next_time.close()


@pytest.mark.parametrize("content", [b"tlh", b"", b"\xff\xfe", b"en\nzh_CN"])
def test_what_is_no_language_counts_as_the_system(
    path: Path, content: bytes, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    service = LanguageService(path)
    service.start()
    assert service.chosen == SYSTEM
    service.close()
    caplog.clear()


def test_another_language_is_a_callers_fault(service: LanguageService) -> None:
    with pytest.raises(ValueError, match="tlh"):
        service.choose("tlh")
