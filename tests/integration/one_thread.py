"""A program that computes with one thread, as if it had been tuned to that."""

from __future__ import annotations

from pathlib import Path

from app.services.tuned_models import remember_tuned
from app.store import Store
from inference.tune import Tuned


def use_one_thread(database: Path, model: Path) -> None:
    """Keep it as the setting of this model.

    Two threads wait for each other in loops, which takes the processor from the test and from the
    window it looks at.
    """
    store = Store(database)
    try:
        remember_tuned(store, model, Tuned(n_threads=1))
    finally:
        store.close()
