"""The forms that people read: Markdown files and the HTML page."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.conversations import Role, Status
from app.domain.transfer import CarriedConversation, CarriedMessage
from app.transfer import ExportFormat, ExportOptions, file_name, write_export
from app.transfer.html_page import rendered

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def said(role: Role, content: str, parent: int | None, thinking: str = "") -> CarriedMessage:
    model = "Small" if role is Role.ASSISTANT else ""
    return CarriedMessage(parent, role, content, thinking, Status.COMPLETE, NOON, model)


TALK = CarriedConversation(
    "Tags & <b>",
    NOON,
    NOON,
    (
        said(Role.USER, "What is <script>alert(1)</script>?", None),
        said(Role.ASSISTANT, "another version", 0),
        said(
            Role.ASSISTANT, "A **tag**, see [here](javascript:x) ![p](http://h/p.png)", 0, "Hm & so"
        ),
    ),
    2,
)


class Page(HTMLParser):
    """What a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(text: str) -> Page:
    page = Page()
    page.feed(text)
    return page


def exported(path: Path, options: ExportOptions, *talks: CarriedConversation) -> bytes:
    write_export(path, talks, options)
    return path.read_bytes()


def test_markdown_is_the_branch_on_the_screen(tmp_path: Path) -> None:
    bare = exported(tmp_path / "a.md", ExportOptions(ExportFormat.MARKDOWN), TALK).decode()
    assert bare.splitlines()[0] == "# Tags & <b>"
    assert "## You\n\nWhat is <script>alert(1)</script>?\n\n## Small\n\nA **tag**" in bare
    assert "another version" not in bare
    assert "Hm & so" not in bare
    options = ExportOptions(ExportFormat.MARKDOWN, with_thinking=True)
    assert (
        "## Small\n\n> Hm & so\n\nA **tag**" in exported(tmp_path / "b.md", options, TALK).decode()
    )


def test_many_markdown_files_have_names_of_their_own(tmp_path: Path) -> None:
    options = ExportOptions(ExportFormat.MARKDOWN, many=True)
    exported(tmp_path / "a.zip", options, TALK, TALK)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert names == ["2026-01-02 Tags & b.md", "2026-01-02 Tags & b (2).md"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b\\c: d?", "a b c d"),
        ("...", "conversation"),
        ("\x00\n", "conversation"),
        ("x" * 300, "x" * 80),
        ("日本", "日本"),
    ],
)
def test_titles_become_names_of_files(title: str, name: str) -> None:
    assert file_name(title) == name


def test_the_page_runs_nothing_and_fetches_nothing(tmp_path: Path) -> None:
    options = ExportOptions(ExportFormat.HTML, with_thinking=True)
    page = page_of(exported(tmp_path / "a.html", options, TALK).decode())
    assert not page.tags & {"script", "img", "link", "iframe", "b", "object"}
    addresses = [value for name, value in page.attributes if name in ("href", "src")]
    assert addresses == []
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("content", policy) in page.attributes
    for words in ("<script>alert(1)</script>", "Hm & so", "http://h/p.png", "Tags & <b>"):
        assert words in page.text
    assert "strong" in page.tags
    assert "prefers-color-scheme: dark" in page.text


def test_a_page_of_many_folds_each(tmp_path: Path) -> None:
    options = ExportOptions(ExportFormat.HTML, many=True)
    text = exported(tmp_path / "a.html", options, TALK, TALK).decode()
    assert text.count('<details class="conversation">') == 2
    assert text.count("</details>") == 2


@given(st.text(st.sampled_from("<>&\"'`*_[]()!#- \n\\|ab:/js"), max_size=60))
@settings(deadline=None)
def test_no_text_leaves_its_place_on_the_page(text: str) -> None:
    page = page_of(rendered(text))
    allowed = {
        *("p", "em", "strong", "code", "pre", "a", "ul", "ol", "li", "blockquote", "hr", "br"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "s"),
        *("div", "span"),
    }
    assert page.tags <= allowed
    for name, value in page.attributes:
        assert name in ("href", "title", "class", "start", "style")
        assert name != "href" or not value.lower().startswith(("javascript:", "file:", "data:"))


def test_what_cannot_be_understood_is_shown_as_it_is_written() -> None:
    deep = ">" * 10_000 + " deep"
    assert "deep" in page_of(rendered(deep)).text
    long = "*a* " * 5_000
    assert page_of(rendered(long)).text.strip() == long.strip()
    assert page_of(rendered("[" * 50_000)).text.strip() == "[" * 50_000
