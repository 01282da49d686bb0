"""Writes a conversation of its own as fast as it can. argv: the database, a title, a count."""

import sys
from functools import partial
from pathlib import Path

from app.domain.conversations import Message
from app.store import Repository, Store


def add(content: str, parent_id: int | None, repository: Repository) -> Message:
    return repository.add_user_message(conversation.id, content, parent_id=parent_id)


path, title, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = Store(path)
conversation = store.submit(lambda r: r.create_conversation(title)).result()
parent: int | None = None
for number in range(count):
    parent = store.submit(partial(add, f"{title} {number}", parent)).result().id
store.close()
