"""Binds import, export and backup to the window: dialogs, actions, and what is said after."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

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
from app.views.notice_bar import NoticeAction
from app.views.translatable import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
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
        dialog = self._file_dialog(self.tr("Import conversations"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [self.tr("Conversations (*.json *.jsonl *.zip)"), self.tr("All files (*)")]
        )
        dialog.fileSelected.connect(self._on_source_selected)
        dialog.open()

    def import_folder(self) -> None:
        """Let the reader pick a folder."""
        dialog = self._file_dialog(self.tr("Import a folder of conversations"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_source_selected)
        dialog.open()

    def back_up(self) -> None:
        """Ask where to."""
        name = f"conclave-{datetime.now():%Y-%m-%d}.db"
        dialog = self._save_dialog(self.tr("Back up everything"), name, ".db")
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
            self.tr("Export conversations"), stem + options.suffix, options.suffix
        )
        conversation_id = conversation.id if conversation else None
        dialog.fileSelected.connect(partial(self._on_target_selected, wish, conversation_id))
        dialog.open()

    def _on_target_selected(self, wish: ExportWish, conversation_id: int | None, path: str) -> None:
        self._service.export(Path(path), wish.options, conversation_id)

    # What the service tells

    def _on_began(self, task: Task) -> None:
        from app.views.progress_dialog import ProgressDialog

        self._progress = ProgressDialog(self._task_words(task), self._window)
        self._progress.cancelled.connect(self._service.cancel)
        self._progress.open()

    def _on_progressed(self, progress: TransferProgress) -> None:
        if self._progress is not None:
            words = self._task_words(progress.task)
            if progress.n_conversations:
                counted = self.tr("Conversations: {count}").format(
                    count=number(progress.n_conversations)
                )
                words = f"{words}\n{counted}"
            self._progress.show_progress(words, progress.fraction)

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
        self._window.conversations.reload()
        title = self.tr("Imported conversations: {count}").format(
            count=number(record.n_conversations)
        )
        undo = NoticeAction(self.tr("Undo"), partial(self._undo, record.id))
        keep = NoticeAction(self.tr("OK"), self._window.notice.clear)
        self._window.notice.show_notice(Notice(title, record.source), (keep, undo))

    def _undo(self, import_id: int) -> None:
        self._window.notice.clear()
        self._service.undo(import_id)

    def _on_undo_offered(self, record: ImportRecord | None) -> None:
        if record is None:
            self._window.show_notice(Notice(self.tr("There is no import to undo")), error=False)
            return
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Undo the last import"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self.tr("Remove what was imported from {source}?").format(source=record.source))
        told = self.tr(
            "Conversations: {count}, imported on {date}. Those that you have gone on with stay."
        )
        box.setInformativeText(
            told.format(
                count=number(record.n_conversations),
                date=moment(record.created_at),
            )
        )
        remove = box.addButton(self.tr("Undo the import"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        remove.clicked.connect(partial(self._service.undo, record.id))
        box.open()

    def _on_undone(self, undone: UndoneImport) -> None:
        if self._window.page.conversation_id in undone.removed:
            self._window.new_conversation()
        self._window.conversations.reload()
        title = self.tr("Removed conversations: {count}").format(count=number(len(undone.removed)))
        kept = self.tr("You have gone on with {count} of them; they stay.")
        detail = kept.format(count=number(undone.n_kept)) if undone.n_kept else ""
        self._window.show_notice(Notice(title, detail), error=False)

    def _on_exported(self, exported: Exported) -> None:
        title = self.tr("Exported conversations: {count}").format(
            count=number(exported.n_conversations)
        )
        self._window.show_notice(Notice(title, str(exported.path)), error=False)

    def _on_backed_up(self, path: Path) -> None:
        self._window.show_notice(
            Notice(
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

    def _task_words(self, task: Task) -> str:
        return {
            Task.READ: self.tr("Reading the conversations"),
            Task.IMPORT: self.tr("Importing the conversations"),
            Task.EXPORT: self.tr("Exporting the conversations"),
            Task.BACK_UP: self.tr("Backing up the database"),
        }[task]

    def _file_dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, _documents())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog

    def _save_dialog(self, title: str, name: str, suffix: str) -> QFileDialog:
        dialog = self._file_dialog(title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.setNameFilters([f"*{suffix}", self.tr("All files (*)")])
        dialog.selectFile(name)
        return dialog


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
