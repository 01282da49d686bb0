"""Asks and answers without end, and says on stdout what is committed. argv: the database."""

import sys
from pathlib import Path

from app.domain.conversations import Status
from app.store import Repository, Store


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def save(store: Store, reply_id: int, text: str) -> None:
    store.submit(lambda r: r.save_reply(reply_id, text, "")).result()


def one_turn(store: Store, conversation_id: int, parent_id: int | None, question: str) -> int:
    def ask(repository: Repository) -> int:
        return repository.add_user_message(conversation_id, question, parent_id=parent_id).id

    asked = store.submit(ask).result()
    say("sent", asked, question)
    reply = store.submit(lambda r: r.begin_reply(conversation_id, parent_id=asked, model="m"))
    reply_id = reply.result().id
    text = ""
    for part in range(20):
        text += f"{part} word " * 50
        save(store, reply_id, text)
        say("saved", reply_id, len(text))
    store.submit(lambda r: r.finish_reply(reply_id, text, "", Status.COMPLETE, None)).result()
    return reply_id


store = Store(Path(sys.argv[1]))
conversation = store.submit(lambda r: r.create_conversation("streaming")).result()
parent: int | None = None
turn = 0
while True:
    turn += 1
    parent = one_turn(store, conversation.id, parent, f"question {turn}")
