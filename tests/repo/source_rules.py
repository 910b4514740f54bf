"""Finds what is too long or says nothing of itself in a tree of sources: a line for each offence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.repo.architecture import Function, sources

MODULE_LINES, FUNCTION_LINES = 300, 30
REASON = "It is long because"
"""With these words a docstring says why it has to be."""


def too_long(root: Path) -> list[str]:
    """A module has about 300 lines at most and a function about 30, docstring apart, unless it says why it has more."""
    found = []
    for path, tree in sources(root).items():
        text = (root / path).read_text("utf-8")
        if len(text.splitlines()) > MODULE_LINES and not _says_why(tree):
            found.append(f"{path} has {len(text.splitlines())} lines")
        for node in ast.walk(tree):
            if isinstance(node, Function) and _lines(node) > FUNCTION_LINES and not _says_why(node):
                found.append(f"{path}: {node.name} has {_lines(node)} lines")
    return found


def _says_why(node: Function | ast.Module) -> bool:
    return REASON in (ast.get_docstring(node) or "")


def _lines(function: Function) -> int:
    """Count what there is to follow: neither the docstring nor the signature."""
    told = function.body[0]
    begins = (told.end_lineno or 0) + 1 if ast.get_docstring(function) else told.lineno
    return (function.end_lineno or 0) - begins + 1


def undocumented(root: Path) -> list[str]:
    """Every module, and every function and class that is public, says in a docstring what it is for."""
    found = []
    for path, tree in sources(root).items():
        found += [] if ast.get_docstring(tree) else [f"{path} has no docstring"]
        found += [f"{path}: {name} has no docstring" for name, node in _public(tree) if not ast.get_docstring(node)]
    return found


def _public(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield inside + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node, f"{node.name}.")
