"""Chat templates in a process of their own: hostile ones end, and the next one is rendered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from inference.prompt.jinja_template import TemplateBroken
from inference.prompt.template_process import TemplateProcess
from tests.inference.orphans import assert_ends_with_its_parent

COMMAND = [sys.executable, "-m", "app", "--child=template"]


@pytest.fixture
def templates() -> Iterator[TemplateProcess]:
    process = TemplateProcess(COMMAND)
    yield process
    process.close()


def child_of(templates: TemplateProcess) -> psutil.Process:
    (child,) = [
        process
        for process in psutil.Process().children(recursive=True)
        if "--child=template" in process.cmdline()
    ]
    return child


def test_one_process_renders_many_templates(templates: TemplateProcess) -> None:
    assert templates.render("{{ a }}\u2028{{ b|tojson }}", {"a": "é\n", "b": [1]}) == "é\n\u2028[1]"
    first = child_of(templates).pid
    with pytest.raises(TemplateBroken, match="no!"):
        templates.render("{{ raise_exception('no!') }}", {})
    assert templates.render("{{ 1 + 1 }}", {}) == "2"
    assert child_of(templates).pid == first


LOOP = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
FOLDED = "{{ 'a' * 10 ** 9 * 10 ** 9 }}"
"""Jinja works constants out when it compiles."""
GROWING = (
    "{% set ns = namespace(s='a') %}"
    "{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}"
)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (LOOP, "did not end within 2 s"),
        (FOLDED, "Error"),
        (GROWING, "did not end|MemoryError"),
        ("{{ 10 ** (10 ** 10) }}", "did not end|MemoryError"),
        ("{% for i in range(99999) %}" + "x" * 1000 + "{% endfor %}", "more than 16,777,216"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "Error|brought down"),
    ],
)
def test_a_hostile_template_is_an_error_and_the_next_one_is_rendered(
    templates: TemplateProcess, source: str, reason: str
) -> None:
    with pytest.raises(TemplateBroken, match=reason):
        templates.render(source, {})
    assert templates.render("fine", {}) == "fine"


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a signal of POSIX")
def test_a_process_that_died_unseen_is_replaced(templates: TemplateProcess) -> None:
    assert templates.render("one", {}) == "one"
    child = child_of(templates)
    os.kill(child.pid, signal.SIGKILL)
    assert templates.render("two", {}) == "two"


def test_it_ends_with_its_parent(templates: TemplateProcess) -> None:
    templates.render("one", {})
    child = child_of(templates)
    templates.close()
    assert not child.is_running()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_it_ends_without_a_word_when_nobody_reads(tmp_path: Path) -> None:
    """Its words would push those with which the engine died out of the log that both write."""
    log = tmp_path / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
        assert process.stdout is not None
        process.stdout.close()  # before it says that it is ready; stdin stays open
        assert process.wait(60) == 0
    assert process.stdin is not None
    process.stdin.close()
    assert log.read_bytes() == b""


def test_a_template_that_loops_does_not_outlive_its_parent() -> None:
    script = (
        "from inference.prompt.template_process import TemplateProcess\n"
        f"templates = TemplateProcess({COMMAND!r})\n"
        "templates.render('x', {})\n"
        "print(templates._process.pid, flush=True)\n"
        f"templates.render({LOOP!r}, {{}})\n"
    )
    assert_ends_with_its_parent(script)
