"""Watches processes of this machine while they are under load: the memory that they hold, the time they compute."""

from __future__ import annotations

import os
import statistics
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from tools.cli import CliError

SAMPLES = 200
"""How often one looks in the course of a run: every three seconds in ten minutes."""
PARTS = 10
"""A run is judged by its third tenth and its last: by the third and the last minute of ten."""
MEGABYTE = 1e6


class Watch:
    """Looks at processes from a thread of its own, as long as the context lasts.

    Args:
        processes: their ids, by what they are called.
        seconds: how long the run takes.
    """

    def __init__(self, processes: Mapping[str, int], seconds: float) -> None:
        self.memory: dict[str, list[float]] = {name: [] for name in processes}
        """What each held at each look, in MB."""
        self.cpu: dict[str, float] = {}
        """The CPU seconds of each."""
        self._processes, self._every = processes, seconds / SAMPLES
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self.cpu = {name: -cpu_seconds(pid) for name, pid in self._processes.items()}
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        for name, pid in self._processes.items() if kind is None else ():
            try:
                self.cpu[name] += cpu_seconds(pid)
            except OSError:
                raise CliError(f"The {name} has ended in the course of the run.") from None

    def _look(self) -> None:
        while not self._over.wait(self._every):
            for name, pid in self._processes.items():
                with suppress(OSError):  # it has ended, which is told in the end
                    self.memory[name].append(memory_mb(pid))


def settled(memory: Sequence[float]) -> float:
    """Return what a process held when it had warmed up: the median of the third tenth."""
    return _part(memory, 2)


def last(memory: Sequence[float]) -> float:
    """Return what a process held in the end: the median of the last tenth."""
    return _part(memory, PARTS - 1)


def growth(memory: Sequence[float]) -> float:
    """Return by which share the memory has grown since the process had warmed up."""
    return last(memory) / settled(memory) - 1


def _part(memory: Sequence[float], number: int) -> float:
    if len(memory) < PARTS:
        raise CliError(f"The memory was looked at {len(memory)} times, which is too seldom to judge it.")
    return statistics.median(memory[len(memory) * number // PARTS : len(memory) * (number + 1) // PARTS])


def memory_mb(pid: int) -> float:
    """Return the memory that a process holds, in MB (its resident set, proc(5))."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def cpu_seconds(pid: int) -> float:
    """Return the time that a process has been on a processor, in its own code and in the system's for it."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
