"""Beside the composer: whether the model thinks before it answers, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.steering import Steering
from app.item_models.figures import number
from app.services.models import ModelService
from app.services.steering import SteeringService
from app.views.buttons import PressButton
from app.views.icons import icon
from app.views.language import follow_language_later
from app.views.theme import Theme
from inference.engine import Thinking

if TYPE_CHECKING:
    from PySide6.QtWidgets import QInputDialog

BUDGETS = (256, 1024, 4096)
_LONGEST = 1_000_000


class ThinkingButton(PressButton):
    """Seen only where the model that answers can think."""

    def __init__(
        self, steering: SteeringService, models: ModelService, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self._steering = steering
        self._models = models
        self.setProperty("kind", "quiet")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setIconSize(QSize(16, 16))
        self.clicked.connect(self.show_menu)
        steering.changed.connect(self._on_changed)
        models.state_changed.connect(self._on_changed)
        models.facts_changed.connect(self._on_changed)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colour."""
        self.setIcon(icon("chevron", theme.muted))

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._show()

    def show_menu(self) -> QMenu:
        """Open the menu."""
        steering = self._steering.steering or Steering()
        menu = QMenu(self)
        menu.setLayoutDirection(QGuiApplication.layoutDirection())
        menu.setAccessibleName(self.tr("Thinking"))
        modes = QActionGroup(menu)
        for mode in Thinking:
            action = menu.addAction(self._mode_words(mode))
            _check(action, modes, mode, is_on=mode is steering.thinking)
        modes.triggered.connect(self._on_mode_triggered)
        menu.addSeparator()
        menu.addAction(self.tr("At most, before the answer begins:")).setEnabled(False)
        budgets = QActionGroup(menu)
        for budget in self._budgets(steering):
            words = self.tr("No limit") if budget is None else self._budget_words(budget)
            action = menu.addAction(words)
            _check(action, budgets, budget, is_on=budget == steering.thinking_budget)
        budgets.triggered.connect(self._on_budget_triggered)
        menu.addAction(self.tr("Another number of tokens…")).triggered.connect(self.ask_budget)
        menu.aboutToHide.connect(menu.deleteLater)
        # It opens upwards: below the composer the window ends.
        menu.popup(self.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
        return menu

    def ask_budget(self) -> QInputDialog:
        """Let the reader give a number."""
        from PySide6.QtWidgets import QInputDialog

        steering = self._steering.steering or Steering()
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setInputMode(QInputDialog.InputMode.IntInput)

        def say() -> None:
            dialog.setWindowTitle(self.tr("Thinking"))
            dialog.setLabelText(self.tr("The answer begins after so many tokens of thinking:"))

        follow_language_later(dialog, say)
        dialog.setIntRange(0, _LONGEST)
        dialog.setIntValue(steering.thinking_budget or BUDGETS[1])
        dialog.intValueSelected.connect(self._on_budget_given)
        dialog.open()
        return dialog

    def _on_mode_triggered(self, action: QAction) -> None:
        self._steering.change(thinking=Thinking(action.data()))

    def _on_budget_triggered(self, action: QAction) -> None:
        self._steering.change(thinking_budget=action.data())

    def _on_budget_given(self, budget: int) -> None:
        self._steering.change(thinking_budget=budget)

    def _on_changed(self, _told: object) -> None:
        self._show()

    def _show(self) -> None:
        steering = self._steering.steering or Steering()
        facts = self._models.facts(steering.model or self._models.chosen_path)
        self.setVisible(facts is not None and facts.thinks)
        words = self._mode_words(steering.thinking)
        if steering.thinking_budget is not None and steering.thinking is not Thinking.OFF:
            limit = self._budget_words(steering.thinking_budget)
            words = self.tr("{mode}, {limit}").format(mode=words, limit=limit)
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(self.tr("Whether the model thinks before it answers, and for how long"))

    def _mode_words(self, mode: Thinking) -> str:
        match mode:
            case Thinking.AUTO:
                return self.tr("Thinking: automatic")
            case Thinking.ON:
                return self.tr("Thinking: on")
            case Thinking.OFF:
                return self.tr("Thinking: off")

    def _budget_words(self, budget: int) -> str:
        return self.tr("{count} tokens").format(count=number(budget))

    @staticmethod
    def _budgets(steering: Steering) -> list[int | None]:
        own = steering.thinking_budget
        known = {*BUDGETS, *(() if own is None else (own,))}
        return [None, *sorted(known)]


def _check(action: QAction, group: QActionGroup, value: object, *, is_on: bool) -> None:
    action.setCheckable(True)
    action.setChecked(is_on)
    action.setData(value)
    group.addAction(action)
