"""The plan of the house holds; and each rule of it catches a house that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repo.architecture import (
    NOUNS,
    Check,
    Function,
    circles,
    environment,
    room,
    sources,
    strangers,
    upward_imports,
)
from tests.repo.source_rules import REASON, too_long, undocumented

ROOT = Path(__file__).resolve().parents[2]
DOC = '"""What it is for."""\n'
LONG = "\n".join(f"x{n} = {n}" for n in range(301))
MANY = "\n".join(f"    x{n} = {n}" for n in range(31))
METHODS = ("get", "post", "put", "patch", "delete", "dispatch_request")
MAKERS = {"client", "resource", "Session", "get_session", "create_client", "make_client", "open_table", "create_app"}


def nouns_in_the_rules(root: Path) -> list[str]:
    """What holds for every noun names none, in HTTP as in the store; a docstring may, as an example."""
    found = []
    for path, tree in sources(root).items():
        exprs = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
        told = {id(value) for value in exprs if isinstance(value, ast.Constant)}
        for node in ast.walk(tree) if room(path) in ("http", "store") else ():
            texts = [str(value) for _, value in ast.iter_fields(node) if isinstance(value, str | bytes)]
            snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", "" if id(node) in told else " ".join(texts)).lower()
            if named := sorted(set(re.findall(r"[a-z]+", snake)) & (NOUNS | {"weight", "herd"})):
                found.append(f"{path}:{getattr(node, 'lineno', 0)} names {', '.join(named)}")
    return found


def clients_at_import(root: Path) -> list[str]:
    """What talks to AWS is made by handler.py, and elsewhere only when a function is called."""
    found = []
    for path, tree in sources(root).items():
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        real = {name.asname: name.name for node in froms for name in node.names}
        for call in _at_import(tree) if path != "handler.py" else ():
            name = ast.unparse(call.func)
            if real.get(name, name).rpartition(".")[2] in MAKERS:
                found.append(f"{path}:{call.lineno} calls {name} when it is imported")
    return found


def _at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls outside of functions; a decorator and a default stand outside too."""
    if isinstance(node, ast.Call):
        yield node
    later = node.body if isinstance(node, Function) else [node.body] if isinstance(node, ast.Lambda) else []
    for child in ast.iter_child_nodes(node):
        if child not in later:
            yield from _at_import(child)


def disguises(root: Path) -> list[str]:
    """Os goes by its own name, or whoever looks for what reads the environment would overlook it."""
    return [
        f"{path}:{node.lineno} disguises os"
        for path, tree in sources(root).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        if re.search(r"^import (.*, )?os as |^from os import \*", ast.unparse(node))
    ]


def undeclared(root: Path) -> list[str]:
    """Each method of a resource declares its operation, and no resource goes round what looks at it."""
    return [
        f"{path}: {cls.name}.{method.name} declares no operation"
        for path, tree in sources(root).items()
        for cls in ast.walk(tree)
        if room(path) == "resources" and isinstance(cls, ast.ClassDef)
        # A table of operations is checked when the class is made; an abstract resource has no URL.
        if not any(ast.unparse(node).startswith("operations: ClassVar = {") for node in cls.body)
        if not any(keyword.arg == "abstract" for keyword in cls.keywords)
        for method in cls.body
        if isinstance(method, Function) and method.name in METHODS
        if not any(ast.unparse(mark).startswith("operation(") for mark in method.decorator_list)
    ]


NOT_BELOW = "which is not below it"
CHECKS: tuple[Check, ...] = (
    upward_imports, circles, strangers, nouns_in_the_rules, environment, disguises, clients_at_import, undeclared,
    too_long, undocumented,
)  # fmt: skip

OFFENCES: list[tuple[Check, dict[str, str], str]] = [
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
    (upward_imports, {"api/attic/x.py": "from api.domain import cats"}, NOT_BELOW),
    (
        circles,
        {"api/http/a.py": "from api.http.b import x", "api/http/b.py": "def f():\n    from api.http import c",
         "api/http/c.py": "import api.http.a"},
        "api/http/a.py -> api/http/b.py -> api/http/c.py -> api/http/a.py",
    ),
    (strangers, {"api/domain/cats.py": "import flask"}, "imports flask"),
    (strangers, {"api/store/paginator.py": "from flask import g"}, "imports flask"),
    (strangers, {"api/resources/cats.py": "from botocore.exceptions import ClientError"}, "imports botocore"),
    (strangers, {"handler.py": "import boto3"}, "imports boto3"),
    (nouns_in_the_rules, {"api/http/pagination.py": "x = '/cats?limit=1'"}, "names cats"),
    (nouns_in_the_rules, {"api/http/pagination.py": "def best_cat(): ..."}, "names cat"),
    (nouns_in_the_rules, {"api/http/pagination.py": "def f(x):\n    return x.newPies"}, "names pies"),
    (nouns_in_the_rules, {"api/http/pagination.py": "f(weighings=1)"}, "names weighings"),
    (nouns_in_the_rules, {"api/http/pagination.py": "class CatPage: ..."}, "names cat"),
    (nouns_in_the_rules, {"api/http/pagination.py": "from api.domain.cats import Cat"}, "names cat"),
    (nouns_in_the_rules, {"api/http/pagination.py": "x = f'/weights/{y}'"}, "names weights"),
    (nouns_in_the_rules, {"api/http/pagination.py": "x = b'/herd'"}, "names herd"),
    (nouns_in_the_rules, {"api/store/paginator.py": "pie"}, "names pie"),
    (environment, {"api/http/authentication.py": "import os\nx = os.environ['X']"}, "reads the environment"),
    (environment, {"api/settings.py": "import os\nx = os.getenv('X')"}, "reads the environment"),
    (environment, {"api/app.py": "from os import environ"}, "imports os.environ"),
    (environment, {"handler.py": "import os\nx = os.environ.get('X')"}, "reads the environment"),
    (disguises, {"api/http/authentication.py": "import os as o\nx = o.environ['X']"}, "disguises os"),
    (clients_at_import, {"api/store/client.py": "client = boto3.client('dynamodb')"}, "calls boto3.client"),
    (clients_at_import, {"api/app.py": "class A:\n    app = create_app(None)"}, "calls create_app"),
    (clients_at_import, {"api/store/client.py": "from boto3 import Session as S\nx = S()"}, "calls S "),
    (clients_at_import, {"api/store/paginator.py": "def f(x=boto3.client('s3')): ..."}, "calls boto3.client"),
    (clients_at_import, {"api/store/paginator.py": "@f(client.open_table(0))\ndef f(): ..."}, "calls client.open"),
    (undeclared, {"api/resources/cats.py": "class A(Thing):\n    @cache\n    def get(self): ..."}, "A.get declares no"),
    (undeclared, {"api/resources/cats.py": "class A:\n    def dispatch_request(self): ..."}, "A.dispatch_request"),
    (too_long, {"api/domain/cats.py": LONG}, "has 302 lines"),
    (too_long, {"api/domain/cats.py": f"def f():\n{DOC and '    '}{DOC}{MANY}"}, "f has 31 lines"),
    (undocumented, {"api/domain/cats.py": "def f(): ..."}, "f has no docstring"),
    (undocumented, {"api/domain/cats.py": "class A:\n    'A.'\n    def f(self): ..."}, "A.f has no docstring"),
    (undocumented, {"api/domain/cats.py": "class A: ..."}, "A has no docstring"),
]  # fmt: skip


def build(root: Path, files: dict[str, str]) -> Path:
    """Build a house of some modules, each with a docstring."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(DOC + text, encoding="utf-8")
    return root


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_keeps_to_its_plan(check: Check) -> None:
    assert len(sources(ROOT)) > 50
    assert check(ROOT) == []


@pytest.mark.parametrize(("check", "files", "told"), OFFENCES)
def test_a_house_that_breaks_the_plan_is_caught(tmp_path: Path, check: Check, files: dict[str, str], told: str) -> None:
    found = check(build(tmp_path, files))
    assert found
    assert all(told in offence and any(path in offence for path in files) for offence in found)


def test_every_rule_has_an_offence_that_it_catches() -> None:
    assert {check for check, _, _ in OFFENCES} == set(CHECKS)


@pytest.mark.parametrize(
    "files",
    [
        {"api/store/client.py": "from api.settings import Settings\nimport boto3\nfrom api import __version__"},
        {"api/http/pagination.py": "def f():\n    '''For example ``/cats?limit=1``.'''\nx: int = 1\n'''As in pies.'''"},
        {"api/http/pagination.py": "category, located, concatenate = 1, 'applicative', 'scatter'"},
        {"handler.py": "import os\nx = read_settings(os.environ)\napp = create_app(x, open_table(x))"},
        {"api/store/client.py": "def make_client():\n    '''C.'''\n    return boto3.client('dynamodb')"},
        {"api/domain/cats.py": f"def f():\n    '''F.\n\n    {REASON} it has to.\n    '''\n{MANY}"},
        {"api/domain/cats.py": "def _f(): ...\nclass A:\n    'A.'\n    def __repr__(self): ..."},
        {"api/resources/a.py": "class A:\n    'A.'\n    @operation('X')\n    def get(self):\n        'X.'"},
        {"api/domain/a.py": "from api.domain import b", "api/domain/b.py": ""},
    ],
)
def test_what_is_within_the_plan_is_not_caught(tmp_path: Path, files: dict[str, str]) -> None:
    assert [offence for check in CHECKS for offence in check(build(tmp_path, files))] == []


def test_a_long_module_that_says_why_is_let_through(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "domain.py").write_text(f'"""A list.\n\n{REASON} it is a list.\n"""\n{LONG}', encoding="utf-8")
    assert too_long(tmp_path) == []


def test_the_tests_try_our_own_code_and_leave_nothing_out() -> None:
    """No mock of our own code, and no test that is skipped."""
    # A machine may have no Chromium, no wrk, or nothing that builds images; in CI that is a failure.
    able = ("tests/browser/conftest.py", "tests/support/images.py", "tests/bench/test_load.py")
    excused = {*(ROOT / path for path in able), Path(__file__).resolve()}
    found = [
        f"{path.relative_to(ROOT)} has {word}"
        for path in sorted({*(ROOT / "tests").rglob("*.py")} - excused)
        for word in ("unittest.mock", "pytest.mark.skip", "pytest.skip(", "mocker.", "mark.xfail")
        if word in path.read_text("utf-8")
    ]
    assert found == []
