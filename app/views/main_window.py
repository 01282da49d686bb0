"""The window: sidebar, header, conversation; its keys, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.conversations import Conversation, Message
from app.item_models.conversation_list import ConversationListModel, Renamed
from app.services.appearance import AppearanceService
from app.services.arrangement import ArrangementService
from app.services.chat import ChatService
from app.services.chat_events import Activity, Phase
from app.services.conversations import ConversationService
from app.services.first_run import FirstRunService
from app.services.language import LanguageService
from app.services.message_tree import MessageTreeService
from app.services.model_files import ModelFile
from app.services.models import LoadFailed, ModelPhase, ModelService, ModelState
from app.services.notices import Notice
from app.services.personas import PersonaService
from app.services.preferences import PreferenceService
from app.services.recents import Recents
from app.services.search import SearchService
from app.services.steering import Steered, SteeringService
from app.services.transfer import TransferService
from app.services.tuning import TuningService
from app.services.window_memory import WindowMemory, WindowPlace
from app.views.actions import Actions
from app.views.appearance_control import appearance_actions
from app.views.arrangement_control import ArrangementControl
from app.views.attention import Attention
from app.views.chat_page import ChatPage
from app.views.composer import dropped_files, is_model
from app.views.context_control import ContextControl
from app.views.drafting import Writing
from app.views.experts_panel import ExpertsPanel
from app.views.first_run_control import FirstRunControl
from app.views.header import Header
from app.views.language import follow_language
from app.views.message_actions import MessageActions, message_key_hints
from app.views.messages_page import StartPage, StoreErrorPage
from app.views.notice_bar import NoticeAction, NoticeBar
from app.views.search_control import SearchControl
from app.views.settings_control import SettingsControl
from app.views.sidebar import Sidebar
from app.views.steering.actions import steering_actions
from app.views.steering.control import SteeringControl
from app.views.tab_order import follow_layout
from app.views.theme import SPACING, Theme
from app.views.transfer_control import TransferControl
from app.views.window_actions import key_hints, window_actions

if TYPE_CHECKING:
    from app.views.command_palette import CommandPalette

_SIDEBAR_WIDTH = SPACING * 33


@dataclass(frozen=True, slots=True)
class Services:
    """All that the window asks to act."""

    chat: ChatService
    conversations: ConversationService
    models: ModelService
    tuning: TuningService
    search: SearchService
    arrangement: ArrangementService
    tree: MessageTreeService
    steering: SteeringService
    personas: PersonaService
    memory: WindowMemory
    transfer: TransferService
    recents: Recents
    writing: Writing
    preferences: PreferenceService
    first_run: FirstRunService
    language: LanguageService
    appearance: AppearanceService


class MainWindow(QMainWindow):
    """Puts the views together and binds them to the services."""

    closed = Signal()
    """The reader closes the window; it is still there."""
    store_retry_requested = Signal()
    temporary_requested = Signal()
    """A conversation that is kept nowhere."""
    compare_requested = Signal(int)
    """Conversation id: two answers to its last question."""

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
        self.notice = NoticeBar(self)
        self.start_page = StartPage(services.models.folder, self)
        self.page = ChatPage(
            services.chat,
            services.conversations,
            services.steering,
            self.start_page,
            services.writing,
            self,
        )
        self.steering = SteeringControl(
            self.page, services.steering, services.models, services.personas, self
        )
        self.context = ContextControl(
            self.page, self.header.context_button, services.conversations, self
        )
        self.arrangement = ArrangementControl(self.sidebar, services.arrangement, self)
        self.search = SearchControl(self.sidebar, self.page, services.search, self)
        self.message_actions = MessageActions(
            self.page, services.tree, services.chat, services.models, self
        )
        self.experts = ExpertsPanel(services.chat, self)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.experts)
        self.attention = Attention(services.chat, self)
        self.first_run = FirstRunControl(self.page, services.first_run, services.models, self)
        self.settings = SettingsControl(
            services.preferences, services.appearance, services.language, self
        )
        self.store_error = StoreErrorPage(self)
        self.pages = QStackedWidget(self)
        self._lay_out()
        self._connect_views()
        self._connect_services()
        self._add_actions()
        follow_layout(self)
        self.set_theme(theme)
        self.page.composer.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        if "command_palette" in self.__dict__:
            self.command_palette.set_theme(theme)
        for part in (
            self.sidebar,
            self.header,
            self.notice,
            self.page,
            self.message_actions.undo,
            self.steering,
            self.experts,
        ):
            part.set_theme(theme)
        self.store_error.set_text_size()

    def start(self) -> None:
        """The database is open: fill the window."""
        self.pages.setCurrentWidget(self._body)
        self._services.arrangement.reload()
        self._services.models.start()
        self._services.recents.start()
        self._services.personas.reload()
        self._services.writing.drafts.start()
        self._services.preferences.start()
        self._services.first_run.start()

    def show_store_error(self, notice: Notice) -> None:
        """The database cannot be opened: say so, and offer to try again."""
        self.store_error.show_notice(notice)
        self.pages.setCurrentWidget(self.store_error)
        self.store_error.retry_button.setFocus()

    def show_notice(self, notice: Notice, *, error: bool = True) -> None:
        """Say something that concerns no single conversation."""
        actions = () if error else (NoticeAction(self.tr("OK"), self.notice.clear),)
        self.notice.show_notice(notice, actions, error=error)

    def put_at(self, place: WindowPlace) -> None:
        """Take the place of last time."""
        if place.geometry:
            self.restoreGeometry(QByteArray(place.geometry))
        self._set_sidebar_visible(place.sidebar_visible)
        self.steering.pane.set_wanted(place.panel_visible)

    def conversation_on_screen(self) -> int | None:
        """The conversation that can be read at the moment."""
        seen = self.isVisible() and not self.isMinimized()
        return self.page.conversation_id if seen else None

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
        """Remember the place, tell, and take the dialogs along."""
        place = WindowPlace(
            bytes(self.saveGeometry().data()),
            not self.sidebar.isHidden(),
            self.steering.pane.is_wanted,
        )
        self._services.memory.remember(place)
        self.closed.emit()
        for dialog in self.findChildren(QDialog):
            dialog.reject()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Models and files to attach may be dropped."""
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Use the model that was dropped, attach other files."""
        files = dropped_files(event.mimeData())
        models = [path for path in files if is_model(path)]
        if files:
            event.acceptProposedAction()
        if models:
            self._services.models.add(models[0])
        self.page.drafting.attach([path for path in files if path not in models])

    # What the reader does

    def new_conversation(self) -> None:
        """An empty page, ready for a question."""
        self.sidebar.list.show_current(None)
        if self.page.conversation_id is not None:
            self.page.show_conversation(None)
        self._show_title(None)
        self.page.composer.setFocus()

    def search_everything(self) -> None:
        """Let something be looked for in all conversations."""
        self._set_sidebar_visible(True)
        self.search.begin()

    def toggle_sidebar(self) -> None:
        """Show or hide the list of conversations."""
        self._set_sidebar_visible(self.sidebar.isHidden())

    def find_in_conversation(self) -> None:
        """Open the bar that finds words in the conversation on the page."""
        if self.page.conversation_id is not None:
            self.page.find_bar.open_search()

    def open_model_file(self) -> None:
        """Let the reader pick a model file anywhere."""
        dialog = QFileDialog(self, self.tr("Open a model file"), str(self._services.models.folder))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Models (*.gguf)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.open()

    def use_model(self, path: Path) -> None:
        """Let this model answer from now on."""
        self.notice.clear()
        self._services.models.choose(path)
        self._services.tuning.stop()
        self.page.composer.setFocus()

    def can_tune(self) -> bool:
        """Whether the model can be tuned now."""
        ready = self._services.models.state.phase is ModelPhase.READY
        return ready and not self._services.tuning.is_running

    def tune_model(self) -> None:
        """Find out with what settings the model is fastest here."""
        self._services.tuning.start()

    def show_models_folder(self) -> None:
        """Open the models folder in the system's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._services.models.folder)))

    def choose_model(self) -> None:
        """Open the menu of models."""
        self.header.show_menu()

    def next_conversation(self) -> None:
        """Open the one below in the list."""
        self.sidebar.list.step(1)

    def previous_conversation(self) -> None:
        """Open the one above in the list."""
        self.sidebar.list.step(-1)

    def open_conversation(self, conversation: Conversation) -> None:
        """Open a conversation of the list."""
        self.sidebar.list.show_current(conversation.id)
        self._on_conversation_opened(conversation)
        self.page.composer.setFocus()

    def compare_answers(self) -> None:
        """Have the last question answered twice, side by side."""
        if self.page.conversation_id is not None:
            self.compare_requested.emit(self.page.conversation_id)

    def show_again(self, conversation_id: int) -> None:
        """Another answer of this conversation is its last one now."""
        if conversation_id == self.page.conversation_id:
            self.page.show_conversation(conversation_id)

    def reload_conversations(self) -> None:
        """Read the list again: it has changed in the store."""
        self._services.conversations.reload()

    def show_menu(self) -> None:
        """Open the menu of all actions."""
        corner = self.header.menu_button.rect().bottomRight()
        place = self.header.menu_button.mapToGlobal(corner)
        self.menu.popup(place - QPoint(self.menu.sizeHint().width(), 0))

    @cached_property
    def command_palette(self) -> CommandPalette:
        """The palette, which is made when it is first needed."""
        from app.views.palette_entries import window_palette

        return window_palette(self, self._services, self._theme)

    def show_command_palette(self) -> None:
        """Reach anything by a few letters."""
        if self.pages.currentWidget() is self._body:
            self.command_palette.open()

    def show_introduction(self) -> None:
        """Show the introduction of the first start again."""
        self.new_conversation()
        self.first_run.show()

    def show_shortcuts(self) -> None:
        """Show all keys."""
        from app.views.shortcut_sheet import ShortcutSheet

        ShortcutSheet(self.commands, self).open()

    def _on_file_selected(self, path: str) -> None:
        self._services.models.add(Path(path))

    def _on_conversation_opened(self, conversation: Conversation) -> None:
        if conversation.id != self.page.conversation_id:
            self.page.show_conversation(conversation.id)
        self._show_title(conversation)

    def _on_conversation_wanted(self, conversation_id: int) -> None:
        self.sidebar.list.show_current(conversation_id)
        if conversation_id != self.page.conversation_id:
            self.page.show_conversation(conversation_id)
        self._show_title(self.conversation_list.conversation(conversation_id))

    def _on_delete_requested(self, conversation: Conversation) -> None:
        self._services.chat.stop(conversation.id)
        self._services.conversations.delete(conversation)

    def _on_undone(self, conversation: Conversation) -> None:
        self._services.conversations.restore(conversation.id)
        self.page.show_conversation(conversation.id)

    def _on_renamed(self, renamed: Renamed) -> None:
        self._services.conversations.rename(renamed.conversation_id, renamed.title)

    def _on_link_activated(self, address: str) -> None:
        from app.views.link_dialog import LinkDialog

        LinkDialog(address, self).open()

    # What the services tell

    def _on_listed(self, conversations: tuple[Conversation, ...]) -> None:
        self.sidebar.list.show_conversations(conversations, self.page.conversation_id)
        self._show_title(self.conversation_list.conversation(self.page.conversation_id))

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
            NoticeAction(self.tr("Choose another model"), self.choose_model),
            NoticeAction(self.tr("Try again"), self._on_load_again),
        )
        self._load_notice = failed.notice
        self.notice.show_notice(failed.notice, actions, error=True)

    def _on_load_again(self) -> None:
        self.notice.clear()
        self._services.models.load_again()

    def _on_steered(self, steered: Steered) -> None:
        self._services.models.show(steered.steering.model)

    def _on_tuned(self, notice: Notice) -> None:
        self.show_notice(notice, error=False)

    def _on_service_failed(self, notice: Notice) -> None:
        self.show_notice(notice)

    def _on_branch_requested(self, message: Message) -> None:
        conversation = self.sidebar.list.current()
        if conversation is not None:
            self._services.tree.branch(message, conversation)

    def _on_branched(self, conversation_id: int) -> None:
        self.page.show_conversation(conversation_id)
        self._services.conversations.reload()

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
        column.addWidget(self.steering.pane, 1)
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
        self.sidebar.temporary_requested.connect(self.temporary_requested)
        self.sidebar.list.opened.connect(self._on_conversation_opened)
        self.sidebar.list.delete_requested.connect(self._on_delete_requested)
        self.sidebar.undo.undone.connect(self._on_undone)
        self.conversation_list.renamed.connect(self._on_renamed)
        self.header.new_requested.connect(self.new_conversation)
        self.header.panel_toggled.connect(self.steering.toggle)
        self.header.sidebar_toggled.connect(self.toggle_sidebar)
        self.header.model_chosen.connect(self.use_model)
        self.header.tune_requested.connect(self._services.tuning.start)
        self.header.tune_stop_requested.connect(self._services.tuning.stop)
        self.header.open_file_requested.connect(self.open_model_file)
        self.header.show_folder_requested.connect(self.show_models_folder)
        self.attention.forward_requested.connect(self.come_forward)
        self.attention.new_requested.connect(self.new_conversation)
        introduction = self.first_run.introduction
        introduction.open_file_requested.connect(self.open_model_file)
        introduction.show_folder_requested.connect(self.show_models_folder)
        self.start_page.open_file_requested.connect(self.open_model_file)
        self.start_page.show_folder_requested.connect(self.show_models_folder)
        self.start_page.rescan_requested.connect(self._services.models.rescan)
        self.page.choose_model_requested.connect(self.choose_model)
        self.page.conversation_changed.connect(self._on_conversation_changed)
        self.search.conversation_wanted.connect(self._on_conversation_wanted)
        self.search.left.connect(self.page.composer.setFocus)
        self.context.noticed.connect(self._on_noticed)
        self.message_actions.branch_requested.connect(self._on_branch_requested)
        self.header.context_button.policy_chosen.connect(self._services.steering.read_again)
        self.page.transcript.link_activated.connect(self._on_link_activated)
        self.store_error.retry_requested.connect(self.store_retry_requested)

    def _connect_services(self) -> None:
        services = self._services
        services.conversations.listed.connect(self._on_listed)
        services.conversations.deleted.connect(self._on_deleted)
        services.conversations.failed.connect(self._on_service_failed)
        services.arrangement.failed.connect(self._on_service_failed)
        services.search.failed.connect(self._on_service_failed)
        services.tree.branched.connect(self._on_branched)
        services.tree.failed.connect(self._on_service_failed)
        services.chat.summary_failed.connect(self._on_noticed)
        services.chat.activity_changed.connect(self._on_activity_changed)
        services.models.models_found.connect(self._on_models_found)
        services.models.state_changed.connect(self._on_model_state_changed)
        services.models.load_failed.connect(self._on_load_failed)
        services.models.chosen.connect(services.steering.choose_model)
        services.steering.changed.connect(self._on_steered)
        services.steering.failed.connect(self._on_service_failed)
        services.personas.failed.connect(self._on_service_failed)
        services.models.failed.connect(self._on_service_failed)
        services.preferences.window_changed.connect(self.attention.set_preferences)
        services.preferences.failed.connect(self._on_preferences_failed)
        services.tuning.state_changed.connect(self.header.set_tuning)
        services.tuning.finished.connect(self._on_tuned)
        services.tuning.failed.connect(self._on_service_failed)

    def _add_actions(self) -> None:
        services = self._services
        self.commands = Actions(self)
        self.transfer = TransferControl(self, services.transfer)
        self.commands.add(*window_actions(self), *steering_actions(self), *self.transfer.actions())
        self.commands.add(*appearance_actions(services.appearance))
        self.commands.add_hints(*key_hints(), *message_key_hints())
        self.menu = self.commands.build_menu(self)
        self.header.menu_requested.connect(self.show_menu)
        follow_language(self, self._say)

    def _say(self) -> None:
        self.notice.setAccessibleName(self.tr("Notice"))
        self.commands.retranslate()
