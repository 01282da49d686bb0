"""The window: sidebar, header, conversation; its keys, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.conversations import Conversation
from app.item_models.conversation_list import ConversationListModel, Renamed
from app.services.chat import ChatService
from app.services.chat_events import Activity, Phase
from app.services.conversations import ConversationService
from app.services.model_files import ModelFile
from app.services.models import LoadFailed, ModelPhase, ModelService, ModelState
from app.services.notices import Notice
from app.services.preferences import PreferenceService
from app.services.tuning import TuningService
from app.services.window_memory import WindowMemory, WindowPlace
from app.views.chat_page import ChatPage
from app.views.context_control import ContextControl
from app.views.experts_panel import ExpertsPanel
from app.views.header import Header
from app.views.link_dialog import LinkDialog
from app.views.messages_page import StartPage, StoreErrorPage
from app.views.notice_bar import NoticeAction, NoticeBar
from app.views.settings_control import SettingsControl
from app.views.sidebar import Sidebar
from app.views.theme import SPACING, Theme

_SIDEBAR_WIDTH = SPACING * 33


@dataclass(frozen=True, slots=True)
class Services:
    """All that the window asks to act."""

    chat: ChatService
    conversations: ConversationService
    models: ModelService
    tuning: TuningService
    memory: WindowMemory
    preferences: PreferenceService


class MainWindow(QMainWindow):
    """Puts the views together and binds them to the services."""

    closed = Signal()
    """The reader closes the window; it is still there."""
    store_retry_requested = Signal()

    def __init__(self, services: Services, theme: Theme) -> None:
        super().__init__()
        self._services = services
        self._load_notice: Notice | None = None
        self.setWindowTitle("Conclave")
        self.setAcceptDrops(True)
        self.resize(1080, 760)
        self.setMinimumSize(480, 360)
        self.conversation_list = ConversationListModel(parent=self)
        self.sidebar = Sidebar(self.conversation_list, theme, self)
        self.header = Header(self)
        self.notice = NoticeBar("Notice", self)
        self.start_page = StartPage(services.models.folder, self)
        self.page = ChatPage(services.chat, services.conversations, self.start_page, self)
        self.context = ContextControl(
            self.page, self.header.context_button, services.conversations, self
        )
        self.experts = ExpertsPanel(services.chat, self)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.experts)
        self.settings = SettingsControl(services.preferences, self)
        self.store_error = StoreErrorPage(self)
        self.pages = QStackedWidget(self)
        self._lay_out()
        self._connect_views()
        self._connect_services()
        self._add_keys()
        self.set_theme(theme)
        self.page.composer.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for part in (self.sidebar, self.header, self.notice, self.page, self.experts):
            part.set_theme(theme)

    def start(self) -> None:
        """The database is open: fill the window."""
        self.pages.setCurrentWidget(self._body)
        self._services.conversations.reload()
        self._services.models.start()

    def show_store_error(self, notice: Notice) -> None:
        """The database cannot be opened: say so, and offer to try again."""
        self.store_error.show_notice(notice)
        self.pages.setCurrentWidget(self.store_error)
        self.store_error.retry_button.setFocus()

    def show_notice(self, notice: Notice, *, error: bool = True) -> None:
        """Say something that concerns no single conversation."""
        actions = () if error else (NoticeAction("OK", self.notice.clear),)
        self.notice.show_notice(notice, actions, error=error)

    def put_at(self, place: WindowPlace) -> None:
        """Take the place of last time."""
        if place.geometry:
            self.restoreGeometry(QByteArray(place.geometry))
        self._set_sidebar_visible(place.sidebar_visible)

    def come_forward(self) -> None:
        """Be seen, from behind others or from the task bar."""
        self.setWindowState(
            (self.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive
        )
        self.show()
        self.raise_()
        self.activateWindow()

    # Qt

    def changeEvent(self, event: QEvent) -> None:
        """Read the list again when the window becomes the active one."""
        super().changeEvent(event)
        active = event.type() == QEvent.Type.ActivationChange and self.isActiveWindow()
        if active and self.pages.currentWidget() is self._body:
            # A terminal may have added conversations meanwhile.
            self._services.conversations.reload()
            self.page.read_again()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc stops the answer, unless the control that has the focus needs the key itself."""
        if event.key() == Qt.Key.Key_Escape:
            self.page.stop()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the place, and tell."""
        place = WindowPlace(bytes(self.saveGeometry().data()), not self.sidebar.isHidden())
        self._services.memory.remember(place)
        self.closed.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Model files may be dropped."""
        if _dropped_models(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Use the model that was dropped."""
        models = _dropped_models(event)
        if models:
            event.acceptProposedAction()
            self._services.models.add(models[0])

    # What the reader does

    def new_conversation(self) -> None:
        """An empty page, ready for a question."""
        self.sidebar.list.show_current(None)
        if self.page.conversation_id is not None:
            self.page.show_conversation(None)
        self._show_title(None)
        self.page.composer.setFocus()

    def toggle_sidebar(self) -> None:
        """Show or hide the list of conversations."""
        self._set_sidebar_visible(self.sidebar.isHidden())

    def open_model_file(self) -> None:
        """Let the reader pick a model file anywhere."""
        dialog = QFileDialog(self, "Open a model file", str(self._services.models.folder))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["Models (*.gguf)", "All files (*)"])
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.open()

    def show_models_folder(self) -> None:
        """Open the models folder in the system's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._services.models.folder)))

    def choose_model(self) -> None:
        """Open the menu of models."""
        self.header.show_menu()

    def _on_file_selected(self, path: str) -> None:
        self._services.models.add(Path(path))

    def _on_conversation_opened(self, conversation: Conversation) -> None:
        if conversation.id != self.page.conversation_id:
            self.page.show_conversation(conversation.id)
        self._show_title(conversation)

    def _on_delete_requested(self, conversation: Conversation) -> None:
        self._services.chat.stop(conversation.id)
        self._services.conversations.delete(conversation)

    def _on_undone(self, conversation: Conversation) -> None:
        self._services.conversations.restore(conversation.id)
        self.page.show_conversation(conversation.id)

    def _on_renamed(self, renamed: Renamed) -> None:
        self._services.conversations.rename(renamed.conversation_id, renamed.title)

    def _on_link_activated(self, address: str) -> None:
        LinkDialog(address, self).open()

    def _on_next(self) -> None:
        self.sidebar.list.step(1)

    def _on_previous(self) -> None:
        self.sidebar.list.step(-1)

    def _on_focus_composer(self) -> None:
        self.page.composer.setFocus()

    # What the services tell

    def _on_listed(self, conversations: tuple[Conversation, ...]) -> None:
        self.sidebar.list.show_conversations(conversations, self.page.conversation_id)
        self._show_title(self.sidebar.list.current())

    def _on_deleted(self, conversation: Conversation) -> None:
        self.sidebar.undo.offer(conversation)
        if conversation.id == self.page.conversation_id:
            self.new_conversation()

    def _on_conversation_changed(self, _conversation_id: int) -> None:
        self._services.conversations.reload()

    def _on_activity_changed(self, activity: Activity) -> None:
        busy = activity.phase is not Phase.IDLE
        self.conversation_list.set_busy(activity.conversation_id, busy)
        if not busy or activity.phase is Phase.WAITING:
            # Its place in the list may have changed with the message.
            self._services.conversations.reload()

    def _on_models_found(self, models: tuple[ModelFile, ...]) -> None:
        self.header.set_models(models)
        self._show_whether_models()

    def _on_model_state_changed(self, state: ModelState) -> None:
        self.header.set_state(state)
        self._show_whether_models()
        if state.phase is ModelPhase.READY and self.notice.notice == self._load_notice:
            self.notice.clear()

    def _show_whether_models(self) -> None:
        models = self._services.models
        self.page.set_has_models(bool(models.models) or models.state.path is not None)

    def _on_load_failed(self, failed: LoadFailed) -> None:
        actions = (
            NoticeAction("Choose another model", self.choose_model),
            NoticeAction("Try again", self._on_load_again),
        )
        self._load_notice = failed.notice
        self.notice.show_notice(failed.notice, actions, error=True)

    def _on_load_again(self) -> None:
        self.notice.clear()
        self._services.models.load_again()

    def _on_model_chosen(self, path: Path) -> None:
        self.notice.clear()
        self._services.models.choose(path)
        self._services.tuning.stop()
        self.page.composer.setFocus()

    def _on_tuned(self, notice: Notice) -> None:
        self.show_notice(notice, error=False)

    def _on_service_failed(self, notice: Notice) -> None:
        self.show_notice(notice)

    def _on_preferences_failed(self, notice: Notice) -> None:
        self.settings.forget()
        self.show_notice(notice)

    def _on_noticed(self, notice: Notice) -> None:
        self.show_notice(notice, error=False)

    # Parts

    def _show_title(self, conversation: Conversation | None) -> None:
        self.setWindowTitle(f"{conversation.title} – Conclave" if conversation else "Conclave")

    def _set_sidebar_visible(self, visible: bool) -> None:
        self.sidebar.setVisible(visible)
        self.header.new_button.setVisible(not visible)

    def _lay_out(self) -> None:
        right = QWidget(self)
        right.setObjectName("column")
        right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        notice = QVBoxLayout()
        notice.setContentsMargins(SPACING * 2, 0, SPACING * 2, 0)
        notice.addWidget(self.notice)
        column.addLayout(notice)
        column.addWidget(self.page, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.sidebar)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_SIDEBAR_WIDTH, self.width() - _SIDEBAR_WIDTH])
        self._body = splitter
        self.pages.addWidget(splitter)
        self.pages.addWidget(self.store_error)
        self.setCentralWidget(self.pages)

    def _connect_views(self) -> None:
        self.sidebar.new_requested.connect(self.new_conversation)
        self.sidebar.list.opened.connect(self._on_conversation_opened)
        self.sidebar.list.delete_requested.connect(self._on_delete_requested)
        self.sidebar.undo.undone.connect(self._on_undone)
        self.conversation_list.renamed.connect(self._on_renamed)
        self.header.new_requested.connect(self.new_conversation)
        self.header.sidebar_toggled.connect(self.toggle_sidebar)
        self.header.model_chosen.connect(self._on_model_chosen)
        self.header.tune_requested.connect(self._services.tuning.start)
        self.header.tune_stop_requested.connect(self._services.tuning.stop)
        self.header.open_file_requested.connect(self.open_model_file)
        self.header.show_folder_requested.connect(self.show_models_folder)
        self.header.experts_requested.connect(self.experts.toggle)
        self.header.settings_requested.connect(self.settings.open)
        self.start_page.open_file_requested.connect(self.open_model_file)
        self.start_page.show_folder_requested.connect(self.show_models_folder)
        self.start_page.rescan_requested.connect(self._services.models.rescan)
        self.page.choose_model_requested.connect(self.choose_model)
        self.page.conversation_changed.connect(self._on_conversation_changed)
        self.context.noticed.connect(self._on_noticed)
        self.page.transcript.link_activated.connect(self._on_link_activated)
        self.store_error.retry_requested.connect(self.store_retry_requested)

    def _connect_services(self) -> None:
        services = self._services
        services.conversations.listed.connect(self._on_listed)
        services.conversations.deleted.connect(self._on_deleted)
        services.conversations.failed.connect(self._on_service_failed)
        services.chat.summary_failed.connect(self._on_noticed)
        services.chat.activity_changed.connect(self._on_activity_changed)
        services.models.models_found.connect(self._on_models_found)
        services.models.state_changed.connect(self._on_model_state_changed)
        services.models.load_failed.connect(self._on_load_failed)
        services.models.failed.connect(self._on_service_failed)
        services.preferences.failed.connect(self._on_preferences_failed)
        services.tuning.state_changed.connect(self.header.set_tuning)
        services.tuning.finished.connect(self._on_tuned)
        services.tuning.failed.connect(self._on_service_failed)

    def _add_keys(self) -> None:
        keys = (
            ("New conversation", ["Ctrl+N"], self.new_conversation),
            ("Quit", ["Ctrl+Q"], self.close),
            ("Show or hide the conversations", ["Ctrl+B"], self.toggle_sidebar),
            ("Next conversation", ["Alt+Down", "Ctrl+Tab"], self._on_next),
            ("Previous conversation", ["Alt+Up", "Ctrl+Shift+Tab"], self._on_previous),
            ("Write a message", ["Ctrl+L"], self._on_focus_composer),
            ("Choose a model", ["Ctrl+M"], self.choose_model),
            ("Open a model file", ["Ctrl+O"], self.open_model_file),
            ("Copy the last answer", ["Ctrl+Shift+C"], self.page.copy_last_answer),
            (self.tr("Show or hide the experts"), ["Ctrl+Shift+E"], self.experts.toggle),
            (self.tr("Settings"), ["Ctrl+,"], self.settings.open),
            ("Rename the conversation", ["F2"], self.sidebar.list.rename_current),
        )
        for name, sequences, call in keys:
            action = QAction(name, self)
            action.setShortcuts([QKeySequence(sequence) for sequence in sequences])
            action.triggered.connect(call)
            self.addAction(action)


def _dropped_models(event: QDropEvent) -> list[Path]:
    urls = event.mimeData().urls()
    paths = (Path(url.toLocalFile()) for url in urls if url.isLocalFile())
    return [path for path in paths if path.suffix.lower() == ".gguf"]
