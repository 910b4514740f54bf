"""Measure the CPU time of each statement of handler.py and of the first two GETs. Print the times as JSON.

Run this script in a fresh process. Only Clowder's package is on its path. A shared dependency counts for the statement
that imports it first.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MILLI = 1e6


def measure_start(entry: str, event: dict[str, Any]) -> list[tuple[str, float]]:
    """Run the handler module, handle two GETs, and return the steps with their CPU times in ms."""
    spec = importlib.util.find_spec(entry.partition(".")[0])
    if spec is None or spec.origin is None:
        sys.exit(f"The module of {entry} does not exist.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    last = 0
    steps: list[tuple[str, float]] = []

    def record(name: str) -> None:
        nonlocal last
        now = time.process_time_ns()
        steps.append((name, (now - last) / MILLI))
        last = now

    record("Python itself")
    for statement in _statements(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        exec(compile(ast.Module([statement], []), spec.origin, "exec"), module.__dict__)
        record(f"`{ast.unparse(statement).splitlines()[0]}`")
    for name in ("first GET", "second GET"):
        module.handler(event, None)
        record(name)
    return steps


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements after the docstring. Of a try statement, yield those of its body."""
    for statement in tree.body:
        if isinstance(statement, ast.Try):
            yield from statement.body
        elif ast.unparse(statement) != "from __future__ import annotations" and statement is not tree.body[0]:
            yield statement


if __name__ == "__main__":
    case = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    print(json.dumps(measure_start(sys.argv[1], case["event"])))
