"""Run calls concurrently, and make them collide in every run instead of now and then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Condition
from typing import TypeVar

T = TypeVar("T")

TIMEOUT = 30.0
"""Seconds until a test stops waiting for an event that must happen. No measurement depends on this value."""


class Rendezvous:
    """Holds threads back until enough of them have arrived.

    When each writer arrives before its write, all of them have read before any of them writes. A writer that retries
    arrives again. Participants that have left are no longer waited for.

    Args:
        participants: the number of threads.
        quorum: how many threads have to arrive; by default, all that have not left.
    """

    def __init__(self, participants: int, quorum: int | None = None) -> None:
        self._participants = participants
        self._quorum = quorum or participants
        self._waiting = self._round = 0
        self._changed = Condition()

    def arrive(self) -> None:
        """Wait until enough other threads have arrived."""
        with self._changed:
            self._waiting += 1
            own_round = self._round
            self._release()
            if not self._changed.wait_for(lambda: self._round > own_round, TIMEOUT):
                raise TimeoutError("The other threads have not arrived.")

    def leave(self) -> None:
        """Stop taking part."""
        with self._changed:
            self._participants -= 1
            self._release()

    def _release(self) -> None:
        if self._waiting and self._waiting >= min(self._quorum, self._participants):
            self._waiting = 0
            self._round += 1
            self._changed.notify_all()


def run_concurrently(calls: Sequence[Callable[[], T]], rendezvous: Rendezvous) -> list[T]:
    """Run each call in its own thread and return the results in the order of the calls."""
    start = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        try:
            start.wait(TIMEOUT)
            return call()
        finally:
            rendezvous.leave()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result() for future in [threads.submit(run, call) for call in calls]]
