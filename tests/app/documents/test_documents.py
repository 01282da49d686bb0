from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from app.documents import read_document
from app.domain.attachments import AttachmentKind
from app.errors import AttachmentRefused
from tests.app.documents.files import docx, encrypted_pdf, pdf


def read(path: Path, data: bytes):
    path.write_bytes(data)
    return read_document(path, lambda done: None)


def refusal(path: Path, data: bytes | None = None) -> AttachmentRefused:
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(AttachmentRefused) as caught:
        read_document(path, lambda done: None)
    assert caught.value.title
    assert caught.value.detail
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        ("naïve 日本\n".encode(), "naïve 日本\n", ""),
        (b"\xef\xbb\xbfa\r\nb", "a\nb", ""),
        (b"\xff\xfeh\x00\xe9\x00", "hé", ""),
        (b"\xfe\xff\x00h\x00\xe9", "hé", ""),
        (b"\xff\xfe\x00\x00h\x00\x00\x00", "h", ""),
        (b"caf\xe9 cr\xe8me", "café crème", "Read as Latin-1, since it is not UTF-8."),
    ],
)
def test_the_encoding_of_a_text_is_guessed(
    tmp_path: Path, data: bytes, text: str, note: str
) -> None:
    made = read(tmp_path / "notes.py", data)

    assert (made.text, made.note, made.kind) == (text, note, AttachmentKind.TEXT)
    assert (made.name, made.size_bytes) == ("notes.py", len(data))
    assert made.sha256 == hashlib.sha256(data).hexdigest()


def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    done: list[float] = []
    path = tmp_path / "paper.PDF"
    path.write_bytes(pdf("First page", "", "Third page"))

    made = read_document(path, done.append)

    assert made.text == "First page\n\nThird page"
    assert made.note == "3 pages. 1 of them without text."
    assert done == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_a_pdf_that_only_forbids_printing_is_read(tmp_path: Path) -> None:
    assert read(tmp_path / "a.pdf", encrypted_pdf("")).text == "secret"


def test_a_word_document_is_read_in_its_order(tmp_path: Path) -> None:
    made = read(tmp_path / "garden.docx", docx())

    assert made.text == "Before\n| soil | 1.6 kg |\n\nAfter"
    assert made.kind is AttachmentKind.DOCX


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", encrypted_pdf("pass"), "“a.pdf” is protected"),
        ("a.pdf", pdf("Hello")[:300], "“a.pdf” is damaged"),
        ("a.pdf", b"%PDF-1.7 and nothing else", "“a.pdf” is damaged"),
        ("a.pdf", b"hello", "“a.pdf” is damaged"),
        ("a.pdf", pdf("", ""), "“a.pdf” has no text"),
        ("a.docx", docx()[:400], "“a.docx” is damaged"),
        ("a.docx", docx(filler=200_000_001), "“a.docx” is too large"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(600), "“a.docx” cannot be opened"),
        ("a.txt", b"", "“a.txt” is empty"),
        ("a.txt", b" \n\t", "“a.txt” has no text"),
        ("a.txt", b"\xff\xfeh\x00\x00\xd8", "“a.txt” is damaged"),
        ("a.txt", b"\x7fELF\x02\x01\x01\0\0", "“a.txt” is not a text"),
        ("a.txt", bytes(range(1, 256)), "“a.txt” is not a text"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "The picture cannot be read"),
        ("a.txt", b"x" * 2_000_001, "“a.txt” has too much text"),
    ],
)
def test_what_has_no_text_is_refused_with_a_sentence(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    assert refusal(tmp_path / name, data).title == words


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.txt").title == "“gone.txt” is not there"
    assert refusal(tmp_path).title == f"“{tmp_path.name}” is a folder"


def test_a_file_of_50_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    with path.open("wb") as file:
        file.truncate(50_000_000)

    assert refusal(path).detail == "It has 50.0 MB; at most 25.0 MB can be attached."
