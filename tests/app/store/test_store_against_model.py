"""Random sequences of operations, compared with a model in memory."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain.conversations import Role, Status
from app.store import Repository
from app.store.database import close_database, open_database

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@dataclass
class Said:
    parent: int | None
    role: Role
    content: str = ""
    thinking: str = ""
    status: Status = Status.COMPLETE


@dataclass
class Talk:
    title: str
    touched: int
    leaf: int | None = None
    deleted: bool = False
    said: dict[int, Said] = field(default_factory=dict)

    def branch(self) -> list[int]:
        ids: list[int] = []
        at = self.leaf
        while at is not None:
            ids.insert(0, at)
            at = self.said[at].parent
        return ids


class StoreMachine(RuleBasedStateMachine):
    """The store and the model, which go through the same operations."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.talks: dict[int, Talk] = {}
        self.start = datetime.now(UTC)
        self.ticks = 0

    @initialize()
    def open(self) -> None:
        self.db, report = open_database(Path(self.folder.name) / "conclave.db", timeout_s=5)
        self.repository = Repository(self.db, self.now)
        running = [s for _, s in self.all_said() if s.status is Status.STREAMING]
        assert report.interrupted == len(running)
        assert report.set_aside is None
        for said in running:
            said.status = Status.INTERRUPTED

    def now(self) -> datetime:
        self.ticks += 1
        return self.start + timedelta(milliseconds=self.ticks)

    def teardown(self) -> None:
        close_database(self.db)
        self.folder.cleanup()

    def all_said(self) -> list[tuple[int, Said]]:
        return [pair for talk in self.talks.values() for pair in talk.said.items()]

    def talk_of(self, message_id: int) -> Talk:
        return next(talk for talk in self.talks.values() if message_id in talk.said)

    def pick_talk(self, data: st.DataObject) -> tuple[int, Talk]:
        return data.draw(st.sampled_from(sorted(self.talks.items(), key=lambda pair: pair[0])))

    def replies(self, *statuses: Status) -> list[int]:
        return [i for i, s in self.all_said() if s.role is Role.ASSISTANT and s.status in statuses]

    @rule(title=words)
    def create(self, title: str) -> None:
        made = self.repository.create_conversation(title)
        assert made.id not in self.talks
        self.talks[made.id] = Talk(title, self.ticks)

    @precondition(lambda self: self.talks)
    @rule(data=st.data(), title=words)
    def rename(self, data: st.DataObject, title: str) -> None:
        conversation_id, talk = self.pick_talk(data)
        self.repository.rename_conversation(conversation_id, title)
        talk.title = title

    @precondition(lambda self: self.talks)
    @rule(data=st.data(), deleted=st.booleans())
    def delete_or_restore(self, data: st.DataObject, deleted: bool) -> None:
        conversation_id, talk = self.pick_talk(data)
        if deleted:
            self.repository.delete_conversation(conversation_id)
        else:
            self.repository.restore_conversation(conversation_id)
        talk.deleted = deleted

    @precondition(lambda self: self.talks)
    @rule(data=st.data(), content=words)
    def ask(self, data: st.DataObject, content: str) -> None:
        conversation_id, talk = self.pick_talk(data)
        parent = data.draw(st.sampled_from([None, talk.leaf, *talk.said]))
        made = self.repository.add_user_message(conversation_id, content, parent_id=parent)
        assert made.id not in dict(self.all_said())
        talk.said[made.id] = Said(parent, Role.USER, content)
        talk.leaf, talk.touched = made.id, self.ticks

    @precondition(lambda self: self.all_said())
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        parent = data.draw(st.sampled_from([i for i, _ in self.all_said()]))
        talk = self.talk_of(parent)
        conversation_id = next(i for i, t in self.talks.items() if t is talk)
        made = self.repository.begin_reply(conversation_id, parent_id=parent, model="m")
        assert made.id not in dict(self.all_said())
        talk.said[made.id] = Said(parent, Role.ASSISTANT, status=Status.STREAMING)
        talk.leaf, talk.touched = made.id, self.ticks

    @precondition(lambda self: self.replies(Status.STREAMING))
    @rule(data=st.data(), content=words, thinking=words)
    def save(self, data: st.DataObject, content: str, thinking: str) -> None:
        message_id = data.draw(st.sampled_from(self.replies(Status.STREAMING)))
        self.repository.save_reply(message_id, content, thinking)
        said = self.talk_of(message_id).said[message_id]
        said.content, said.thinking = content, thinking

    @precondition(lambda self: self.replies(Status.STREAMING))
    @rule(
        data=st.data(),
        content=words,
        status=st.sampled_from([s for s in Status if s is not Status.STREAMING]),
    )
    def finish(self, data: st.DataObject, content: str, status: Status) -> None:
        message_id = data.draw(st.sampled_from(self.replies(Status.STREAMING)))
        self.repository.finish_reply(message_id, content, "", status, None)
        talk = self.talk_of(message_id)
        said = talk.said[message_id]
        said.content, said.thinking, said.status = content, "", status
        talk.touched = self.ticks

    @precondition(lambda self: self.replies(Status.STOPPED, Status.INTERRUPTED, Status.LENGTH))
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        cut_off = self.replies(Status.STOPPED, Status.INTERRUPTED, Status.LENGTH)
        message_id = data.draw(st.sampled_from(cut_off))
        self.repository.resume_reply(message_id)
        self.talk_of(message_id).said[message_id].status = Status.STREAMING

    def empty_last_replies(self) -> list[int]:
        answered = {said.parent for _, said in self.all_said()}
        return [
            i
            for i in self.replies(*Status)
            if i not in answered and not (s := self.talk_of(i).said[i]).content and not s.thinking
        ]

    @precondition(lambda self: self.empty_last_replies())
    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        message_id = data.draw(st.sampled_from(self.empty_last_replies()))
        self.repository.discard_reply(message_id)
        talk = self.talk_of(message_id)
        said = talk.said.pop(message_id)
        if talk.leaf == message_id:
            talk.leaf = said.parent

    @rule()
    def restart(self) -> None:
        close_database(self.db)
        self.open()

    @invariant()
    def lists_agree(self) -> None:
        if not hasattr(self, "repository"):
            return
        shown = [(i, t) for i, t in self.talks.items() if not t.deleted]
        expected = sorted(shown, key=lambda pair: pair[1].touched, reverse=True)
        assert [(c.id, c.title) for c in self.repository.conversations()] == [
            (i, t.title) for i, t in expected
        ]
        for conversation_id, talk in self.talks.items():
            found = [
                (m.id, m.parent_id, m.role, m.content, m.thinking, m.status)
                for m in self.repository.messages(conversation_id)
            ]
            assert found == [
                (i, s.parent, s.role, s.content, s.thinking, s.status)
                for i, s in ((i, talk.said[i]) for i in talk.branch())
            ]


StoreMachine.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestStoreAgainstModel = StoreMachine.TestCase
