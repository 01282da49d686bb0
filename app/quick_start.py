"""Two savings while the window's modules are imported, together a third of that work.

PySide puts a function of its own in the place of Python's `__import__`, which reads the source of
every module that is imported after it, looking for users of its switch `from __feature__ import`.
Nothing here uses it, so Python's own is put back. And Python's collector looks through all that
the imports make, again and again, although nothing of it ever goes away.

Imported before all the others, it begins by itself; `end` follows the last of them. Where a later
PySide does it in another way, nothing is changed.

Source: `post_init` in shibokensupport/signature/loader.py, embedded in shiboken6 6.11.
"""

from __future__ import annotations

import builtins
import gc

_was_collecting = gc.isenabled()
gc.disable()

from PySide6 import QtCore  # noqa: E402, F401  it brings its function with it

if hasattr(builtins, "__orig_import__"):
    builtins.__import__ = builtins.__orig_import__


def end() -> None:
    """All is imported: what is there now stays, and what comes is collected as before."""
    gc.freeze()
    if _was_collecting:
        gc.enable()
