"""What a page needs to be steered: panel, library and thinking button, bound to its services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.services.models import ModelService
from app.services.personas import PersonaService
from app.services.steering import SteeringService
from app.views.chat_page import ChatPage
from app.views.steering.side_pane import SidePane
from app.views.steering.thinking_button import ThinkingButton
from app.views.theme import Theme

if TYPE_CHECKING:
    from app.views.steering.panel import SteeringPanel
    from app.views.steering.persona_dialog import PersonaDialog


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
        self._models = models
        self._personas = personas
        self._window = window
        self._theme: Theme | None = None
        self.pane = SidePane(page, self._make_panel, window)
        self.thinking_button = ThinkingButton(steering, models)
        page.composer.add_beside(self.thinking_button)

    @property
    def panel(self) -> SteeringPanel:
        """The panel, which is made when it is first needed."""
        return self.pane.panel

    def _make_panel(self) -> SteeringPanel:
        from app.views.steering.panel import SteeringPanel

        panel = SteeringPanel(self._steering, self._models, self._personas, self._window)
        panel.closed.connect(self.toggle)
        panel.keep_requested.connect(self._on_keep_requested)
        panel.library_requested.connect(self.open_library)
        if self._theme is not None:
            panel.set_theme(self._theme)
        return panel

    def toggle(self) -> None:
        """Open the panel and go there, or close it and go back to writing."""
        self.pane.toggle()
        if self.pane.is_open:
            self.panel.prompt.setFocus()
        else:
            self._page.composer.setFocus()

    def open(self) -> None:
        """Open the panel, if it is not."""
        if not self.pane.is_open:
            self.toggle()

    def open_at(self, setting: str) -> None:
        """Open the panel at one of its settings."""
        self.open()
        self.panel.go_to(setting)

    def open_library(self) -> PersonaDialog:
        """Show all personas."""
        return self._open("")

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        if self.pane.is_made:
            self.panel.set_theme(theme)
        self.thinking_button.set_theme(theme)

    def _on_keep_requested(self, prompt: str) -> None:
        self._open(prompt)

    def _open(self, new_prompt: str) -> PersonaDialog:
        from app.views.steering.persona_dialog import PersonaDialog

        dialog = PersonaDialog(self._personas, new_prompt, self._window)
        dialog.used.connect(self._on_used)
        dialog.open()
        return dialog

    def _on_used(self, prompt: str) -> None:
        self._steering.change(system_prompt=prompt)
