"""How full the context is, and what happens when it is full: a button with a menu."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from app.domain.context import ConversationContext
from app.item_models.figures import number
from app.views.buttons import PressButton
from app.views.language import follow_language
from inference.engine import ContextPolicy


def policy_words(policy: ContextPolicy) -> str:
    """What happens when the context is full."""
    return {
        ContextPolicy.DROP_OLDEST: QCoreApplication.translate(
            "ContextPolicy", "Leave out the oldest messages"
        ),
        ContextPolicy.SUMMARISE: QCoreApplication.translate(
            "ContextPolicy", "Summarise the oldest messages"
        ),
        ContextPolicy.STOP: QCoreApplication.translate("ContextPolicy", "Stop and say so"),
    }[policy]


class ContextButton(PressButton):
    """Shown once an answer has told how many tokens the context holds."""

    policy_chosen = Signal(object)
    """ContextPolicy"""
    summary_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setProperty("kind", "context")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._n_used = self._n_ctx = 0
        self._brief = False
        follow_language(self, self._say)

    def set_usage(self, n_used: int, n_ctx: int) -> None:
        """Show so many tokens; nothing where the context's length is not known."""
        self._n_used, self._n_ctx = n_used, n_ctx
        self._show()

    def set_brief(self, brief: bool) -> None:
        """Show a percentage only, where there is little room."""
        if brief != self._brief:
            self._brief = brief
            self._show()

    def _say(self) -> None:
        self.setToolTip(
            self.tr(
                "How much of the context the conversation takes; click for what happens when it is "
                "full"
            )
        )
        self._show()

    def _show(self) -> None:
        words = self.tr("{used} of {length} tokens").format(
            used=number(self._n_used), length=number(self._n_ctx)
        )
        share = f"{self._n_used / self._n_ctx:.0%}" if self._n_ctx else ""
        self.setText(share if self._brief else words)
        self.setAccessibleName(self.tr("Context: {words}").format(words=words))
        self.setVisible(self._n_ctx > 0)

    def show_menu(self, context: ConversationContext) -> QMenu:
        """Open the menu of a conversation."""
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("When the context is full"))
        menu.addAction(self.tr("When the context is full:")).setEnabled(False)
        group = QActionGroup(menu)
        for policy in ContextPolicy:
            action = menu.addAction(policy_words(policy))
            action.setCheckable(True)
            action.setChecked(policy is context.policy)
            action.setData(policy)
            group.addAction(action)
        group.triggered.connect(lambda action: self.policy_chosen.emit(action.data()))
        menu.addSeparator()
        read = menu.addAction(self.tr("Read the summary…"))
        read.setEnabled(context.summary is not None)
        read.triggered.connect(self.summary_requested)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        return menu
