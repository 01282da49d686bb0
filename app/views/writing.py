"""What a page asks while a message is being written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from app.services.attaching import AttachService
from app.services.drafts import DraftService
from app.services.token_count import TokenCounter

if TYPE_CHECKING:
    from app.services.unkept import UnkeptServices


class Writing(Struct, frozen=True):
    """The services behind a message that is being written."""

    drafts: DraftService
    files: AttachService
    counter: TokenCounter
    sees: Callable[[], bool | None]
    """Whether the model sees pictures; None while that is not known."""


def writing_of(services: UnkeptServices) -> Writing:
    """Those of a page that is kept nowhere."""
    return Writing(services.drafts, services.files, services.counter, services.sees)
