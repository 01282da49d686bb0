"""A window of its own for a conversation that is kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QFont,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from app.services.models import ModelService
from app.services.notices import Notice
from app.services.personas import PersonaService
from app.services.unkept import UnkeptServices
from app.views.buttons import IconButton
from app.views.chat_page import ChatPage
from app.views.composer import dropped_files, is_model
from app.views.context_button import ContextButton
from app.views.context_control import ContextControl
from app.views.icons import icon
from app.views.language import follow_language, follow_language_later
from app.views.link_dialog import LinkDialog
from app.views.message_actions import MessageActions
from app.views.notice_bar import NoticeAction, NoticeBar, Told
from app.views.steering.control import SteeringControl
from app.views.tab_order import follow_layout
from app.views.theme import SPACING, Theme
from app.views.transcript.message_bar import MessageAction
from app.views.writing import writing_of


class TemporaryWindow(QMainWindow):
    """One conversation, gone when the window closes; it asks first if that loses words."""

    closed = Signal()

    def __init__(
        self,
        services: UnkeptServices,
        models: ModelService,
        personas: PersonaService,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._services = services
        self._is_confirmed = False
        self.setAcceptDrops(True)
        self.resize(SPACING * 105, SPACING * 85)
        self.setMinimumSize(480, 360)
        self.notice = NoticeBar(self)
        self.page = ChatPage(
            services.chat,
            services.conversations,
            services.steering,
            models.folder,
            writing_of(services),
            self,
        )
        self.steering = SteeringControl(self.page, services.steering, models, personas, self)
        self.context_button = ContextButton(self)
        self.context = ContextControl(self.page, self.context_button, services.conversations, self)
        # A branch would be another conversation, for which there is no list here.
        self.page.transcript.active.bar.offered -= {MessageAction.BRANCH}
        self.message_actions = MessageActions(self.page, services.tree, services.chat, models, self)
        self._lay_out()
        self._connect()
        self._add_keys()
        follow_layout(self)
        self.set_theme(theme)
        follow_language(self, self._say)
        self.page.composer.setFocus()

    @property
    def has_words(self) -> bool:
        """Whether closing would lose something."""
        composer = self.page.composer
        is_draft = bool(composer.text.strip() or composer.chips.chips)
        return is_draft or self.page.messages.rowCount() > 0

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        undo = self.message_actions.undo
        for part in (self.notice, undo, self.page, self.steering, self.panel_button):
            part.set_theme(theme)
        size = self._mark.fontMetrics().height() * 3 // 2
        self._mark.setPixmap(icon("temporary", theme.text).pixmap(size, size))

    def ask(self, on_yes: Callable[[], object]) -> QMessageBox:
        """Ask whether the conversation may go; the answer comes later."""
        self.raise_()
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes = box.addButton("", QMessageBox.ButtonRole.DestructiveRole)
        no = box.addButton("", QMessageBox.ButtonRole.RejectRole)

        def say() -> None:
            box.setWindowTitle(self.tr("Temporary conversation"))
            box.setText(self.tr("Close the temporary conversation?"))
            box.setInformativeText(
                self.tr("It is kept nowhere: what was written here cannot be brought back.")
            )
            yes.setText(self.tr("Close it"))
            no.setText(self.tr("Keep it open"))

        follow_language_later(box, say)
        yes.setProperty("kind", "plain")
        no.setProperty("kind", "primary")
        box.setDefaultButton(no)
        box.setEscapeButton(no)
        yes.clicked.connect(on_yes)
        box.open()
        no.setFocus()
        return box

    def close_now(self) -> None:
        """Close without asking."""
        self._is_confirmed = True
        self.close()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc stops the answer, unless the control that has the focus needs the key itself."""
        if event.key() == Qt.Key.Key_Escape:
            self.page.stop()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask where something would be lost; then the conversation is gone."""
        if self.has_words and not self._is_confirmed:
            event.ignore()
            self.ask(self.close_now)
            return
        super().closeEvent(event)
        self.closed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files to attach may be dropped."""
        if self._attachable(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach what was dropped."""
        files = self._attachable(event)
        if files:
            event.acceptProposedAction()
            self.page.drafting.attach(files)

    def _attachable(self, event: QDropEvent) -> list[Path]:
        """The files among what is dropped; a model is the main window's."""
        return [path for path in dropped_files(event.mimeData()) if not is_model(path)]

    # What the services and the page tell

    def _on_failed(self, notice: Notice) -> None:
        self.notice.show_notice(notice, error=True)

    def _on_noticed(self, told: Told) -> None:
        actions = (NoticeAction(lambda: self.tr("OK"), self.notice.clear),)
        self.notice.show_notice(told, actions, error=False)

    def _on_link_activated(self, address: str) -> None:
        LinkDialog(address, self).open()

    def _on_focus_composer(self) -> None:
        self.page.composer.setFocus()

    def _on_find(self) -> None:
        if self.page.conversation_id is not None:
            self.page.find_bar.open_search()

    # Parts

    def _connect(self) -> None:
        services = self._services
        self.page.choose_model_requested.connect(self.steering.open)
        self.page.transcript.link_activated.connect(self._on_link_activated)
        self.context_button.policy_chosen.connect(services.steering.read_again)
        self.context.noticed.connect(self._on_noticed)
        services.chat.summary_failed.connect(self._on_noticed)
        services.conversations.failed.connect(self._on_failed)
        services.tree.failed.connect(self._on_failed)
        services.steering.failed.connect(self._on_failed)

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Temporary conversation"))
        self.notice.setAccessibleName(self.tr("Notice"))
        self.title.setText(self.tr("Temporary conversation"))
        self.told.setText(
            self.tr("Kept nowhere, neither in the list nor on the disk; gone with this window.")
        )
        self.panel_button.set_words(self.tr("Show or hide the settings of this conversation"))

    def _add_keys(self) -> None:
        for keys, call in (
            ("Ctrl+.", self.steering.toggle),
            ("Ctrl+L", self._on_focus_composer),
            ("Ctrl+F", self._on_find),
            ("Ctrl+Shift+A", self.page.drafting.choose_files),
            ("Ctrl+Shift+C", self.page.copy_last_answer),
            ("Ctrl+W", self.close),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(call)
            self.addAction(action)

    def _lay_out(self) -> None:
        middle = QWidget(self)
        middle.setObjectName("column")
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._banner())
        column.addWidget(self.notice)
        column.addWidget(self.steering.pane, 1)
        self.setCentralWidget(middle)

    def _banner(self) -> QFrame:
        banner = QFrame(self)
        banner.setObjectName("temporary")
        self._mark = QLabel(banner)
        self.title = title = QLabel(banner)
        font = QFont(title.font())
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        self.told = QLabel(banner)
        self.told.setWordWrap(True)
        self.panel_button = IconButton("sliders", "", "Ctrl+.")
        self.panel_button.clicked.connect(self.steering.toggle)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(title)
        words.addWidget(self.told)
        row = QHBoxLayout(banner)
        row.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, SPACING)
        row.setSpacing(SPACING * 3 // 2)
        row.addWidget(self._mark)
        row.addLayout(words, 1)
        row.addWidget(self.context_button)
        row.addWidget(self.panel_button)
        return banner
