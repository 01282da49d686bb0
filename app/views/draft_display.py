"""Shows what is being written besides its text: its files as chips, and how many tokens it has."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel

from app.item_models.figures import number, size
from app.services.token_count import TokenCount
from app.views.composer import Composer
from app.views.draft_files import Files
from app.views.reported import translated_sentence


class DraftDisplay(QObject):
    """Writes to the chips of a composer and to a label."""

    def __init__(self, composer: Composer, label: QLabel, parent: QObject) -> None:
        super().__init__(parent)
        self._composer = composer
        self._label = label

    def show_files(self, files: Files, counted: TokenCount | None) -> None:
        """Show these files, with their tokens as far as they are counted."""
        chips = self._composer.chips
        for chip in chips.chips:
            if chip.file_id not in files:
                chips.remove(chip.file_id)
        counts = self._file_tokens(files, counted) if counted is not None else {}
        for file_id, file in files.items():
            chip = chips.chip(file_id, file.name)
            attachment = file.attachment
            if attachment is None:
                percent = f"{file.fraction * 100:.0f}"
                words = self.tr("reading, {percent} %").format(percent=percent)
                chip.show_state(words if file.fraction else self.tr("reading…"), can_open=False)
                continue
            bytes_words, note = size(attachment.size_bytes), translated_sentence(attachment.note)
            tip = f"{bytes_words}. {note}".rstrip(" ")
            words = counts.get(file_id, bytes_words)
            chip.show_state(words, tip, can_open=True)
            if attachment.is_picture:
                chip.show_picture(attachment.preview)
        self._composer.set_has_files(bool(files))

    def show_count(self, counted: TokenCount | None) -> None:
        """Show how many tokens there are with the conversation."""
        if counted is None:
            self._label.clear()
            return
        if not counted.is_exact:
            words = self._tokens(counted.n_prompt, exact=False)
        elif counted.is_too_long:
            words = self.tr("{count} tokens: too long for the context of {n_ctx}")
        elif counted.leaves_out:
            words = self.tr("{count} of {n_ctx} tokens: the oldest messages make room")
        else:
            words = self.tr("{count} of {n_ctx} tokens")
        self._label.setText(
            words.format(count=number(counted.n_prompt), n_ctx=number(counted.n_ctx))
        )

    def _file_tokens(self, files: Files, counted: TokenCount) -> dict[str, str]:
        """The tokens of each file in words, as far as they are counted."""
        known = dict(zip(counted.draft.attachments, counted.files, strict=False))
        return {
            file_id: self._tokens(known[file.attachment], exact=counted.is_exact)
            for file_id, file in files.items()
            if file.attachment in known
        }

    def _tokens(self, count: int, *, exact: bool) -> str:
        words = self.tr("{count} tokens") if exact else self.tr("about {count} tokens")
        return words.format(count=number(count))
