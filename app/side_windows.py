"""Windows beside the main one, each over conversations in memory: temporary ones, comparisons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal

from app.services.attaching import AttachService
from app.services.compare import Candidate, CompareService, Comparison
from app.services.engine_runner import EngineRunner
from app.services.models import ModelService
from app.services.personas import PersonaService
from app.services.unkept import UnkeptServices
from app.views.compare_window import CompareWindow
from app.views.main_window import MainWindow
from app.views.temporary_window import TemporaryWindow
from app.views.theme import Theme


class Temporary(QObject):
    """A conversation that is kept nowhere, and the window around it."""

    ended = Signal(object)
    """Itself, when its window has closed."""

    def __init__(
        self,
        services: UnkeptServices,
        models: ModelService,
        personas: PersonaService,
        theme: Theme,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.services = services
        self.window = TemporaryWindow(services, models, personas, theme)
        self.window.closed.connect(self._on_closed)

    def _on_closed(self) -> None:
        self.services.end(self.window.page.conversation_id)
        self.ended.emit(self)
        self.window.deleteLater()
        self.services.deleteLater()
        self.deleteLater()


class Compared(QObject):
    """Two answers that are compared, and the window around them."""

    ended = Signal(object)
    """Itself, when its window has closed."""

    def __init__(
        self,
        candidates: tuple[Candidate, Candidate],
        comparison: Comparison,
        service: CompareService,
        models: ModelService,
        personas: PersonaService,
        theme: Theme,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.window = CompareWindow(comparison, service, candidates, models, personas, theme)
        self.window.closed.connect(self._on_closed)

    def _on_closed(self) -> None:
        for side in self.window.sides:
            side.candidate.services.end(side.page.conversation_id)
            side.candidate.services.deleteLater()
            side.candidate.deleteLater()
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
        compare: Reads what is compared, and keeps what is chosen.
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
        compare: CompareService,
        theme: Theme,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._main = main
        self._runner = runner
        self._models = models
        self._personas = personas
        self._files = files
        self._compare = compare
        self._theme = theme
        self.temporary: list[Temporary] = []
        self.compared: list[Compared] = []
        main.installEventFilter(self)
        main.temporary_requested.connect(self.open_temporary)
        main.compare_requested.connect(compare.prepare)
        compare.ready.connect(self._on_comparison_ready)
        compare.kept.connect(main.show_again)
        compare.failed.connect(main.show_notice)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        for temporary in self.temporary:
            temporary.window.set_theme(theme)
        for compared in self.compared:
            compared.window.set_theme(theme)

    def open_temporary(self) -> None:
        """Open a window for a conversation that is kept nowhere."""
        made = Temporary(self._services(), self._models, self._personas, self._theme, self)
        made.ended.connect(self._on_temporary_ended)
        self.temporary.append(made)
        made.window.show()
        made.window.activateWindow()

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

    def _on_comparison_ready(self, comparison: Comparison) -> None:
        first, second = (Candidate(comparison, self._services(), self) for _side in range(2))
        made = Compared(
            (first, second),
            comparison,
            self._compare,
            self._models,
            self._personas,
            self._theme,
            self,
        )
        made.ended.connect(self._on_compared_ended)
        self.compared.append(made)
        made.window.show()
        made.window.activateWindow()

    def _on_temporary_ended(self, made: Temporary) -> None:
        if made in self.temporary:
            self.temporary.remove(made)

    def _on_compared_ended(self, made: Compared) -> None:
        if made in self.compared:
            self.compared.remove(made)

    def _services(self) -> UnkeptServices:
        return UnkeptServices(self._runner, self._models, self._files, self)
