"""Test that the sources keep the rules of the architecture, and that each rule detects a violation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repo.architecture import (
    ENTITY_NAMES,
    ENTRY_POINTS,
    Check,
    Function,
    environment_access,
    import_cycles,
    layer,
    sources,
    third_party_imports,
    upward_imports,
)
from tests.repo.source_rules import REASON, forwarding_functions, missing_docstrings, too_long

ROOT = Path(__file__).resolve().parents[2]
DOC = '"""A docstring."""\n'
LONG_MODULE = "\n".join(f"x{n} = {n}" for n in range(301))
LONG_BODY = "\n".join(f"    x{n} = {n}" for n in range(31))
METHODS = ("get", "post", "put", "patch", "delete", "dispatch_request")
FACTORIES = {"client", "resource", "Session", "get_session", "create_client", "make_client", "open_table", "create_app"}


def entity_names(root: Path) -> list[str]:
    """The generic layers http and store do not name an entity, except in docstrings."""
    violations = []
    for path, tree in sources(root).items():
        expressions = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
        docstrings = {id(value) for value in expressions if isinstance(value, ast.Constant)}
        for node in ast.walk(tree) if layer(path) in ("http", "store") else ():
            texts = [str(value) for _, value in ast.iter_fields(node) if isinstance(value, str | bytes)]
            snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", "" if id(node) in docstrings else " ".join(texts)).lower()
            if names := sorted(set(re.findall(r"[a-z]+", snake)) & ENTITY_NAMES):
                violations.append(f"{path}:{getattr(node, 'lineno', 0)} names {', '.join(names)}")
    return violations


def clients_at_import(root: Path) -> list[str]:
    """Only the entry points create AWS clients at import time."""
    violations = []
    for path, tree in sources(root).items():
        imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        aliases = {name.asname: name.name for node in imported for name in node.names}
        for call in _calls_at_import(tree) if path not in ENTRY_POINTS else ():
            name = ast.unparse(call.func)
            if aliases.get(name, name).rpartition(".")[2] in FACTORIES:
                violations.append(f"{path}:{call.lineno} calls {name} at import time")
    return violations


def _calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that are made at import time: those outside of functions, including decorators and defaults."""
    if isinstance(node, ast.Call):
        yield node
    body = node.body if isinstance(node, Function) else [node.body] if isinstance(node, ast.Lambda) else []
    for child in ast.iter_child_nodes(node):
        if child not in body:
            yield from _calls_at_import(child)


def os_aliases(root: Path) -> list[str]:
    """The module os has no alias, because ``environment_access`` would not find it."""
    return [
        f"{path}:{node.lineno} imports os with an alias"
        for path, tree in sources(root).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        if re.search(r"^import (.*, )?os as |^from os import \*", ast.unparse(node))
    ]


def undeclared_operations(root: Path) -> list[str]:
    """Each HTTP method of a resource declares its operation."""
    return [
        f"{path}: {cls.name}.{method.name} declares no operation"
        for path, tree in sources(root).items()
        for cls in ast.walk(tree)
        if layer(path) == "resources" and isinstance(cls, ast.ClassDef)
        # A table of operations is checked when the class is created. An abstract resource has no URL.
        if not any(ast.unparse(node).startswith("operations: ClassVar = {") for node in cls.body)
        if not any(keyword.arg == "abstract" for keyword in cls.keywords)
        for method in cls.body
        if isinstance(method, Function) and method.name in METHODS
        if not any(ast.unparse(decorator).startswith("operation(") for decorator in method.decorator_list)
    ]


NOT_BELOW = "which is not below it"
CHECKS: tuple[Check, ...] = (
    upward_imports, import_cycles, third_party_imports, entity_names, environment_access, os_aliases, clients_at_import,
    undeclared_operations, too_long, missing_docstrings, forwarding_functions,
)  # fmt: skip

VIOLATIONS: list[tuple[Check, dict[str, str], str]] = [
    (upward_imports, {"api/domain/cats.py": "from api.store import keys"}, NOT_BELOW),
    (upward_imports, {"api/domain/cats.py": "def f():\n    import api.http.authentication"}, NOT_BELOW),
    (upward_imports, {"api/domain/cats.py": "from api import store"}, NOT_BELOW),
    (upward_imports, {"api/store/table.py": "from api.http.problems import ProblemError"}, NOT_BELOW),
    (upward_imports, {"api/store/table.py": "from api.settings import Settings"}, NOT_BELOW),
    (upward_imports, {"api/http/authentication.py": "from api.resources import cats"}, NOT_BELOW),
    (upward_imports, {"api/http/authentication.py": "import api.services.accounts"}, NOT_BELOW),
    (upward_imports, {"api/services/accounts.py": "from api.http import auth"}, NOT_BELOW),
    (upward_imports, {"api/resources/cats.py": "from api.app import create_app"}, NOT_BELOW),
    (upward_imports, {"api/resources/cats.py": "from ..http import auth"}, "by a relative path"),
    (upward_imports, {"api/unknown/x.py": "from api.domain import cats"}, NOT_BELOW),
    (
        import_cycles,
        {"api/http/a.py": "from api.http.b import x", "api/http/b.py": "def f():\n    from api.http import c",
         "api/http/c.py": "import api.http.a"},
        "api/http/a.py -> api/http/b.py -> api/http/c.py -> api/http/a.py",
    ),
    (third_party_imports, {"api/domain/cats.py": "import flask"}, "imports flask"),
    (third_party_imports, {"api/store/paginator.py": "from flask import g"}, "imports flask"),
    (third_party_imports, {"api/resources/cats.py": "from botocore.exceptions import ClientError"}, "imports botocore"),
    (third_party_imports, {"handler.py": "import boto3"}, "imports boto3"),
    (entity_names, {"api/http/pagination.py": "x = '/cats?limit=1'"}, "names cats"),
    (entity_names, {"api/http/pagination.py": "def best_cat(): ..."}, "names cat"),
    (entity_names, {"api/http/pagination.py": "def f(x):\n    return x.newPies"}, "names pies"),
    (entity_names, {"api/http/pagination.py": "f(weighings=1)"}, "names weighings"),
    (entity_names, {"api/http/pagination.py": "class CatPage: ..."}, "names cat"),
    (entity_names, {"api/http/pagination.py": "from api.domain.cats import Cat"}, "names cat"),
    (entity_names, {"api/http/pagination.py": "x = f'/weights/{y}'"}, "names weights"),
    (entity_names, {"api/http/pagination.py": "x = b'/kittens'"}, "names kittens"),
    (entity_names, {"api/store/paginator.py": "pie"}, "names pie"),
    (environment_access, {"api/http/authentication.py": "import os\nx = os.environ['X']"}, "reads the environment"),
    (environment_access, {"api/settings.py": "import os\nx = os.getenv('X')"}, "reads the environment"),
    (environment_access, {"api/app.py": "from os import environ"}, "imports os.environ"),
    (environment_access, {"handler.py": "import os\nx = os.environ.get('X')"}, "reads the environment"),
    (os_aliases, {"api/http/authentication.py": "import os as o\nx = o.environ['X']"}, "imports os with an alias"),
    (clients_at_import, {"api/store/client.py": "client = boto3.client('dynamodb')"}, "calls boto3.client"),
    (clients_at_import, {"api/app.py": "class A:\n    app = create_app(None)"}, "calls create_app"),
    (clients_at_import, {"api/store/client.py": "from boto3 import Session as S\nx = S()"}, "calls S "),
    (clients_at_import, {"api/store/paginator.py": "def f(x=boto3.client('s3')): ..."}, "calls boto3.client"),
    (clients_at_import, {"api/store/paginator.py": "@f(client.open_table(0))\ndef f(): ..."}, "calls client.open"),
    (
        undeclared_operations,
        {"api/resources/cats.py": "class A(ItemResource):\n    @cache\n    def get(self): ..."},
        "A.get declares no operation",
    ),
    (
        undeclared_operations,
        {"api/resources/cats.py": "class A:\n    def dispatch_request(self): ..."},
        "A.dispatch_request declares no operation",
    ),
    (too_long, {"api/domain/cats.py": LONG_MODULE}, "has 302 lines"),
    (too_long, {"api/domain/cats.py": f"def f():\n{DOC and '    '}{DOC}{LONG_BODY}"}, "f has 31 lines"),
    (forwarding_functions, {"api/domain/cats.py": "def f(a, b):\n    'F.'\n    return g(a, key=b)"}, "f only forwards"),
    (forwarding_functions, {"api/domain/cats.py": "def f(*a, **b):\n    return c.g(*a, **b)"}, "f only forwards"),
    (missing_docstrings, {"api/domain/cats.py": "def f(): ..."}, "f has no docstring"),
    (missing_docstrings, {"api/domain/cats.py": "class A:\n    'A.'\n    def f(self): ..."}, "A.f has no docstring"),
    (missing_docstrings, {"api/domain/cats.py": "class A: ..."}, "A has no docstring"),
]  # fmt: skip


def write_sources(root: Path, files: dict[str, str]) -> Path:
    """Write a source tree of modules, each with a docstring."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(DOC + text, encoding="utf-8")
    return root


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_sources_keep_each_rule(check: Check) -> None:
    assert len(sources(ROOT)) > 50
    assert check(ROOT) == []


@pytest.mark.parametrize(("check", "files", "message"), VIOLATIONS)
def test_a_violation_is_detected(tmp_path: Path, check: Check, files: dict[str, str], message: str) -> None:
    violations = check(write_sources(tmp_path, files))
    assert violations
    assert all(message in violation and any(path in violation for path in files) for violation in violations)


def test_every_rule_has_a_violation() -> None:
    assert {check for check, _, _ in VIOLATIONS} == set(CHECKS)


@pytest.mark.parametrize(
    "files",
    [
        {"api/store/client.py": "from api.settings import Settings\nimport boto3\nfrom api import __version__"},
        {"api/http/pagination.py": "def f():\n    '''For example ``/cats?limit=1``.'''\nx: int = 1\n'''As in pies.'''"},
        {"api/http/pagination.py": "category, located, concatenate = 1, 'applicative', 'scatter'"},
        {"handler.py": "import os\nx = read_settings(os.environ)\napp = create_app(x, open_table(x))"},
        {"api/store/client.py": "def make_client():\n    '''C.'''\n    return boto3.client('dynamodb')"},
        {"api/domain/cats.py": f"def f():\n    '''F.\n\n    {REASON} it has to.\n    '''\n{LONG_BODY}"},
        {"api/domain/cats.py": "def _f(): ...\nclass A:\n    'A.'\n    def __repr__(self): ..."},
        {"api/resources/a.py": "class A:\n    'A.'\n    @operation('X')\n    def get(self):\n        'X.'"},
        {"api/domain/a.py": "from api.domain import b", "api/domain/b.py": ""},
    ],
)
def test_correct_sources_have_no_violation(tmp_path: Path, files: dict[str, str]) -> None:
    assert [violation for check in CHECKS for violation in check(write_sources(tmp_path, files))] == []


def test_a_long_module_with_a_reason_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "domain.py").write_text(
        f'"""A list.\n\n{REASON} it is a list.\n"""\n{LONG_MODULE}', encoding="utf-8"
    )
    assert too_long(tmp_path) == []


def test_no_test_is_skipped_or_uses_mocks() -> None:

    # Tests that need Chromium, wrk, buildah or zsh are skipped without them, but not in CI.
    optional = (
        "tests/browser/conftest.py",
        "tests/support/images.py",
        "tests/support/documents.py",
        "tests/bench/test_load.py",
    )
    exceptions = {*(ROOT / path for path in optional), Path(__file__).resolve()}
    violations = [
        f"{path.relative_to(ROOT)} has {word}"
        for path in sorted({*(ROOT / "tests").rglob("*.py")} - exceptions)
        for word in ("unittest.mock", "pytest.mark.skip", "pytest.skip(", "mocker.", "mark.xfail")
        if word in path.read_text("utf-8")
    ]
    assert violations == []
