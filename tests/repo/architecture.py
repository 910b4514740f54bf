"""Finds what breaks the plan of the house in a tree of sources: one function for each rule, a line for each offence."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

ALLOWED: dict[str, set[str]] = {
    # room: the rooms below it, which it may import from
    "domain": {"domain"},
    "settings": {"domain"},
    "store": {"domain", "store"},
    "store/client.py": {"domain", "store", "settings"},
    "context": {"domain", "store", "settings"},
    "services": {"domain", "store", "context", "services"},
    "web": {"domain"},
    "http": {"domain", "store", "settings", "context", "http"},
    "resources": {"domain", "store", "context", "services", "http", "web", "resources"},
    "app": {"domain", "store", "settings", "context", "services", "http", "resources"},
    "handler": {"domain", "store", "settings", "http", "app"},
}
FOREIGN = {
    # what comes from elsewhere: where it is known
    "flask": {"http", "resources", "app"},
    "flask_restful": {"http", "app"},
    "werkzeug": {"http"},
    "serverless_wsgi": {"http", "handler"},
    "boto3": {"store"},
    "botocore": {"store"},
    "argon2": {"domain"},
}
NOUNS = {"cat", "cats", "kitten", "kittens", "weights", "weighing", "weighings", "pie", "pies", "todo", "todos", "slot",
         "slots", "booking", "bookings", "adoption", "adoptions", "photo", "photos"}  # fmt: skip

ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Check = Callable[[Path], list[str]]


def sources(root: Path) -> dict[str, ast.Module]:
    """Return the modules of a tree by their path: those of api/, and handler.py."""
    found = [*sorted(root.glob("api/**/*.py")), *root.glob("handler.py")]
    return {path.relative_to(root).as_posix(): ast.parse(path.read_text("utf-8")) for path in found}


def room(path: str) -> str:
    """Return the room that a module stands in: ``api/http/authentication.py`` is in http, ``api/app.py`` in app."""
    parts = Path(path.removeprefix("api/"))
    return parts.parts[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the modules that a module imports, with the parent of each imported member."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{'.' * node.level}{node.module or ''}.{name.name}" for name in node.names)


def upward_imports(root: Path) -> list[str]:
    """Imports point downward only."""
    found = []
    for path, tree in sources(root).items():
        allowed = ALLOWED.get(path.removeprefix("api/"), ALLOWED.get(room(path), set()))
        for name in imports(tree):
            parts = name.split(".")
            if name.startswith("."):
                found.append(f"{path} imports {name} by a relative path")
            elif parts[0] == "api" and len(parts) > 1 and not parts[1].startswith("__") and parts[1] not in allowed:
                found.append(f"{path} imports {name}, which is not below it")
    return found


def circles(root: Path) -> list[str]:
    """No module imports itself by way of others."""
    modules = sources(root)
    names = {path.removesuffix(".py").replace("/", "."): path for path in modules}
    known = {path: {names[name] for name in imports(tree) if name in names} for path, tree in modules.items()}
    found: list[str] = []

    def walk(path: str, way: tuple[str, ...]) -> None:
        if path in way:
            found.append(" -> ".join([*way[way.index(path) :], path]))
        elif path not in done:
            for other in sorted(known[path]):
                walk(other, (*way, path))
            done.add(path)

    done: set[str] = set()
    for path in modules:
        walk(path, ())
    return found


def strangers(root: Path) -> list[str]:
    """Flask is known to HTTP alone, boto3 to the store alone."""
    return [
        f"{path} imports {name}"
        for path, tree in sources(root).items()
        for name in sorted({name.split(".")[0] for name in imports(tree)} & FOREIGN.keys())
        if room(path) not in FOREIGN[name]
    ]


def environment(root: Path) -> list[str]:
    """The environment is read by ``read_settings`` alone; handler.py hands it over."""
    found = []
    for path, tree in sources(root).items():
        handed = {
            id(argument)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "read_settings" and path == "handler.py"
            for argument in node.args
        }
        found += [
            f"{path}:{node.lineno} reads the environment"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ENVIRONMENT and id(node) not in handed
        ]
        found += [f"{path} imports {name}" for name in imports(tree) if name in ENVIRONMENT]
    return found


def _at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that are made when a module is imported: those outside of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, Function | ast.Lambda):
            yield from _at_import(child)
