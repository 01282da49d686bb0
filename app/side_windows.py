"""Windows beside the main one, each over conversations in memory: temporary ones, comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, Signal

from app.services.attaching import AttachService
from app.services.engine_runner import EngineRunner
from app.services.models import ModelService
from app.services.personas import PersonaService
from app.store import Store
from app.views.main_window import MainWindow
from app.views.theme import Theme

if TYPE_CHECKING:
    from app.services.compare import CompareService, Comparison
    from app.services.unkept import UnkeptServices
    from app.views.chat_page import ChatPage
    from app.views.compare_window import CompareWindow
    from app.views.temporary_window import TemporaryWindow

W = TypeVar("W", "CompareWindow", "TemporaryWindow")


class SideWindow(QObject, Generic[W]):
    """A window whose conversations are nowhere but in memory; they end with it.

    Args:
        window: The window.
        pages: Its pages, each with the services under it.
        parent: Owns it.
    """

    ended = Signal(object)
    """Itself, when its window has closed."""

    def __init__(
        self, window: W, pages: Sequence[tuple[ChatPage, UnkeptServices]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.window: W = window
        self._pages = tuple(pages)
        for _page, services in self._pages:
            services.setParent(self)
        window.closed.connect(self._on_closed)

    @property
    def services(self) -> UnkeptServices:
        """Those of its first page."""
        return self._pages[0][1]

    def _on_closed(self) -> None:
        for page, services in self._pages:
            services.end(page.conversation_id)
        self.ended.emit(self)
        self.window.deleteLater()
        self.deleteLater()


class SideWindows(QObject):
    """Opens them when the main window asks, and closes them with it.

    Args:
        main: The window they belong to.
        runner: Runs their requests.
        models: Finds models.
        personas: The library.
        files: Reads attached files.
        store: Has what is compared, and keeps what is chosen.
        theme: The colours they begin with.
        parent: Owns it.
    """

    def __init__(
        self,
        main: MainWindow,
        runner: EngineRunner,
        models: ModelService,
        personas: PersonaService,
        files: AttachService,
        store: Store,
        theme: Theme,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._main = main
        self._runner = runner
        self._models = models
        self._personas = personas
        self._files = files
        self._store = store
        self._theme = theme
        self.temporary: list[SideWindow[TemporaryWindow]] = []
        self.compared: list[SideWindow[CompareWindow]] = []
        main.installEventFilter(self)
        main.temporary_requested.connect(self.open_temporary)
        main.compare_requested.connect(self._on_compare_requested)

    @cached_property
    def _compare(self) -> CompareService:
        from app.services.compare import CompareService

        compare = CompareService(self._store, self)
        compare.ready.connect(self._on_comparison_ready)
        compare.kept.connect(self._main.conversations.show_again)
        compare.failed.connect(self._main.show_notice)
        return compare

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        for temporary in self.temporary:
            temporary.window.set_theme(theme)
        for compared in self.compared:
            compared.window.set_theme(theme)

    def open_temporary(self) -> None:
        """Open a window for a conversation that is kept nowhere."""
        from app.views.temporary_window import TemporaryWindow

        services = self._services()
        window = TemporaryWindow(services, self._models, self._personas, self._theme)
        made = SideWindow(window, [(window.page, services)], self)
        self.temporary.append(made)
        self._show(made)

    def end(self) -> None:
        """Close all of them without a question."""
        for temporary in tuple(self.temporary):
            temporary.window.close_now()
        for compared in tuple(self.compared):
            compared.window.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The main window does not close over temporary words before their reader has agreed."""
        if watched is self._main and event.type() == QEvent.Type.Close:
            told = next((made for made in self.temporary if made.window.has_words), None)
            if told is not None:
                event.ignore()
                told.window.ask(self._on_agreed)
                return True
        return super().eventFilter(watched, event)

    def _on_agreed(self) -> None:
        self.end()
        self._main.close()

    def _on_compare_requested(self, conversation_id: int) -> None:
        self._compare.prepare(conversation_id)

    def _on_comparison_ready(self, comparison: Comparison) -> None:
        from app.services.compare import Candidate
        from app.views.compare_window import CompareWindow

        first, second = (Candidate(comparison, self._services(), self) for _side in range(2))
        window = CompareWindow(
            comparison, self._compare, (first, second), self._models, self._personas, self._theme
        )
        pages = [(side.page, side.candidate.services) for side in window.sides]
        made = SideWindow(window, pages, self)
        for candidate in (first, second):
            candidate.setParent(made)
        self.compared.append(made)
        self._show(made)

    def _show(self, made: SideWindow[TemporaryWindow] | SideWindow[CompareWindow]) -> None:
        made.ended.connect(self._on_ended)
        made.window.show()
        made.window.activateWindow()

    def _on_ended(self, made: QObject) -> None:
        self.temporary = [one for one in self.temporary if one is not made]
        self.compared = [one for one in self.compared if one is not made]

    def _services(self) -> UnkeptServices:
        from app.services.unkept import UnkeptServices

        return UnkeptServices(self._runner, self._models, self._files, self)
