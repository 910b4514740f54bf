"""Runs in a fresh process, beside the package alone: starts as handler.py does, but one statement after the other.

The CPU time of each is printed as JSON. What several need counts where it is needed first.
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


def start(entry: str, event: dict[str, Any]) -> list[tuple[str, float]]:
    """Start, and answer twice; return the steps, each with its CPU time in ms."""
    spec = importlib.util.find_spec(entry.partition(".")[0])
    if spec is None or spec.origin is None:
        sys.exit(f"{entry} is not there.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    last = 0
    taken: list[tuple[str, float]] = []

    def done(name: str) -> None:
        nonlocal last
        now = time.process_time_ns()
        taken.append((name, (now - last) / MILLI))
        last = now

    done("Python itself")
    for statement in _statements(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        exec(compile(ast.Module([statement], []), spec.origin, "exec"), module.__dict__)
        done(f"`{ast.unparse(statement).splitlines()[0]}`")
    for name in ("first GET", "second GET"):
        module.handler(event, None)
        done(name)
    return taken


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield what is done behind the docstring; nothing goes wrong here, so what is tried is just done."""
    for statement in tree.body:
        if isinstance(statement, ast.Try):
            yield from statement.body
        elif ast.unparse(statement) != "from __future__ import annotations" and statement is not tree.body[0]:
            yield statement


if __name__ == "__main__":
    print(json.dumps(start(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))["event"])))
