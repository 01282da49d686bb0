"""The way from the root of a message tree to a leaf, also through a tree with damaged links."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from msgspec import Struct


class Branch(Struct, frozen=True):
    """Message ids from the root to the leaf, and those whose link upwards had to be guessed."""

    ids: list[int]
    mended: list[int]


def branch_to(leaf_id: object, parents: Mapping[int, object]) -> Branch:
    """Walk from the leaf to the root.

    A link that leads nowhere, into another conversation or in a circle is replaced by the message
    written just before: after damage, too much on the screen is better than lost words. A leaf that
    is none of the messages is replaced by the newest message.

    Args:
        leaf_id: What the conversation points at.
        parents: Of each message of the conversation, the stored link; None marks a root.
    """
    if not parents:
        return Branch([], [])
    in_order = sorted(parents)
    current: int | None = leaf_id if isinstance(leaf_id, int) and leaf_id in parents else None
    mended = []
    if current is None:
        current = in_order[-1]
        mended.append(current)
    upwards: list[int] = []
    seen: set[int] = set()
    while current is not None:
        upwards.append(current)
        seen.add(current)
        parent = parents[current]
        if parent is None:
            break
        if isinstance(parent, int) and parent in parents and parent not in seen:
            current = parent
        else:
            mended.append(current)
            current = _newest_before(current, in_order, seen)
    return Branch(upwards[::-1], mended)


def _newest_before(message_id: int, in_order: list[int], seen: set[int]) -> int | None:
    position = bisect_left(in_order, message_id)
    return next((i for i in reversed(in_order[:position]) if i not in seen), None)
