"""Begins an answer, says so, and waits to be told the end on stdin. argv: the database."""

import sys
from pathlib import Path

from app.store import Store

store = Store(Path(sys.argv[1]))
conversation = store.submit(lambda r: r.create_conversation("terminal")).result()
question = store.submit(
    lambda r: r.add_user_message(conversation.id, "asked", parent_id=None)
).result()
reply = store.submit(
    lambda r: r.begin_reply(conversation.id, parent_id=question.id, model="m")
).result()
store.submit(lambda r: r.save_reply(reply.id, "half an ans", "")).result()
sys.stdout.write(f"{conversation.id} {reply.id}\n")
sys.stdout.flush()
sys.stdin.read()
