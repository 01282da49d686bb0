"""Every error of the application that a person can meet, besides the engine's."""

from __future__ import annotations


class AppError(Exception):
    """Base of the application's errors.

    Attributes:
        title: What happened, in a few words.
        detail: The file and numbers concerned.
        hint: What to do now.
    """

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return ": ".join(part for part in (self.title, self.detail) if part)


class StoreError(AppError):
    """The conversation database could not do what was asked; nothing was half written."""


class StoreTooNew(StoreError):
    """A newer Conclave made the database."""


class StoreLocked(StoreError):
    """Another program holds the database."""


class StoreReadOnly(StoreError):
    """The database or its folder cannot be written."""


class StoreFull(StoreError):
    """The disk is full."""


class StoreCorrupt(StoreError):
    """The database is damaged."""


class StoreMissing(StoreError):
    """The conversation or message is no longer there."""


class StoreClosed(StoreError):
    """The store was closed before the work could be done."""
