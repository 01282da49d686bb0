"""Conversations of every shape, for property tests."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from app.domain.attachments import Attachment, AttachmentKind
from app.domain.conversations import ReplyStats, Role, Status
from app.domain.transfer import (
    CarriedConversation,
    CarriedMessage,
    CarriedSteering,
    CarriedSummary,
    CarriedUnseen,
)
from inference.engine import ContextPolicy, Sampling, Thinking

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))
counts = st.integers(0, 2**40)
durations = st.floats(0, 1e12)
stats = st.builds(
    ReplyStats,
    *(counts, counts, counts, durations, durations, counts, counts),
    st.none() | counts,
    texts,
)
attachments = st.builds(
    Attachment, texts, st.sampled_from(AttachmentKind), counts, texts, texts.filter(bool), texts
)
samplings = st.builds(
    Sampling,
    st.none() | st.floats(0, 5),
    st.none() | st.integers(0, 1000),
    dry_breakers=st.none() | st.lists(texts, max_size=2).map(tuple),
    logit_bias=st.lists(st.tuples(counts | texts, st.floats(-100, 100)), max_size=2).map(tuple),
)
steerings = st.builds(
    CarriedSteering,
    texts,
    st.sampled_from(["", "/models/Some Model.gguf"]),
    samplings,
    st.sampled_from(Thinking),
    st.none() | counts,
).filter(lambda steering: steering != CarriedSteering())


@st.composite
def conversations(draw: st.DrawFn) -> CarriedConversation:
    n_messages = draw(st.integers(0, 6))
    places = st.integers(0, max(0, n_messages - 1))
    return CarriedConversation(
        draw(texts),
        draw(times),
        draw(times),
        tuple(draw(messages(place, n_messages)) for place in range(n_messages)),
        draw(places) if n_messages else None,
        draw(st.sampled_from(ContextPolicy)),
        CarriedSummary(draw(texts), draw(places)) if n_messages and draw(st.booleans()) else None,
        steering=draw(st.none() | steerings),
    )


@st.composite
def messages(draw: st.DrawFn, place: int, n_messages: int) -> CarriedMessage:
    until = st.integers(0, n_messages - 1)
    finished = [status for status in Status if status is not Status.STREAMING]
    return CarriedMessage(
        draw(st.none() | st.integers(0, place - 1)) if place else None,
        draw(st.sampled_from(Role)),
        draw(texts),
        draw(texts),
        draw(st.sampled_from(finished)),
        draw(times),
        draw(texts),
        draw(st.none() | stats),
        draw(st.none() | st.builds(CarriedUnseen, until, st.booleans())),
        attachments=tuple(draw(st.lists(attachments, max_size=2))),
    )
