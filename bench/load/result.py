"""What came of a run, and what of it is not as it must be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.load.mix import Kind
from bench.load.tally import Called, wrong
from bench.load.watch import growth, last, settled

GROWTH = 0.05
"""By which share the memory may have grown at the end of a run."""
ENGINE = "engine"
"""The process that is watched beside those that answer, and not judged: it is not ours."""


@dataclass(frozen=True)
class Result:
    """What one run has come to.

    Args:
        name: what was under load.
        callers: how many asked at once.
        seconds: for how long.
        kinds: the mix.
        called: the answers.
        memory: what each process held in the course of the run, in MB.
        cpu: the CPU seconds of each process.
    """

    name: str
    callers: int
    seconds: float
    kinds: tuple[Kind, ...]
    called: Called
    memory: dict[str, list[float]]
    cpu: dict[str, float]

    @property
    def answers(self) -> int:
        """How many answers there were."""
        return self.called.tally.total()

    @property
    def own_cpu(self) -> float:
        """CPU seconds of the processes that answer."""
        return sum(spent for name, spent in self.cpu.items() if name != ENGINE)

    @property
    def per_core(self) -> float:
        """Answers for each second that one core works on them, and on nothing else."""
        return self.answers / self.own_cpu

    def faults(self) -> Iterator[str]:
        """Yield what is not as it must be, a sentence each."""
        for (kind, status), count in wrong(self.called.tally, self.kinds).items():
            yield f"{self.name}: {count:,} times {status} for {kind}."
        yield from (f"{self.name}: the first of a caller was {odd}" for odd in self.called.odd[:1])
        for what, count in self.called.broken.items():
            yield f"{self.name}: {count:,} requests had no answer ({what})."
        asked = {kind for kind, _, _ in self.called.tally}
        yield from (f"{self.name}: nobody was answered {kind.name}." for kind in self.kinds if kind.name not in asked)
        for process, held in self.memory.items():
            if process != ENGINE and growth(held) > GROWTH:
                yield (
                    f"{self.name}: the memory of {process} has grown by {growth(held):.1%}: from {settled(held):.1f} "
                    f"MB in the third tenth to {last(held):.1f} MB in the last; at most {GROWTH:.0%} is well."
                )
