"""How full the context is, and what happens when it is full: a button with a menu."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from app.domain.context import ConversationContext
from inference.engine import ContextPolicy

POLICY_WORDS = {
    ContextPolicy.DROP_OLDEST: "Leave out the oldest messages",
    ContextPolicy.SUMMARISE: "Summarise the oldest messages",
    ContextPolicy.STOP: "Stop and say so",
}


class ContextButton(QPushButton):
    """Shown once an answer has told how many tokens the context holds."""

    policy_chosen = Signal(object)
    """ContextPolicy"""
    summary_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "context")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            "How much of the context the conversation takes; click for what happens when it is full"
        )
        self._n_used = self._n_ctx = 0
        self._brief = False
        self._show()

    def set_usage(self, n_used: int, n_ctx: int) -> None:
        """Show so many tokens; nothing where the context's length is not known."""
        self._n_used, self._n_ctx = n_used, n_ctx
        self._show()

    def set_brief(self, brief: bool) -> None:
        """Show a percentage only, where there is little room."""
        if brief != self._brief:
            self._brief = brief
            self._show()

    def _show(self) -> None:
        words = f"{self._n_used:,} of {self._n_ctx:,} tokens"
        share = f"{self._n_used / self._n_ctx:.0%}" if self._n_ctx else ""
        self.setText(share if self._brief else words)
        self.setAccessibleName(f"Context: {words}")
        self.setVisible(self._n_ctx > 0)

    def show_menu(self, context: ConversationContext) -> QMenu:
        """Open the menu of a conversation."""
        menu = QMenu(self)
        menu.setAccessibleName("When the context is full")
        menu.addAction("When the context is full:").setEnabled(False)
        group = QActionGroup(menu)
        for policy, words in POLICY_WORDS.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(policy is context.policy)
            action.setData(policy)
            group.addAction(action)
        group.triggered.connect(lambda action: self.policy_chosen.emit(action.data()))
        menu.addSeparator()
        read = menu.addAction("Read the summary…")
        read.setEnabled(context.summary is not None)
        read.triggered.connect(self.summary_requested)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        return menu
