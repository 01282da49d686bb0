"""The step of the introduction in which a model is chosen, with what of them fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QFrame, QRadioButton, QScrollArea, QVBoxLayout, QWidget

from app.item_models.figures import size
from app.services.model_files import ModelFile
from app.services.model_fit import Fit
from app.views.buttons import text_button
from app.views.first_run_step import FirstRunStep
from app.views.language import follow_language
from app.views.messages_page import where_models_are
from app.views.reported import translated_sentence
from app.views.theme import SPACING

_LIST_HEIGHT = SPACING * 24


class ModelStep(FirstRunStep):
    """Lists the models that there are, or says how to get one.

    Args:
        folder: Where models are looked for.
        starter: The file of the starter model, which may be missing.
        parent: Owns it.
    """

    model_chosen = Signal(object)
    """Path"""

    def __init__(self, folder: Path, starter: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._starter = starter
        self._fits: Mapping[Path, Fit] = {}
        self._models: tuple[ModelFile, ...] = ()
        self.choices: list[QRadioButton] = []
        self._heading = self.add_heading()
        self.text = self.add_text()
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACING)
        self._list.setContentsMargins(0, 0, 0, 0)
        self.area = self._make_area()
        self.column.addWidget(self.area)
        self._path = self.add_path(folder)
        self.source = self.add_text(muted=True)
        self.open_button = text_button("")
        self.folder_button = text_button("")
        self.rescan_button = text_button("")
        self.add_buttons(self.open_button, self.folder_button, self.rescan_button)
        follow_language(self, self._say)

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

    def _make_area(self) -> QScrollArea:
        holder = QWidget()
        holder.setObjectName("page")
        holder.setLayout(self._list)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(holder)
        return area

    def _fill(self) -> None:
        for choice in self.choices:
            self._list.removeWidget(choice)
            choice.deleteLater()
        self.choices = [QRadioButton() for _model in self._models]
        for model, choice in zip(self._models, self.choices, strict=True):
            choice.clicked.connect(partial(self.model_chosen.emit, model.path))
            self._list.addWidget(choice)
        self._say()
        self.area.setVisible(bool(self.choices))
        self.source.setVisible(not self.choices)

    def _say(self) -> None:
        translate = QCoreApplication.translate
        self._heading.setText(translate("FirstRunPage", "Choose a model"))
        self.text.setText(
            translate(
                "FirstRunPage", "These are in the models folder. You can change it at any time."
            )
            if self.choices
            else translate(
                "FirstRunPage",
                "There is none yet. Drop a model file (its name ends in .gguf) on this window, "
                "open one, or put it in the models folder:",
            )
        )
        self._path.setAccessibleName(translate("FirstRunPage", "Models folder"))
        self.source.setText(where_models_are())
        self.open_button.setText(translate("FirstRunPage", "Open a model file…"))
        self.folder_button.setText(translate("FirstRunPage", "Show the models folder"))
        self.rescan_button.setText(translate("FirstRunPage", "Look again"))
        self._say_fits()

    def _say_fits(self) -> None:
        for model, choice in zip(self._models, self.choices, strict=True):
            choice.setText(self._words(model))
        # Lines of another script have another height.
        self.area.setFixedHeight(min(self._list.sizeHint().height(), _LIST_HEIGHT))

    def _words(self, model: ModelFile) -> str:
        name = model.name.replace("&", "&&")
        if model.path.name == self._starter.name:
            words = QCoreApplication.translate("FirstRunPage", "{name}, the small starter model")
            name = words.format(name=name)
        return f"{name}\n{_fit_words(model, self._fits.get(model.path))}"


def _fit_words(model: ModelFile, fit: Fit | None) -> str:
    if fit is None:
        return size(model.size_bytes)
    if fit.problem:
        return translated_sentence(fit.problem)
    words = (
        QCoreApplication.translate(
            "FirstRunPage", "It fits: it takes {needed} of {free} free memory"
        )
        if fit.fits
        else QCoreApplication.translate(
            "FirstRunPage", "It takes {needed}, and {free} of memory are free"
        )
    )
    return words.format(needed=size(fit.needed_bytes), free=size(fit.free_bytes))
