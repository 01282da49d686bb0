"""Two savings while the window's modules are imported, together a quarter of that work.

PySide reads the source of every module that is imported after it, looking for users of its switch
`from __feature__ import`, which nothing here uses. And Python's collector looks through all that
the imports make, again and again, although nothing of it ever goes away.

Imported before all the others, it begins by itself; `end` follows the last of them. Where a later
PySide does it in another way, nothing is changed.

Source: `_mod_uses_pyside` in shibokensupport/feature.py, embedded in shiboken6 6.11.
"""

from __future__ import annotations

import gc
import sys
from types import ModuleType

_was_collecting = gc.isenabled()
gc.disable()

from PySide6 import QtCore  # noqa: E402, F401  it brings the scanner with it

_SCANNER, _SCAN = "shibokensupport.feature", "_mod_uses_pyside"


def end() -> None:
    """All is imported: what is there now stays, and what comes is collected as before."""
    gc.freeze()
    if _was_collecting:
        gc.enable()


def _uses_no_feature(_module: ModuleType) -> bool:
    return False


if hasattr(sys.modules.get(_SCANNER), _SCAN):
    setattr(sys.modules[_SCANNER], _SCAN, _uses_no_feature)
