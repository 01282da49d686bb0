"""The window: sidebar, header, conversation; its keys, and what it says about itself."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QMainWindow,
    QMenu,
    QStackedWidget,
)

from app.domain.conversations import Conversation
from app.item_models.conversation_list import ConversationListModel
from app.item_models.titles import shown_title
from app.services.notices import Notice
from app.services.window_memory import WindowPlace
from app.views.actions import Actions
from app.views.appearance_actions import appearance_actions
from app.views.arrangement_control import ArrangementControl
from app.views.attention import Attention
from app.views.chat_page import ChatPage
from app.views.composer import dropped_files, is_model
from app.views.context_control import ContextControl
from app.views.context_menu_key import context_menu_action
from app.views.conversation_control import ConversationControl
from app.views.first_run_control import FirstRunControl
from app.views.header import Header
from app.views.language import follow_language
from app.views.message_actions import MessageActions, message_key_hints
from app.views.messages_page import StoreErrorPage
from app.views.model_control import ModelControl
from app.views.notice_bar import NoticeBar, Told
from app.views.search_control import SearchControl
from app.views.settings_control import SettingsControl
from app.views.sidebar import Sidebar
from app.views.steering.actions import steering_actions
from app.views.steering.control import SteeringControl
from app.views.tab_order import follow_layout
from app.views.theme import Theme
from app.views.transfer_control import TransferControl
from app.views.window_actions import key_hints, window_actions
from app.views.window_body import WindowBody
from app.views.window_notices import WindowNotices
from app.views.window_services import Services

if TYPE_CHECKING:
    from app.views.command_palette import CommandPalette
    from app.views.experts_panel import ExpertsPanel


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
        self._is_left = False
        self.setWindowTitle("Conclave")
        self.setAcceptDrops(True)
        self.resize(1080, 760)
        self.setMinimumSize(480, 360)
        self.conversation_list = ConversationListModel(parent=self)
        self.sidebar = Sidebar(self.conversation_list, theme, self)
        self.header = Header(self)
        self.notice = NoticeBar(self)
        self.page = ChatPage(
            services.chat,
            services.conversations,
            services.steering,
            services.models.folder,
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
        self.attention = Attention(services.chat, self)
        self.first_run = FirstRunControl(self.page, services.first_run, services.models, self)
        self.settings = SettingsControl(
            services.preferences, services.appearance, services.language, self
        )
        self.models = ModelControl(
            self.header,
            self.page,
            self.notice,
            services.models,
            services.tuning,
            services.steering,
            self,
        )
        self.conversations = ConversationControl(
            self.sidebar, self.page, services.conversations, services.chat, services.tree, self
        )
        self.notices = WindowNotices(self.notice, services, self.context, self.settings, self)
        self.body = WindowBody(self.sidebar, self.header, self.notice, self.steering.pane, self)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.body)
        self.setCentralWidget(self.pages)
        self._connect_parts()
        self._add_actions()
        follow_layout(self)
        self.set_theme(theme)
        self.page.composer.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        made = self.__dict__
        if "command_palette" in made:
            self.command_palette.set_theme(theme)
        if "experts" in made:
            self.experts.set_theme(theme)
        if "store_error" in made:
            self.store_error.set_text_size()
        for part in (
            self.sidebar,
            self.header,
            self.notice,
            self.page,
            self.message_actions.undo,
            self.steering,
        ):
            part.set_theme(theme)

    def start(self) -> None:
        """The database is open: fill the window."""
        self.pages.setCurrentWidget(self.body)
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

    def show_notice(self, told: Told, *, error: bool = True) -> None:
        """Say something that concerns no single conversation."""
        self.notices.show(told, error=error)

    def put_at(self, place: WindowPlace) -> None:
        """Take the place of last time."""
        if place.geometry:
            self.restoreGeometry(QByteArray(place.geometry))
        if place.docks:
            self.experts.hide()  # made now, so that it takes its place
            self.restoreState(QByteArray(place.docks))
        if place.sidebar_width:
            self.body.set_sidebar_width(place.sidebar_width)
        self.body.set_sidebar_visible(place.sidebar_visible)
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
        """Read the list again when the window becomes the active one again."""
        super().changeEvent(event)
        if event.type() != QEvent.Type.ActivationChange:
            return
        was_left, self._is_left = self._is_left, not self.isActiveWindow()
        comes_back = was_left and not self._is_left
        if comes_back and self.pages.currentWidget() is self.body:
            # A terminal may have added conversations meanwhile.
            self._services.conversations.reload()
            self.page.path.read_again()

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
            self.body.has_sidebar,
            self.steering.pane.is_wanted,
            self.body.sidebar_width,
            bytes(self.saveState().data()) if "experts" in self.__dict__ else b"",
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
        self.conversations.begin()

    def search_everything(self) -> None:
        """Let something be looked for in all conversations."""
        self.body.set_sidebar_visible(True)
        self.search.begin()

    def toggle_sidebar(self) -> None:
        """Show or hide the list of conversations."""
        self.body.set_sidebar_visible(not self.body.has_sidebar)

    def find_in_conversation(self) -> None:
        """Open the bar that finds words in the conversation on the page."""
        if self.page.conversation_id is not None:
            self.page.find_bar.open_search()

    def compare_answers(self) -> None:
        """Have the last question answered twice, side by side."""
        if self.page.conversation_id is not None:
            self.compare_requested.emit(self.page.conversation_id)

    def show_menu(self) -> None:
        """Open the menu of all actions."""
        corner = self.header.menu_button.rect().bottomRight()
        place = self.header.menu_button.mapToGlobal(corner)
        self.menu.popup(place - QPoint(self.menu.sizeHint().width(), 0))

    def toggle_experts(self) -> None:
        """Show or hide the panel of experts."""
        self.experts.toggle()

    # Parts that are made when they are first needed

    @cached_property
    def menu(self) -> QMenu:
        """The menu of all actions."""
        return self.commands.build_menu(self)

    @cached_property
    def experts(self) -> ExpertsPanel:
        """The panel of experts."""
        from app.views.experts_panel import ExpertsPanel

        panel = ExpertsPanel(self._services.chat, self)
        panel.set_theme(self._theme)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, panel)
        follow_layout(self)
        return panel

    @cached_property
    def store_error(self) -> StoreErrorPage:
        """What stands in place of everything where the conversations cannot be opened."""
        page = StoreErrorPage(self)
        page.retry_requested.connect(self.store_retry_requested)
        self.pages.addWidget(page)
        follow_layout(self)
        return page

    @cached_property
    def command_palette(self) -> CommandPalette:
        """The palette."""
        from app.views.palette_entries import window_palette

        return window_palette(self, self._services, self._theme)

    def show_command_palette(self) -> None:
        """Reach anything by a few letters."""
        if self.pages.currentWidget() is self.body:
            self.command_palette.open()

    def show_introduction(self) -> None:
        """Show the introduction of the first start again."""
        self.new_conversation()
        self.first_run.show()

    def show_shortcuts(self) -> None:
        """Show all keys."""
        from app.views.shortcut_sheet import ShortcutSheet

        ShortcutSheet(self.commands, self).open()

    def _on_link_activated(self, address: str) -> None:
        from app.views.link_dialog import LinkDialog

        LinkDialog(address, self).open()

    # Parts

    def _show_title(self, conversation: Conversation | None) -> None:
        title = shown_title(conversation.title) if conversation else ""
        self.setWindowTitle(f"{title} – Conclave" if title else "Conclave")

    def _show_list(self) -> None:
        self.body.set_sidebar_visible(True)
        self.search.leave()

    def _connect_parts(self) -> None:
        self.sidebar.new_requested.connect(self.new_conversation)
        self.sidebar.temporary_requested.connect(self.temporary_requested)
        self.header.new_requested.connect(self.new_conversation)
        self.header.panel_toggled.connect(self.steering.toggle)
        self.header.sidebar_toggled.connect(self.toggle_sidebar)
        self.attention.forward_requested.connect(self.come_forward)
        self.attention.new_requested.connect(self.new_conversation)
        self.first_run.open_file_requested.connect(self.models.open_file)
        self.first_run.show_folder_requested.connect(self.models.show_folder)
        self.conversations.shown.connect(self._show_title)
        self.conversations.list_wanted.connect(self._show_list)
        self.search.conversation_wanted.connect(self.conversations.lead_to)
        self.search.left.connect(self.page.composer.setFocus)
        self.message_actions.branch_requested.connect(self.conversations.branch)
        self.header.context_button.policy_chosen.connect(self._services.steering.read_again)
        self.page.transcript.link_activated.connect(self._on_link_activated)
        self._services.preferences.window_changed.connect(self.attention.set_preferences)

    def _add_actions(self) -> None:
        services = self._services
        self.commands = Actions(self)
        self.transfer = TransferControl(self, services.transfer)
        self.commands.add(*window_actions(self), *steering_actions(self), *self.transfer.actions())
        self.commands.add(*appearance_actions(services.appearance), context_menu_action())
        self.commands.add_hints(*key_hints(), *message_key_hints())
        self.header.menu_requested.connect(self.show_menu)
        follow_language(self, self._say)

    def _say(self) -> None:
        self.notice.setAccessibleName(self.tr("Notice"))
        self.commands.retranslate()
