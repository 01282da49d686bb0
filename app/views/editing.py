"""Messages that are being edited in the composer; neither the edit nor a draft is ever lost."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from app.domain.conversations import Message
from app.domain.edits import KeptEdit
from app.services.drafts import DraftService
from app.views.composer import Composer


class Edit(Struct, frozen=True):
    """A message that is edited, its words so far, and the draft that gave way to them."""

    message: Message
    text: str
    aside: str


class Editing:
    """At most one edit for each conversation; it outlives the program."""

    def __init__(self, composer: Composer, drafts: DraftService) -> None:
        self._composer = composer
        self._drafts = drafts
        self._edits: dict[int, Edit] = {}
        self._current: Edit | None = None

    @property
    def message(self) -> Message | None:
        """The message that is being edited on the page."""
        return self._current.message if self._current else None

    def begin(self, message: Message, text: str | None = None) -> None:
        """Edit this message, in place of what was edited before."""
        current = self._current
        if current is not None and current.message.id == message.id and text is None:
            self._composer.setFocus()
            return
        aside = current.aside if current else self._composer.text
        self._current = Edit(message, "", aside)
        self._composer.set_text(message.content if text is None else text)
        self._composer.setFocus()

    def resume(self, message: Message, text: str) -> None:
        """Go on with an edit from before the program's start; the focus stays where it is."""
        self._current = Edit(message, "", self._composer.text)
        self._composer.set_text(text)

    def keep(self) -> None:
        """Remember the words so far."""
        if self._current is not None:
            message = self._current.message
            kept = KeptEdit(message.id, self._composer.text)
            self._drafts.keep_edit(message.conversation_id, kept)

    def cancel(self) -> None:
        """Give the edit up, and go on with the draft."""
        current = self._end()
        if current is not None:
            self._composer.set_text(current.aside)

    def sent(self) -> None:
        """The edit is stored: go on with the draft, behind which nothing is lost."""
        current = self._end()
        if current is not None and current.aside:
            self._composer.give_back(current.aside)

    def leave(self, conversation_id: int | None) -> None:
        """Another conversation comes to the page: keep the edit, put the draft back."""
        current, self._current = self._current, None
        if current is not None and conversation_id is not None:
            self._edits[conversation_id] = replace(current, text=self._composer.text)
            self._composer.set_text(current.aside)

    def come_back(self, conversation_id: int | None) -> None:
        """This conversation is on the page: go on with its edit, if there is one."""
        edit = self._edits.pop(conversation_id, None) if conversation_id is not None else None
        if edit is not None:
            self._current = replace(edit, aside=self._composer.text)
            self._composer.set_text(edit.text)

    def _end(self) -> Edit | None:
        current, self._current = self._current, None
        if current is not None:
            self._drafts.keep_edit(current.message.conversation_id, None)
        return current
