"""Many callers at once, and a way to let them collide each time, and not only now and then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Condition
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds until a test gives up waiting for something that has to happen. Nothing is measured with it."""


class Rendezvous:
    """Holds writers back until enough of them stand at the door: all of them have read before one of them writes.

    Whoever has to begin anew meets the others again. A guest who goes home is not waited for.

    Args:
        guests: how many there are.
        quorum: how many have to stand at the door; all who are still there if none is given.
    """

    def __init__(self, guests: int, quorum: int | None = None) -> None:
        self._guests = guests
        self._quorum = quorum or guests
        self._waiting = self._round = 0
        self._moved = Condition()

    def arrive(self) -> None:
        """Wait until enough others have come, too."""
        with self._moved:
            self._waiting += 1
            mine = self._round
            self._open_door()
            if not self._moved.wait_for(lambda: self._round > mine, PATIENCE):
                raise TimeoutError("The others have not come.")

    def leave(self) -> None:
        """Go home."""
        with self._moved:
            self._guests -= 1
            self._open_door()

    def _open_door(self) -> None:
        if self._waiting and self._waiting >= min(self._quorum, self._guests):
            self._waiting = 0
            self._round += 1
            self._moved.notify_all()


def run_concurrently(acts: Sequence[Callable[[], T]], meeting: Rendezvous) -> list[T]:
    """Do all acts at the same time, each in a thread of its own, and return what they return, in their order."""
    start = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        try:
            start.wait(PATIENCE)
            return act()
        finally:
            meeting.leave()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [future.result() for future in [threads.submit(run, act) for act in acts]]
