"""The files of a message that is being written: a chip each, with its tokens and a way out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.views.buttons import IconButton, PressButton
from app.views.flow_layout import FlowLayout
from app.views.language import follow_language
from app.views.theme import PICTURE_CHIP, SPACING, Theme
from app.views.thumbnails import thumbnail

_NAME_WIDTH = SPACING * 26
_FRAME_WIDTH = SPACING * 8
"""Of a chip, beside its words."""


class AttachmentChip(QFrame):
    """One file: its name and what is known of it, which opens its text, and a remove button."""

    opened = Signal(str)
    removed = Signal(str)

    def __init__(self, file_id: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.file_id = file_id
        self.name = name
        self._words = ""
        self._room = _NAME_WIDTH * 2
        self.setObjectName("chip")
        self.open_button = PressButton(parent=self)
        self.open_button.setProperty("kind", "chip")
        self.open_button.clicked.connect(self._on_open_clicked)
        self.remove_button = IconButton("close", "", parent=self)
        self.remove_button.setProperty("kind", "chip")
        self.remove_button.clicked.connect(self._on_remove_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING // 4, 0, SPACING // 4, 0)
        row.setSpacing(0)
        row.addWidget(self.open_button)
        row.addWidget(self.remove_button)
        follow_language(self, self._say)

    def _say(self) -> None:
        self.remove_button.set_words(self.tr("Remove {name}").format(name=self.name))

    def show_state(self, words: str, tip: str = "", *, can_open: bool) -> None:
        """Say how far the file is, or how many tokens it has."""
        self._words = words
        self._show_words()
        self.open_button.setAccessibleName(f"{self.name}, {words}")
        self.open_button.setEnabled(can_open)
        self.open_button.setToolTip(tip)

    def show_picture(self, preview: bytes) -> None:
        """Show a small picture before the name."""
        if self.open_button.icon().isNull():
            self.open_button.setIcon(QIcon(thumbnail(preview, PICTURE_CHIP)))
            self.open_button.setIconSize(PICTURE_CHIP)
            self._show_words()

    def set_room(self, width: int) -> None:
        """Be no wider than this: the middle of the name gives way, so that its ending stays."""
        if width != self._room:
            self._room = width
            self._show_words()

    def _show_words(self) -> None:
        metrics = self.open_button.fontMetrics()
        behind = f" · {self._words}"
        room = min(self._room - metrics.horizontalAdvance(behind) - _FRAME_WIDTH, _NAME_WIDTH)
        name = metrics.elidedText(self.name, Qt.TextElideMode.ElideMiddle, max(room, 4 * SPACING))
        gap = "" if self.open_button.icon().isNull() else " "
        self.open_button.setText(gap + name.replace("&", "&&") + behind)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.remove_button.set_theme(theme)

    def _on_open_clicked(self) -> None:
        self.opened.emit(self.file_id)

    def _on_remove_clicked(self) -> None:
        self.removed.emit(self.file_id)


class AttachmentRow(QWidget):
    """All chips; hidden while there are none."""

    opened = Signal(str)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme | None = None
        self._chips: dict[str, AttachmentChip] = {}
        self._flow = FlowLayout(SPACING // 2, self)
        self.hide()
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Attached files"))

    @property
    def chips(self) -> list[AttachmentChip]:
        """The chips in their order."""
        return list(self._chips.values())

    def chip(self, file_id: str, name: str) -> AttachmentChip:
        """The chip of a file, made where there is none yet."""
        chip = self._chips.get(file_id)
        if chip is None:
            chip = self._chips[file_id] = AttachmentChip(file_id, name, self)
            chip.opened.connect(self.opened)
            chip.removed.connect(self.removed)
            if self._theme is not None:
                chip.set_theme(self._theme)
            chip.set_room(self.width())
            self._flow.addWidget(chip)
            chip.show()
            self.show()
        return chip

    def remove(self, file_id: str) -> None:
        """Take a chip away; an unknown id is ignored."""
        chip = self._chips.pop(file_id, None)
        if chip is None:
            return
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        self.setVisible(bool(self._chips))

    def event(self, event: QEvent) -> bool:
        """Be as high as the lines of chips."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            for chip in self._chips.values():
                chip.set_room(self.width())
            self.setFixedHeight(self._flow.lines_height(self.width()))
        return done

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        for chip in self._chips.values():
            chip.set_theme(theme)
