"""Conversations on their way in or out of the program: plain values that name no database rows.

Messages name each other by their place in the conversation, and a parent always comes before what
answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from app.domain.attachments import Attachment
from app.domain.conversations import ReplyStats, Role, Status
from inference.engine import ContextPolicy, Sampling, Thinking

More = Mapping[str, str | int | float]
"""Further columns of a row, by name: what the program remembers beyond the fields that are named
here. They come back where the program that reads them knows the column."""


class CarriedUnseen(Struct, frozen=True):
    """What an answer was given without: the messages from the first one to place `until`."""

    until: int
    summarised: bool = False


class CarriedMessage(Struct, frozen=True):
    """One message; `parent` is the place of the one it answers, None for a beginning."""

    parent: int | None
    role: Role
    content: str
    thinking: str
    status: Status
    created_at: datetime
    model: str = ""
    stats: ReplyStats | None = None
    unseen: CarriedUnseen | None = None
    more: More = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


class CarriedSummary(Struct, frozen=True):
    """The model reads `text` in place of the messages up to place `until`."""

    text: str
    until: int


class CarriedSteering(Struct, frozen=True):
    """How a conversation is answered: `domain.steering.Steering` as plain values.

    Args:
        model: Where the file of the model lies; "" for the one chosen for new conversations.
    """

    system_prompt: str = ""
    model: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    thinking: Thinking = Thinking.AUTO
    thinking_budget: int | None = None


class CarriedFolder(Struct, frozen=True):
    """A folder of the list; conversations name it by its number, which is unique among them."""

    number: int
    name: str
    collapsed: bool = False


class CarriedPersona(Struct, frozen=True):
    """A system prompt with a name."""

    name: str
    prompt: str


class CarriedLibrary(Struct, frozen=True):
    """What belongs to no single conversation."""

    folders: tuple[CarriedFolder, ...] = ()
    personas: tuple[CarriedPersona, ...] = ()


NO_LIBRARY = CarriedLibrary()


class CarriedConversation(Struct, frozen=True):
    """A whole conversation with all its branches.

    Args:
        current: The place of the message that the branch on the screen ends with.
        steering: None where everything is as the model has it.
        folder: The number of the folder it lies in.
    """

    title: str
    created_at: datetime
    updated_at: datetime
    messages: tuple[CarriedMessage, ...] = ()
    current: int | None = None
    policy: ContextPolicy = ContextPolicy.DROP_OLDEST
    summary: CarriedSummary | None = None
    more: More = field(default_factory=dict)
    steering: CarriedSteering | None = None
    folder: int | None = None

    def branch(self) -> tuple[CarriedMessage, ...]:
        """The messages on the screen, from the first to the current one."""
        places: list[int] = []
        place = self.current
        while place is not None:
            places.append(place)
            place = self.messages[place].parent
        return tuple(self.messages[place] for place in reversed(places))


class ImportRecord(Struct, frozen=True):
    """An import that has happened.

    Args:
        source: What it was read from, as a person knows it.
    """

    id: int
    source: str
    created_at: datetime
    n_conversations: int
    n_messages: int


class UndoneImport(Struct, frozen=True):
    """What an import that was undone leaves.

    Args:
        removed: The conversations that are in the bin now.
        n_kept: How many stay, because messages were added to them.
    """

    import_id: int
    removed: frozenset[int]
    n_kept: int
