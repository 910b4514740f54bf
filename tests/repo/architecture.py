"""Rules of the architecture. Each function checks one rule and returns a line for each violation."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

ALLOWED: dict[str, set[str]] = {
    # layer: the layers that it may import
    "domain": {"domain"},
    "settings": {"domain"},
    "store": {"domain", "store"},
    "store/client.py": {"domain", "store", "settings"},
    "context": {"domain", "store", "settings"},
    "services": {"domain", "store", "context", "services"},
    "web": {"domain", "web"},
    "http": {"domain", "store", "settings", "context", "http"},
    "resources": {"domain", "store", "context", "services", "http", "web", "resources"},
    "app": {"domain", "store", "settings", "context", "services", "http", "web", "resources"},
    "handler": {"domain", "store", "settings", "http", "app"},
    "imaging": {"domain"},
    "imaging/handler.py": {"domain", "store", "settings", "context", "services", "http", "imaging"},
}
ENTRY_POINTS = ("handler.py", "api/imaging/handler.py")
"""The modules that Lambda starts. Only they read the environment."""
THIRD_PARTY = {
    # third-party package: the layers that may import it
    "flask": {"http", "resources", "app"},
    "flask_restful": {"http", "app"},
    "werkzeug": {"http"},
    "serverless_wsgi": {"http", "handler"},
    "boto3": {"store"},
    "botocore": {"store"},
    "argon2": {"domain"},
    "PIL": {"imaging"},
}
ENTITY_NAMES = {
    "cat", "cats", "kitten", "kittens", "weight", "weights", "weighing", "weighings", "pie", "pies", "todo", "todos",
    "slot", "slots", "booking", "bookings", "adoption", "adoptions", "photo", "photos",
}  # fmt: skip

ENVIRONMENT_NAMES = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Check = Callable[[Path], list[str]]


def sources(root: Path) -> dict[str, ast.Module]:
    """Return the parsed modules of api/ and handler.py, by path."""
    paths = [*sorted(root.glob("api/**/*.py")), *root.glob("handler.py")]
    return {path.relative_to(root).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}


def layer(path: str) -> str:
    """Return the layer of a module: ``http`` for ``api/http/authentication.py``, ``app`` for ``api/app.py``."""
    parts = Path(path.removeprefix("api/"))
    return parts.parts[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the imported modules and members."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{'.' * node.level}{node.module or ''}.{name.name}" for name in node.names)


def upward_imports(root: Path) -> list[str]:
    """A module imports only layers below its own."""
    violations = []
    for path, tree in sources(root).items():
        allowed = ALLOWED.get(path.removeprefix("api/"), ALLOWED.get(layer(path), set()))
        for name in imports(tree):
            parts = name.split(".")
            if name.startswith("."):
                violations.append(f"{path} imports {name} by a relative path")
            elif parts[0] == "api" and len(parts) > 1 and not parts[1].startswith("__") and parts[1] not in allowed:
                violations.append(f"{path} imports {name}, which is not below it")
    return violations


def import_cycles(root: Path) -> list[str]:
    """There are no import cycles."""
    modules = sources(root)
    names = {path.removesuffix(".py").replace("/", "."): path for path in modules}
    imported = {path: {names[name] for name in imports(tree) if name in names} for path, tree in modules.items()}
    cycles: list[str] = []
    visited: set[str] = set()

    def visit(path: str, parents: tuple[str, ...]) -> None:
        if path in parents:
            cycles.append(" -> ".join([*parents[parents.index(path) :], path]))
        elif path not in visited:
            for other in sorted(imported[path]):
                visit(other, (*parents, path))
            visited.add(path)

    for path in modules:
        visit(path, ())
    return cycles


def third_party_imports(root: Path) -> list[str]:
    """Only some layers import third-party packages: only HTTP imports Flask, only the store imports boto3."""
    return [
        f"{path} imports {name}"
        for path, tree in sources(root).items()
        for name in sorted({name.split(".")[0] for name in imports(tree)} & THIRD_PARTY.keys())
        if layer(path) not in THIRD_PARTY[name]
    ]


def environment_access(root: Path) -> list[str]:
    """Only the entry points use the environment, and only as the argument of ``read_settings``."""
    violations = []
    for path, tree in sources(root).items():
        passed = {
            id(argument)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "read_settings" and path in ENTRY_POINTS
            for argument in node.args
        }
        violations += [
            f"{path}:{node.lineno} reads the environment"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ENVIRONMENT_NAMES and id(node) not in passed
        ]
        violations += [f"{path} imports {name}" for name in imports(tree) if name in ENVIRONMENT_NAMES]
    return violations
