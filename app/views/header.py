"""The line over the conversation: which model answers, how it is doing, how full its context is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QWidget

from app.item_models.figures import number, size
from app.services.model_files import ModelFile
from app.services.models import ModelPhase, ModelState
from app.services.tuning import TuningState
from app.views.buttons import IconButton, PressButton
from app.views.context_button import ContextButton
from app.views.icons import icon
from app.views.language import follow_language
from app.views.reported import translated_sentence
from app.views.theme import SPACING, Theme

_NAME_WIDTH = SPACING * 40
_FULL_WIDTH = SPACING * 60
"""A narrower header says how full the context is in per cent only."""


class Header(QFrame):
    """Model button with its menu, and the model's state in words."""

    model_chosen = Signal(object)
    """Path"""
    open_file_requested = Signal()
    show_folder_requested = Signal()
    tune_requested = Signal()
    tune_stop_requested = Signal()
    sidebar_toggled = Signal()
    new_requested = Signal()
    panel_toggled = Signal()
    menu_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self._theme: Theme | None = None
        self._models: tuple[ModelFile, ...] = ()
        self._model_state = ModelState(ModelPhase.NONE)
        self._tuning: TuningState | None = None
        self.sidebar_button = IconButton("sidebar", "", "Ctrl+B")
        self.sidebar_button.clicked.connect(self.sidebar_toggled)
        self.new_button = IconButton("new", "", "Ctrl+N")
        self.new_button.clicked.connect(self.new_requested)
        self.new_button.hide()
        self.model_button = PressButton(parent=self)
        self.model_button.setProperty("kind", "model")
        self.model_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.model_button.setIconSize(QSize(16, 16))
        self.model_button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._on_model_triggered)
        # A menu of the button's own would add room for an arrow of its own.
        self.model_button.clicked.connect(self.show_menu)
        self.state_label = QLabel(self)
        self.state_label.setObjectName("state")
        self.state_label.setTextFormat(Qt.TextFormat.PlainText)
        self.context_button = ContextButton(self)
        self.panel_button = IconButton("sliders", "", "Ctrl+.")
        self.panel_button.clicked.connect(self.panel_toggled)
        self.stop_tuning_button = IconButton("stop", "")
        self.stop_tuning_button.clicked.connect(self.tune_stop_requested)
        self.stop_tuning_button.hide()
        self.menu_button = IconButton("menu", "", "F10")
        self.menu_button.clicked.connect(self.menu_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING, SPACING, SPACING * 2, SPACING)
        row.setSpacing(SPACING // 2)
        for widget in (
            self.sidebar_button,
            self.new_button,
            self.model_button,
            self.state_label,
            self.stop_tuning_button,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.context_button)
        row.addWidget(self.panel_button)
        row.addWidget(self.menu_button)
        follow_language(self, self._say)

    def set_models(self, models: Sequence[ModelFile]) -> None:
        """Offer these in the menu."""
        self._models = tuple(models)

    def set_state(self, state: ModelState) -> None:
        """Show the chosen model and its phase."""
        self._model_state = state
        self._elide_name()
        words = tuning_words(self._tuning) if self._tuning else state_words(state)
        name = self.tr("Model: {name}").format(name=self._name())
        self.model_button.setAccessibleName(name)
        self.model_button.setAccessibleDescription(words)
        self.state_label.setText(words)
        self.state_label.setToolTip(_details(state))
        failed = state.phase is ModelPhase.FAILED and self._tuning is None
        self.state_label.setObjectName("stateError" if failed else "state")
        self.state_label.style().unpolish(self.state_label)
        self.state_label.style().polish(self.state_label)

    def set_tuning(self, tuning: TuningState | None) -> None:
        """Show how far tuning has come, in place of the phase; None: it has ended."""
        self._tuning = tuning
        self.stop_tuning_button.setVisible(tuning is not None)
        self.set_state(self._model_state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the model's name where there is little room."""
        super().resizeEvent(event)
        self._elide_name()
        self.context_button.set_brief(self.width() < _FULL_WIDTH)

    def show_menu(self) -> None:
        """Open the menu of models."""
        corner = self.model_button.rect().bottomLeft()
        self.menu.popup(self.model_button.mapToGlobal(corner))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.sidebar_button.set_theme(theme)
        self.new_button.set_theme(theme)
        self.panel_button.set_theme(theme)
        self.stop_tuning_button.set_theme(theme)
        self.menu_button.set_theme(theme)
        self.model_button.setIcon(icon("chevron", theme.muted))

    def _say(self) -> None:
        self.sidebar_button.set_words(self.tr("Show or hide the conversations"))
        self.new_button.set_words(self.tr("New conversation"))
        self.model_button.setToolTip(self.tr("Choose the model that answers"))
        self.menu.setAccessibleName(self.tr("Models"))
        self.panel_button.set_words(self.tr("Show or hide the settings of this conversation"))
        self.stop_tuning_button.set_words(self.tr("Stop tuning"))
        self.menu_button.set_words(self.tr("Menu"))
        self.set_state(self._model_state)

    def _name(self) -> str:
        return self._model_state.name or self.tr("Choose a model")

    def _elide_name(self) -> None:
        others = _NAME_WIDTH + self.panel_button.sizeHint().width()
        room = min(_NAME_WIDTH, max(_NAME_WIDTH // 4, self.width() - others))
        self.model_button.setText(
            self.fontMetrics().elidedText(self._name(), Qt.TextElideMode.ElideMiddle, room)
        )

    def _fill_menu(self) -> None:
        self.menu.clear()
        for file in self._models:
            action = self.menu.addAction(f"{file.name}   {size(file.size_bytes)}")
            action.setCheckable(True)
            action.setChecked(file.path == self._model_state.path)
            action.setData(str(file.path))
            action.setToolTip(str(file.path))
            self._group.addAction(action)
        if not self._models:
            self.menu.addAction(self.tr("No models found")).setEnabled(False)
        self.menu.addSeparator()
        tune = self.menu.addAction(self.tr("Tune this model for this computer"))
        tune.setToolTip(self.tr("Tries threads, batches and more for two or three minutes"))
        tune.setEnabled(self._model_state.phase is ModelPhase.READY and self._tuning is None)
        tune.triggered.connect(self.tune_requested)
        open_file = self.menu.addAction(self.tr("Open a model file…"))
        open_file.triggered.connect(self.open_file_requested)
        show_folder = self.menu.addAction(self.tr("Show the models folder"))
        show_folder.triggered.connect(self.show_folder_requested)

    def _on_model_triggered(self, action: QAction) -> None:
        self.model_chosen.emit(Path(action.data()))


def state_words(state: ModelState) -> str:
    """The phase as a person reads it."""
    percent = f"{state.fraction * 100:.0f}"
    match state.phase:
        case ModelPhase.NONE:
            return ""
        case ModelPhase.UNLOADED:
            return QCoreApplication.translate("Header", "Not loaded")
        case ModelPhase.LOADING:
            return QCoreApplication.translate("Header", "Loading {percent} %").format(
                percent=percent
            )
        case ModelPhase.READY:
            return QCoreApplication.translate("Header", "Ready")
        case ModelPhase.FAILED:
            return QCoreApplication.translate("Header", "Could not be loaded")


def tuning_words(tuning: TuningState) -> str:
    """What is being tried as a person reads it."""
    return QCoreApplication.translate("Header", "Tuning {percent} %: {words}").format(
        percent=f"{tuning.fraction * 100:.0f}", words=translated_sentence(tuning.words)
    )


def _details(state: ModelState) -> str:
    loaded = state.loaded
    if loaded is None:
        return str(state.path) if state.path else ""
    parameters = QCoreApplication.translate(
        "Header", "{architecture}, {count} million parameters, {size}"
    )
    context = QCoreApplication.translate("Header", "Context {n_ctx} of {n_ctx_train} tokens")
    threads = QCoreApplication.translate("Header", "{device}, {count} threads")
    tuned = QCoreApplication.translate("Header", "Tuned for this computer: {settings}")
    lines = (
        loaded.name,
        parameters.format(
            architecture=loaded.architecture,
            count=number(round(loaded.n_params / 1e6)),
            size=size(loaded.size_bytes),
        ),
        context.format(n_ctx=number(loaded.n_ctx), n_ctx_train=number(loaded.n_ctx_train)),
        threads.format(device=loaded.device, count=loaded.n_threads),
        tuned.format(settings=state.tuned) if state.tuned else "",
        loaded.placement,
        loaded.notes,
        str(state.path),
    )
    return "\n".join(line for line in lines if line)
