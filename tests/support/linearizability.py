"""Decides whether what some clients saw at once could have happened one after the other.

J. M. Wing and C. Gong, "Testing and verifying concurrent objects", Journal of Parallel and Distributed Computing
17 (1993): an operation takes effect at one instant between its call and its return. The search orders the operations,
always with one next that was called before any other that is left has returned, and lets a model judge each step. What
was searched in vain once (the operations done so far, and the state they lead to) is not searched again, as G. Lowe
added in "Testing for linearizability" (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Op = TypeVar("Op")
State = Hashable
Step = Callable[[State, Op], Sequence[State]]
"""Returns the state after an operation with the outcome it had; none where it could not have had that outcome."""


@dataclass(frozen=True)
class Event(Generic[Op]):
    """One operation with its outcome; instants are ticks of one clock that never says the same twice."""

    called: int
    returned: int
    op: Op


def is_linearizable(history: Sequence[Event[Op]], initial: State, step: Step[Op]) -> bool:
    """Say whether the operations can be put into one order that real time allows and the model explains."""
    ordered = sorted(history, key=lambda event: event.called)
    everything = (1 << len(ordered)) - 1
    in_vain: set[tuple[int, State]] = set()
    ways: list[Iterator[tuple[int, State]]] = [_ways(ordered, 0, initial, step)]
    while ways:
        following = next(ways[-1], None)
        if following is None:
            ways.pop()
        elif following[0] == everything:
            return True
        elif following not in in_vain:
            in_vain.add(following)
            ways.append(_ways(ordered, *following, step))
    return not ordered


def _ways(ordered: Sequence[Event[Op]], done: int, state: State, step: Step[Op]) -> Iterator[tuple[int, State]]:
    """Go through all next operations: yield what is done then, and the state."""
    left = [(place, event) for place, event in enumerate(ordered) if not done >> place & 1]
    first_return = min((event.returned for _, event in left), default=0)
    for place, event in left:
        if event.called > first_return:
            return
        for after in step(state, event.op):
            yield done | 1 << place, after
