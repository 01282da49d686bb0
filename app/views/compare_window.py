"""Two answers to the same question side by side, by two models or with two settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QFont, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMainWindow, QVBoxLayout, QWidget

from app.domain.conversations import Message, Role, Status
from app.domain.steering import Steering
from app.services.compare import Candidate, CompareService, Comparison
from app.services.model_files import model_name
from app.services.models import ModelService
from app.services.notices import Notice
from app.services.personas import PersonaService
from app.services.steering import Steered
from app.views.buttons import IconButton, text_button
from app.views.chat_page import ChatPage
from app.views.language import follow_language
from app.views.link_dialog import LinkDialog
from app.views.message_actions import MessageActions
from app.views.notice_bar import NoticeBar
from app.views.steering.choice_button import Choice, ChoiceButton
from app.views.steering.control import SteeringControl
from app.views.tab_order import follow_layout
from app.views.theme import SPACING, Theme
from app.views.transcript.message_bar import MessageAction
from app.views.writing import writing_of

_QUESTION_LINES = 3
_OFFERED = frozenset(
    {
        MessageAction.COPY,
        MessageAction.COPY_PLAIN,
        MessageAction.COPY_THINKING,
        MessageAction.STATISTICS,
        MessageAction.MORE,
    }
)
"""What leaves question and answers as they are."""


class CompareSide(QFrame):
    """One of the two: its settings, its answer, and the button that keeps it."""

    kept = Signal()

    def __init__(
        self,
        candidate: Candidate,
        models: ModelService,
        personas: PersonaService,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.candidate = candidate
        self._services = services = candidate.services
        self._models = models
        self.setObjectName("compareSide")
        self.page = ChatPage(
            services.chat,
            services.conversations,
            services.steering,
            models.folder,
            writing_of(services),
            self,
        )
        self.steering = SteeringControl(self.page, services.steering, models, personas, self)
        self.page.composer.hide()
        self.page.transcript.active.bar.offered = _OFFERED
        self.message_actions = MessageActions(self.page, services.tree, services.chat, models, self)
        self.model_button = ChoiceButton("", self)
        self.panel_button = IconButton("sliders", "")
        self.keep_button = text_button("")
        self._lay_out()
        self._connect()
        follow_language(self, self._say)
        candidate.prepare()

    @property
    def answer(self) -> Message | None:
        """The answer as far as it has come; None before its first word."""
        messages = self.page.messages
        last = messages.message_at(messages.rowCount() - 1) if messages.rowCount() else None
        is_answer = last is not None and last.role is Role.ASSISTANT
        return last if is_answer and last is not None and last.content else None

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for part in (self.page, self.steering, self.model_button, self.panel_button):
            part.set_theme(theme)

    def set_name(self, name: str) -> None:
        """Be told from the other one by this."""
        self.title.setText(name)
        self.setAccessibleName(name)

    def _say(self) -> None:
        self.model_button.set_name(self.tr("Model"))
        self.panel_button.set_words(self.tr("Settings of this answer"))
        self.keep_button.setText(self.tr("Keep this answer"))
        self._show_model()

    def _on_failed(self, notice: Notice) -> None:
        self.page.notice.show_notice(notice, error=True)

    def _on_steered(self, _steered: Steered) -> None:
        self._show_model()

    def _show_model(self) -> None:
        steering = self._services.steering.steering or Steering()
        self.model_button.set_choices(
            [Choice(file.path, file.name) for file in self._models.models]
        )
        path = steering.model or self._models.chosen_path
        name = model_name(path) if path is not None else self.tr("none")
        self.model_button.set_current(path, name)

    def _on_model_chosen(self, path: object) -> None:
        self._services.steering.change(model=path)

    def _connect(self) -> None:
        self.candidate.begun.connect(self.page.show_conversation)
        self.candidate.failed.connect(self._on_failed)
        self._services.steering.changed.connect(self._on_steered)
        self.model_button.chosen.connect(self._on_model_chosen)
        self.panel_button.clicked.connect(self.steering.toggle)
        self.keep_button.clicked.connect(self.kept)
        self.page.choose_model_requested.connect(self.model_button.show_menu)

    def _lay_out(self) -> None:
        self.title = title = QLabel(self)
        font = QFont(title.font())
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        head = QHBoxLayout()
        head.setContentsMargins(SPACING * 2, SPACING, SPACING, SPACING)
        head.setSpacing(SPACING)
        head.addWidget(title)
        head.addWidget(self.model_button, 1)
        head.addWidget(self.steering.thinking_button)
        head.addWidget(self.panel_button)
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, SPACING)
        foot.addStretch(1)
        foot.addWidget(self.keep_button)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.steering.pane, 1)
        column.addLayout(foot)


class CompareWindow(QMainWindow):
    """Asks both, one after the other, and lets one be kept; closed, it keeps neither."""

    closed = Signal()

    def __init__(
        self,
        comparison: Comparison,
        service: CompareService,
        candidates: tuple[Candidate, Candidate],
        models: ModelService,
        personas: PersonaService,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._comparison = comparison
        self._service = service
        self._waiting: list[CompareSide] = []
        self.resize(SPACING * 150, SPACING * 95)
        self.setMinimumSize(SPACING * 100, SPACING * 60)
        first, second = (CompareSide(candidate, models, personas, self) for candidate in candidates)
        self.sides = (first, second)
        self.notice = NoticeBar(self)
        self.ask_button = text_button("", primary=True)
        self.told = QLabel(self)
        self._lay_out()
        self._connect()
        self._add_keys()
        follow_layout(self)
        self.set_theme(theme)
        follow_language(self, self._say)
        self.ask_button.setFocus()

    @property
    def is_asking(self) -> bool:
        """Whether an answer is on its way or waits for the other."""
        return bool(self._waiting)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for part in (self.notice, *self.sides):
            part.set_theme(theme)

    def ask(self) -> None:
        """Ask both with what is set now, or stop."""
        if self.is_asking:
            self._waiting = self._waiting[:1]
            self._waiting[0].page.stop()
            return
        self._waiting = list(self.sides)
        self._waiting[0].candidate.ask()
        self._show_state()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc stops the answers."""
        if event.key() == Qt.Key.Key_Escape and self.is_asking:
            self.ask()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """What was not kept is gone."""
        self._waiting = []
        super().closeEvent(event)
        self.closed.emit()

    # What happens

    def _on_ended(self, side: CompareSide) -> None:
        if self._waiting[:1] == [side]:
            self._waiting.pop(0)
            if self._waiting:
                self._waiting[0].candidate.ask()
        self._show_state()

    def _on_keep(self, side: CompareSide) -> None:
        kept = side.answer
        other = next(other.answer for other in self.sides if other is not side)
        if kept is not None and not self.is_asking:
            self._service.keep(self._comparison, kept, other)

    def _on_kept(self, conversation_id: int) -> None:
        if conversation_id == self._comparison.conversation_id:
            self.close()

    def _on_failed(self, notice: Notice) -> None:
        self.notice.show_notice(notice, error=True)

    def _on_link_activated(self, address: str) -> None:
        LinkDialog(address, self).open()

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Compare two answers"))
        self.notice.setAccessibleName(self.tr("Notice"))
        self.ask_button.setToolTip(self.tr("Ask both (Ctrl+Return)"))
        self.question.setAccessibleName(self.tr("Question"))
        for side, name in zip(self.sides, (self.tr("First"), self.tr("Second")), strict=True):
            side.set_name(name)
        self._show_state()

    def _show_state(self) -> None:
        for side in self.sides:
            answer = side.answer
            is_whole = answer is not None and answer.status is not Status.STREAMING
            side.keep_button.setEnabled(is_whole and not self.is_asking)
        self.ask_button.setText(self.tr("Stop") if self.is_asking else self.tr("Ask both"))
        self.told.setText(
            self.tr("One answers after the other, since the engine holds one model at a time.")
            if self.is_asking
            else self.tr(
                "Choose two models or two settings. The answer that you keep goes into the "
                "conversation, the other stays beside it as a version."
            )
        )

    # Parts

    def _connect(self) -> None:
        self.ask_button.clicked.connect(self.ask)
        for side in self.sides:
            side.candidate.ended.connect(partial(self._on_ended, side))
            side.kept.connect(partial(self._on_keep, side))
            side.page.transcript.link_activated.connect(self._on_link_activated)
            side.page.messages.dataChanged.connect(self._on_messages_changed)
        self._service.kept.connect(self._on_kept)
        self._service.failed.connect(self._on_failed)

    def _on_messages_changed(self) -> None:
        self._show_state()

    def _add_keys(self) -> None:
        keys: tuple[tuple[str, Callable[[], object]], ...] = (
            ("Ctrl+Return", self.ask),
            ("Ctrl+W", self.close),
        )
        for sequence, call in keys:
            action = QAction(self)
            action.setShortcut(QKeySequence(sequence))
            action.triggered.connect(call)
            self.addAction(action)

    def _lay_out(self) -> None:
        middle = QWidget(self)
        middle.setObjectName("column")
        self.question = question = QLabel(_first_lines(self._comparison.question.content), middle)
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setWordWrap(True)
        font = QFont(question.font())
        font.setWeight(QFont.Weight.DemiBold)
        question.setFont(font)
        self.told.setObjectName("muted")
        self.told.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(SPACING // 2)
        words.addWidget(question)
        words.addWidget(self.told)
        head = QHBoxLayout()
        head.setContentsMargins(SPACING * 2, SPACING * 3 // 2, SPACING * 2, SPACING * 3 // 2)
        head.setSpacing(SPACING * 2)
        head.addLayout(words, 1)
        head.addWidget(self.ask_button)
        row = QHBoxLayout()
        row.setSpacing(0)
        for side in self.sides:
            row.addWidget(side, 1)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addLayout(row, 1)
        self.setCentralWidget(middle)


def _first_lines(text: str) -> str:
    lines = text.strip().splitlines()
    words = "\n".join(line[:200] for line in lines[:_QUESTION_LINES])
    is_cut = len(lines) > _QUESTION_LINES or any(len(line) > 200 for line in lines)
    return f"{words}…" if is_cut else words
