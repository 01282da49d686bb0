"""What the services have to say that concerns no single conversation."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.services.notices import Notice
from app.views.context_control import ContextControl
from app.views.notice_bar import NoticeAction, NoticeBar, Told
from app.views.settings_control import SettingsControl
from app.views.window_services import Services


class WindowNotices(QObject):
    """Brings failures and news onto the bar.

    Args:
        bar: Where they are read.
        services: What fails and tells news.
        context: Tells news of the context.
        settings: Waits for preferences, which may fail.
        parent: Owns it.
    """

    def __init__(
        self,
        bar: NoticeBar,
        services: Services,
        context: ContextControl,
        settings: SettingsControl,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bar = bar
        self._settings = settings
        for failed in (
            services.conversations.failed,
            services.arrangement.failed,
            services.search.failed,
            services.tree.failed,
            services.steering.failed,
            services.personas.failed,
            services.models.failed,
            services.tuning.failed,
        ):
            failed.connect(self._on_failed)
        services.preferences.failed.connect(self._on_preferences_failed)
        services.chat.summary_failed.connect(self._on_noticed)
        services.tuning.finished.connect(self._on_noticed)
        context.noticed.connect(self._on_noticed)

    def show(self, told: Told, *, error: bool = True) -> None:
        """Say this; news, which is no error, is answered with a button."""
        actions = () if error else (NoticeAction(lambda: self.tr("OK"), self._bar.clear),)
        self._bar.show_notice(told, actions, error=error)

    def _on_failed(self, notice: Notice) -> None:
        self.show(notice)

    def _on_noticed(self, told: Told) -> None:
        self.show(told, error=False)

    def _on_preferences_failed(self, notice: Notice) -> None:
        self._settings.forget()
        self.show(notice)
