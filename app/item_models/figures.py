"""Numbers, sizes and dates as the language of the window writes them."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QLocale


def number(value: int) -> str:
    """A whole number with its thousands apart."""
    return _locale().toString(value)


def decimal(value: float, digits: int) -> str:
    """A number with so many digits behind the point."""
    return _locale().toString(float(value), "f", digits)


def moment(value: datetime) -> str:
    """A day and a time of it, where this computer is."""
    from PySide6.QtCore import QDateTime

    pattern = QCoreApplication.translate("Figures", "dd MMMM yyyy, HH:mm")
    local = QDateTime.fromSecsSinceEpoch(int(value.timestamp()))
    return _locale().toString(local, pattern)


def size(n_bytes: int) -> str:
    """A file's size, as its maker would give it: decimal units."""
    if n_bytes < 1000:
        return QCoreApplication.translate("Figures", "{count} bytes").format(count=n_bytes)
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if n_bytes >= unit:
            return f"{decimal(n_bytes / unit, 1)} {name}"
    return f"{decimal(n_bytes / 1000, 1)} KB"


def _locale() -> QLocale:
    locale = QLocale()
    # C is what Qt takes for the language of a system that says nothing of itself.
    return QLocale("en") if locale.language() == QLocale.Language.C else locale
