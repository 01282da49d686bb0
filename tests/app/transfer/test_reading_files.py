"""The forms that people read: Markdown files and the HTML page."""

from __future__ import annotations

import base64
import time
import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.attachments import Attachment, AttachmentKind
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
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
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
        *("div", "span", "sup"),
    }
    assert page.tags <= allowed
    for name, value in page.attributes:
        assert name in ("href", "title", "class", "start", "style", "id")
        assert name != "href" or not value.lower().startswith(("javascript:", "file:", "data:"))


@given(
    st.lists(
        st.one_of(
            st.text(st.sampled_from("<>&\"'xy12 ^_{}"), max_size=8),
            st.sampled_from(
                [
                    "\\frac",
                    "\\text",
                    "\\href{javascript:a}",
                    "\\sqrt",
                    "\\color{red}",
                    "\\url",
                    "</svg>",
                ]
            ),
        ),
        max_size=8,
    ).map("".join)
)
@settings(deadline=None)
def test_no_formula_leaves_its_place_on_the_page(tex: str) -> None:
    page = page_of(rendered(f"before ${tex}$ behind\n\n$$\n{tex}\n$$\n\nend"))
    assert not page.tags & {"script", "img", "image", "foreignobject", "style", "a", "iframe"}
    assert page.text.startswith("before ")
    assert page.text.strip().endswith("end")
    for name, value in page.attributes:
        assert not name.startswith("on")
        assert name not in ("href", "xlink:href") or value.startswith("#formula-")


def test_what_cannot_be_understood_is_shown_as_it_is_written() -> None:
    deep = ">" * 10_000 + " deep"
    assert "deep" in page_of(rendered(deep)).text
    long = "*a* " * 5_000
    assert page_of(rendered(long)).text.strip() == long.strip()
    assert page_of(rendered("[" * 50_000)).text.strip() == "[" * 50_000


def test_code_is_coloured_and_stays_what_it_is() -> None:
    source = '```python\ndef f(x):  # <b>\n    return "a & b"\n```'
    page = page_of(rendered(source))
    assert page.text.strip() == 'def f(x):  # <b>\n    return "a & b"'
    assert {("class", "t-k"), ("class", "t-nf")} <= set(page.attributes)
    plain = page_of(rendered("```no-such-language\na < b\n```"))
    assert plain.text.strip() == "a < b"
    assert "span" not in plain.tags


def test_formulas_are_drawn_in_the_page() -> None:
    page = page_of(
        rendered(
            "So $E = mc^2$ or $E = mc^2$, for $5 and $6.\n\n$$\n\\frac{a}{b}\n$$\n\n$\\nocommand$"
        )
    )
    assert "svg" in page.tags
    labels = [value for name, value in page.attributes if name == "aria-label"]
    assert labels == ["E = mc^2", "E = mc^2", "\\frac{a}{b}"]
    assert "for $5 and $6." in page.text
    # What nobody can read is shown as its source.
    assert "$\\nocommand$" in page.text
    assert not page.tags & {"script", "image", "foreignobject", "style", "a"}
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_footnotes_and_tasks_are_as_in_the_window(tmp_path: Path) -> None:
    words = "Said[^b] and[^a].\n\n[^a]: In a **book**.\n\n[^b]: There.\n\n- [x] done\n- [ ] open"
    page = page_of(rendered(words, "7"))
    assert ("href", "#note-7-1") in page.attributes
    assert {("id", "note-7-1"), ("id", "note-7-2")} <= set(page.attributes)
    assert "Said[2] and[1]." in page.text
    assert "strong" in page.tags
    assert "☑ done" in page.text
    assert "☐ open" in page.text
    talk = CarriedConversation(
        "Twice", NOON, NOON, (said(Role.ASSISTANT, words, None), said(Role.ASSISTANT, words, 0)), 1
    )
    both = page_of(exported(tmp_path / "a.html", ExportOptions(ExportFormat.HTML), talk).decode())
    ids = [value for name, value in both.attributes if name == "id"]
    assert len(ids) == len(set(ids)) == 4


def test_what_would_be_unseen_is_shown_on_the_page(tmp_path: Path) -> None:
    talk = CarriedConversation(
        "a\u202eb",
        NOON,
        NOON,
        (said(Role.USER, "x\u202ey\ud800", None), said(Role.ASSISTANT, "\u2066z\x1b", 0)),
        1,
    )
    page = page_of(exported(tmp_path / "a.html", ExportOptions(ExportFormat.HTML), talk).decode())
    for words in ("a[U+202E]b", "x[U+202E]y\ufffd", "[U+2066]z\u241b"):
        assert words in page.text


def test_attached_pictures_are_in_the_page(tmp_path: Path) -> None:
    png, jpeg = b"\x89PNG\r\n\x1a\n" + bytes(9), b"\xff\xd8\xff" + bytes(9)
    pictures = tuple(
        Attachment(name, AttachmentKind.PICTURE, 12, "ab", "", data=data, width=3, height=2)
        for name, data in (('a" onerror="x.png', png), ("b.jpg", jpeg))
    )
    message = CarriedMessage(
        None, Role.USER, "See", "", Status.COMPLETE, NOON, attachments=pictures
    )
    talk = CarriedConversation("Sea", NOON, NOON, (message,), 0)
    page = page_of(exported(tmp_path / "a.html", ExportOptions(ExportFormat.HTML), talk).decode())
    sources = [value for name, value in page.attributes if name == "src"]
    assert [source.partition(",")[0] for source in sources] == [
        "data:image/png;base64",
        "data:image/jpeg;base64",
    ]
    assert [base64.b64decode(source.partition(",")[2]) for source in sources] == [png, jpeg]
    assert "onerror" not in {name for name, _value in page.attributes}


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "[^1]: a\n" * 20_000 + "[^1] " * 400,
        "".join(f"[^{n}]: a\n\n[^{n}] b\n\n" for n in range(5_000)),
        "$x$ " * 2_000,
        "```html\n" + "<a " * 60_000 + "\n```",
    ],
)
def test_pages_of_bad_text_take_no_time_without_end(text: str) -> None:
    began = time.process_time()
    assert rendered(text)
    assert time.process_time() - began < 30
