"""What the set-up steps share: the error that ends one, and the stamps that let one be skipped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Inputs = Mapping[str, object]


class StepFailed(Exception):
    """A step could not be done.

    Attributes:
        step: The step, as a noun.
        reason: Why, in a sentence or the last lines of a log.
        remedy: What to do now.
    """

    def __init__(self, step: str, reason: str, remedy: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason
        self.remedy = remedy

    def report(self) -> str:
        """The text for the terminal."""
        return (
            f"\nSet-up stopped at: {self.step}\n"
            f"  Why: {self.reason}\n"
            f"  What to do: {self.remedy}\n"
            "  Then give the same command again; it goes on from here."
        )


@dataclass(frozen=True)
class Stamps:
    """Remembers, in one small file a step, what a step was last done with."""

    folder: Path

    def read(self, step: str) -> dict[str, object]:
        """What was stamped; empty where nothing readable was."""
        try:
            found = json.loads(self._file(step).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def is_fresh(self, step: str, inputs: Inputs) -> bool:
        """Whether the step was done with just these inputs."""
        return self.read(step) == dict(inputs)

    def write(self, step: str, inputs: Inputs) -> None:
        """Remember that the step is done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self._file(step).with_suffix(".part")
        partial.write_text(json.dumps(dict(inputs), indent=1), encoding="utf-8")
        partial.replace(self._file(step))

    def clear(self, step: str) -> None:
        """Forget the step, before something is changed that it stands for."""
        self._file(step).unlink(missing_ok=True)

    def _file(self, step: str) -> Path:
        return self.folder / f"{step}.json"


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def say(text: str) -> None:
    """Tell the person at the terminal how far the set-up is."""
    print(text, flush=True)
