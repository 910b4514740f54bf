"""The result of a load test and its problems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.load.histogram import Responses, count_unexpected
from bench.load.mix import RequestType
from bench.load.process_monitor import final_memory, memory_growth, warm_memory

MAX_GROWTH = 0.05
"""The maximum relative growth of the memory."""
EMULATOR = "emulator"
"""The name of the emulator process. It is monitored, but its memory is not checked, because it stores the data."""


@dataclass(frozen=True)
class LoadResult:
    """The result of a load test.

    Args:
        name: the target.
        clients: the number of concurrent clients.
        seconds: the duration.
        types: the request mix.
        responses: the responses.
        memory: the memory samples of each process in MB.
        cpu: the CPU seconds of each process.
    """

    name: str
    clients: int
    seconds: float
    types: tuple[RequestType, ...]
    responses: Responses
    memory: dict[str, list[float]]
    cpu: dict[str, float]

    @property
    def total(self) -> int:
        """The number of responses."""
        return self.responses.histogram.total()

    @property
    def application_cpu(self) -> float:
        """The CPU seconds of all processes except the emulator."""
        return sum(seconds for name, seconds in self.cpu.items() if name != EMULATOR)

    @property
    def per_core(self) -> float:
        """Responses per CPU second of the application."""
        return self.total / self.application_cpu

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each problem."""
        for (name, status), count in count_unexpected(self.responses.histogram, self.types).items():
            yield f"{self.name}: {count:,} times {status} for {name}."
        yield from (f"{self.name}: the first unexpected response was {text}" for text in self.responses.unexpected[:1])
        for error, count in self.responses.failed.items():
            yield f"{self.name}: {count:,} requests had no response ({error})."
        names = {name for name, _, _ in self.responses.histogram}
        for request_type in self.types:
            if request_type.name not in names:
                yield f"{self.name}: there was no response to {request_type.name}."
        for process, memory in self.memory.items():
            if process != EMULATOR and memory_growth(memory) > MAX_GROWTH:
                yield (
                    f"{self.name}: the memory of {process} has grown by {memory_growth(memory):.1%}: from "
                    f"{warm_memory(memory):.1f} MB in the third tenth to {final_memory(memory):.1f} MB in the last. "
                    f"The maximum is {MAX_GROWTH:.0%}."
                )
