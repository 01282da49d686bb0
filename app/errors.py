"""Every error of the application that a person can meet, besides the engine's."""

from __future__ import annotations

from inference.errors import ReportedError


class AppError(ReportedError):
    """Base of the application's errors."""


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


class TransferError(AppError):
    """Conversations could not be read from a file or written to one; nothing was half done."""


class AttachmentRefused(AppError):
    """A file cannot be attached."""
