"""Pictures of the real window in its main states, light and dark.

`python3 dev.py screenshots [FOLDER]`. The window runs the starter model; the conversations in its
list are made through the store like any other.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from PIL import Image, ImageDraw, ImageOps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import paths
from app.child import child_command
from app.composition import Program, make_application
from app.documents.picture import read_picture
from app.domain.appearance import ZOOM_STEPS, Appearance
from app.domain.context import StoredSummary, Unseen
from app.domain.conversations import ReplyStats, Status
from app.domain.folders import Placed
from app.services.model_files import starter_model
from app.services.models import ModelPhase
from app.store import Repository, Store
from app.store.database import DEFAULT_TIMEOUT_S, close_database, open_database
from app.views import theme
from app.views.transcript.message_bar import MessageAction
from inference.engine import Sampling
from inference.host import EngineHost

DEFAULT_FOLDER = Path("docs/images")
QUESTION = "How do I read a text file in Python? Show a short example."
STORY = "Tell me a very long story about a lighthouse keeper and the sea."
THEMES = {"light": theme.LIGHT, "dark": theme.DARK}
CONTRAST = {"light": theme.LIGHT_CONTRAST, "dark": theme.DARK_CONTRAST}
EARLIER = (
    ("What does a mixture of experts do?", 0),
    ("Packing list for three days in the mountains", 1),
    ("Why is the sky blue?", 1),
    ("Explain quantization to a beginner", 6),
    ("A poem about rain", 20),
)


READING_TITLE = "What is a softmax?"
READING = r"""The **softmax** turns scores $z_1, \ldots, z_n$ into probabilities[^1]:

$$
\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_{j=1}^{n} e^{z_j}}
$$

- [x] All values lie between $0$ and $1$
- [ ] Large scores overflow unless $\max_j z_j$ is taken off first

| Scores | Result | Cost |
|:--|:-:|--:|
| $(0, 0)$ | $\frac{1}{2}, \frac{1}{2}$ | $5 |
| $(1, 0)$ | $0.73, 0.27$ | $6 |

> Der Begriff stammt aus der Physik; بالعربية والعبرية שלום, 中文也行。

```python
def softmax(z):
    shifted = np.exp(z - z.max())  # no overflow
    return shifted / shifted.sum()
```

[^1]: Boltzmann, 1868."""
PICTURE_TITLE = "A picture from the sea"
LONG_TITLE = "A garden on the roof"
WRITER = "SmolLM2-135M-Instruct.Q4_1"
LONG = (
    (
        "The roof has forty square metres and carries 200 kg per square metre. What can grow?",
        "Herbs, strawberries and salad in boxes of 20 cm, and tomatoes where the wind is broken. "
        "Wet soil weighs about 1.6 kg per litre, so keep deep boxes above the walls.",
    ),
    (
        "Which boxes should I build first?",
        "Begin with two long ones along the southern wall: they need the least water, and you see "
        "within a month whether the drainage works.",
    ),
    (
        "And how do I water them in August?",
        "Early in the morning, from below:\n\n- a drip line "
        "under the mulch\n- a barrel on the wall, filled by the gutter",
    ),
)
SUMMARY = (
    "The user plans a garden on a flat roof of forty square metres that carries 200 kg per square "
    "metre. Herbs, strawberries, salad and tomatoes were advised; two long boxes along the "
    "southern wall come first."
)


PERSONAS = (
    ("Patient teacher", "You are a patient teacher. Explain each step in simple words."),
    ("Translator", "Translate what I write into German. Answer with the translation alone."),
    ("Reviewer", "You review code: name what is wrong first, then what is good."),
)


class Photographer:
    """Drives one window and takes its pictures in both schemes."""

    def __init__(self, program: Program, folder: Path) -> None:
        self._program = program
        self._folder = folder

    def shoot(
        self,
        name: str,
        window: QWidget | None = None,
        themes: Mapping[str, theme.Theme] = MappingProxyType(THEMES),
    ) -> None:
        """Save the window, or another one, as it is now, light and dark."""
        for scheme, colours in themes.items():
            self._program.apply_theme(colours)
            self._settle()
            self._save(window or self._program.window, f"{name}-{scheme}")

    def _save(self, widget: QWidget, name: str) -> None:
        path = self._folder / f"{name}.png"
        if not widget.grab().save(str(path)):
            raise OSError(f"{path} could not be written")
        sys.stdout.write(f"{path}\n")

    def shoot_contrast(self) -> None:
        """The main states in high contrast, and the settings in which it is chosen."""
        window = self._program.window
        self.open(READING_TITLE)
        self.shoot("contrast-reading", themes=CONTRAST)
        self.open(LONG_TITLE)
        self.focus_messages()
        self.shoot("contrast-message", themes=CONTRAST)
        window.steering.toggle()
        self.shoot("contrast-panel", themes=CONTRAST)
        window.steering.toggle()
        window.settings.open()
        self.wait(lambda: window.settings.dialog is not None)
        self.shoot("contrast-settings", window.settings.dialog, CONTRAST)
        self.shoot("settings", window.settings.dialog)
        self.close_dialog()

    def close_dialog(self) -> None:
        """Leave the settings as they are."""
        dialog = self._program.window.settings.dialog
        assert dialog is not None
        dialog.close()

    def shoot_large(self) -> None:
        """Text of twice the usual size."""
        self.open(READING_TITLE)
        self._program.appearance.zoom(len(ZOOM_STEPS))
        self.shoot("large")
        self._program.appearance.change(Appearance())

    def shoot_palette(self, letters: str, name: str = "palette") -> None:
        """Save the command palette with these letters typed."""
        palette = self._program.window.command_palette
        palette.open()
        palette.field.setText(letters)
        self.shoot(name)
        palette.hide()

    def shoot_dialog(self, name: str, show: Callable[[], object]) -> None:
        """Save a dialog alone, light and dark, and close it."""
        show()
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        for scheme, colours in THEMES.items():
            self._program.apply_theme(colours)
            self._settle()
            self._save(dialog, f"{name}-{scheme}")
        dialog.close()

    def ask(self, text: str) -> None:
        """Send a question through the composer."""
        composer = self._program.window.page.composer
        composer.edit.setPlainText(text)
        composer.button.click()

    def write_with_files(self) -> None:
        """Attach two files to a message that is not sent."""
        page = self._program.window.page
        page.composer.set_text("Which of these beds gets too little water?")
        page.drafting.attach([Path("README.md"), Path("LICENSE")])
        chips = page.composer.chips
        self.wait(lambda: all("tokens" in chip.open_button.text() for chip in chips.chips))

    def open(self, title: str) -> None:
        """Choose a conversation in the list."""
        model = self._program.window.conversation_list
        rows = (model.index(row) for row in range(model.rowCount()))
        found = next(index for index in rows if index.data() == title)
        self._program.window.sidebar.list.setCurrentIndex(found)
        self.wait(lambda: self._program.window.page.messages.rowCount() > 0)

    def search(self, text: str) -> None:
        """Look for this in all conversations, and open the first hit."""
        window = self._program.window
        window.search_everything()
        window.sidebar.search.setText(text)
        self.wait(lambda: window.sidebar.hits.rowCount() > 0)
        window.sidebar.results.open_current()
        self.wait(lambda: window.page.transcript.selecting.selection is not None)

    def wait(self, condition: Callable[[], bool], timeout_s: float = 120) -> None:
        """Let the window live until the condition holds."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the window did not come to the state that was waited for")
            QApplication.processEvents()
            time.sleep(0.005)

    def answer_has(self, n_characters: int) -> bool:
        """Whether the last message is an answer that long."""
        model = self._program.window.page.messages
        rows = model.rowCount()
        return rows > 0 and rows % 2 == 0 and len(model.message_at(rows - 1).content) > n_characters

    def is_idle(self) -> bool:
        """Whether no answer is on its way."""
        conversation = self._program.window.page.conversation_id
        return conversation is not None and not self._program.chat.is_busy(conversation)

    def focus_messages(self) -> None:
        """Put the keyboard into the transcript, whatever window had it before."""
        window = self._program.window
        window.activateWindow()
        self.wait(window.isActiveWindow)
        window.page.transcript.setFocus(Qt.FocusReason.TabFocusReason)

    def shoot_messages(self) -> None:
        """The buttons under an answer, its statistics, and words that were found."""
        page = self._program.window.page
        self.focus_messages()
        QTest.keyClick(page.transcript, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(page.transcript, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
        self.shoot("message")
        answer = page.messages.message_at(1)
        actions = self._program.window.message_actions
        self.shoot_dialog("statistics", partial(actions.do, MessageAction.STATISTICS, answer))
        self._program.window.find_in_conversation()
        page.find_bar.edit.setText("wall")
        self.shoot("find")
        page.find_bar.close_search()

    def _settle(self) -> None:
        end = time.monotonic() + 0.4
        self.wait(lambda: time.monotonic() > end)


@contextmanager
def _program(starter: Path | None) -> Iterator[Program]:
    """A window in a folder of its own; without a model where `starter` is None."""
    with tempfile.TemporaryDirectory(prefix="conclave-pictures-") as folder:
        os.environ["CONCLAVE_DATA_DIR"] = folder
        paths.models_dir().mkdir(parents=True)
        if starter is not None:
            shutil.copy(starter, paths.models_dir())
        _make_earlier_conversations()
        program = Program(Store(paths.database_path()), EngineHost(child_command("engine")))
        program.start()
        try:
            yield program
        finally:
            program.window.close()
            program.close()


def _make_earlier_conversations() -> None:
    db, _report = open_database(paths.database_path(), DEFAULT_TIMEOUT_S)
    for title, days_ago in EARLIER:
        then = datetime.now(UTC) - timedelta(days=days_ago, minutes=5)
        repository = Repository(db, clock=lambda then=then: then)
        conversation = repository.create_conversation(title)
        repository.add_user_message(conversation.id, title, parent_id=None)
    _make_long_conversation(Repository(db))
    _make_conversation_to_read(Repository(db))
    _make_conversation_with_picture(Repository(db))
    _arrange(Repository(db))
    close_database(db)


def _arrange(repository: Repository) -> None:
    """Something pinned, an open and a closed folder, something unread."""
    ids = {found.title: found.id for found in repository.conversations()}
    arrangement = repository.arrangement
    garden = arrangement.create_folder("Garden")
    physics = arrangement.create_folder("Physics")
    arrangement.collapse_folder(physics.id, True)
    arrangement.place(Placed(ids[LONG_TITLE], garden.id, pinned=False))
    arrangement.place(Placed(ids["Why is the sky blue?"], physics.id, pinned=False))
    arrangement.place(Placed(ids[EARLIER[1][0]], None, pinned=True))
    arrangement.set_unread(ids["A poem about rain"], True)


def _make_long_conversation(repository: Repository) -> None:
    """One whose beginning the model has read as a summary only."""
    conversation = repository.create_conversation(LONG_TITLE)
    last = None
    for question, answer in LONG:
        asked = repository.add_user_message(conversation.id, question, parent_id=last)
        reply = repository.begin_reply(conversation.id, parent_id=asked.id, model=WRITER)
        if last is not None:
            repository.contexts.set_summary(conversation.id, StoredSummary(SUMMARY, last))
            repository.contexts.set_unseen(reply.id, Unseen(last, summarised=True))
        stats = ReplyStats(
            2400,
            61,
            2290,
            350.0,
            610.0,
            n_used=3100,
            n_ctx=8192,
            seed=7,
            sampling="temperature 0.2",
        )
        repository.finish_reply(reply.id, answer, "", Status.COMPLETE, stats)
        last = reply.id


def _make_conversation_to_read(repository: Repository) -> None:
    conversation = repository.create_conversation(READING_TITLE)
    asked = repository.add_user_message(conversation.id, READING_TITLE, parent_id=None)
    reply = repository.begin_reply(conversation.id, parent_id=asked.id, model=WRITER)
    repository.finish_reply(reply.id, READING, "", Status.COMPLETE, None)


def _make_conversation_with_picture(repository: Repository) -> None:
    conversation = repository.create_conversation(PICTURE_TITLE)
    asked = repository.add_user_message(
        conversation.id, "Where could this have been taken?", parent_id=None
    )
    repository.attachments.add(asked, [read_picture("sunset.png", _sunset(), "0" * 64)])
    reply = repository.begin_reply(conversation.id, parent_id=asked.id, model=WRITER)
    answer = "Somewhere with a wide view to the west: the sun stands just above a calm sea."
    repository.finish_reply(reply.id, answer, "", Status.COMPLETE, None)


def _sunset() -> bytes:
    """A picture of a sun over the sea, as PNG."""
    sky = Image.linear_gradient("L").resize((960, 640))
    image = ImageOps.colorize(sky, "#1b2a5a", "#ff9d5c", mid="#a04c7a")
    draw = ImageDraw.Draw(image)
    draw.ellipse((400, 330, 560, 490), fill="#ffe9b0")
    draw.rectangle((0, 440, 960, 640), fill="#20305c")
    for step in range(9):
        draw.line(
            (480 - 70 + 6 * step, 455 + 20 * step, 480 + 70 - 6 * step, 455 + 20 * step),
            fill="#ffcf8a",
            width=4,
        )
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _take_introduction(photographer: Photographer, program: Program) -> None:
    window = program.window
    window.show_introduction()
    page = window.first_run.introduction
    photographer.wait(lambda: any("fits" in choice.text() for choice in page.models.choices))
    for name in ("introduction", "introduction-model", "introduction-question"):
        photographer.shoot(name)
        page.next_button.click()


def take_all(folder: Path, starter: Path) -> None:
    """Every state, in both schemes."""
    folder.mkdir(parents=True, exist_ok=True)
    make_application([])
    with _program(None) as program:
        photographer = Photographer(program, folder)
        photographer.wait(program.window.page.isVisible)
        photographer.shoot("no-model")
    with _program(starter) as program:
        photographer = Photographer(program, folder)
        photographer.wait(lambda: program.models.state.phase is ModelPhase.READY)
        photographer.shoot("empty")
        _take_introduction(photographer, program)
        photographer.open(READING_TITLE)
        photographer.shoot("reading")
        photographer.open(PICTURE_TITLE)
        photographer.shoot("picture")
        [sent] = program.window.page.messages.message_at(0).attachments
        show = partial(program.window.page.drafting.show_text, sent)
        photographer.shoot_dialog("picture-large", show)
        photographer.open(LONG_TITLE)
        photographer.shoot("context")
        photographer.shoot_messages()
        photographer.shoot_contrast()
        photographer.shoot_large()
        photographer.shoot_palette("con")
        photographer.shoot_dialog("shortcuts", program.window.show_shortcuts)
        photographer.shoot_dialog("export", program.window.transfer.export)
        photographer.search("water")
        photographer.shoot("search")
        program.window.search.leave()
        program.window.new_conversation()
        photographer.write_with_files()
        photographer.shoot("attachments")
        for chip in program.window.page.composer.chips.chips:
            chip.remove_button.click()
        photographer.ask(QUESTION)
        photographer.wait(lambda: photographer.answer_has(0) and photographer.is_idle())
        photographer.shoot("window")
        _take_steering(photographer, program)
        photographer.ask(STORY)
        photographer.wait(lambda: photographer.answer_has(300))
        photographer.shoot("streaming")
        photographer.wait(lambda: program.window.page.conversation_id is not None)
        program.chat.stop(program.window.page.conversation_id or 0)
        photographer.wait(photographer.is_idle)
        photographer.shoot("stopped")
        program.tuning.start()
        photographer.wait(program.window.header.stop_tuning_button.isVisible)
        photographer.shoot("tuning")
        program.tuning.stop()
        photographer.wait(lambda: program.models.state.phase is ModelPhase.READY)
        _take_broken_model(photographer, program, "model-error")


def take_chinese(folder: Path, starter: Path) -> None:
    """What has most words in it, in Chinese."""
    with _program(None) as program:
        photographer = Photographer(program, folder)
        program.language.choose("zh_CN")
        photographer.wait(program.window.page.isVisible)
        photographer.shoot("chinese-no-model")
    with _program(starter) as program:
        photographer = Photographer(program, folder)
        window = program.window
        photographer.wait(lambda: program.models.state.phase is ModelPhase.READY)
        program.language.choose("zh_CN")
        photographer.shoot("chinese-empty")
        photographer.open(LONG_TITLE)
        photographer.shoot("chinese-context")
        window.steering.toggle()
        photographer.shoot("chinese-settings-of-a-conversation")
        photographer.shoot_dialog("chinese-personas", window.steering.open_library)
        window.steering.toggle()
        photographer.shoot_palette("对话", "chinese-palette")
        photographer.shoot_dialog("chinese-shortcuts", window.show_shortcuts)
        photographer.shoot_dialog("chinese-export", window.transfer.export)
        window.settings.open()
        photographer.wait(lambda: window.settings.dialog is not None)
        dialog = window.settings.dialog
        assert dialog is not None
        # High enough for all of it.
        photographer.shoot_dialog("chinese-settings", lambda: dialog.resize(dialog.width(), 900))
        photographer.search("water")
        photographer.shoot("chinese-search")
        window.search.leave()
        _take_broken_model(photographer, program, "chinese-model-error")


def _take_broken_model(photographer: Photographer, program: Program, name: str) -> None:
    missing = paths.models_dir() / "Mixture-of-Experts-Q4_K_M.gguf"
    missing.write_bytes(b"this file was cut off")
    program.models.choose(missing)
    photographer.wait(lambda: program.models.state.phase is ModelPhase.FAILED)
    photographer.shoot(name)


def _take_steering(photographer: Photographer, program: Program) -> None:
    """The side panel, the library, a temporary conversation, and two answers side by side."""
    for name, prompt in PERSONAS:
        program.personas.add(name, prompt)
    program.window.steering.toggle()
    program.steering.change(system_prompt=PERSONAS[0][1], sampling=Sampling(temperature=0.9))
    photographer.shoot("settings-of-a-conversation")
    photographer.shoot_dialog("personas", program.window.steering.open_library)
    program.window.steering.toggle()
    program.side_windows.open_temporary()
    temporary = program.side_windows.temporary[-1].window
    photographer.shoot("temporary", temporary)
    temporary.close_now()
    program.window.compare_answers()
    photographer.wait(lambda: bool(program.side_windows.compared))
    comparing = program.side_windows.compared[-1].window
    comparing.sides[1].candidate.services.steering.change(sampling=Sampling(temperature=1.2))
    comparing.ask()
    photographer.wait(lambda: not comparing.is_asking)
    photographer.shoot("compare", comparing)
    comparing.close()


def main() -> int:
    """Take all pictures into the folder named, `docs/images` by default."""
    starter = starter_model(paths.models_dir())
    if not starter.is_file():
        sys.exit(f"screenshots: the starter model is missing at {starter}")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER
    take_all(folder, starter)
    take_chinese(folder, starter)
    return 0


if __name__ == "__main__":
    sys.exit(main())
