"""Run the fast tests against a random sample of mutants, and print the score and the survivors (``make mutants``).

mutmut generates the mutants and runs for each of them the tests that call the mutated function. ``[tool.mutmut]`` in
pyproject.toml says which modules are mutated and which tests run.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tools.cli import CliError, echo, run_main

ROOT = Path(__file__).resolve().parents[2]
MUTMUT = ROOT / ".tools" / "mutants" / "bin" / "mutmut"
KILLED, NOT_RUN = {"killed", "timeout"}, "not checked"


def main() -> None:
    """Run a sample of ``SAMPLE`` mutants that is drawn with ``SEED``."""
    size, seed = int(os.environ.get("SAMPLE", "100")), int(os.environ.get("SEED", "1"))
    # No mutant has this name: mutmut generates the mutants, records which tests call what, and ends with an error.
    mutmut("run", "none", stderr=subprocess.DEVNULL)
    names = sorted(name for path in (ROOT / "mutants" / "api").rglob("*.meta") for name in mutants_of(path))
    if not names:
        raise CliError("mutmut generated no mutants. Its message is above.")
    sample = random.Random(seed).sample(names, min(size, len(names)))  # noqa: S311 - not a secret
    mutmut("run", *sample)
    results = dict(line.strip().rsplit(": ", 1) for line in output("results", "--all", "true").splitlines())
    if any(results.get(name, NOT_RUN) == NOT_RUN for name in sample):
        raise CliError("mutmut has not run all mutants. Its message is above.")
    survivors = [name for name in sample if results[name] not in KILLED]
    for name in survivors:
        echo(f"\n{results[name]}: {name}\n{output('show', name)}")
    counts = ", ".join(f"{number} {status}" for status, number in Counter(results[name] for name in sample).items())
    score = 100 * (len(sample) - len(survivors)) / len(sample)
    echo(f"Score: {score:.1f} % of {len(sample)} of {len(names)} mutants with seed {seed} ({counts}).")


def mutants_of(path: Path) -> list[str]:
    """Return the names of the mutants of a module."""
    return list(json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"])


def mutmut(*arguments: str, stderr: int | None = None) -> None:
    """Run mutmut and show its progress."""
    subprocess.run([str(MUTMUT), *arguments], cwd=ROOT, stdout=sys.stderr, stderr=stderr, check=False)


def output(*arguments: str) -> str:
    """Return the output of mutmut."""
    return subprocess.run([str(MUTMUT), *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    run_main(main)
