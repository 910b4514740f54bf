"""Keeps the engine alive while the café serves: an engine that dies is started again at once, on the same port."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import TracebackType

from tools.engine import Engine, EngineError
from tools.problem import Problem, say

TRIES = 5
PAUSE_SECONDS = 0.2


class Keeper:
    """Watches an engine from a thread of its own, for as long as the context lasts.

    The thread must outlive every engine it starts: an engine's leash is held by the thread that started it.

    Args:
        engine: an engine that runs.
        restarted: called after each new start.
    """

    def __init__(self, engine: Engine, restarted: Callable[[], None]) -> None:
        self._engine = engine
        self._restarted = restarted
        self._stopping = threading.Event()
        self._failure: EngineError | None = None

    def __enter__(self) -> Keeper:
        threading.Thread(target=self._watch, name="keeper", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._failure:
            raise Problem(f"The database engine ended and cannot be started again. {self._failure}")

    def _watch(self) -> None:
        while True:
            ended = self._engine.process.wait()
            if self._stopping.is_set():
                return
            say(f"The database engine ended (exit {ended}); starting it again.")
            try:
                self._revive()
            except EngineError as failure:
                self._failure = failure
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
                return
            self._restarted()

    def _revive(self) -> None:
        for tried in range(1, TRIES + 1):
            try:
                self._engine.start()
                return
            except EngineError:
                if tried == TRIES:
                    raise
                time.sleep(PAUSE_SECONDS * tried)
