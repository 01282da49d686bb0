"""The composition root: builds everything of the window's process, and takes it down again."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QApplication

from app import paths, quick_start  # before all the others
from app.child import child_command
from app.domain.appearance import Appearance
from app.garbage import GuiGarbageCollector
from app.logs import UnexpectedErrors, start_log
from app.services.appearance import AppearanceService
from app.services.arrangement import ArrangementService, UnreadMarks
from app.services.attaching import AttachService
from app.services.chat import ChatService
from app.services.conversations import ConversationService
from app.services.drafts import DraftService
from app.services.engine_runner import EngineRunner
from app.services.engine_settings import engine_options
from app.services.first_run import FirstRunService
from app.services.futures import FutureRelay
from app.services.language import LanguageService
from app.services.message_tree import MessageTreeService
from app.services.models import ModelService
from app.services.notices import Notice, notice_of
from app.services.personas import PersonaService
from app.services.preferences import PreferenceService
from app.services.quiet import Quiet
from app.services.recents import Recents
from app.services.search import SearchIndexing, SearchService
from app.services.steering import SteeringService
from app.services.title_writer import TitleWriter
from app.services.token_count import TokenCounter
from app.services.transfer import TransferService
from app.services.tuning import TuningService
from app.services.window_memory import WindowMemory, WindowPlace
from app.side_windows import SideWindows
from app.single_instance import Place, SingleInstance
from app.store import OpenReport, Store
from app.termination import Termination
from app.views.icons import app_icon
from app.views.look import Look
from app.views.main_window import MainWindow
from app.views.stylesheet import stylesheet
from app.views.theme import Theme
from app.views.window_services import Services
from app.views.writing import Writing
from inference.engine import ConfigurableEngine

if TYPE_CHECKING:
    from inference.host import EngineHost

quick_start.end()
log = logging.getLogger(__name__)


def run_window(argv: Sequence[str]) -> int:
    """Show the window until it is closed.

    Returns:
        The exit status: 0, also where an earlier window was brought forward instead; 1 where an
        earlier one holds the data folder and does not answer.
    """
    from inference.host import EngineHost

    application = make_application(argv)
    start_log(paths.log_dir())
    paths.data_dir().mkdir(mode=0o700, parents=True, exist_ok=True)
    instance = SingleInstance(paths.data_dir())
    place = instance.claim()
    if place is Place.SECOND:
        return 0
    if place is Place.UNANSWERED:
        log.error("another window holds %s and does not answer", paths.data_dir())
        sys.stderr.write("conclave: another window is open but does not answer; end it first\n")
        return 1
    garbage = GuiGarbageCollector()
    engine = EngineHost(child_command("engine"), paths.log_dir() / "engine.log")
    program = Program(Store(paths.database_path()), engine)
    program.connect_engine(engine)
    termination = Termination()
    termination.requested.connect(program.end)
    instance.asked_forward.connect(program.window.come_forward)
    program.errors.install()
    program.start()
    garbage.keep()
    try:
        return application.exec()
    finally:
        program.close()
        termination.close()
        garbage.close()
        instance.release()


def make_application(argv: Sequence[str]) -> QApplication:
    """The QApplication with its names, style and icon."""
    application = QApplication(["conclave", *argv])
    application.setApplicationName("conclave")
    application.setApplicationDisplayName("Conclave")
    application.setDesktopFileName("conclave")
    application.setStyle("Fusion")
    application.setWindowIcon(app_icon())
    return application


class Program(QObject):
    """The parts of a running window; the application exists already."""

    def __init__(self, store: Store, engine: ConfigurableEngine) -> None:
        super().__init__()
        self._store = store
        self._engine = engine
        self._closed = False
        self._relay = FutureRelay(self)
        self.language = LanguageService(paths.data_dir() / "language", self)
        self.language.start()
        self.errors = UnexpectedErrors(self)
        self.runner = EngineRunner(engine, self)
        self.models = ModelService(store, self.runner, paths.models_dir(), self)
        self.tuning = TuningService(store, self.runner, self.models, self)
        self.chat = ChatService(
            store, self.runner, self.models.current, self, model_at=self.models.at
        )
        self.steering = SteeringService(store, self.models, self)
        self.personas = PersonaService(store, self)
        self.conversations = ConversationService(store, self)
        self.arrangement = ArrangementService(store, self.conversations, self)
        self.quiet = Quiet(self.chat, self)
        self.search = SearchService(store, self)
        self.indexing = SearchIndexing(store, self.quiet, self)
        self.titles = TitleWriter(
            store,
            self.runner,
            self.models.current,
            self.chat,
            self.conversations,
            self.quiet,
            self,
        )
        self.tree = MessageTreeService(store, self)
        self.drafts = DraftService(store, self)
        self.files = AttachService(child_command("document"), parent=self)
        self.counter = TokenCounter(store, self.runner, self.models.current, self)
        self.memory = WindowMemory(paths.data_dir() / "window.json", self)
        self.transfer = TransferService(store, self)
        self.preferences = PreferenceService(store, engine, self.models, paths.states_dir(), self)
        self.appearance = AppearanceService(paths.data_dir() / "appearance.json", self)
        self.look = Look(self)
        _dress(self.look.theme)
        self.window = MainWindow(
            Services(
                self.chat,
                self.conversations,
                self.models,
                self.tuning,
                self.search,
                self.arrangement,
                self.tree,
                self.steering,
                self.personas,
                self.memory,
                self.transfer,
                Recents(store, self),
                Writing(self.drafts, self.files, self.counter, self.models.sees),
                self.preferences,
                FirstRunService(store, paths.data_dir(), self),
                self.language,
                self.appearance,
            ),
            self.look.theme,
        )
        self.unread = UnreadMarks(
            store, self.chat, self.conversations, self.window.conversation_on_screen, self
        )
        self.side_windows = SideWindows(
            self.window,
            self.runner,
            self.models,
            self.personas,
            self.files,
            store,
            self.look.theme,
            self,
        )
        self.look.watch(self.window)
        self.look.changed.connect(self.apply_theme)
        self.appearance.changed.connect(self.look.set_appearance)
        self.appearance.recalled.connect(self._on_appearance_recalled)
        # Not by the method alone, which holds nothing: the window's services are this object's, so
        # it has to last as long as the window does.
        self.window.closed.connect(partial(Program._on_window_closed, self))
        self.window.store_retry_requested.connect(self._on_store_retry)
        self.memory.recalled.connect(self._on_recalled)
        self.errors.caught.connect(self._on_unexpected_error)

    def start(self) -> None:
        """Show the window as soon as its looks and its place are known."""
        self.appearance.recall()
        self._relay.watch(self._store.opened(), self._on_store_opened, self._on_store_failed)

    def connect_engine(self, engine: EngineHost) -> None:
        """Hear when it gives an idle model back."""
        engine.on_unloaded = self.runner.tell_unloaded

    def apply_theme(self, chosen: Theme) -> None:
        """Show the whole program in these colours."""
        _dress(chosen)
        self.window.set_theme(chosen)
        self.side_windows.set_theme(chosen)

    def end(self) -> None:
        """Close all windows without a question."""
        self.side_windows.end()
        self.window.close()

    def close(self) -> None:
        """Record what is on the screen and end the engine; waits for both."""
        if self._closed:
            return
        self._closed = True
        self.side_windows.end()
        self.counter.withdraw()
        self.drafts.flush()
        self.chat.flush()
        self.transfer.close()
        self.files.close()
        self.runner.close()
        # The words first: the engine may take its time.
        self._store.close()
        self.memory.close()
        self.language.close()
        self.appearance.close()
        self._engine.close()
        self.errors.uninstall()

    def _on_appearance_recalled(self, appearance: Appearance) -> None:
        if appearance != Appearance():
            self.look.set_appearance(appearance)
        self.memory.recall()

    def _on_recalled(self, place: WindowPlace) -> None:
        self.window.put_at(place)
        self.window.show()

    def _on_store_opened(self, report: OpenReport) -> None:
        folder = paths.states_dir()
        options = self._store.submit(lambda repository: engine_options(repository, folder))
        self._relay.watch(options, self._engine.configure, self._on_options_failed)
        self.window.start()
        self.indexing.start()
        if report.set_aside is not None:
            self.window.show_notice(_set_aside(report), error=False)

    def _on_options_failed(self, error: BaseException) -> None:
        log.warning("the engine keeps its default options: %s", error)

    def _on_store_failed(self, error: BaseException) -> None:
        log.error("store: %s", error)
        self.window.show_store_error(notice_of(error))

    def _on_settings_unread(self, error: BaseException) -> None:
        log.warning("the engine's settings cannot be read: %s", error)

    def _on_store_retry(self) -> None:
        self._relay.watch(self._store.reopen(), self._on_store_opened, self._on_store_failed)

    def _on_window_closed(self) -> None:
        self.side_windows.end()
        self.drafts.flush()
        self.chat.flush()

    def _on_unexpected_error(self, notice: Notice) -> None:
        self.window.show_notice(notice)


def _set_aside(report: OpenReport) -> Notice:
    translate = QCoreApplication.translate
    return Notice(
        translate("Program", "The conversation database was damaged; a new one was begun"),
        translate("Program", "The old file was kept as {path}").format(path=report.set_aside),
        translate(
            "Program",
            "Conclave does not touch it any more. Specialists can often recover much of it.",
        ),
    )


def _dress(chosen: Theme) -> None:
    """Give these colours to all widgets.

    Widgets that are there take on a style sheet at once, which takes long; later ones do so when
    they are shown. So it is set before the window is made, and again only if it has changed.
    """
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setPalette(chosen.palette())
    # Under a style sheet widgets keep the font they have had until they get another sheet.
    sheet = f"/* {application.font().toString()} */{stylesheet(chosen)}"
    if application.styleSheet() != sheet:
        application.setStyleSheet(sheet)
