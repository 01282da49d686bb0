"""The language of the window: which one is wanted, and the translations that make it so.

The choice has a small file of its own, read before the window is built: the database is opened
later, and what is said when it cannot be opened shall be in the right language too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from app import resources
from app.services.futures import run_in_thread

log = logging.getLogger(__name__)

SYSTEM = ""
"""The choice that follows the system."""
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh_CN": "简体中文"}
"""What can be chosen, each in its own words. All but English have a file in
`resources/translations`."""

_CLOSE_TIMEOUT_S = 2.0


class LanguageService(QObject):
    """Installs translators; every widget hears of it by Qt's own event, `LanguageChange`."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._chosen = SYSTEM
        self._current = ENGLISH
        self._translators: list[QTranslator] = []
        self._writing: Future[None] | None = None

    @property
    def chosen(self) -> str:
        """What was chosen: `SYSTEM` or one of `LANGUAGES`."""
        return self._chosen

    @property
    def current(self) -> str:
        """The language that is spoken."""
        return self._current

    def start(self) -> None:
        """Speak what was chosen last time."""
        self._chosen = _read(self._path)
        self._speak()

    def choose(self, language: str) -> None:
        """Speak this language from now on, and after the next start.

        Raises:
            ValueError: There is no such language.
        """
        if language not in (SYSTEM, *LANGUAGES):
            raise ValueError(f"there is no language {language!r}")
        if language == self._chosen:
            return
        self._chosen = language
        path = self._path
        self._writing = run_in_thread(lambda: _write(path, language), "language")
        self._speak()

    def close(self) -> None:
        """Wait for what is being written, and leave Qt as it was."""
        if self._writing is not None:
            with suppress(TimeoutError):
                error = self._writing.exception(_CLOSE_TIMEOUT_S)
                if error is not None:
                    log.warning("the language cannot be kept: %s", error)
        self._remove_translators()
        QLocale.setDefault(QLocale.system())

    def _speak(self) -> None:
        system = QLocale.system()
        self._current = self._chosen or language_for(system.uiLanguages())
        # What is written is in the new words when the translators tell of them.
        QLocale.setDefault(locale_of(self._current, system))
        self._remove_translators()
        if self._current != ENGLISH:
            folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
            self._install(folder / f"qtbase_{self._current}.qm")
            self._install(resources.path(f"translations/conclave_{self._current}.qm"))

    def _install(self, path: Path) -> None:
        translator = QTranslator(self)
        if translator.load(str(path)):
            QCoreApplication.installTranslator(translator)
            self._translators.append(translator)
        else:
            log.warning("no translation at %s", path)

    def _remove_translators(self) -> None:
        for translator in self._translators:
            QCoreApplication.removeTranslator(translator)
            translator.deleteLater()
        self._translators = []


def language_for(wanted: Sequence[str]) -> str:
    """The first of a system's languages that there is; English where there is none.

    Args:
        wanted: Names as `QLocale.uiLanguages` gives them: "zh-Hans-CN", "zh-CN", "en-GB", "de".
    """
    for name in wanted:
        locale = QLocale(name)
        if locale.language() == QLocale.Language.English:
            return ENGLISH
        for language in LANGUAGES:
            offered = QLocale(language)
            if (locale.language(), locale.script()) == (offered.language(), offered.script()):
                return language
    return ENGLISH


def locale_of(language: str, system: QLocale) -> QLocale:
    """Numbers and dates in a language, as the country of the system writes them."""
    spoken = QLocale(language)
    if spoken.language() == system.language() and spoken.script() == system.script():
        return system
    return spoken


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return SYSTEM
    except (OSError, UnicodeDecodeError) as error:
        log.warning("the language cannot be read: %s", error)
        return SYSTEM
    return text if text in LANGUAGES else SYSTEM


def _write(path: Path, language: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(language, encoding="utf-8")
    new.replace(path)
