"""Monitor the memory and the CPU time of processes under load."""

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
"""The number of memory samples of a test: one every three seconds in ten minutes."""
PARTS = 10
"""The check compares the third tenth of a test with the last: the third and the last minute of ten."""
MEGABYTE = 1e6


class ProcessMonitor:
    """A context manager that samples processes in a thread.

    Args:
        processes: process ids by name.
        seconds: the duration of the test.
    """

    def __init__(self, processes: Mapping[str, int], seconds: float) -> None:
        self.memory: dict[str, list[float]] = {name: [] for name in processes}
        """The memory samples of each process in MB."""
        self.cpu: dict[str, float] = {}
        """The CPU seconds of each process."""
        self._processes, self._interval = processes, seconds / SAMPLES
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> ProcessMonitor:
        self.cpu = {name: -cpu_seconds(pid) for name, pid in self._processes.items()}
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        for name, pid in self._processes.items() if kind is None else ():
            try:
                self.cpu[name] += cpu_seconds(pid)
            except OSError:
                raise CliError(f"The process {name} has ended during the test.") from None

    def _sample(self) -> None:
        while not self._stop.wait(self._interval):
            for name, pid in self._processes.items():
                with suppress(OSError):  # the process has ended: __exit__ reports it
                    self.memory[name].append(memory_mb(pid))


def warm_memory(memory: Sequence[float]) -> float:
    """Return the memory after the warm-up: the median of the third tenth."""
    return _median_of_part(memory, 2)


def final_memory(memory: Sequence[float]) -> float:
    """Return the memory at the end: the median of the last tenth."""
    return _median_of_part(memory, PARTS - 1)


def memory_growth(memory: Sequence[float]) -> float:
    """Return the relative growth of the memory after the warm-up."""
    return final_memory(memory) / warm_memory(memory) - 1


def _median_of_part(memory: Sequence[float], number: int) -> float:
    if len(memory) < PARTS:
        raise CliError(f"There are only {len(memory)} memory samples; {PARTS} are needed.")
    return statistics.median(memory[len(memory) * number // PARTS : len(memory) * (number + 1) // PARTS])


def memory_mb(pid: int) -> float:
    """Return the resident set size of a process in MB (proc(5))."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
