"""An edit that goes on: which message is being changed, and what it is to say."""

from __future__ import annotations

from msgspec import Struct


class KeptEdit(Struct, frozen=True):
    """The words so far, with which a message is to be sent again."""

    message_id: int
    text: str
