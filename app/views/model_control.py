"""Binds what the reader does with models to the services, and says what became of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.services.model_files import ModelFile
from app.services.models import LoadFailed, ModelPhase, ModelService, ModelState
from app.services.notices import Notice
from app.services.steering import Steered, SteeringService
from app.services.tuning import TuningService
from app.views.chat_page import ChatPage
from app.views.file_dialog import file_dialog
from app.views.header import Header
from app.views.notice_bar import NoticeAction, NoticeBar


class ModelControl(QObject):
    """From the header, where a model is chosen, to the one that answers.

    Args:
        header: Offers the models and tells the state of the chosen one.
        page: Says how to get a model where there is none.
        notice: Where it is told that a model cannot be loaded.
        models: Which models there are.
        tuning: Finds out with what settings one is fastest.
        steering: Each conversation may have a model of its own.
        window: Owns it and its dialog.
    """

    def __init__(
        self,
        header: Header,
        page: ChatPage,
        notice: NoticeBar,
        models: ModelService,
        tuning: TuningService,
        steering: SteeringService,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._header = header
        self._page = page
        self._notice = notice
        self._models = models
        self._tuning = tuning
        self._window = window
        self._load_notice: Notice | None = None
        header.model_chosen.connect(self.use)
        header.tune_requested.connect(tuning.start)
        header.tune_stop_requested.connect(tuning.stop)
        header.open_file_requested.connect(self.open_file)
        header.show_folder_requested.connect(self.show_folder)
        page.body.open_file_requested.connect(self.open_file)
        page.body.show_folder_requested.connect(self.show_folder)
        page.body.rescan_requested.connect(models.rescan)
        page.choose_model_requested.connect(self.choose)
        models.models_found.connect(self._on_models_found)
        models.state_changed.connect(self._on_state_changed)
        models.load_failed.connect(self._on_load_failed)
        models.chosen.connect(steering.choose_model)
        steering.changed.connect(self._on_steered)
        tuning.state_changed.connect(header.set_tuning)

    def open_file(self) -> None:
        """Let the reader pick a model file anywhere."""
        dialog = file_dialog(
            self._window,
            lambda: self.tr("Open a model file"),
            lambda: [self.tr("Models (*.gguf)"), self.tr("All files (*)")],
            self._models.folder,
        )
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.open()

    def use(self, path: Path) -> None:
        """Let this model answer from now on."""
        self._notice.clear()
        self._models.choose(path)
        self._tuning.stop()
        self._page.composer.setFocus()

    def can_tune(self) -> bool:
        """Whether the model can be tuned now."""
        return self._models.state.phase is ModelPhase.READY and not self._tuning.is_running

    def tune(self) -> None:
        """Find out with what settings the model is fastest here."""
        self._tuning.start()

    def show_folder(self) -> None:
        """Open the models folder in the system's file manager."""
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._models.folder)))

    def choose(self) -> None:
        """Open the menu of models."""
        self._header.show_menu()

    def _on_file_selected(self, path: str) -> None:
        self._models.add(Path(path))

    def _on_models_found(self, models: tuple[ModelFile, ...]) -> None:
        self._header.set_models(models)
        self._show_whether_models()

    def _on_state_changed(self, state: ModelState) -> None:
        self._header.set_state(state)
        self._show_whether_models()
        if state.phase is ModelPhase.READY and self._notice.notice == self._load_notice:
            self._notice.clear()

    def _show_whether_models(self) -> None:
        models = self._models
        self._page.body.set_has_models(bool(models.models) or models.state.path is not None)

    def _on_load_failed(self, failed: LoadFailed) -> None:
        actions = (
            NoticeAction(lambda: self.tr("Choose another model"), self.choose),
            NoticeAction(lambda: self.tr("Try again"), self._on_load_again),
        )
        self._load_notice = failed.notice
        self._notice.show_notice(failed.notice, actions, error=True)

    def _on_load_again(self) -> None:
        self._notice.clear()
        self._models.load_again()

    def _on_steered(self, steered: Steered) -> None:
        self._models.show(steered.steering.model)
