"""Messages that name each other in any order to a tree whose parents come first.

Other programs keep more nodes than a reader sees: empty roots, calls of tools, thoughts as messages
of their own. A node without a message is passed through, and what hangs on it hangs on its parent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from app.domain.conversations import Role, Status
from app.domain.transfer import CarriedMessage
from app.transfer.fields import joined


class Node(Struct, frozen=True):
    """A place in somebody's tree.

    Args:
        parent: The key of the node above; None for a beginning.
        message: What is written here, its own `parent` not yet known; None for nothing.
        thinking: Thoughts of a node without message; they belong to the answer below.
    """

    key: str
    parent: str | None
    message: CarriedMessage | None = None
    thinking: str = ""


class Tree(Struct):
    """What became of the nodes.

    Args:
        places: Of each node, the message that it has become or hangs on.
        current: The place of the wanted leaf, or of the last message where it is not known.
        faults: What could not be kept as it was, a sentence each.
    """

    messages: list[CarriedMessage] = field(default_factory=list)
    places: dict[str, int | None] = field(default_factory=dict)
    current: int | None = None
    faults: list[str] = field(default_factory=list)


def message(
    role: Role,
    content: str,
    created_at: datetime,
    *,
    thinking: str = "",
    model: str = "",
    status: Status = Status.COMPLETE,
) -> CarriedMessage:
    """A message that has no place yet."""
    return CarriedMessage(None, role, content, thinking, status, created_at, model)


def chain(messages: Sequence[CarriedMessage]) -> list[Node]:
    """Messages of which each answers the one before."""
    return [
        Node(str(place), str(place - 1) if place else None, item)
        for place, item in enumerate(messages)
    ]


def grow(nodes: Sequence[Node], current: str | None, *, joining: bool = True) -> Tree:
    """Make the tree, in the order of the nodes as far as parents come first.

    Args:
        current: The key of the leaf on the screen.
        joining: Answers in a row, which other programs cut at calls of tools, become one.
    """
    return _Grower(nodes, joining).grow(current)


class _Grower:
    def __init__(self, nodes: Sequence[Node], joining: bool) -> None:
        self._nodes = {node.key: node for node in nodes}
        self._joining = joining
        self._tree = Tree()
        self._waiting: dict[str, list[Node]] = {}
        """Nodes whose parent has not come yet."""
        self._n_children = Counter(node.parent for node in self._nodes.values())
        self._thoughts: dict[str, str] = {}
        """Of a node without message, the thoughts on the way from the message above to it."""
        self._forked: set[str] = set()
        """Nodes without message that are not alone on that way."""

    def grow(self, current: str | None) -> Tree:
        tree = self._tree
        lost = 0
        for node in self._nodes.values():
            if node.parent is not None and node.parent not in self._nodes:
                lost += 1
                self._set_all(replace(node, parent=None))
            elif node.parent is None or node.parent in tree.places:
                self._set_all(node)
            else:
                self._waiting.setdefault(node.parent, []).append(node)
        circular = [node for nodes in self._waiting.values() for node in nodes]
        for node in circular:
            if node.key not in tree.places:
                self._set_all(replace(node, parent=None))
        self._tell(lost, len(circular))
        tree.current = tree.places.get(current) if current is not None else None
        if tree.current is None and tree.messages:
            tree.current = len(tree.messages) - 1
        return tree

    def _tell(self, n_lost: int, n_circular: int) -> None:
        if n_lost:
            self._tree.faults.append(
                f"messages that answer one not in the file and begin branches now: {n_lost}"
            )
        if n_circular:
            self._tree.faults.append(
                f"messages that answer each other in a circle, in a guessed order: {n_circular}"
            )

    def _set_all(self, first: Node) -> None:
        """Place a node, and then what has waited for it; a long conversation is a deep tree."""
        ready = [first]
        while ready:
            node = ready.pop()
            if node.key not in self._tree.places:
                self._set(node)
                ready += reversed(self._waiting.pop(node.key, []))

    def _set(self, node: Node) -> None:
        tree, parent = self._tree, node.parent
        above = tree.places[parent] if parent is not None else None
        forked = self._n_children[parent] > 1 or parent in self._forked
        thinking = joined((self._thoughts.get(parent or "", ""), node.thinking))
        item = node.message
        if item is None:
            tree.places[node.key] = above
            self._thoughts[node.key] = thinking
            if forked:
                self._forked.add(node.key)
            return
        if thinking and item.role is Role.ASSISTANT:
            item = replace(item, thinking=joined((thinking, item.thinking)))
        if above is not None and not forked and self._goes_on(above, item):
            tree.messages[above] = _one(tree.messages[above], item)
            tree.places[node.key] = above
            return
        tree.messages.append(replace(item, parent=above))
        tree.places[node.key] = len(tree.messages) - 1

    def _goes_on(self, above: int, item: CarriedMessage) -> bool:
        """Whether this is the rest of the answer above."""
        roles = (self._tree.messages[above].role, item.role)
        return self._joining and roles == (Role.ASSISTANT, Role.ASSISTANT)


def _one(first: CarriedMessage, rest: CarriedMessage) -> CarriedMessage:
    return replace(
        first,
        content=joined((first.content, rest.content)),
        thinking=joined((first.thinking, rest.thinking)),
        status=rest.status,
        model=first.model or rest.model,
    )
