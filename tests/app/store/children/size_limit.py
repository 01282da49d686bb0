"""Writes under a limit on file sizes, which SQLite meets as an I/O error. argv: the database.

Prints what a write beyond the limit raised, and what is stored after the limit is gone.
"""

import json
import resource
import sys
from pathlib import Path

from app.store import Store

store = Store(Path(sys.argv[1]))
kept = store.submit(lambda r: r.create_conversation("kept")).result()
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
error = store.submit(lambda r: r.create_conversation("x" * 1_000_000)).exception()
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
titles = [c.title for c in store.submit(lambda r: r.conversations()).result()]
again = store.reopen().result()
store.submit(lambda r: r.create_conversation("after")).result()
after = [c.title for c in store.submit(lambda r: r.conversations()).result()]
store.close()
sys.stdout.write(
    json.dumps(
        {
            "type": type(error).__name__,
            "detail": getattr(error, "detail", ""),
            "titles": titles,
            "set_aside": again.set_aside is not None,
            "after": after,
        }
    )
)
