"""Where a question is written: grows with its text, takes files, sends on Enter, stops on Esc."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFont, QImage, QInputMethodEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.views.attachment_chips import AttachmentRow
from app.views.buttons import IconButton, PressButton
from app.views.icons import icon
from app.views.language import follow_language
from app.views.plain_edit import PlainEdit
from app.views.theme import SPACING, Theme, body_font

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BUTTON = 34
MAX_WRITTEN_CHARS = 50_000
"""With more than this, what is pasted becomes a file: as text it would slow down each key."""


class ComposerEdit(PlainEdit):
    """The text field: tells of Enter and Esc, and wishes the height of its text."""

    submitted = Signal()
    cancelled = Signal()
    last_requested = Signal()
    """Up, with nothing written: the last message is wanted."""
    files_given = Signal(object)
    """list[Path]: pasted or dropped."""
    picture_given = Signal(object)
    """QImage: pasted or dropped, and in no file."""
    long_text_given = Signal(str)
    """Pasted or dropped, and more than the field is for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composing = False
        self._max_height = 400
        self.setObjectName("composerEdit")
        self.setFont(body_font())
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(SPACING // 2)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()
        follow_language(self, self._say)

    def set_max_height(self, height: int) -> None:
        """Grow no higher than this; then scroll."""
        self._max_height = height
        self._fit()

    def set_font(self, font: QFont) -> None:
        """Write in this font."""
        if font == self.font():
            return
        self.setFont(font)
        # Once polished by the stylesheet it does not take the field's; the placeholder is its own.
        self.viewport().setFont(font)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends, Shift+Enter breaks the line, Esc stops, Up brings the last message back."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in _ENTER and not shift and not self._composing:
            self.submitted.emit()
        elif event.key() == Qt.Key.Key_Escape and not self._composing:
            self.cancelled.emit()
        elif event.key() == Qt.Key.Key_Up and not self._composing and not self.toPlainText():
            self.last_requested.emit()
        else:
            super().keyPressEvent(event)
            if self._composing:
                # The window shall not take what belongs to the input method.
                event.accept()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """While an input method composes, Enter belongs to it."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text, files and pictures; a model is the window's."""
        paths = dropped_files(source)
        if paths:
            return not any(is_model(path) for path in paths)
        return source.hasImage() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste or drop; an address on the web, which browsers give as a file is given, is text."""
        paths = dropped_files(source)
        if paths:
            self.files_given.emit(paths)
        elif len(source.text()) + self.document().characterCount() > MAX_WRITTEN_CHARS:
            self.long_text_given.emit(source.text())
        elif source.hasText():
            super().insertFromMimeData(source)
        else:
            image = source.imageData()
            if isinstance(image, QImage) and not image.isNull():
                self.picture_given.emit(image)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Message"))
        self.setPlaceholderText(self.tr("Ask anything"))

    def _fit(self) -> None:
        line = self.fontMetrics().lineSpacing()
        # The document of a plain text edit measures its height in lines, wrapped ones included.
        lines = max(1, round(self.document().size().height()))
        margins = int(2 * self.document().documentMargin()) + 2 * self.frameWidth()
        wanted = lines * line + margins
        height = min(wanted, max(self._max_height, line + margins))
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if wanted > height else policy.ScrollBarAlwaysOff
        )
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)


def dropped_files(source: QMimeData) -> list[Path]:
    """The files on this computer among what is pasted or dropped."""
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]


def is_model(path: Path) -> bool:
    """Whether a file is a model by its name."""
    return path.suffix.lower() == ".gguf"


class Composer(QFrame):
    """The text field, the files, and the button, which sends or stops."""

    submitted = Signal(str)
    """The text, which has been taken out of the field."""
    stopped = Signal()
    cancelled = Signal()
    """Esc, where there is nothing to stop."""
    last_requested = Signal()
    attach_requested = Signal()
    files_given = Signal(object)
    """list[Path]"""
    picture_given = Signal(object)
    """QImage"""
    long_text_given = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        self._theme: Theme | None = None
        self._busy = False
        self._has_files = False
        self.may_send: Callable[[], bool] = lambda: True
        """Asked before the text is taken out of the field."""
        self.chips = AttachmentRow(self)
        self.edit = ComposerEdit(self)
        self.attach_button = IconButton("attach", "", "Ctrl+Shift+A", parent=self)
        self.attach_button.setFixedSize(_BUTTON, _BUTTON)
        self.button = PressButton(parent=self)
        self.button.setProperty("kind", "send")
        self.button.setFixedSize(_BUTTON, _BUTTON)
        self.button.setIconSize(QSize(20, 20))
        self._row = row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.attach_button, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        column.addWidget(self.chips)
        column.addLayout(row)
        self.edit.installEventFilter(self)
        self.edit.submitted.connect(self._on_submitted)
        self.edit.cancelled.connect(self._on_cancelled)
        self.edit.textChanged.connect(self._show_button)
        self.edit.last_requested.connect(self.last_requested)
        self.edit.files_given.connect(self.files_given)
        self.edit.picture_given.connect(self.picture_given)
        self.edit.long_text_given.connect(self.long_text_given)
        self.attach_button.clicked.connect(self.attach_requested)
        self.button.clicked.connect(self._on_button_clicked)
        follow_language(self, self._say)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Go to the field; as its proxy it would be a second stop of the Tab key."""
        self.edit.setFocus(reason)

    @property
    def text(self) -> str:
        """What is written."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Write this in place of what is there, with the cursor behind it."""
        self.edit.setPlainText(text)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)

    def add_beside(self, widget: QWidget) -> None:
        """Put a control between the field and the button."""
        widget.setFixedHeight(_BUTTON)
        self._row.insertWidget(2, widget, 0, Qt.AlignmentFlag.AlignBottom)

    def give_back(self, text: str) -> None:
        """Put a text that was not sent before what has been written since."""
        self.set_text(f"{text}\n{self.text}" if self.text.strip() else text)

    def set_has_files(self, has_files: bool) -> None:
        """With a file a message needs no words."""
        self._has_files = has_files
        self._show_button()

    @property
    def is_busy(self) -> bool:
        """Whether the button stops."""
        return self._busy

    def set_busy(self, busy: bool) -> None:
        """While busy the button stops, and Enter keeps the text for later."""
        if busy != self._busy:
            self._busy = busy
            self._show_button()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.edit.set_font(body_font())
        self.chips.set_theme(theme)
        self.attach_button.set_theme(theme)
        self._show_button()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The frame shows the focus of its field."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.setProperty("focused", event.type() == QEvent.Type.FocusIn)
            self.style().unpolish(self)
            self.style().polish(self)
        return super().eventFilter(watched, event)

    def _on_submitted(self) -> None:
        text = self.text
        if self._can_send and self.may_send():
            self.edit.clear()
            self.submitted.emit(text)

    @property
    def _can_send(self) -> bool:
        return not self._busy and (self._has_files or bool(self.text.strip()))

    def _on_cancelled(self) -> None:
        if self._busy:
            self.stopped.emit()
        else:
            self.cancelled.emit()

    def _on_button_clicked(self) -> None:
        if self._busy:
            self.stopped.emit()
        else:
            self._on_submitted()
        self.edit.setFocus()

    def _say(self) -> None:
        self.attach_button.set_words(self.tr("Attach files"))
        self._show_button()

    def _show_button(self) -> None:
        name = self.tr("Stop") if self._busy else self.tr("Send")
        self.button.setAccessibleName(name)
        self.button.setToolTip(f"{name} (Esc)" if self._busy else f"{name} (Enter)")
        self.button.setEnabled(self._busy or self._can_send)
        if self._theme is not None:
            picture = "stop" if self._busy else "send"
            self.button.setIcon(icon(picture, self._theme.on_accent, self._theme.muted))
