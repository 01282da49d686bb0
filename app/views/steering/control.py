"""What a page needs to be steered: panel, library and thinking button, bound to its services."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.services.models import ModelService
from app.services.personas import PersonaService
from app.services.steering import SteeringService
from app.views.chat_page import ChatPage
from app.views.steering.panel import SteeringPanel
from app.views.steering.persona_dialog import PersonaDialog
from app.views.steering.side_pane import SidePane
from app.views.steering.thinking_button import ThinkingButton
from app.views.theme import Theme


class SteeringControl(QObject):
    """Puts the panel beside a page; `pane` holds both."""

    def __init__(
        self,
        page: ChatPage,
        steering: SteeringService,
        models: ModelService,
        personas: PersonaService,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._page = page
        self._steering = steering
        self._personas = personas
        self._window = window
        self.panel = SteeringPanel(steering, models, personas, window)
        self.pane = SidePane(page, self.panel, window)
        self.thinking_button = ThinkingButton(steering, models)
        page.composer.add_beside(self.thinking_button)
        self.panel.closed.connect(self.toggle)
        self.panel.keep_requested.connect(self._on_keep_requested)
        self.panel.library_requested.connect(self.open_library)

    def toggle(self) -> None:
        """Open the panel and go there, or close it and go back to writing."""
        self.pane.toggle()
        if self.panel.isHidden():
            self._page.composer.setFocus()
        else:
            self.panel.prompt.setFocus()

    def open(self) -> None:
        """Open the panel, if it is not."""
        if self.panel.isHidden():
            self.toggle()

    def open_library(self) -> PersonaDialog:
        """Show all personas."""
        return self._open("")

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.panel.set_theme(theme)
        self.thinking_button.set_theme(theme)

    def _on_keep_requested(self, prompt: str) -> None:
        self._open(prompt)

    def _open(self, new_prompt: str) -> PersonaDialog:
        dialog = PersonaDialog(self._personas, new_prompt, self._window)
        dialog.used.connect(self._on_used)
        dialog.open()
        return dialog

    def _on_used(self, prompt: str) -> None:
        self._steering.change(system_prompt=prompt)
