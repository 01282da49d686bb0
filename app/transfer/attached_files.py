"""The files of a message, as they stand in Conclave's own file of conversations."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import fields, replace

from app.domain.attachments import MAX_PIXELS, Attachment, AttachmentKind
from app.transfer.fields import items, mapping, text

_MAX_INTEGER = 2**63


def attachment_fields(attachment: Attachment) -> dict[str, object]:
    """What a file of conversations says of an attached one: all that is not as usual."""
    values = {field.name: getattr(attachment, field.name) for field in fields(attachment)}
    usual = {field.name: field.default for field in fields(attachment)}
    return {name: value for name, value in values.items() if value != usual[name]}


def read_attachments(value: object) -> tuple[Attachment, ...]:
    """The attached files that have a name or words."""
    found = (_attachment(item) for item in items(value))
    return tuple(each for each in found if each.name or each.text)


def _attachment(value: object) -> Attachment:
    try:
        found = msgspec.convert(value, Attachment)
    except (msgspec.ValidationError, OverflowError):
        found = _words_of(mapping(value))
    if not 0 <= found.size_bytes < _MAX_INTEGER:
        found = replace(found, size_bytes=0)
    if not 0 <= min(found.width, found.height) <= max(found.width, found.height) <= MAX_PIXELS:
        found = replace(found, width=0, height=0)
    return found


def _words_of(said: Mapping[str, object]) -> Attachment:
    """What can be had of a file that is not as it should be, or of a newer kind."""
    return Attachment(
        name=text(said.get("name")),
        kind=AttachmentKind.TEXT,
        size_bytes=0,
        sha256=text(said.get("sha256")),
        text=text(said.get("text")),
        note=text(said.get("note")),
    )
