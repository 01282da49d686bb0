"""The introduction in three steps: what this is, a model, a first question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.item_models.figures import size
from app.services.model_files import ModelFile
from app.services.model_fit import Fit
from app.views.buttons import text_button
from app.views.icons import app_icon
from app.views.language import follow_language
from app.views.messages_page import where_models_are
from app.views.reported import translated_sentence
from app.views.theme import SCALE_H1, SPACING, scaled

_WIDTH = SPACING * 70
_PICTURE = SPACING * 7
_LIST_HEIGHT = SPACING * 24
_N_QUESTIONS = 3


class FirstRunPage(QWidget):
    """Three steps, with buttons to go on, back and away.

    Args:
        models_folder: Where models are looked for.
        data_folder: Where conversations lie.
        starter: The file of the starter model, which may be missing.
    """

    model_chosen = Signal(object)
    """Path"""
    open_file_requested = Signal()
    show_folder_requested = Signal()
    rescan_requested = Signal()
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
        self._starter = starter
        self._fits: Mapping[Path, Fit] = {}
        self._models: tuple[ModelFile, ...] = ()
        self.choices: list[QRadioButton] = []
        self.steps = QStackedWidget(self)
        self.steps.addWidget(self._about_step(data_folder))
        self.steps.addWidget(self._model_step(models_folder))
        self.steps.addWidget(self._question_step())
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

    def show_models(self, models: Sequence[ModelFile], chosen: Path | None) -> None:
        """Offer these; what fits is told by `show_fits`."""
        if tuple(models) != self._models or not self.choices:
            self._models = tuple(models)
            self._fill()
        self.show_chosen(chosen)

    def show_chosen(self, path: Path | None) -> None:
        """Mark this one of the models."""
        for model, choice in zip(self._models, self.choices, strict=True):
            choice.setChecked(model.path == path)

    def show_fits(self, fits: Mapping[Path, Fit]) -> None:
        """Say of each model whether it fits."""
        self._fits = fits
        self._say_fits()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves; letters are a question for the composer."""
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
        elif _is_written(event):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    # Steps

    def _about_step(self, data_folder: Path) -> QWidget:
        step, column = _new_step()
        picture = QLabel(step)
        picture.setPixmap(app_icon().pixmap(_PICTURE, _PICTURE))
        picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._welcome = _heading()
        self._promise, self._where_words = _text(), _text()
        self._data_path = _path(data_folder)
        self._temporary = _text(muted=True)
        column.addWidget(picture)
        for label in (self._welcome, self._promise, self._where_words):
            column.addWidget(label)
        column.addWidget(self._data_path)
        column.addWidget(self._temporary)
        return step

    def _model_step(self, models_folder: Path) -> QWidget:
        step, column = _new_step()
        self._choose_words = _heading()
        column.addWidget(self._choose_words)
        self.models_text = _text()
        column.addWidget(self.models_text)
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACING)
        self._list.setContentsMargins(0, 0, 0, 0)
        holder = QWidget()
        holder.setObjectName("page")
        holder.setLayout(self._list)
        self.models_area = QScrollArea(step)
        self.models_area.setFrameShape(QFrame.Shape.NoFrame)
        self.models_area.setWidgetResizable(True)
        self.models_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.models_area.setWidget(holder)
        column.addWidget(self.models_area)
        self._models_path = _path(models_folder)
        column.addWidget(self._models_path)
        self.source = _text(muted=True)
        column.addWidget(self.source)
        self.open_button = text_button("")
        self.open_button.clicked.connect(self.open_file_requested)
        self.folder_button = text_button("")
        self.folder_button.clicked.connect(self.show_folder_requested)
        self.rescan_button = text_button("")
        self.rescan_button.clicked.connect(self.rescan_requested)
        column.addLayout(_row(self.open_button, self.folder_button, self.rescan_button))
        return step

    def _question_step(self) -> QWidget:
        step, column = _new_step()
        self._try_words, self._ask_words = _heading(), _text()
        column.addWidget(self._try_words)
        column.addWidget(self._ask_words)
        self.questions = [text_button("") for _ in range(_N_QUESTIONS)]
        for number, button in enumerate(self.questions):
            button.clicked.connect(partial(self._on_question_clicked, number))
            column.addLayout(_row(button))
        self._help_words = _text(muted=True)
        column.addWidget(self._help_words)
        return step

    def _on_question_clicked(self, number: int) -> None:
        self.asked.emit(self._questions()[number])

    # Words

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Introduction"))
        self.skip_button.setText(self.tr("Skip the introduction"))
        self.skip_button.setToolTip(self.tr("Skip the introduction (Esc)"))
        self.back_button.setText(self.tr("Back"))
        self._say_about()
        self._say_model()
        self._say_question()
        self._say_where()

    def _say_about(self) -> None:
        self._welcome.setText(self.tr("Welcome to Conclave"))
        self._promise.setText(
            self.tr(
                "Conclave runs language models on this computer. Nothing that you write leaves it: "
                "there is no account, and no server reads along."
            )
        )
        self._where_words.setText(
            self.tr("Your conversations lie in one file of yours, in this folder:")
        )
        self._data_path.setAccessibleName(self.tr("Folder of the conversations"))
        self._temporary.setText(self.tr("A temporary conversation touches the disk nowhere."))

    def _say_model(self) -> None:
        self._choose_words.setText(self.tr("Choose a model"))
        self.models_text.setText(
            self.tr("These are in the models folder. You can change it at any time.")
            if self.choices
            else self.tr(
                "There is none yet. Drop a model file (its name ends in .gguf) on this window, "
                "open one, or put it in the models folder:"
            )
        )
        self._models_path.setAccessibleName(self.tr("Models folder"))
        self.source.setText(where_models_are())
        self.open_button.setText(self.tr("Open a model file…"))
        self.folder_button.setText(self.tr("Show the models folder"))
        self.rescan_button.setText(self.tr("Look again"))
        self._say_fits()

    def _say_fits(self) -> None:
        for model, choice in zip(self._models, self.choices, strict=True):
            choice.setText(self._words(model))

    def _say_question(self) -> None:
        self._try_words.setText(self.tr("Try it"))
        self._ask_words.setText(
            self.tr("Ask one of these, or write a question of your own into the field below.")
        )
        for button, question in zip(self.questions, self._questions(), strict=True):
            button.setText(question)
        self._help_words.setText(
            self.tr(
                "Ctrl+K finds every action, F1 shows all keys. This introduction stands in "
                "the menu."
            )
        )

    def _questions(self) -> tuple[str, ...]:
        return (
            self.tr("What can you help me with?"),
            self.tr("Explain in three sentences how a rainbow comes about."),
            self.tr("Write a short poem about the first snow."),
        )

    def _say_where(self) -> None:
        step = self.steps.currentIndex()
        is_last = step == self.steps.count() - 1
        self.next_button.setText(self.tr("Begin") if is_last else self.tr("Next"))
        words = self.tr("Step {step} of {count}")
        self.where.setText(words.format(step=step + 1, count=self.steps.count()))

    # Going through

    def _step(self, by: int) -> None:
        step = self.steps.currentIndex() + by
        if step >= self.steps.count():
            self.ended.emit()
        else:
            self._show_step(step)

    def _show_step(self, step: int) -> None:
        self.steps.setCurrentIndex(step)
        is_last = step == self.steps.count() - 1
        self.back_button.setVisible(step > 0)
        self.skip_button.setVisible(not is_last)
        self._say_where()
        self.next_button.setFocus()

    # Models

    def _fill(self) -> None:
        for choice in self.choices:
            self._list.removeWidget(choice)
            choice.deleteLater()
        self.choices = [self._choice(model) for model in self._models]
        for choice in self.choices:
            self._list.addWidget(choice)
        self.models_area.setVisible(bool(self.choices))
        wanted = self._list.sizeHint().height()
        self.models_area.setFixedHeight(min(wanted, _LIST_HEIGHT))
        self.source.setVisible(not self.choices)
        self._say_model()

    def _choice(self, model: ModelFile) -> QRadioButton:
        choice = QRadioButton(self._words(model))
        choice.clicked.connect(partial(self.model_chosen.emit, model.path))
        return choice

    def _words(self, model: ModelFile) -> str:
        name = model.name.replace("&", "&&")
        if model.path.name == self._starter.name:
            name = self.tr("{name}, the small starter model").format(name=name)
        return f"{name}\n{self._fit_words(model, self._fits.get(model.path))}"

    def _fit_words(self, model: ModelFile, fit: Fit | None) -> str:
        if fit is None:
            return size(model.size_bytes)
        if fit.problem:
            return translated_sentence(fit.problem)
        words = (
            self.tr("It fits: it takes {needed} of {free} free memory")
            if fit.fits
            else self.tr("It takes {needed}, and {free} of memory are free")
        )
        return words.format(needed=size(fit.needed_bytes), free=size(fit.free_bytes))

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


def _is_written(event: QKeyEvent) -> bool:
    letters = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    text = event.text().strip()
    return bool(text) and text.isprintable() and not event.modifiers() & ~letters


def _new_step() -> tuple[QWidget, QVBoxLayout]:
    step = QWidget()
    outer = QVBoxLayout(step)
    outer.setContentsMargins(0, 0, 0, 0)
    column = QVBoxLayout()
    column.setSpacing(SPACING)
    outer.addStretch(1)
    outer.addLayout(column)
    outer.addStretch(1)
    return step, column


def _heading() -> QLabel:
    label = _text()
    font = scaled(label.font(), SCALE_H1)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def _path(path: Path) -> QLabel:
    label = _text()
    label.setText(str(path))
    label.setObjectName("pathBox")
    return label


def _text(*, muted: bool = False) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    if muted:
        label.setObjectName("muted")
    return label


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACING)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row
