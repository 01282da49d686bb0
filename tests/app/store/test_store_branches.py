from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.store.branches import Branch, branch_to


def test_a_sound_tree() -> None:
    parents = {1: None, 2: 1, 3: 2, 4: 1, 5: 4}
    assert branch_to(3, parents) == Branch([1, 2, 3], [])
    assert branch_to(5, parents) == Branch([1, 4, 5], [])
    assert branch_to(1, parents) == Branch([1], [])


def test_an_empty_conversation() -> None:
    assert branch_to(None, {}) == Branch([], [])
    assert branch_to(7, {}) == Branch([], [])


def test_a_leaf_that_is_no_message_is_replaced_by_the_newest() -> None:
    parents = {1: None, 2: 1, 5: 2}
    for leaf in (None, 99, "2", b"\x02"):
        assert branch_to(leaf, parents) == Branch([1, 2, 5], [5])


def test_a_missing_parent_is_replaced_by_the_message_before() -> None:
    assert branch_to(4, {1: None, 2: 1, 3: 99, 4: 3}) == Branch([1, 2, 3, 4], [3])
    assert branch_to(4, {1: None, 2: 1, 3: "two", 4: 3}) == Branch([1, 2, 3, 4], [3])


def test_a_circle_is_opened() -> None:
    assert branch_to(4, {1: None, 2: 1, 3: 4, 4: 3}) == Branch([1, 2, 3, 4], [3])
    assert branch_to(1, {1: 1}) == Branch([1], [1])
    assert branch_to(3, {1: 3, 2: 1, 3: 2}) == Branch([1, 2, 3], [1])


@given(
    st.dictionaries(st.integers(1, 12), st.none() | st.integers(0, 14) | st.text(max_size=1)),
    st.none() | st.integers(0, 14),
)
def test_any_damage_gives_messages_once_each(parents: dict[int, object], leaf: int | None) -> None:
    ids = branch_to(leaf, parents).ids
    assert len(ids) == len(set(ids))
    assert set(ids) <= set(parents)
    if parents:
        assert ids[-1] == (leaf if leaf in parents else max(parents))


def test_a_long_conversation_with_every_link_broken() -> None:
    parents: dict[int, object] = dict.fromkeys(range(1, 5001), 0)
    assert branch_to(5000, parents).ids == list(range(1, 5001))
