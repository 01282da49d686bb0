"""What is written and not sent yet, of each conversation, over restarts: draft, files, edit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.attachments import Attachment
from app.domain.edits import KeptEdit
from app.services.futures import FutureRelay
from app.store import Repository, Store

Files = tuple[Attachment, ...]

log = logging.getLogger(__name__)

SAVE_AFTER_MS = 500
"""A pause in typing this long saves the draft."""


class Recalled(Struct, frozen=True):
    """What was written last time."""

    texts: dict[int | None, str]
    files: dict[int | None, Files]
    edits: dict[int, KeptEdit]


class DraftService(QObject):
    """Knows every draft and edit; None stands for the conversation that does not exist yet."""

    recalled = Signal()
    """The drafts of last time are known."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)
        self._texts: dict[int | None, str] = {}
        self._files: dict[int | None, Files] = {}
        self._edits: dict[int, KeptEdit | None] = {}
        self._unsaved: set[int | None] = set()
        self._unsaved_files: set[int | None] = set()
        self._unsaved_edits: set[int] = set()
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._timer.timeout.connect(self.flush)

    def start(self) -> None:
        """Read what was written last time."""
        future = self._store.submit(_recall)
        self._relay.watch(future, self._on_recalled, self._on_error)

    def text(self, conversation_id: int | None) -> str:
        """The draft of a conversation."""
        return self._texts.get(conversation_id, "")

    @property
    def files(self) -> Mapping[int | None, Files]:
        """The files of all drafts that have some."""
        return {key: files for key, files in self._files.items() if files}

    def edit(self, conversation_id: int) -> KeptEdit | None:
        """The edit that goes on in a conversation."""
        return self._edits.get(conversation_id)

    def keep(self, conversation_id: int | None, text: str) -> None:
        """Remember a draft; an empty one is forgotten."""
        if text == self.text(conversation_id):
            return
        self._texts[conversation_id] = text
        self._unsaved.add(conversation_id)
        self._timer.start()

    def keep_files(self, conversation_id: int | None, files: Files) -> None:
        """Remember the files of a draft; none are forgotten."""
        if files != self._files.get(conversation_id, ()):
            self._files[conversation_id] = files
            self._unsaved_files.add(conversation_id)
            self._timer.start()

    def keep_edit(self, conversation_id: int, edit: KeptEdit | None) -> None:
        """Remember an edit; None: it is sent or given up."""
        if edit != self.edit(conversation_id):
            self._edits[conversation_id] = edit
            self._unsaved_edits.add(conversation_id)
            self._timer.start()

    def flush(self) -> None:
        """Save what is not saved yet, now."""
        self._timer.stop()
        unsaved, self._unsaved = self._unsaved, set()
        for conversation_id in unsaved:
            self._save(partial(_keep, conversation_id, self.text(conversation_id)))
        unsaved, self._unsaved_files = self._unsaved_files, set()
        for conversation_id in unsaved:
            files = self._files.get(conversation_id, ())
            self._save(partial(_keep_files, conversation_id, files))
        # After the drafts, which take the words of an edit whose message is gone.
        edited, self._unsaved_edits = self._unsaved_edits, set()
        for edited_id in edited:
            self._save(partial(_keep_edit, edited_id, self.edit(edited_id)))

    def _save(self, change: Callable[[Repository], None]) -> None:
        self._relay.watch(self._store.submit(change), self._on_saved, self._on_error)

    def _on_recalled(self, recalled: Recalled) -> None:
        # What has been written since is newer.
        self._texts = recalled.texts | self._texts
        self._files = recalled.files | self._files
        self._edits = {**recalled.edits, **self._edits}
        self.recalled.emit()

    def _on_saved(self, _done: None) -> None:
        """Nothing to tell."""

    def _on_error(self, error: BaseException) -> None:
        # It stays in memory. What keeps the store from working is told where a message is sent.
        log.info("drafts: %s", error)


def _keep(conversation_id: int | None, text: str, repository: Repository) -> None:
    repository.drafts.keep(conversation_id, text)


def _keep_files(conversation_id: int | None, files: Files, repository: Repository) -> None:
    repository.draft_files.keep(conversation_id, files)


def _keep_edit(conversation_id: int, edit: KeptEdit | None, repository: Repository) -> None:
    repository.edits.keep(conversation_id, edit)


def _recall(repository: Repository) -> Recalled:
    return Recalled(repository.drafts.all(), repository.draft_files.all(), repository.edits.all())
