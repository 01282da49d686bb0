"""The transcript's context menu, and the words of its tooltips."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from app.domain.conversations import Message, Role
from app.item_models.transcript import TranscriptModel
from app.markdown import clean
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.keys import LINE_STEP
from app.views.transcript.places import Spot

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView

_MAX_TIP_CHARS = 300
_MAX_ENTRY_CHARS = 60
_MAX_LINKS = 30


def link_tip(address: str) -> str:
    """A tooltip that shows an address and nothing else, whatever characters are in it."""
    if address.startswith("#from-"):
        return QCoreApplication.translate("TranscriptMenu", "Back to the text")
    if address.startswith("#"):
        return QCoreApplication.translate("TranscriptMenu", "Go to the footnote")
    if len(address) > _MAX_TIP_CHARS:
        address = address[:_MAX_TIP_CHARS] + "…"
    return f"<span>{html.escape(address)}</span>"


def open_menu(view: TranscriptView, model: TranscriptModel, event: QContextMenuEvent) -> None:
    """Show the menu where it was asked for, after others have added to it."""
    by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
    point = QPointF(event.pos())
    menu = build_menu(view, model, point, by_key=by_key)
    spot = None if by_key else view.sight.spot_at(point)
    row = view.sight.key_row() if by_key else (spot.row if spot else None)
    if row is not None:
        view.menu_opened.emit(menu, model.message_at(row).id)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(view.viewport().mapToGlobal(_below_top(view, row)) if by_key else event.globalPos())


def build_menu(
    view: TranscriptView, model: TranscriptModel, point: QPointF, *, by_key: bool
) -> QMenu:
    """The menu for a point; opened by a key it is for the message that the keyboard is at."""
    translate = QCoreApplication.translate
    menu = QMenu(view)
    copy = _add(menu, translate("TranscriptMenu", "&Copy"), view.selecting.copy)
    copy.setShortcut(QKeySequence.StandardKey.Copy)
    words = translate("TranscriptMenu", "Copy the selection as Ma&rkdown")
    written = _add(menu, words, partial(view.selecting.copy, as_markdown=True))
    for action in (copy, written):
        selection = view.selecting.selection
        action.setEnabled(selection is not None and not selection.empty)
    spot = None if by_key else view.sight.spot_at(point)
    row = view.sight.key_row() if by_key else (spot.row if spot else None)
    if by_key:
        _add_code(menu, view, row)
    elif spot is not None:
        _add_spot(menu, view, spot)
    if row is not None:
        _add_message(menu, view, model.message_at(row))
    menu.addSeparator()
    select = _add(menu, translate("TranscriptMenu", "Select &all"), view.selecting.select_all)
    select.setShortcut(QKeySequence.StandardKey.SelectAll)
    thought = view.sight.thought() if by_key else _thought_at(spot)
    if thought is not None:
        words = translate("TranscriptMenu", "Show or hide &thinking")
        _add(menu, words, partial(view.toggle_thought, thought))
    if model.horizon is not None and model.horizon.summarised:
        _add(menu, translate("TranscriptMenu", "Read the &summary…"), view.summary_requested.emit)
    return menu


def add_links(menu: QMenu, view: TranscriptView, row: int) -> None:
    """Add the links of a message, which lead on as a click on them does."""
    links = view.sight.links(row)
    if not links:
        return
    inner = menu.addMenu(QCoreApplication.translate("TranscriptMenu", "&Links"))
    for address, words in islice(links.items(), _MAX_LINKS):
        _add(inner, _entry(words or address), partial(view.link_activated.emit, address))


def _below_top(view: TranscriptView, row: int | None) -> QPoint:
    """Where the menu of a key opens: below the first line of its message that is seen."""
    if row is None:
        return view.viewport().rect().center()
    box = view.sight.box_of(row)
    lowest = view.viewport().height() - LINE_STEP
    return QPoint(box.center().x(), min(max(box.top(), 0) + LINE_STEP, lowest))


def _add_code(menu: QMenu, view: TranscriptView, row: int | None) -> None:
    """Add the code blocks in sight, first those of the message that the keyboard is at."""
    here = view.sight.code([row]) if row is not None else []
    pieces = here or view.sight.code()
    for piece in pieces:
        words = QCoreApplication.translate("TranscriptMenu", "Copy co&de")
        if len(pieces) > 1:
            words = QCoreApplication.translate("TranscriptMenu", "Copy code: {line}")
            words = words.format(line=_entry(piece.block.text.strip().partition("\n")[0]))
        _add(menu, words, partial(view.selecting.copy_code, piece))


def _add_spot(menu: QMenu, view: TranscriptView, spot: Spot) -> None:
    """Add what can be done with the block and the link under the pointer."""
    piece = spot.entry.piece
    if isinstance(piece, CodePiece):
        words = QCoreApplication.translate("TranscriptMenu", "Copy co&de")
        _add(menu, words, partial(view.selecting.copy_code, piece))
    address = piece.link_at(spot.point)
    if address and not address.startswith("#"):
        words = QCoreApplication.translate("TranscriptMenu", "Copy &link address")
        _add(menu, words, partial(_copy, address))


def _add_message(menu: QMenu, view: TranscriptView, message: Message) -> None:
    """Add what can be done with a message."""
    if message.role is Role.ASSISTANT:
        words = QCoreApplication.translate("TranscriptMenu", "Copy &message as Markdown")
    else:
        words = QCoreApplication.translate("TranscriptMenu", "Copy &message")
    _add(menu, words, partial(_copy, message.content))
    for file in message.attachments:
        words = QCoreApplication.translate("TranscriptMenu", "Open “{name}”")
        words = words.format(name=_entry(file.name))
        _add(menu, words, partial(view.attachment_opened.emit, file))


def _thought_at(spot: Spot | None) -> int | None:
    return spot.row if spot is not None and spot.item.has_thinking else None


def _entry(words: str) -> str:
    """Words that a message holds as they can stand in a menu."""
    line = clean(words).replace("\n", " ")
    shown = line if len(line) <= _MAX_ENTRY_CHARS else line[:_MAX_ENTRY_CHARS] + "…"
    return shown.replace("&", "&&")


def _add(menu: QMenu, text: str, work: Callable[[], object]) -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(lambda: work())
    return action


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
