"""Binds import, export and backup to the window: dialogs, actions, and what is said after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from app.domain.transfer import ImportRecord, UndoneImport
from app.item_models.figures import moment, number
from app.services.notices import Notice
from app.services.transfer import (
    Exported,
    ImportPreview,
    Task,
    TransferProgress,
    TransferService,
)
from app.views.actions import ActionSpec, Group
from app.views.file_dialog import file_dialog
from app.views.language import follow_language_later
from app.views.notice_bar import NoticeAction
from app.views.translatable import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFileDialog

    from app.views.export_dialog import ExportWish
    from app.views.main_window import MainWindow
    from app.views.progress_dialog import ProgressDialog


class TransferControl(QObject):
    """Asks what to do, shows how far it is, and says what became of it."""

    def __init__(self, window: MainWindow, service: TransferService) -> None:
        super().__init__(window)
        self._window = window
        self._service = service
        self._progress: ProgressDialog | None = None
        service.began.connect(self._on_began)
        service.progressed.connect(self._on_progressed)
        service.ended.connect(self._on_ended)
        service.previewed.connect(self._on_previewed)
        service.imported.connect(self._on_imported)
        service.undo_offered.connect(self._on_undo_offered)
        service.undone.connect(self._on_undone)
        service.exported.connect(self._on_exported)
        service.backed_up.connect(self._on_backed_up)
        service.failed.connect(window.show_notice)

    def actions(self) -> tuple[ActionSpec, ...]:
        """What the registry takes up."""
        return (
            ActionSpec(
                "data.export",
                Group.DATA,
                QT_TRANSLATE_NOOP("Actions", "Export conversations…"),
                self.export,
                ("Ctrl+E",),
            ),
            ActionSpec(
                "data.import",
                Group.DATA,
                QT_TRANSLATE_NOOP("Actions", "Import conversations…"),
                self.import_file,
                ("Ctrl+I",),
            ),
            ActionSpec(
                "data.import_folder",
                Group.DATA,
                QT_TRANSLATE_NOOP("Actions", "Import a folder of LM Studio or Jan…"),
                self.import_folder,
            ),
            ActionSpec(
                "data.undo_import",
                Group.DATA,
                QT_TRANSLATE_NOOP("Actions", "Undo the last import…"),
                self._service.offer_undo,
            ),
            ActionSpec(
                "data.back_up",
                Group.DATA,
                QT_TRANSLATE_NOOP("Actions", "Back up everything…"),
                self.back_up,
            ),
        )

    # What the reader does

    def export(self) -> None:
        """Ask what to export."""
        from app.views.export_dialog import ExportDialog

        dialog = ExportDialog(self._window.conversations.current, self._window)
        dialog.confirmed.connect(self._on_export_wished)
        dialog.open()

    def import_file(self) -> None:
        """Let the reader pick a file."""
        dialog = file_dialog(
            self._window,
            lambda: self.tr("Import conversations"),
            lambda: [self.tr("Conversations (*.json *.jsonl *.zip)"), self.tr("All files (*)")],
            _documents(),
        )
        dialog.fileSelected.connect(self._on_source_selected)
        dialog.open()

    def import_folder(self) -> None:
        """Let the reader pick a folder."""
        dialog = file_dialog(
            self._window,
            lambda: self.tr("Import a folder of conversations"),
            folder=_documents(),
        )
        dialog.setFileMode(dialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_source_selected)
        dialog.open()

    def back_up(self) -> None:
        """Ask where to."""
        name = f"conclave-{datetime.now():%Y-%m-%d}.db"
        dialog = self._save_dialog(lambda: self.tr("Back up everything"), name, ".db")
        dialog.fileSelected.connect(self._on_backup_selected)
        dialog.open()

    def _on_source_selected(self, path: str) -> None:
        self._service.preview(Path(path))

    def _on_backup_selected(self, path: str) -> None:
        self._service.back_up(Path(path))

    def _on_export_wished(self, wish: ExportWish) -> None:
        from app.transfer import file_name

        conversation, options = wish.conversation, wish.options
        stem = file_name(conversation.title) if conversation else "conversations"
        dialog = self._save_dialog(
            lambda: self.tr("Export conversations"), stem + options.suffix, options.suffix
        )
        conversation_id = conversation.id if conversation else None
        dialog.fileSelected.connect(partial(self._on_target_selected, wish, conversation_id))
        dialog.open()

    def _on_target_selected(self, wish: ExportWish, conversation_id: int | None, path: str) -> None:
        self._service.export(Path(path), wish.options, conversation_id)

    # What the service tells

    def _on_began(self, task: Task) -> None:
        from app.views.progress_dialog import ProgressDialog

        self._progress = ProgressDialog(partial(self._task_words, task), self._window)
        self._progress.cancelled.connect(self._service.cancel)
        self._progress.open()

    def _on_progressed(self, progress: TransferProgress) -> None:
        if self._progress is not None:
            self._progress.show_progress(partial(self._progress_words, progress), progress.fraction)

    def _on_ended(self) -> None:
        if self._progress is not None:
            self._progress.finish()
            self._progress = None

    def _on_previewed(self, preview: ImportPreview) -> None:
        from app.views.import_dialog import ImportDialog

        dialog = ImportDialog(preview, self._window)
        dialog.confirmed.connect(self._service.take_in)
        dialog.open()

    def _on_imported(self, record: ImportRecord) -> None:
        def told() -> Notice:
            title = self.tr("Imported conversations: {count}")
            return Notice(title.format(count=number(record.n_conversations)), record.source)

        self._window.conversations.reload()
        undo = NoticeAction(lambda: self.tr("Undo"), partial(self._undo, record.id))
        keep = NoticeAction(lambda: self.tr("OK"), self._window.notice.clear)
        self._window.notice.show_notice(told, (keep, undo))

    def _undo(self, import_id: int) -> None:
        self._window.notice.clear()
        self._service.undo(import_id)

    def _on_undo_offered(self, record: ImportRecord | None) -> None:
        if record is None:
            self._window.show_notice(
                lambda: Notice(self.tr("There is no import to undo")), error=False
            )
            return
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        remove = box.addButton("", QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton("", QMessageBox.ButtonRole.RejectRole)

        def say() -> None:
            box.setWindowTitle(self.tr("Undo the last import"))
            asked = self.tr("Remove what was imported from {source}?")
            box.setText(asked.format(source=record.source))
            told = self.tr(
                "Conversations: {count}, imported on {date}. Those that you have gone on with stay."
            )
            box.setInformativeText(
                told.format(count=number(record.n_conversations), date=moment(record.created_at))
            )
            remove.setText(self.tr("Undo the import"))
            cancel.setText(self.tr("Cancel"))

        follow_language_later(box, say)
        remove.clicked.connect(partial(self._service.undo, record.id))
        box.open()

    def _on_undone(self, undone: UndoneImport) -> None:
        def told() -> Notice:
            title = self.tr("Removed conversations: {count}")
            kept = self.tr("You have gone on with {count} of them; they stay.")
            detail = kept.format(count=number(undone.n_kept)) if undone.n_kept else ""
            return Notice(title.format(count=number(len(undone.removed))), detail)

        if self._window.page.conversation_id in undone.removed:
            self._window.new_conversation()
        self._window.conversations.reload()
        self._window.show_notice(told, error=False)

    def _on_exported(self, exported: Exported) -> None:
        def told() -> Notice:
            title = self.tr("Exported conversations: {count}")
            return Notice(title.format(count=number(exported.n_conversations)), str(exported.path))

        self._window.show_notice(told, error=False)

    def _on_backed_up(self, path: Path) -> None:
        self._window.show_notice(
            lambda: Notice(
                self.tr("Everything was backed up"),
                str(path),
                self.tr(
                    "To go back to it, quit Conclave and put a copy of this file in the place of "
                    "conclave.db."
                ),
            ),
            error=False,
        )

    # Parts

    def _progress_words(self, progress: TransferProgress) -> str:
        words = self._task_words(progress.task)
        if not progress.n_conversations:
            return words
        counted = self.tr("Conversations: {count}").format(count=number(progress.n_conversations))
        return f"{words}\n{counted}"

    def _task_words(self, task: Task) -> str:
        return {
            Task.READ: self.tr("Reading the conversations"),
            Task.IMPORT: self.tr("Importing the conversations"),
            Task.EXPORT: self.tr("Exporting the conversations"),
            Task.BACK_UP: self.tr("Backing up the database"),
        }[task]

    def _save_dialog(self, title: Callable[[], str], name: str, suffix: str) -> QFileDialog:
        dialog = file_dialog(
            self._window, title, lambda: [f"*{suffix}", self.tr("All files (*)")], _documents()
        )
        dialog.setFileMode(dialog.FileMode.AnyFile)
        dialog.setAcceptMode(dialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.selectFile(name)
        return dialog


def _documents() -> Path:
    """Where people keep files; one that does not exist would be taken for a name of a file."""
    from PySide6.QtCore import QStandardPaths

    found = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return found if found.is_dir() else Path.home()
