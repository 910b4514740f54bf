"""Rules for the length and the docstrings of the sources. Each function returns a line for each violation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.repo.architecture import Function, sources

MODULE_LINES, FUNCTION_LINES = 300, 30
REASON = "It is long because"
"""The beginning of the reason in a docstring of a long module or function."""


def too_long(root: Path) -> list[str]:
    """A module has at most 300 lines and a function 30 without its docstring, unless the docstring has a reason."""
    violations = []
    for path, tree in sources(root).items():
        text = (root / path).read_text("utf-8")
        if len(text.splitlines()) > MODULE_LINES and not _has_reason(tree):
            violations.append(f"{path} has {len(text.splitlines())} lines")
        for node in ast.walk(tree):
            if isinstance(node, Function) and _lines(node) > FUNCTION_LINES and not _has_reason(node):
                violations.append(f"{path}: {node.name} has {_lines(node)} lines")
    return violations


def _has_reason(node: Function | ast.Module) -> bool:
    return REASON in (ast.get_docstring(node) or "")


def _lines(function: Function) -> int:
    """Return the number of lines of a function without its signature and docstring."""
    first = function.body[0]
    start = (first.end_lineno or 0) + 1 if ast.get_docstring(function) else first.lineno
    return (function.end_lineno or 0) - start + 1


def missing_docstrings(root: Path) -> list[str]:
    """Every module, public class and public function has a docstring."""
    violations = []
    for path, tree in sources(root).items():
        violations += [] if ast.get_docstring(tree) else [f"{path} has no docstring"]
        violations += [
            f"{path}: {name} has no docstring" for name, node in _public(tree) if not ast.get_docstring(node)
        ]
    return violations


def _public(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node, f"{node.name}.")


def forwarding_functions(root: Path) -> list[str]:
    """No function only passes its own parameters on to another one."""
    return [
        f"{path}:{node.lineno} {node.name} only forwards its parameters"
        for path, tree in sources(root).items()
        for node in ast.walk(tree)
        if isinstance(node, Function) and _only_forwards(node)
    ]


def _only_forwards(function: Function) -> bool:
    *_, last = function.body
    statements = len(function.body) - bool(ast.get_docstring(function))
    call = last.value if isinstance(last, ast.Return | ast.Expr) else None
    if statements != 1 or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
        return False
    parameters = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
    passed = [*(_unpacked(argument) for argument in call.args), *(keyword.value for keyword in call.keywords)]
    names = {argument.id for argument in passed if isinstance(argument, ast.Name)}
    # A function that receives the function which it calls is an adapter.
    callee = ast.unparse(call.func).partition(".")[0]
    return len(names) == len(passed) and names == parameters - {"self", "cls"} - {callee} and callee not in parameters


def _unpacked(argument: ast.expr) -> ast.expr:
    return argument.value if isinstance(argument, ast.Starred) else argument
