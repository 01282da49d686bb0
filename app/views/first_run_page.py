"""The introduction in three steps: what this is, a model, a first question."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.views.buttons import text_button
from app.views.first_run_models import ModelStep
from app.views.first_run_step import FirstRunStep
from app.views.icons import app_icon
from app.views.language import follow_language
from app.views.theme import SPACING

_WIDTH = SPACING * 70
_PICTURE = SPACING * 7
_N_QUESTIONS = 3


class FirstRunPage(QWidget):
    """Three steps, with buttons to go on, back and away.

    Args:
        models_folder: Where models are looked for.
        data_folder: Where conversations lie.
        starter: The file of the starter model, which may be missing.
    """

    asked = Signal(str)
    """A first question."""
    typed = Signal(str)
    """The first letters of a question, written past the introduction."""
    ended = Signal()
    """Read to its end, or skipped."""

    def __init__(
        self,
        models_folder: Path,
        data_folder: Path,
        starter: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.models = ModelStep(models_folder, starter)
        self.try_out = _QuestionStep()
        self.try_out.asked.connect(self.asked)
        self.steps = QStackedWidget(self)
        for step in (_AboutStep(data_folder), self.models, self.try_out):
            self.steps.addWidget(step)
        self.where = QLabel(self)
        self.where.setObjectName("muted")
        self.skip_button = text_button("", parent=self)
        self.skip_button.clicked.connect(self.ended)
        self.back_button = text_button("", parent=self)
        self.back_button.clicked.connect(partial(self._step, -1))
        self.next_button = text_button("", primary=True, parent=self)
        self.next_button.clicked.connect(partial(self._step, 1))
        self._lay_out()
        follow_language(self, self._say)
        self._show_step(0)

    def begin(self) -> None:
        """Show the first step, with the focus on the button that goes on."""
        self._show_step(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves; letters are a question for the composer."""
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
        elif _is_written(event):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        step = self.steps.currentIndex() + by
        if step >= self.steps.count():
            self.ended.emit()
        else:
            self._show_step(step)

    def _show_step(self, step: int) -> None:
        self.steps.setCurrentIndex(step)
        self.back_button.setVisible(step > 0)
        self.skip_button.setVisible(step < self.steps.count() - 1)
        self._say_where()
        self.next_button.setFocus()

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Introduction"))
        self.skip_button.setText(self.tr("Skip the introduction"))
        self.skip_button.setToolTip(self.tr("Skip the introduction (Esc)"))
        self.back_button.setText(self.tr("Back"))
        self._say_where()

    def _say_where(self) -> None:
        step = self.steps.currentIndex()
        is_last = step == self.steps.count() - 1
        self.next_button.setText(self.tr("Begin") if is_last else self.tr("Next"))
        words = self.tr("Step {step} of {count}")
        self.where.setText(words.format(step=step + 1, count=self.steps.count()))

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(SPACING)
        bar.addWidget(self.skip_button)
        bar.addStretch(1)
        bar.addWidget(self.where)
        bar.addStretch(1)
        bar.addWidget(self.back_button)
        bar.addWidget(self.next_button)
        column = QVBoxLayout()
        column.setSpacing(SPACING * 2)
        column.addWidget(self.steps, 1)
        column.addLayout(bar)
        holder = QWidget(self)
        holder.setMaximumWidth(_WIDTH)
        holder.setLayout(column)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        outer.addStretch(1)
        outer.addWidget(holder, 1000)
        outer.addStretch(1)


class _AboutStep(FirstRunStep):
    """What the program is, and where conversations lie."""

    def __init__(self, data_folder: Path) -> None:
        super().__init__()
        picture = QLabel(self)
        picture.setPixmap(app_icon().pixmap(_PICTURE, _PICTURE))
        picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.column.addWidget(picture)
        self._heading = self.add_heading()
        self._promise, self._where = self.add_text(), self.add_text()
        self._path = self.add_path(data_folder)
        self._temporary = self.add_text(muted=True)
        follow_language(self, self._say)

    def _say(self) -> None:
        translate = QCoreApplication.translate
        self._heading.setText(translate("FirstRunPage", "Welcome to Conclave"))
        self._promise.setText(
            translate(
                "FirstRunPage",
                "Conclave runs language models on this computer. Nothing that you write leaves it: "
                "there is no account, and no server reads along.",
            )
        )
        self._where.setText(
            translate(
                "FirstRunPage", "Your conversations lie in one file of yours, in this folder:"
            )
        )
        self._path.setAccessibleName(translate("FirstRunPage", "Folder of the conversations"))
        self._temporary.setText(
            translate("FirstRunPage", "A temporary conversation touches the disk nowhere.")
        )


class _QuestionStep(FirstRunStep):
    """Questions to begin with."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._heading, self._told = self.add_heading(), self.add_text()
        self.questions = [text_button("") for _ in range(_N_QUESTIONS)]
        for number, button in enumerate(self.questions):
            button.clicked.connect(partial(self._on_clicked, number))
            self.add_buttons(button)
        self._help = self.add_text(muted=True)
        follow_language(self, self._say)

    def _say(self) -> None:
        translate = QCoreApplication.translate
        self._heading.setText(translate("FirstRunPage", "Try it"))
        self._told.setText(
            translate(
                "FirstRunPage",
                "Ask one of these, or write a question of your own into the field below.",
            )
        )
        for button, question in zip(self.questions, _questions(), strict=True):
            button.setText(question)
        self._help.setText(
            translate(
                "FirstRunPage",
                "Ctrl+K finds every action, F1 shows all keys. This introduction stands in "
                "the menu.",
            )
        )

    def _on_clicked(self, number: int) -> None:
        self.asked.emit(_questions()[number])


def _questions() -> tuple[str, ...]:
    translate = QCoreApplication.translate
    return (
        translate("FirstRunPage", "What can you help me with?"),
        translate("FirstRunPage", "Explain in three sentences how a rainbow comes about."),
        translate("FirstRunPage", "Write a short poem about the first snow."),
    )


def _is_written(event: QKeyEvent) -> bool:
    letters = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    text = event.text().strip()
    return bool(text) and text.isprintable() and not event.modifiers() & ~letters
