"""Qt's dialog of files with words that follow the language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt

from app.views.language import follow_language_later

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFileDialog, QWidget


def file_dialog(
    window: QWidget,
    title: Callable[[], str],
    filters: Callable[[], list[str]] | None = None,
    folder: Path | None = None,
) -> QFileDialog:
    """Make a dialog that picks one file that exists; it is not open yet.

    Args:
        window: Waits for it.
        title: What it is for.
        filters: Which files are shown, as `QFileDialog.setNameFilters` reads it; None: all.
        folder: Where it begins; None: where Qt thinks best.
    """
    from PySide6.QtWidgets import QFileDialog  # not before one is wanted

    dialog = QFileDialog(window, "", str(folder) if folder is not None else "")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)

    def say() -> None:
        dialog.setWindowTitle(title())
        _set_labels(dialog)
        if filters is not None:
            _set_filters(dialog, filters())

    follow_language_later(dialog, say)
    return dialog


def _set_labels(dialog: QFileDialog) -> None:
    """Say what Qt's own translations do not."""
    names = dialog.DialogLabel
    dialog.setLabelText(names.LookIn, QCoreApplication.translate("FileDialog", "Look in:"))
    dialog.setLabelText(names.FileType, QCoreApplication.translate("FileDialog", "Files of type:"))


def _set_filters(dialog: QFileDialog, filters: list[str]) -> None:
    """Name the filters; the one that was selected stays so."""
    before, selected = dialog.nameFilters(), dialog.selectedNameFilter()
    dialog.setNameFilters(filters)
    if selected in before and len(before) == len(filters):
        dialog.selectNameFilter(filters[before.index(selected)])
