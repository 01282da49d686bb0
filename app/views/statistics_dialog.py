"""What one answer cost and how it was made."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.conversations import Message, ReplyStats
from app.item_models.figures import decimal, number
from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.theme import SPACING


class StatisticsDialog(QDialog):
    """A table that can be copied."""

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._message = message
        self._rows = self._table(message)
        self.setMinimumWidth(SPACING * 55)
        self._form = form = QFormLayout()
        form.setHorizontalSpacing(SPACING * 2)
        form.setVerticalSpacing(SPACING)
        self._labels = [self._add_row() for _row in self._rows]
        self.copy_button = text_button("")
        self.copy_button.clicked.connect(self._on_copy_clicked)
        self.close_button = text_button("", primary=True)
        self.close_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.copy_button)
        row.addStretch(1)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING * 2)
        column.addLayout(form)
        column.addLayout(row)
        follow_language(self, self._say)
        # Labels that wrap wish for much more height than they need.
        self.resize(self.minimumWidth(), column.totalHeightForWidth(self.minimumWidth()))
        self.close_button.setFocus()

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Statistics of this answer"))
        self.copy_button.setText(self.tr("Copy"))
        self.close_button.setText(self.tr("Close"))
        self._rows = self._table(self._message)
        for row, (label, shown) in zip(self._rows, self._labels, strict=True):
            name, value = row
            label.setText(name)
            shown.setText(value)
            shown.setAccessibleName(f"{name}: {value}")

    def _add_row(self) -> tuple[QLabel, QLabel]:
        label = QLabel(self)
        label.setObjectName("muted")
        shown = QLabel(self)
        shown.setTextFormat(Qt.TextFormat.PlainText)
        shown.setWordWrap(True)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._form.addRow(label, shown)
        return label, shown

    def _on_copy_clicked(self) -> None:
        text = "\n".join(f"{name}: {value}" for name, value in self._rows)
        QGuiApplication.clipboard().setText(text)

    def _table(self, message: Message) -> list[tuple[str, str]]:
        """Names and values; what is not known is left out."""
        found = [(self.tr("Model"), message.model)]
        if message.stats is not None:
            found += self._costs(message.stats)
        if message.thought_ms:
            found.append((self.tr("Thinking"), self._seconds(message.thought_ms)))
        if message.stats is not None:
            found += self._drawing(message.stats)
        return [(name, value) for name, value in found if value]

    def _costs(self, stats: ReplyStats) -> list[tuple[str, str]]:
        read = self.tr("{tokens} tokens, {reused} of them reused").format(
            tokens=number(stats.tokens_in), reused=number(stats.tokens_reused)
        )
        written = self.tr("{tokens} tokens").format(tokens=number(stats.tokens_out))
        context = self.tr("{used} of {length} tokens").format(
            used=number(stats.n_used), length=number(stats.n_ctx)
        )
        pictures = self.tr("{tokens} tokens of the prompt").format(
            tokens=number(stats.tokens_of_pictures)
        )
        return [
            (self.tr("Prompt"), read),
            (self.tr("Pictures"), pictures if stats.tokens_of_pictures else ""),
            (self.tr("Prefill"), self._speed(stats.prefill_tokens_per_second, stats.prefill_ms)),
            (self.tr("Answer"), written),
            (self.tr("Decode"), self._speed(stats.tokens_per_second, stats.decode_ms)),
            (self.tr("Context"), context if stats.n_ctx else ""),
        ]

    def _drawing(self, stats: ReplyStats) -> list[tuple[str, str]]:
        return [
            (self.tr("Sampling"), stats.sampling),
            (self.tr("Seed"), "" if stats.seed is None else str(stats.seed)),
        ]

    def _speed(self, tokens_per_second: float, duration_ms: float) -> str:
        if not duration_ms:
            return ""
        return self.tr("{speed} tokens/s, {duration}").format(
            speed=decimal(tokens_per_second, 1), duration=self._seconds(duration_ms)
        )

    def _seconds(self, duration_ms: float) -> str:
        return self.tr("{seconds} s").format(seconds=decimal(duration_ms / 1000, 2))
