"""The checker itself: it accepts what could have happened one after the other, and nothing else."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.support.linearizability import Event, State, is_linearizable

Op = tuple[str, int]


def register(state: State, op: Op) -> list[State]:
    """Model one number: ("write", n) sets it, ("read", n) found n."""
    kind, value = op
    if kind == "write":
        return [value]
    return [state] if state == value else []


def accepts(*history: tuple[int, int, str, int]) -> bool:
    """Check operations on a number that is 0 at first, each as (called, returned, kind, value)."""
    return is_linearizable([Event(c, r, (kind, value)) for c, r, kind, value in history], 0, register)


@pytest.mark.parametrize(
    "history",
    [
        (),
        ((1, 2, "write", 5), (3, 4, "read", 5)),
        ((1, 4, "write", 5), (2, 3, "read", 0)),
        ((1, 4, "write", 5), (2, 3, "read", 5)),
        ((1, 8, "write", 5), (2, 3, "read", 0), (4, 5, "read", 5), (6, 7, "read", 5)),
        ((1, 6, "write", 1), (2, 5, "write", 2), (7, 8, "read", 1)),
        ((1, 6, "write", 1), (2, 5, "write", 2), (7, 8, "read", 2)),
        ((1, 10, "write", 1), (2, 9, "write", 2), (3, 4, "read", 2), (5, 6, "read", 1)),
    ],
)
def test_it_accepts_what_could_have_happened_one_after_the_other(
    history: tuple[tuple[int, int, str, int], ...],
) -> None:
    assert accepts(*history)


@pytest.mark.parametrize(
    "history",
    [
        ((1, 2, "read", 5),),
        ((1, 2, "write", 5), (3, 4, "read", 0)),
        ((1, 8, "write", 5), (2, 3, "read", 5), (4, 5, "read", 0)),
        ((1, 2, "write", 1), (3, 4, "write", 2), (5, 6, "read", 1)),
        ((1, 10, "write", 1), (2, 9, "write", 2), (3, 4, "read", 2), (5, 6, "read", 1), (7, 8, "read", 2)),
    ],
    ids=["out of nothing", "stale", "back in time", "overwritten", "there and back"],
)
def test_it_rejects_what_could_not(history: tuple[tuple[int, int, str, int], ...]) -> None:
    assert not accepts(*history)


@pytest.mark.parametrize("seed", range(20))
def test_it_agrees_with_trying_every_order(seed: int) -> None:
    choose = random.Random(seed)
    instants = choose.sample(range(100), 12)
    history = [
        Event(min(pair), max(pair), (choose.choice(["read", "write"]), choose.randint(0, 2)))
        for pair in zip(instants[::2], instants[1::2], strict=True)
    ]
    assert is_linearizable(history, 0, register) == any(map(_explains, itertools.permutations(history)))


def _explains(order: tuple[Event[Op], ...]) -> bool:
    state: State = 0
    for place, event in enumerate(order):
        if any(later.returned < event.called for later in order[place:]):
            return False
        after = register(state, event.op)
        if not after:
            return False
        state = after[0]
    return True
