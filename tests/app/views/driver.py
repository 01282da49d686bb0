"""Uses the window as a person does, and looks at what it shows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.composition import Program
from app.domain.conversations import Message, Status


class Driver:
    def __init__(self, qtbot: QtBot, program: Program) -> None:
        self.qtbot = qtbot
        self.program = program
        self.window = program.window
        self.page = program.window.page
        self.composer = program.window.page.composer

    @property
    def messages(self) -> list[Message]:
        model = self.page.messages
        return [model.message_at(row) for row in range(model.rowCount())]

    @property
    def texts(self) -> list[str]:
        return [message.content for message in self.messages]

    @property
    def titles(self) -> list[str]:
        """Titles in the list, headings left out."""
        model = self.window.conversation_list
        rows = (model.conversation_at(model.index(row)) for row in range(model.rowCount()))
        return [row.title for row in rows if row is not None]

    @property
    def notice(self) -> str:
        shown = self.page.notice.notice
        return shown.title if shown is not None else ""

    def type(self, text: str) -> None:
        self.qtbot.keyClicks(self.composer.edit, text)

    def enter(self) -> None:
        self.qtbot.keyClick(self.composer.edit, Qt.Key.Key_Return)

    def escape(self) -> None:
        self.qtbot.keyClick(self.composer.edit, Qt.Key.Key_Escape)

    def press(self, text: str) -> None:
        """Press the button of the conversation's notice with that text."""
        self.qtbot.waitUntil(lambda: text in [b.text() for b in self.page.notice.buttons])
        buttons = {button.text(): button for button in self.page.notice.buttons}
        self.click(buttons[text])

    def open(self, conversation_id: int) -> None:
        """Choose a conversation in the list."""
        model = self.window.conversation_list
        self.window.sidebar.list.setCurrentIndex(model.index(model.row_of(conversation_id)))
        assert self.page.conversation_id == conversation_id

    def click(self, button: QPushButton) -> None:
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def ask(self, text: str) -> None:
        """Type, send, and wait for the whole answer."""
        count = len(self.messages)
        self.type(text)
        self.enter()
        self.qtbot.waitUntil(lambda: len(self.messages) == count + 2)
        self.wait_idle()

    def wait_idle(self) -> None:
        self.qtbot.waitUntil(
            lambda: (
                self.page.conversation_id is not None
                and not self.program.chat.is_busy(self.page.conversation_id)
                and self.composer.button.accessibleName() == "Send"
            )
        )

    def wait_text(self, text: str) -> None:
        """Wait until the last message is this."""
        self.qtbot.waitUntil(lambda: self.texts[-1:] == [text])

    def wait_status(self, status: Status) -> None:
        self.qtbot.waitUntil(lambda: bool(self.messages) and self.messages[-1].status is status)
