"""The files of what is being written: of each conversation's draft and of each message edited."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from app.domain.attachments import Attachment
from app.domain.conversations import Message
from app.services.drafts import DraftService


class DraftFile(Struct):
    """A file of a draft; `attachment` None while it is being read."""

    name: str
    attachment: Attachment | None = None
    fraction: float = 0.0
    fits: bool = False
    """It was counted, and there was room for it."""


Files = dict[str, DraftFile]
"""By the id of the file."""
Place = tuple[int | None, int | None]
"""A conversation and the message that is edited in it, None for its draft."""


class DraftFiles:
    """Files by place; those of drafts outlive the program."""

    def __init__(self, drafts: DraftService) -> None:
        self._drafts = drafts
        self._files: dict[Place, Files] = {}

    def at(self, place: Place) -> Files:
        """The files of a place, which can be changed."""
        return self._files.setdefault(place, {})

    def beside(self, file_id: str) -> Files | None:
        """The files beside a file; None where it was removed."""
        return next((files for files in self._files.values() if file_id in files), None)

    def clear(self, place: Place) -> None:
        """What was written there is sent."""
        self._files[place] = {}

    def forget(self, place: Place) -> None:
        """The edit there is given up."""
        self._files.pop(place, None)

    def move_to(self, conversation_id: int) -> None:
        """The conversation that did not exist yet exists now."""
        self._files[conversation_id, None] = self._files.pop((None, None), {})
        self._files[None, None] = {}

    def give_back(self, place: Place, attachments: Sequence[Attachment]) -> None:
        """What was not sent after all comes before what was added since."""
        files = {
            f"back-{number}-{one.sha256}": DraftFile(one.name, one)
            for number, one in enumerate(attachments)
        }
        self._files[place] = files | self._files.get(place, {})

    def edit(self, place: Place, message: Message) -> None:
        """A message is edited there; an edit that went on before keeps its files."""
        if place not in self._files:
            self._files[place] = {
                f"sent-{message.id}-{number}": DraftFile(one.name, one, fits=True)
                for number, one in enumerate(message.attachments)
            }

    def recall(self) -> None:
        """Take up the files of drafts from before the program's start."""
        for conversation_id, attachments in self._drafts.files.items():
            if not self._files.get((conversation_id, None)):
                self._files[conversation_id, None] = {
                    f"kept-{number}-{one.sha256}": DraftFile(one.name, one)
                    for number, one in enumerate(attachments)
                }

    def keep(self) -> None:
        """Let the files of drafts outlive the program; what is edited goes back as it was."""
        for (conversation_id, edited), files in self._files.items():
            if edited is None:
                ready = (file.attachment for file in files.values())
                kept = tuple(one for one in ready if one is not None)
                self._drafts.keep_files(conversation_id, kept)
