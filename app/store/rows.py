"""Turns rows into values and values into columns.

Reading is tolerant: a value that cannot be understood is shown as well as possible and logged once,
so that one bad row never hides a conversation. Nothing read here is written back.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec.structs import asdict

from app.domain.context import Unseen
from app.domain.conversations import Conversation, Message, ReplyStats, Role, Status

_log = logging.getLogger(__name__)
_EPOCH = datetime.fromtimestamp(0, UTC)

Row = Mapping[str, object]


class TextDecoder:
    """The connection's text factory: never fails, and says once that some text was not UTF-8."""

    def __init__(self) -> None:
        self._told = False

    def __call__(self, data: bytes) -> str:
        """Make text of what a TEXT column holds."""
        try:
            return str(data, "utf-8")
        except UnicodeDecodeError:
            if not self._told:
                _log.warning("the database holds text that is not UTF-8; shown with U+FFFD")
            self._told = True
            return str(data, "utf-8", "replace")


def storable_text(text: str) -> str:
    """The same text, with surrogates joined or replaced, since UTF-8 cannot hold them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def time_column(moment: datetime) -> str:
    """A moment as it is stored: UTC, ISO 8601, always with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def parse_time(value: object) -> datetime | None:
    """The moment in a column; None where there is none to be read. Without offset it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def stats_column(stats: ReplyStats | None) -> str | None:
    """What an answer cost, as it is stored."""
    return None if stats is None else json.dumps(asdict(stats))


def _parse_stats(value: str) -> ReplyStats | None:
    try:
        data = json.loads(value)
        stats = ReplyStats(
            tokens_in=data["tokens_in"],
            tokens_out=data["tokens_out"],
            tokens_reused=data["tokens_reused"],
            prefill_ms=data["prefill_ms"],
            decode_ms=data["decode_ms"],
            n_used=data.get("n_used", 0),
            n_ctx=data.get("n_ctx", 0),
            seed=data.get("seed"),
            sampling=data.get("sampling", ""),
            tokens_of_pictures=data.get("tokens_of_pictures", 0),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    counts = (
        stats.tokens_in,
        stats.tokens_out,
        stats.tokens_reused,
        stats.n_used,
        stats.n_ctx,
        stats.tokens_of_pictures,
    )
    times = (stats.prefill_ms, stats.decode_ms)
    sound = all(type(n) is int and 0 <= n < 2**63 for n in counts) and all(map(_is_duration, times))
    drawn = isinstance(stats.sampling, str) and (stats.seed is None or type(stats.seed) is int)
    return stats if sound and drawn else None


def _is_duration(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value < math.inf  # type: ignore[operator]


class RowReader:
    """Reads rows and remembers which oddities it has told already."""

    def __init__(self) -> None:
        self._told: set[tuple[str, object, str]] = set()

    def report(self, kind: str, row_id: object, what: str, value: object) -> None:
        """Log an oddity, the first time it is met."""
        if (kind, row_id, what) not in self._told:
            self._told.add((kind, row_id, what))
            _log.warning("%s %s has a bad %s: %.80r", kind, row_id, what, value)

    def conversation(self, row: Row) -> Conversation:
        """The conversation in a row of `conversations`."""
        created = parse_time(row["created_at"])
        updated = parse_time(row["updated_at"])
        if created is None:
            self.report("conversation", row["id"], "created_at", row["created_at"])
        folder_id = row["folder_id"]
        if updated is None:
            self.report("conversation", row["id"], "updated_at", row["updated_at"])
        return Conversation(
            id=_id(row["id"]),
            title=self._text("conversation", row, "title"),
            created_at=created or updated or _EPOCH,
            updated_at=updated or created or _EPOCH,
            pinned=row["pinned"] == 1,
            folder_id=folder_id if isinstance(folder_id, int) else None,
            unread=row["unread"] == 1,
        )

    def message(self, row: Row) -> Message:
        """The message in a row of `messages`."""
        model = self._text("message", row, "model")
        role = self._role(row, model)
        parent_id = row["parent_id"]
        return Message(
            id=_id(row["id"]),
            conversation_id=_id(row["conversation_id"]),
            parent_id=parent_id if isinstance(parent_id, int) else None,
            role=role,
            content=self._text("message", row, "content"),
            thinking=self._text("message", row, "thinking"),
            status=self._status(row, role),
            created_at=self._created(row),
            model=model,
            stats=self._stats(row),
            unseen=_unseen(row),
            thought_ms=self._thought_ms(row),
        )

    def _text(self, kind: str, row: Row, column: str) -> str:
        value = row[column]
        if isinstance(value, str):
            return value
        self.report(kind, row["id"], column, value)
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        return "" if value is None else str(value)

    def _role(self, row: Row, model: str) -> Role:
        try:
            return Role(row["role"])  # type: ignore[arg-type]
        except ValueError:
            self.report("message", row["id"], "role", row["role"])
            return Role.ASSISTANT if model else Role.USER

    def _status(self, row: Row, role: Role) -> Status:
        try:
            return Status(row["status"])  # type: ignore[arg-type]
        except ValueError:
            self.report("message", row["id"], "status", row["status"])
            # Nobody knows whether an answer was whole, so going on with it is offered.
            return Status.INTERRUPTED if role is Role.ASSISTANT else Status.COMPLETE

    def _created(self, row: Row) -> datetime:
        created = parse_time(row["created_at"])
        if created is None:
            self.report("message", row["id"], "created_at", row["created_at"])
        return created or _EPOCH

    def _stats(self, row: Row) -> ReplyStats | None:
        value = row["stats"]
        if value is None:
            return None
        stats = _parse_stats(value) if isinstance(value, str) else None
        if stats is None:
            self.report("message", row["id"], "stats", value)
        return stats

    def _thought_ms(self, row: Row) -> int:
        value = row["thought_ms"]
        if value is None:
            return 0
        if isinstance(value, int) and value >= 0:
            return value
        self.report("message", row["id"], "thought_ms", value)
        return 0


def _unseen(row: Row) -> Unseen | None:
    until_id = row["unseen_until_id"]
    if not isinstance(until_id, int):
        return None
    return Unseen(until_id, summarised=row["unseen_summarised"] == 1)


def _id(value: object) -> int:
    # Ids come from INTEGER PRIMARY KEY columns or were compared with one by the query.
    if not isinstance(value, int):
        raise TypeError(f"id is {value!r}")
    return value
