"""What is set for conversations, and the library of personas."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from app.domain.steering import Persona, Steering
from app.store import Repository
from inference.engine import ContextPolicy, Sampling, Thinking

SET = Steering(
    "Be brief.\ud83d\ude00",
    Path("/models/a.gguf"),
    Sampling(temperature=0.0, top_k=7, seed=0, max_tokens=64, stop=("END",)),
    Thinking.OFF,
    256,
    ContextPolicy.STOP,
)


def test_nothing_is_set_at_first(repository: Repository) -> None:
    conversation = repository.create_conversation("x")
    assert repository.steering.get(conversation.id) == Steering()
    assert repository.steering.get(99) == Steering()


def test_what_is_set_comes_back(repository: Repository, sql) -> None:
    first, second = (repository.create_conversation(title).id for title in "ab")
    repository.steering.set(first, SET)
    repository.steering.set(second, Steering(system_prompt="Other"))
    found = repository.steering.get(first)
    assert found.system_prompt == "Be brief.😀"
    assert (found.model, found.sampling, found.thinking) == (SET.model, SET.sampling, SET.thinking)
    assert (found.thinking_budget, found.policy) == (256, ContextPolicy.STOP)
    assert repository.steering.get(second) == Steering(system_prompt="Other")
    [(stored,)] = sql("SELECT sampling FROM steering WHERE conversation_id = ?", first)
    # Only what differs from the model's own defaults.
    assert json.loads(stored) == {
        "temperature": 0.0,
        "top_k": 7,
        "seed": 0,
        "max_tokens": 64,
        "stop": ["END"],
    }
    repository.steering.set(first, Steering())
    assert repository.steering.get(first) == Steering()


def test_the_policy_is_the_one_of_the_context(repository: Repository) -> None:
    conversation = repository.create_conversation("x")
    repository.contexts.set_policy(conversation.id, ContextPolicy.SUMMARISE)
    assert repository.steering.get(conversation.id).policy is ContextPolicy.SUMMARISE
    repository.steering.set(conversation.id, Steering(policy=ContextPolicy.STOP))
    assert repository.contexts.get(conversation.id).policy is ContextPolicy.STOP


def test_it_goes_with_its_conversation(repository: Repository, sql) -> None:
    conversation = repository.create_conversation("x")
    repository.steering.set(conversation.id, SET)
    sql("PRAGMA foreign_keys")
    repository._db.execute("DELETE FROM conversations")
    assert sql("SELECT count(*) FROM steering") == [(0,)]
    repository.steering.set(conversation.id, SET)
    assert sql("SELECT count(*) FROM steering") == [(0,)]


@pytest.mark.parametrize(
    ("column", "value", "is_told"),
    [
        ("sampling", "{", True),
        ("sampling", '{"top_k": "many"}', True),
        ("sampling", "7", True),
        ("thinking", "sometimes", True),
        ("thinking_budget", "-4", False),
        ("thinking_budget", "long", False),
    ],
)
def test_a_bad_value_counts_as_not_set(
    repository: Repository, sql, caplog, column: str, value: str, is_told: bool
) -> None:
    conversation = repository.create_conversation("x")
    repository.steering.set(conversation.id, Steering(system_prompt="Kept"))
    sql(f"UPDATE steering SET {column} = ?", value)
    with caplog.at_level(logging.WARNING):
        assert repository.steering.get(conversation.id) == Steering(system_prompt="Kept")
        repository.steering.get(conversation.id)
    assert len(caplog.records) == int(is_told)


def test_personas_keep_the_order_they_are_given(repository: Repository) -> None:
    a, b, c = (repository.personas.add(name, f"You are {name}.") for name in "abc")
    assert repository.personas.all() == [a, b, c]
    repository.personas.arrange([c.id, a.id, b.id])
    assert repository.personas.all() == [c, a, b]
    d = repository.personas.add("d", "x")
    assert repository.personas.all() == [c, a, b, d]
    # One that was added meanwhile is not lost.
    repository.personas.arrange([b.id, a.id, c.id])
    assert repository.personas.all() == [b, a, c, d]


def test_a_persona_is_changed_and_deleted(repository: Repository) -> None:
    persona = repository.personas.add("a", "x")
    repository.personas.change(Persona(persona.id, "b", "y"))
    assert repository.personas.all() == [Persona(persona.id, "b", "y")]
    repository.personas.delete(persona.id)
    repository.personas.change(persona)
    assert repository.personas.all() == []
