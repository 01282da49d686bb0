"""What is being written, of each conversation: its text, its files, and how many tokens they have.

Binds the composer to the services of drafts, files and counts. Sending is the page's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel

from app.domain.attachments import Attachment
from app.domain.conversations import Message
from app.domain.search import Query
from app.domain.steering import Steering
from app.services.attaching import FileProgress, FileRead, FileRefused
from app.services.token_count import Draft, TokenCount
from app.views.composer import Composer
from app.views.draft_display import DraftDisplay
from app.views.draft_files import DraftFile, DraftFiles, Files, Place
from app.views.draft_refusals import blind, too_large, too_long, unready
from app.views.editing import Editing
from app.views.file_dialog import file_dialog
from app.views.language import follow_language
from app.views.writing import Writing


class Drafting(QObject):
    """Keeps a draft for each conversation.

    Args:
        composer: Where the draft of the open conversation is written.
        editing: Which message is edited there in place of a draft; that is the page's to change.
        label: Shows its tokens.
        writing: The services.
        path: The messages that a message sent now would follow.
        beginning: How a conversation that starts now is answered.
        parent: Owns it.
    """

    refused = Signal(object)
    """Notice, or what makes one: something cannot be attached or sent."""

    def __init__(
        self,
        composer: Composer,
        editing: Editing,
        label: QLabel,
        writing: Writing,
        path: Callable[[], tuple[Message, ...]],
        beginning: Callable[[], Steering | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._composer = composer
        self._display = DraftDisplay(composer, label, self)
        self._writing = writing
        self._path = path
        self._beginning = beginning
        self._conversation_id: int | None = None
        self._editing = editing
        self._files = DraftFiles(writing.drafts)
        self._counted: TokenCount | None = None
        # Where the page goes before its services, nobody asks any more what is written on it.
        composer.destroyed.connect(writing.counter.withdraw)
        composer.may_send = self.can_send
        composer.edit.textChanged.connect(self._on_text_changed)
        composer.files_given.connect(self.attach)
        composer.picture_given.connect(self._on_picture_given)
        composer.long_text_given.connect(self._on_long_text_given)
        composer.attach_requested.connect(self.choose_files)
        composer.chips.opened.connect(self._on_opened)
        composer.chips.removed.connect(self._on_removed)
        follow_language(composer, self._say)
        writing.drafts.recalled.connect(self._on_recalled)
        writing.files.progressed.connect(self._on_progressed)
        writing.files.read.connect(self._on_read)
        writing.files.refused.connect(self._on_refused)
        writing.counter.counted.connect(self._on_counted)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files of the open conversation's draft that are ready."""
        read = (file.attachment for file in self._here.values())
        return tuple(attachment for attachment in read if attachment is not None)

    def can_send(self) -> bool:
        """Whether the draft can be sent as it is; where not, the person is told why."""
        if any(file.is_picture for file in self.attachments) and self._is_blind():
            return False
        reading = [file.name for file in self._here.values() if file.attachment is None]
        if reading:
            self.refused.emit(partial(unready, reading[0]))
            return False
        counted = self._counted
        if counted is not None and counted.is_too_long and counted.draft == self._draft():
            self.refused.emit(partial(too_long, counted))
            return False
        return True

    # The page

    def switch(self, conversation_id: int | None) -> None:
        """Write in another conversation, with the draft that it has."""
        self._conversation_id = conversation_id
        self._counted = None
        self._composer.set_text(self._writing.drafts.text(conversation_id))
        self._editing.come_back(conversation_id)
        self.show_files()
        self.recount()

    def move_to(self, conversation_id: int) -> None:
        """The conversation that did not exist yet exists now."""
        self._files.move_to(conversation_id)
        self._writing.drafts.keep(None, "")
        self._writing.drafts.keep(conversation_id, self._composer.text)
        self._conversation_id = conversation_id

    def take(self) -> None:
        """The draft is sent: nothing of it stays, and a count is not to stand before the answer."""
        self._writing.counter.withdraw()
        self._files.clear(self._place)
        self._counted = None
        self.show_files()
        self._display.show_count(self._counted)

    def give_back(
        self, conversation_id: int | None, text: str, attachments: Sequence[Attachment]
    ) -> None:
        """What was not sent after all is a draft again, before what was written since."""
        is_here = conversation_id == self._conversation_id
        self._files.give_back(self._place if is_here else (conversation_id, None), attachments)
        if is_here:
            self._composer.give_back(text)
            self.show_files()
            self.recount()
        else:
            since = self._writing.drafts.text(conversation_id)
            together = f"{text}\n{since}" if since.strip() else text
            self._writing.drafts.keep(conversation_id, together)
            self._files.keep()

    def show_edit(self) -> None:
        """A message is edited now: its files take the place of the draft's."""
        message = self._editing.message
        if message is not None:
            self._files.edit(self._place, message)
        self.show_files()
        self.recount()

    def resume_edit(self) -> None:
        """The messages are on the page: go on with an edit from before the program's start."""
        here = self._conversation_id
        kept = self._writing.drafts.edit(here) if here is not None else None
        if here is None or kept is None or self._editing.message is not None:
            return
        message = next((one for one in self._path() if one.id == kept.message_id), None)
        if message is not None:
            self._editing.resume(message, kept.text)
            self.show_edit()
            return
        if kept.text.strip():
            self._composer.give_back(kept.text)
        self._writing.drafts.keep_edit(here, None)

    def forget_edit(self) -> None:
        """The edit is given up: forget its files."""
        if self._editing.message is not None:
            self._files.forget(self._place)

    def recount(self) -> None:
        """Something has changed that a count depends on."""
        if self._composer.text.strip() or self.attachments:
            self._writing.counter.ask(self._draft)
        else:
            self._writing.counter.withdraw()
            self._counted = None
            self._display.show_count(self._counted)

    # Files

    def attach(self, paths: Sequence[Path]) -> None:
        """Read files and add them to the draft."""
        for path in paths:
            file_id = self._writing.files.attach(path)
            self._here[file_id] = DraftFile(path.name)
        self.show_files()

    def choose_files(self) -> None:
        """Let the reader pick files."""
        dialog = file_dialog(self._composer.window(), lambda: self.tr("Attach files"))
        dialog.setFileMode(dialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._on_files_selected)
        dialog.open()

    def _on_files_selected(self, names: list[str]) -> None:
        self.attach([Path(name) for name in names])
        self._composer.setFocus()

    def _on_picture_given(self, image: QImage) -> None:
        if self._is_blind():
            return
        name = self.tr("Pasted picture")
        file_id = self._writing.files.attach_image(image, name)
        self._here[file_id] = DraftFile(name)
        self.show_files()

    def _on_long_text_given(self, text: str) -> None:
        name = self.tr("Pasted text.txt")
        self._here[self._writing.files.attach_text(text, name)] = DraftFile(name)
        self.show_files()

    def _is_blind(self) -> bool:
        """Whether the model is known to see no pictures; the person is told then."""
        if self._writing.sees() is not False:
            return False
        self.refused.emit(blind)
        return True

    def _on_progressed(self, progress: FileProgress) -> None:
        found = self._files.beside(progress.file_id)
        if found is not None:
            found[progress.file_id].fraction = progress.fraction
            self.show_files()

    def _on_read(self, read: FileRead) -> None:
        found = self._files.beside(read.file_id)
        if found is not None and read.attachment.is_picture and self._is_blind():
            del found[read.file_id]
            self.show_files()
        elif found is not None:
            found[read.file_id].attachment = read.attachment
            self.show_files()
            self.recount()

    def _on_refused(self, refused: FileRefused) -> None:
        found = self._files.beside(refused.file_id)
        if found is not None:
            del found[refused.file_id]
            self.show_files()
            self.refused.emit(refused.notice)

    def show_text(self, attachment: Attachment, query: Query | None = None) -> None:
        """Show what the model reads or sees of a file, and in it what was searched for."""
        if attachment.is_picture:
            from app.views.picture_dialog import PictureDialog

            PictureDialog(attachment, self._composer.window()).open()
            return
        from app.views.attachment_dialog import AttachmentDialog

        dialog = AttachmentDialog(attachment, self._composer.window())
        dialog.open()
        if query is not None:
            dialog.reveal(query)

    def _on_opened(self, file_id: str) -> None:
        attachment = self._here[file_id].attachment
        if attachment is not None:
            self.show_text(attachment)

    def _on_removed(self, file_id: str) -> None:
        self._writing.files.cancel(file_id)
        self._here.pop(file_id, None)
        self.show_files()
        self.recount()
        self._composer.setFocus()

    # Text and tokens

    @property
    def _here(self) -> Files:
        return self._files.at(self._place)

    @property
    def _place(self) -> Place:
        message = self._editing.message
        return self._conversation_id, message.id if message is not None else None

    def _draft(self) -> Draft:
        here, text = self._conversation_id, self._composer.text
        beginning = self._beginning() if here is None else None
        return Draft(here, self._path(), text, self.attachments, beginning)

    def _on_recalled(self) -> None:
        text = self._writing.drafts.text(self._conversation_id)
        if text != self._composer.text and self._editing.message is None:
            self._composer.set_text(text)
        self._files.recall()
        self.show_files()
        self.recount()

    def _on_text_changed(self) -> None:
        if self._editing.message is None:
            self._writing.drafts.keep(self._conversation_id, self._composer.text)
        else:
            self._editing.keep()
        self.recount()

    def _on_counted(self, counted: TokenCount) -> None:
        if counted.draft.conversation_id != self._conversation_id:
            return
        self._counted = counted
        if counted.is_too_long and self._drop_what_does_not_fit(counted):
            return
        if counted.is_exact:
            for file in self._here.values():
                file.fits = file.fits or file.attachment is not None
        self.show_files()
        self._display.show_count(self._counted)

    def _drop_what_does_not_fit(self, counted: TokenCount) -> bool:
        """Refuse the newest file for which there is no room; False where there is none."""
        ready = [item for item in self._here.items() if item[1].attachment is not None]
        if len(ready) != len(counted.files):
            return False
        for (file_id, file), n_tokens in reversed([*zip(ready, counted.files, strict=True)]):
            if not file.fits:
                left = max(counted.room - (counted.n_question - n_tokens), 0)
                self._on_removed(file_id)
                self.refused.emit(partial(too_large, file.name, n_tokens, counted.n_ctx, left))
                return True
        return False

    # Showing

    def show_files(self) -> None:
        """Show the files of what is being written, and keep them."""
        self._files.keep()
        self._display.show_files(self._here, self._counted)

    def _say(self) -> None:
        self.show_files()
        self._display.show_count(self._counted)
