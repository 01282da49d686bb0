"""Opens the store as a user without rights and prints the error as JSON. argv: the database."""

import json
import os
import sys
from pathlib import Path

from app.store import Store

NOBODY = 65534

if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
store = Store(Path(sys.argv[1]), timeout_s=0.2)
error = store.opened().exception()
sys.stdout.write(
    json.dumps(
        {
            "type": type(error).__name__,
            "title": getattr(error, "title", ""),
            "detail": getattr(error, "detail", ""),
            "hint": getattr(error, "hint", ""),
        }
    )
)
store.close()
