"""The panel beside the conversation that shows which experts answer, while they do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QDockWidget, QLabel, QVBoxLayout, QWidget

from app.services.chat import ChatService
from app.services.chat_events import ExpertsUsed
from app.views.experts_map import ExpertsMap
from app.views.language import follow_language
from app.views.theme import SPACING, Theme
from inference.engine import ExpertCounts
from inference.experts import Part, layer_uses, mean_balance


class ExpertsPanel(QDockWidget):
    """Has experts recorded as long as it is open; closed, they cost nothing."""

    def __init__(self, chat: ChatService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("experts")
        self.setAllowedAreas(
            Qt.DockWidgetArea.RightDockWidgetArea | Qt.DockWidgetArea.BottomDockWidgetArea
        )
        self._chat = chat
        self._counts: ExpertCounts | None = None
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.map = ExpertsMap(self)
        self.told = QLabel(self)
        self.told.setObjectName("muted")
        self.told.setWordWrap(True)
        self.told.setMinimumHeight(self.told.fontMetrics().lineSpacing() * 2)
        inside = QWidget(self)
        inside.setObjectName("page")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING)
        column.addWidget(self.summary)
        column.addWidget(self.map, 1)
        column.addWidget(self.told)
        self.setWidget(inside)
        self.map.cell_told.connect(self.told.setText)
        chat.experts_used.connect(self._on_experts_used)
        self.hide()
        follow_language(self, self._say)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.map.set_theme(theme)

    def toggle(self) -> None:
        """Show or hide it."""
        self.setVisible(self.isHidden())

    def showEvent(self, event: QShowEvent) -> None:
        """From the next answer on experts are recorded."""
        self._chat.records_experts = True
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is recorded any more."""
        # A window that is minimised hides it too, and shall go on.
        if self.isHidden():
            self._chat.records_experts = False
        super().hideEvent(event)

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Experts"))
        self.setAccessibleName(self.tr("Experts"))
        self.summary.setAccessibleName(self.tr("Use of the experts"))
        self.told.setAccessibleName(self.tr("Chosen expert"))
        for name, words in (
            ("qt_dockwidget_closebutton", self.tr("Close the panel of experts")),
            ("qt_dockwidget_floatbutton", self.tr("Make it a window, or put it back")),
        ):
            # Qt names them once, and in no language but its own.
            button = self.findChild(QAbstractButton, name)
            if button is not None:
                button.setToolTip(words)
                button.setAccessibleName(words)
                button.setAccessibleDescription("")
        self._show()

    def _show(self) -> None:
        if self._counts is None:
            self._show_nothing()
        else:
            self._show_counts(self._counts)

    def _show_nothing(self) -> None:
        self.map.set_counts(None)
        self.told.clear()
        self.summary.setText(
            self.tr(
                "From the next answer on, this shows which experts of the model answer: a row a "
                "layer, a column an expert. A model of one piece has none to show."
            )
        )

    def _on_experts_used(self, used: ExpertsUsed) -> None:
        self._counts = used.counts
        self._show()

    def _show_counts(self, counts: ExpertCounts) -> None:
        self.map.set_counts(counts)
        uses = layer_uses(counts, Part.ANSWER)
        self.summary.setText(
            self.tr(
                "{used} of {experts} experts for each token, {layers} layers. Evenness {balance}."
            ).format(
                used=counts.n_used,
                experts=counts.n_experts,
                layers=len(counts.layers),
                balance=f"{mean_balance(uses):.0%}",
            )
        )
