"""Keeps PySide from reading the source of every module that is imported after it.

It looks for users of its switch `from __feature__ import`, which nothing here uses; for the modules
of the window that is a sixth of the work at the start. Where a later PySide does it in another way,
nothing is changed.

Source: `_mod_uses_pyside` in shibokensupport/feature.py, embedded in shiboken6 6.11.
"""

from __future__ import annotations

import sys
from types import ModuleType

from PySide6 import QtCore  # noqa: F401  it brings the scanner with it

_SCAN = "_mod_uses_pyside"


def _uses_no_feature(_module: ModuleType) -> bool:
    return False


def leave_out() -> None:
    """Take every module from here on for one that uses no features."""
    scanner = sys.modules.get("shibokensupport.feature")
    if hasattr(scanner, _SCAN):
        setattr(scanner, _SCAN, _uses_no_feature)


leave_out()
