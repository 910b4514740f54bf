"""The linearizability checker accepts linearizable histories only."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.support.linearizability import Event, State, is_linearizable

Op = tuple[str, int]


def register(state: State, op: Op) -> list[State]:
    """Model a register: ("write", n) sets it to n, ("read", n) returned n."""
    kind, value = op
    if kind == "write":
        return [value]
    return [state] if state == value else []


def accepts(*history: tuple[int, int, str, int]) -> bool:
    """Check a history of (called, returned, kind, value) on a register that is 0 at first."""
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
def test_linearizable_history_is_accepted(history: tuple[tuple[int, int, str, int], ...]) -> None:
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
    ids=["value never written", "stale", "older value after newer", "overwritten", "alternating values"],
)
def test_other_history_is_rejected(history: tuple[tuple[int, int, str, int], ...]) -> None:
    assert not accepts(*history)


@pytest.mark.parametrize("seed", range(20))
def test_checker_agrees_with_trying_every_order(seed: int) -> None:
    choose = random.Random(seed)
    ticks = choose.sample(range(100), 12)
    history = [
        Event(min(pair), max(pair), (choose.choice(["read", "write"]), choose.randint(0, 2)))
        for pair in zip(ticks[::2], ticks[1::2], strict=True)
    ]
    assert is_linearizable(history, 0, register) == any(map(_is_valid_order, itertools.permutations(history)))


def _is_valid_order(order: tuple[Event[Op], ...]) -> bool:
    state: State = 0
    for index, event in enumerate(order):
        if any(later.returned < event.called for later in order[index:]):
            return False
        states = register(state, event.op)
        if not states:
            return False
        state = states[0]
    return True
