"""Brings the introduction onto the empty page, and takes it away."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.services.first_run import FirstRunService
from app.services.model_files import ModelFile, starter_model
from app.services.models import ModelService, ModelState
from app.views.chat_page import ChatPage

if TYPE_CHECKING:
    from app.views.first_run_page import FirstRunPage


class FirstRunControl(QObject):
    """Binds the introduction to the services.

    Args:
        page: Where it is shown while no conversation is open.
        service: Knows whether it is wanted.
        models: Which models there are.
        parent: Owns it.
    """

    open_file_requested = Signal()
    show_folder_requested = Signal()

    def __init__(
        self,
        page: ChatPage,
        service: FirstRunService,
        models: ModelService,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._service = service
        self._models = models
        self._is_shown = False
        service.wanted.connect(self._on_wanted)
        models.models_found.connect(self._on_models_found)
        page.conversation_changed.connect(self._on_conversation_begun)

    @cached_property
    def introduction(self) -> FirstRunPage:
        """The introduction, which most starts never show."""
        from app.views.first_run_page import FirstRunPage

        folder = self._models.folder
        page = FirstRunPage(folder, self._service.data_folder, starter_model(folder))
        self._service.fits_known.connect(page.models.show_fits)
        self._models.state_changed.connect(self._on_model_changed)
        page.models.model_chosen.connect(self._models.choose)
        page.models.rescan_button.clicked.connect(self._models.rescan)
        page.models.open_button.clicked.connect(self.open_file_requested)
        page.models.folder_button.clicked.connect(self.show_folder_requested)
        page.asked.connect(self._on_asked)
        page.typed.connect(self._on_typed)
        page.ended.connect(self._on_ended)
        return page

    def _on_wanted(self) -> None:
        # Who writes already is not interrupted; the next start is early enough.
        if not self._page.composer.text:
            self.show()

    def show(self) -> None:
        """Show it on the empty page."""
        self._is_shown = True
        self._page.body.introduce(self.introduction)
        self.introduction.begin()
        self._on_models_found(self._models.models)

    def _on_models_found(self, models: tuple[ModelFile, ...]) -> None:
        if self._is_shown:
            self.introduction.models.show_models(models, self._models.chosen_path)
            self._service.judge(models)

    def _on_model_changed(self, _state: ModelState) -> None:
        self.introduction.models.show_chosen(self._models.chosen_path)

    def _on_asked(self, question: str) -> None:
        self._page.composer.set_text(question)
        self._page.composer.button.click()

    def _on_typed(self, text: str) -> None:
        self._page.composer.setFocus()
        self._page.composer.edit.insertPlainText(text)

    def _on_conversation_begun(self, _conversation_id: int) -> None:
        if self._is_shown:
            self._leave()

    def _on_ended(self) -> None:
        self._leave()
        self._page.composer.setFocus()

    def _leave(self) -> None:
        self._is_shown = False
        self._page.body.introduce(None)
        self._service.finish()
