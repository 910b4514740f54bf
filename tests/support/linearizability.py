"""Check whether a history of concurrent operations is linearizable.

J. M. Wing and C. Gong, "Testing and verifying concurrent objects", Journal of Parallel and Distributed Computing
17 (1993): an operation takes effect at one instant between its call and its return. The search puts the operations in
an order: the next operation is always one that was called before any remaining operation returned, and the model has
to allow its outcome. A pair of completed operations and state that was searched without success is not searched again,
as G. Lowe added in "Testing for linearizability" (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Op = TypeVar("Op")
State = Hashable
Step = Callable[[State, Op], Sequence[State]]
"""Returns the state after an operation with its outcome, or an empty sequence if that outcome is impossible."""


@dataclass(frozen=True)
class Event(Generic[Op]):
    """An operation with its outcome. Both times are ticks of one clock, and no tick occurs twice."""

    called: int
    returned: int
    op: Op


def is_linearizable(history: Sequence[Event[Op]], initial: State, step: Step[Op]) -> bool:
    """Return whether an order of the operations exists that agrees with real time and with the model."""
    ordered = sorted(history, key=lambda event: event.called)
    all_done = (1 << len(ordered)) - 1
    searched: set[tuple[int, State]] = set()
    stack: list[Iterator[tuple[int, State]]] = [_next_states(ordered, 0, initial, step)]
    while stack:
        candidate = next(stack[-1], None)
        if candidate is None:
            stack.pop()
        elif candidate[0] == all_done:
            return True
        elif candidate not in searched:
            searched.add(candidate)
            stack.append(_next_states(ordered, *candidate, step))
    return not ordered


def _next_states(ordered: Sequence[Event[Op]], done: int, state: State, step: Step[Op]) -> Iterator[tuple[int, State]]:
    """Yield the completed operations, as a bit set, and the state after each possible next operation."""
    remaining = [(index, event) for index, event in enumerate(ordered) if not done >> index & 1]
    first_return = min((event.returned for _, event in remaining), default=0)
    for index, event in remaining:
        if event.called > first_return:
            return
        for after in step(state, event.op):
            yield done | 1 << index, after
