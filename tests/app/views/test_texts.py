"""No text that a person reads escapes translation, and no translation lacks or changes anything."""

from __future__ import annotations

import ast
import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.language import ENGLISH, LANGUAGES
from app.views.reported_texts import TEXTS
from tools import translations
from tools.places import ROOT

SHOWN_BY = frozenset(
    [
        "setText",
        "setPlainText",
        "setToolTip",
        "setWindowTitle",
        "setPlaceholderText",
        "setAccessibleName",
        "setAccessibleDescription",
        "setTitle",
        "setLabelText",
        "setInformativeText",
        "setSuffix",
        "setPrefix",
        "setSpecialValueText",
        "setStatusTip",
        "setWhatsThis",
        "setNameFilters",
        "addAction",
        "addMenu",
        "addButton",
        "addItem",
        "addRow",
        "addTab",
        "add_heading",
        "add_text",
        "add_row",
        "set_words",
        "set_name",
        "text_button",
        "showMessage",
        "showText",
        "drawText",
        "QAction",
        "QLabel",
        "QPushButton",
        "QRadioButton",
        "QCheckBox",
        "QMenu",
        "QFileDialog",
        "QGroupBox",
        "QListWidgetItem",
        "IconButton",
        "NoticeBar",
        "NoticeAction",
        "Notice",
        "ActionSpec",
        "KeyHint",
        "Choice",
        "ChoiceButton",
        "SettingRow",
        "PaletteEntry",
        "Number",
    ]
)
"""Calls whose texts are read by people."""
TRANSLATING = frozenset({"tr", "translate", "QT_TRANSLATE_NOOP"})
NO_WORDS = frozenset({"Conclave", "JSON", "Markdown", "SHA", "Del", "Enter", "Esc"})
"""The same in all languages."""
NAMES = {
    "ActionSpec": {0, 4},
    "IconButton": {0, 2},
    "KeyHint": {2},
    "Number": {0},
    "PaletteEntry": {0, 4},
}
"""Arguments of these calls that nobody reads: ids, pictures, keys."""
UNREAD_BY = frozenset({"ValueError", "TypeError", "compile", "debug", "info", "warning", "error"})
SENTENCE = re.compile(r"[A-Z][a-z]+[,:…]? \S")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
REPORTING_ROOMS = ("inference", "app")


def name_of(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def literals(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts in an expression that stand in no call of their own, with their lines."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    elif isinstance(node, ast.JoinedStr):
        words = (part.value for part in node.values if isinstance(part, ast.Constant))
        yield node.lineno, " ".join(str(word) for word in words)
    elif not isinstance(node, ast.Call | ast.Lambda | ast.Subscript | ast.Compare):
        for child in ast.iter_child_nodes(node):
            yield from literals(child)


def is_language(text: str) -> bool:
    """Whether it has a word in it, as opposed to a key, a size or a sign."""
    return bool(set(re.findall(r"[^\W\d_]{2,}", text)) - NO_WORDS)


def untranslated(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or name_of(node) not in SHOWN_BY:
            continue
        unread = NAMES.get(name_of(node), set())
        read = [each for number, each in enumerate(node.args) if number not in unread]
        read += [keyword.value for keyword in node.keywords]
        for line, text in (found for each in read for found in literals(each)):
            if is_language(text):
                found.append(f"{path.relative_to(ROOT)}:{line}: {text}")
    return found


def view_files() -> list[Path]:
    rooms = [ROOT / "app" / room for room in ("views", "item_models")]
    files = [path for room in rooms for path in sorted(room.rglob("*.py"))]
    return [*files, ROOT / "app" / "composition.py", ROOT / "app" / "side_windows.py"]


def test_every_text_that_is_shown_is_translated() -> None:
    assert [line for path in view_files() for line in untranslated(path)] == []


def sentences(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts of several words, wherever they stand, but for what is no text for readers."""
    if isinstance(node, ast.Call) and name_of(node) in {*TRANSLATING, *UNREAD_BY}:
        return
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if is_docstring or isinstance(node, ast.Compare):
        return
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SENTENCE.match(node.value)
    ):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        yield from sentences(child)


def test_no_sentence_stands_outside_a_translation() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in view_files()
        for line, text in sentences(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        'label.setText("Two words")',
        'QLabel(f"{count} tokens", self)',
        'menu.addAction("Copy" if done else self.tr("Paste"))',
        'IconButton("copy", "Copy the text")',
        'box.setText(_words["Copy"] or "Copy")',
    ],
)
def test_an_untranslated_text_is_found(code: str, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "view.py"
    path.write_text(code, encoding="utf-8")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert len(untranslated(path)) == 1


# What services and engine say


def reported_classes(trees: dict[Path, ast.Module]) -> set[str]:
    """The names of all errors that people meet, and of notices."""
    names = {"ReportedError", "Notice"}
    classes = [
        (node.name, {base.id for base in node.bases if isinstance(base, ast.Name)})
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    while more := {name for name, bases in classes if bases & names} - names:
        names |= more
    return names


def pattern_of(node: ast.expr, constants: dict[str, str]) -> str | None:
    """The text of an expression with `{}` for what is filled in, None where it is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values):
            parts = (str(v.value) if isinstance(v, ast.Constant) else "{}" for v in values)
            return "".join(parts)
        case ast.Name(name):
            return constants.get(name)
    return None


def constants_of(tree: ast.Module) -> dict[str, str]:
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


def titles_and_hints() -> Iterator[tuple[str, str]]:
    """Where, and what: titles and hints of errors and notices that are made outside the views."""
    paths = [path for room in REPORTING_ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    names = reported_classes(trees)
    for path, tree in trees.items():
        if path.is_relative_to(ROOT / "app" / "views") or path.is_relative_to(
            ROOT / "app" / "commands"
        ):
            continue
        constants = constants_of(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            is_own = ast.unparse(node.func) == "super().__init__" and len(node.args) == 3
            if is_own or name_of(node) in names:
                for number in {0, 2} & set(range(len(node.args))):
                    text = pattern_of(node.args[number], constants)
                    if text:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def test_titles_and_hints_of_services_and_engine_are_in_the_table() -> None:
    known = {PLACEHOLDER.sub("{}", text) for text in TEXTS}
    filled = [
        re.compile(".+".join(map(re.escape, text.split("{}")))) for text in known if "{}" in text
    ]
    found = list(titles_and_hints())
    assert len(found) > 150
    missing = [
        (where, text)
        for where, text in found
        if text not in known
        and not any(pattern.fullmatch(text) for pattern in filled)
        # One that takes a few words, each of which is a text of its own.
        and not any(_matches(text, whole) for whole in known)
    ]
    assert missing == []


def _matches(text: str, whole: str) -> bool:
    return "{}" in text and bool(
        re.fullmatch("[A-Za-z ]+".join(map(re.escape, text.split("{}"))), whole)
    )


# The files of translations


def entries(file: Path) -> Iterator[tuple[str, str, ElementTree.Element]]:
    """Context, source and translation of each text."""
    for context in ElementTree.parse(file).getroot().iter("context"):
        name = context.findtext("name") or ""
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            yield name, message.findtext("source") or "", translation


def test_there_is_a_file_for_each_language() -> None:
    names = {f"conclave_{language}" for language in LANGUAGES if language != ENGLISH}
    assert {file.stem for file in translations.files()} == names


@pytest.mark.parametrize("file", translations.files(), ids=lambda file: file.stem)
class TestTranslations:
    def test_holds_every_text_of_the_code_and_no_other(self, file: Path, tmp_path: Path) -> None:
        copy = tmp_path / file.name
        shutil.copy(file, copy)
        translations.collect(copy)
        now = {(name, source) for name, source, _ in entries(copy)}
        assert now == {(name, source) for name, source, _ in entries(file)}

    def test_is_complete(self, file: Path) -> None:
        open_ = [
            (name, source)
            for name, source, translation in entries(file)
            if translation.get("type") or not (translation.text or "").strip()
        ]
        assert open_ == []

    def test_takes_over_every_placeholder(self, file: Path) -> None:
        different = [
            (name, source, translation.text)
            for name, source, translation in entries(file)
            if sorted(PLACEHOLDER.findall(source))
            != sorted(PLACEHOLDER.findall(translation.text or ""))
        ]
        assert different == []

    def test_the_compiled_file_is_made_of_it(self, file: Path, tmp_path: Path) -> None:
        made = tmp_path / "made.qm"
        translations.compile_(file, made)
        assert made.read_bytes() == file.with_suffix(".qm").read_bytes()
