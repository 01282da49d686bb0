"""Binds field and hits to the service, and leads to the place of a hit."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.domain.search import Found, Hit, Part, Query
from app.item_models.search_results import SearchResultsModel
from app.services.search import SearchService
from app.views.chat_page import ChatPage
from app.views.sidebar import Sidebar


class SearchControl(QObject):
    """From the first letter that is typed to the message on the screen."""

    conversation_wanted = Signal(int)
    """A hit is in this conversation: show it as the chosen one."""
    left = Signal()
    """The search is over."""

    def __init__(
        self, sidebar: Sidebar, page: ChatPage, service: SearchService, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._sidebar = sidebar
        self._page = page
        self._service = service
        self._awaited: Hit | None = None
        self._query = Query((), "")
        self._open_first = False
        self._is_current = False
        field = sidebar.search
        field.textChanged.connect(self._on_text_changed)
        field.stepped.connect(self._on_stepped)
        field.accepted.connect(self._on_accepted)
        field.left.connect(self.leave)
        sidebar.results_left.connect(self.leave)
        sidebar.hit_opened.connect(self._on_opened)
        service.found.connect(self._on_found)
        service.led.connect(self._on_led)
        page.conversation_read.connect(self._on_conversation_read)

    @property
    def model(self) -> SearchResultsModel:
        """The hits."""
        return self._sidebar.hits

    def begin(self) -> None:
        """Let something be typed."""
        self._sidebar.search.setFocus()
        self._sidebar.search.selectAll()

    def leave(self) -> None:
        """Show the list of conversations again."""
        self._sidebar.search.clear()
        self.left.emit()

    def _on_text_changed(self, text: str) -> None:
        self._is_current = self._open_first = False
        self._sidebar.show_results(bool(text.strip()))
        self._service.search(text)

    def _on_found(self, found: Found) -> None:
        self._is_current = True
        self._sidebar.show_found(found)
        if self._open_first:
            self._open_first = False
            self._sidebar.results.open_current()

    def _on_stepped(self, by: int) -> None:
        self._sidebar.results.step(by)

    def _on_accepted(self) -> None:
        if self._is_current:
            self._sidebar.results.open_current()
        else:
            # Whoever types fast is ahead of the hits.
            self._open_first = True

    def _on_opened(self, hit: Hit) -> None:
        self._query = self.model.found.query
        if hit.message_id is None:
            self.conversation_wanted.emit(hit.conversation_id)
        else:
            self._service.lead_to(hit)

    def _on_led(self, hit: Hit) -> None:
        self._awaited = hit
        shown = self._page.conversation_id == hit.conversation_id
        if shown and self._page.messages.row_of(hit.message_id or 0) is not None:
            self._reveal()
        elif shown:
            self._page.show_conversation(hit.conversation_id)
        else:
            self.conversation_wanted.emit(hit.conversation_id)

    def _on_conversation_read(self, conversation_id: int) -> None:
        if self._awaited is not None and self._awaited.conversation_id == conversation_id:
            self._reveal()

    def _reveal(self) -> None:
        hit, self._awaited = self._awaited, None
        row = self._page.messages.row_of(hit.message_id or 0) if hit else None
        if hit is None or row is None:
            return
        self._page.transcript.sight.reveal(row, self._query, hit.part)
        if hit.part is Part.FILE:
            files = self._page.messages.message_at(row).attachments
            found = next((file for file in files if file.name == hit.file), None)
            if found is not None:
                self._page.drafting.show_text(found, self._query)
