"""The transcript's context menu, and the words of its tooltips."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from app.domain.conversations import Role
from app.item_models.transcript import TranscriptModel
from app.views.transcript.code_piece import CodePiece

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView

_MAX_TIP_CHARS = 300


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
    spot = view.sight.spot_at(point)
    row = view.active.row if by_key else (spot.row if spot else None)
    if row is not None:
        view.menu_opened.emit(menu, model.message_at(row).id)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(view.viewport().mapToGlobal(point.toPoint()) if by_key else event.globalPos())


def build_menu(
    view: TranscriptView, model: TranscriptModel, point: QPointF, *, by_key: bool
) -> QMenu:
    """The menu for a point; opened by a key it is for what is in sight."""
    translate = QCoreApplication.translate
    menu = QMenu(view)
    copy = _add(menu, translate("TranscriptMenu", "&Copy"), view.selecting.copy)
    copy.setShortcut(QKeySequence.StandardKey.Copy)
    copy.setEnabled(view.selecting.selection is not None and not view.selecting.selection.empty)
    spot = view.sight.spot_at(point)
    piece = spot.entry.piece if spot else None
    if by_key:
        piece = next(iter(view.sight.code()), piece)
    if isinstance(piece, CodePiece):
        code = piece
        _add(
            menu, translate("TranscriptMenu", "Copy co&de"), lambda: view.selecting.copy_code(code)
        )
    address = spot.entry.piece.link_at(spot.point) if spot else ""
    if address and not address.startswith("#"):
        _add(menu, translate("TranscriptMenu", "Copy &link address"), lambda: _copy(address))
    if spot is not None:
        message = model.message_at(spot.row)
        typed = message.role is not Role.ASSISTANT
        if typed:
            words = translate("TranscriptMenu", "Copy &message")
        else:
            words = translate("TranscriptMenu", "Copy &message as Markdown")
        _add(menu, words, lambda: _copy(message.content))
        for file in message.attachments:
            words = translate("TranscriptMenu", "Open “{name}”")
            words = words.format(name=file.name.replace("&", "&&"))
            _add(menu, words, partial(view.attachment_opened.emit, file))
    menu.addSeparator()
    select = _add(menu, translate("TranscriptMenu", "Select &all"), view.selecting.select_all)
    select.setShortcut(QKeySequence.StandardKey.SelectAll)
    row = view.sight.thought() if by_key else (spot.row if spot else None)
    if spot is not None and row is not None and (by_key or spot.item.has_thinking):
        with_thinking = row
        words = translate("TranscriptMenu", "Show or hide &thinking")
        _add(menu, words, lambda: view.toggle_thought(with_thinking))
    if model.horizon is not None and model.horizon.summarised:
        _add(menu, translate("TranscriptMenu", "Read the &summary…"), view.summary_requested.emit)
    return menu


def _add(menu: QMenu, text: str, work: Callable[[], None]) -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(lambda: work())
    return action


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
