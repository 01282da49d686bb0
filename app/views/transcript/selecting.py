"""What is selected in a view, and how it comes to the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.views.transcript.code_piece import CodePiece
from app.views.transcript.copying import Copier, join, selected_parts
from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.selection import START, Address, Place, Selection

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView


class Selecting:
    """The one selection of a view."""

    def __init__(self, view: TranscriptView, layout: TranscriptLayout) -> None:
        self._view = view
        self._layout = layout
        self._selection: Selection | None = None
        self._copier = Copier(view.viewport())

    @property
    def layout(self) -> TranscriptLayout:
        """Where the text is that can be selected."""
        return self._layout

    @property
    def selection(self) -> Selection | None:
        """What is selected."""
        return self._selection

    def select(self, selection: Selection | None) -> None:
        """Select something else."""
        self._selection = selection
        self._view.viewport().update()

    def select_all(self) -> None:
        """Select the whole conversation."""
        if self._layout.n_rows:
            beyond = Place(Address(self._layout.n_rows, 0, 0), 0)
            self.select(Selection(START, beyond))

    def forget(self) -> None:
        """The messages are others: nothing is selected, and nothing more is copied."""
        self._copier.stop()
        self.select(None)

    def text(self) -> str:
        """The selected text as it is copied."""
        model = self._view.model
        if self._selection is None or self._selection.empty or model is None:
            return ""
        return join(selected_parts(self._layout, model, self._selection))

    def copy(self, *, as_markdown: bool = False) -> None:
        """Put the selected text on the clipboard; a very long one arrives a little later."""
        model, selection = self._view.model, self._selection
        if model is not None and selection is not None and not selection.empty:
            self._copier.copy_parts(
                selected_parts(self._layout, model, selection, as_markdown=as_markdown)
            )

    def copy_code(self, piece: CodePiece) -> None:
        """Put a whole code block on the clipboard and say so for a moment."""
        self._copier.copy_code(piece)
