"""What a person is told when something went wrong, whatever part it came from."""

from __future__ import annotations

from msgspec import Struct

from inference.errors import ReportedError


class Notice(Struct, frozen=True):
    """What happened, the numbers of it, and what to do now."""

    title: str
    detail: str = ""
    hint: str = ""


def notice_of(error: BaseException) -> Notice:
    """The notice of an error; one without words of its own is named by its class."""
    if isinstance(error, ReportedError):
        return Notice(error.title, error.detail, error.hint)
    return Notice(
        "Something went wrong inside Conclave",
        f"{type(error).__name__}: {error}",
        "The log file has the details. You can go on working.",
    )
