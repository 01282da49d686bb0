"""A conversation that grows beyond the context, through the real engine in its child process."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from inference.engine import (
    ChatMessage,
    ContextPolicy,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    MessagesUnseen,
    ModelParams,
    PrefillProgress,
    Sampling,
    Summary,
    SummaryDelta,
    SummaryProgress,
    TextDelta,
)
from inference.errors import ContextFull, PromptTooLong
from inference.host import EngineHost
from tests.inference.conftest import ENGINE_COMMAND
from tests.inference.tiny_models import write_tiny_model

N_CTX = 512
ANSWER_TOKENS = 24
SYSTEM = ChatMessage("system", "You are tiny.")
NEVER_ENDS = ((2, -math.inf),)
LETTERS = "root ::= [a-z]+"
"""Random weights say anything; one letter is one token of the tiny models' vocabulary of bytes."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.gguf", "llama", n_layer=1)


@pytest.fixture(scope="module")
def host() -> Iterator[EngineHost]:
    host = EngineHost(ENGINE_COMMAND)
    yield host
    host.close()


@dataclass
class Talk:
    """A conversation with the tiny model."""

    host: EngineHost
    model: Path
    policy: ContextPolicy = ContextPolicy.DROP_OLDEST
    n_ctx: int = N_CTX
    messages: list[ChatMessage] = field(default_factory=lambda: [SYSTEM])
    summary: Summary | None = None
    events: list[Event] = field(default_factory=list)

    def request(self, max_tokens: int = ANSWER_TOKENS, *, go_on: bool = False) -> GenerateRequest:
        return GenerateRequest(
            os.urandom(4).hex(),
            ModelParams(self.model, n_ctx=self.n_ctx, n_threads=1),
            tuple(self.messages),
            Sampling(seed=1, max_tokens=max_tokens, logit_bias=NEVER_ENDS),
            continue_last=go_on,
            grammar=LETTERS if self.model.name == "tiny.gguf" else "",
            context_policy=self.policy,
            summary=self.summary,
        )

    def ask(self, text: str, max_tokens: int = ANSWER_TOKENS) -> Finished:
        self.messages.append(ChatMessage("user", text))
        finished = self.run(self.request(max_tokens))
        self.messages.append(ChatMessage("assistant", self.text))
        return finished

    def go_on(self, max_tokens: int = ANSWER_TOKENS) -> Finished:
        finished = self.run(self.request(max_tokens, go_on=True))
        last = self.messages[-1]
        self.messages[-1] = ChatMessage("assistant", last.content + self.text)
        return finished

    def run(self, request: GenerateRequest) -> Finished:
        self.events = list(self.host.run(request))
        finished = self.events[-1]
        assert isinstance(finished, Finished)
        if self.unseen and self.unseen.summary:
            self.summary = self.unseen.summary
        return finished

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def unseen(self) -> MessagesUnseen | None:
        found = [event for event in self.events if isinstance(event, MessagesUnseen)]
        assert len(found) < 2
        return found[0] if found else None


def rendered(messages: list[ChatMessage]) -> int:
    """Tokens of the tiny template: BOS, a space, each byte and a line feed for each message.

    The vocabulary of bytes writes the space that SentencePiece puts in front as three bytes.
    """
    return 1 + 3 + sum(len(message.content.replace(" ", "▁").encode()) + 1 for message in messages)


def test_ten_contexts_run_to_the_end_and_blocks_keep_the_cache(
    host: EngineHost, tiny: Path
) -> None:
    talk = Talk(host, tiny)
    boundaries: list[int] = []
    total = 0
    while total < 10 * N_CTX:
        question = f"Question number {len(boundaries)}?"
        finished = talk.ask(question)
        first = talk.unseen.last + 1 if talk.unseen else 1
        seen = [SYSTEM, *talk.messages[first:-1]]
        assert finished.reason is FinishReason.LENGTH
        assert finished.tokens_in == rendered(seen)
        assert finished.n_ctx == N_CTX
        assert finished.n_used + finished.n_left == N_CTX
        assert finished.n_used == finished.tokens_in + ANSWER_TOKENS
        if boundaries and first == boundaries[-1]:
            new = rendered(talk.messages[-2:])
            assert finished.tokens_evaluated <= new + 64
        boundaries.append(first)
        total += finished.tokens_out + len(question)

    moves = [n for n in range(1, len(boundaries)) if boundaries[n] != boundaries[n - 1]]
    assert boundaries == sorted(boundaries)
    assert len(moves) >= 10
    # A block frees half of the room, 192 tokens of 384; a turn has less than 60.
    assert all(later - move >= 3 for move, later in pairwise(moves))


def test_the_same_request_finds_the_same_boundary_in_a_new_engine(
    host: EngineHost, tiny: Path
) -> None:
    talk = Talk(host, tiny)
    for number in range(10):
        talk.ask(f"Question number {number}?")
    before = talk.unseen
    del talk.messages[-1]
    other = EngineHost(ENGINE_COMMAND)
    talk.host = other
    talk.run(talk.request())
    other.close()

    assert before is not None
    assert talk.unseen == before


def test_an_answer_longer_than_the_context_can_be_continued(host: EngineHost, tiny: Path) -> None:
    talk = Talk(host, tiny)
    talk.ask("Something before.")
    finished = talk.ask("Go on for ever.", max_tokens=0)
    assert (finished.reason, finished.n_left) == (FinishReason.LENGTH, 0)

    told: list[MessagesUnseen] = []
    while len(talk.messages[-1].content) < 3 * N_CTX:
        finished = talk.go_on(max_tokens=0)
        assert finished.reason is FinishReason.LENGTH
        assert finished.tokens_out > N_CTX // 8
        assert talk.unseen is not None
        told.append(talk.unseen)

    # The turn before leaves, then the beginning of the answer itself.
    assert all((unseen.first, unseen.last) == (1, 2) for unseen in told)
    assert told[-1].n_characters > told[0].n_characters > 0
    assert talk.ask("And now?").reason is FinishReason.LENGTH


def test_used_tokens_are_right_after_going_on_and_after_a_cancel(
    host: EngineHost, tiny: Path
) -> None:
    talk = Talk(host, tiny)
    talk.ask("Count.")
    finished = talk.go_on()
    # The same prompt with the 24 letters of before, and 24 more.
    assert finished.tokens_in == rendered(talk.messages[:2]) + ANSWER_TOKENS
    assert finished.n_used == finished.tokens_in + ANSWER_TOKENS

    talk.messages.append(ChatMessage("user", "Go on for ever."))
    request = talk.request(max_tokens=0)
    seen: list[Event] = []
    for event in host.run(request):
        seen.append(event)
        if isinstance(event, TextDelta):
            host.cancel(request.id)
    finished = seen[-1]  # type: ignore[assignment]
    assert finished.reason in (FinishReason.CANCELLED, FinishReason.LENGTH)
    # Where the context ended first, the last letter needed no place.
    assert finished.n_used == min(finished.tokens_in + finished.tokens_out, N_CTX)
    assert finished.n_left == N_CTX - finished.n_used


def test_system_prompt_and_last_message_alone_must_fit(host: EngineHost, tiny: Path) -> None:
    talk = Talk(host, tiny)
    talk.ask("Something before.")
    with pytest.raises(PromptTooLong) as caught:
        talk.ask("x" * 480)

    # BOS and space 4, "You▁are▁tiny." 17 and a line feed, 480 and a line feed.
    assert "503 tokens" in caught.value.detail
    assert "512" in caught.value.detail
    del talk.messages[-1]
    # 4 + 18 + 421 = 443 leave room for 69 letters: fewer than usual, but an answer.
    assert talk.ask("x" * 420, max_tokens=0).tokens_in == 443


def test_stop_is_an_error_before_anything_is_evaluated(host: EngineHost, tiny: Path) -> None:
    talk = Talk(host, tiny, ContextPolicy.STOP)
    # 22 for the system prompt, 61 + 25 a turn: 384 tokens hold four turns and a question, which
    # make 427 with the next one.
    for _ in range(4):
        talk.ask("x" * 60)
    with pytest.raises(ContextFull) as caught:
        talk.ask("x" * 60)

    assert "427 tokens" in caught.value.detail
    assert caught.value.hint
    assert talk.unseen is None


FACTS = (
    "My name is Ada and I live in Lisbon with two cats.",
    "Tomorrow I travel to Porto by train at nine in the morning.",
    "My sister Grace collects old maps of the Atlantic.",
    "I work as a carpenter and build wooden boats.",
)


def test_a_summary_takes_the_place_of_a_block_and_can_be_edited(
    host: EngineHost, starter_model: Path
) -> None:
    talk = Talk(host, starter_model, ContextPolicy.SUMMARISE, messages=[])
    for fact in FACTS:
        talk.messages += [
            ChatMessage("user", f"{fact} " * 7),
            ChatMessage("assistant", "I see. Tell me more about that, please."),
        ]
    talk.ask("What do you think?", max_tokens=8)
    written = "".join(e.text for e in talk.events if isinstance(e, SummaryDelta)).strip()
    fractions = [e.fraction for e in talk.events if isinstance(e, SummaryProgress)]

    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.5
    unseen = talk.unseen
    assert unseen is not None
    assert unseen.note == ""
    assert (unseen.policy, unseen.is_new) == (ContextPolicy.SUMMARISE, True)
    assert unseen.summary is not None
    assert unseen.summary.n_messages == unseen.last + 1
    # What leaves may be summarised in several parts; the last one holds everything.
    assert unseen.summary.text
    assert written.endswith(unseen.summary.text)
    kinds = [type(event) for event in talk.events]
    assert kinds.index(MessagesUnseen) < kinds.index(PrefillProgress)

    talk.summary = Summary("The user is called Zebediah.", unseen.last + 1)
    talk.ask("Say my name.", max_tokens=8)
    assert talk.unseen == replace(unseen, summary=talk.summary, is_new=False)


def test_a_summary_stands_behind_the_system_prompt(host: EngineHost, tiny: Path) -> None:
    talk = Talk(host, tiny)
    talk.ask("Before.")
    talk.summary = Summary("Edited.", 3)
    finished = talk.ask("And?")

    assert talk.unseen is not None
    assert (talk.unseen.first, talk.unseen.last) == (1, 2)
    heading = "Summary of the earlier part of this conversation, which is not shown any more:"
    told = ChatMessage("system", f"{SYSTEM.content}\n\n{heading}\nEdited.")
    assert finished.tokens_in == rendered([told, talk.messages[3]])

    talk.summary = None
    finished = talk.ask("And without it?")
    assert talk.unseen is None
    assert finished.tokens_in == rendered(talk.messages[:-1])


def test_a_summary_can_be_cancelled(host: EngineHost, tiny: Path) -> None:
    talk = Talk(host, tiny, n_ctx=2 * N_CTX)
    for _ in range(8):
        talk.ask("x" * 120)
    talk.policy = ContextPolicy.SUMMARISE
    talk.messages.append(ChatMessage("user", "Go on."))
    request = talk.request()
    seen: list[Event] = []
    for event in host.run(request):
        seen.append(event)
        if isinstance(event, SummaryProgress):
            host.cancel(request.id)

    finished = seen[-1]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.tokens_out) == (FinishReason.CANCELLED, 0)
    assert finished.n_ctx == talk.n_ctx
    assert not any(isinstance(event, MessagesUnseen | TextDelta) for event in seen)


def test_without_a_summary_the_oldest_turns_are_left_out_and_the_reason_is_told(
    host: EngineHost, tiny: Path
) -> None:
    # In a vocabulary of bytes the question for a summary alone has more than 128 tokens.
    talk = Talk(host, tiny, ContextPolicy.SUMMARISE)
    while talk.unseen is None:
        talk.ask("x" * 60)

    assert talk.unseen.policy is ContextPolicy.DROP_OLDEST
    assert talk.unseen.summary is None
    assert "no room" in talk.unseen.note
    assert talk.text
