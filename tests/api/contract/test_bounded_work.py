"""The work for a request is bounded: every operation gets the worst bodies and URLs of the largest allowed size.

Work is counted, not timed: function calls, characters that Unicode normalisation gets, errors, and bytes.
"""

from __future__ import annotations

import ast
import cProfile
import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from markdown_it import MarkdownIt
from werkzeug.test import TestResponse

from api.app import RESOURCES
from api.domain import names, passwords
from api.http.problems import MAX_BYTES as MAX_ERROR_BYTES
from api.http.problems import MAX_ERRORS
from api.http.request_body import FORM, JSON, MAX_BYTES, MERGE_PATCH
from api.http.resource import Operation, Resource
from api.http.validation import get_type_hints
from api.store.table import Table
from tests.support.app import TestApp, pointers, problem
from tests.support.failing_tables import replace_table
from tests.support.forms import browser_of, values
from tests.support.inspection import writes_nothing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
MARKS = "\u0315\u0300"
"""Combining marks of two classes. Normalisation sorts them, which takes quadratic time."""
CALLS_PER_BYTE, CALLS = 3, 100_000
"""The most function calls for a request, besides those of the store: for each byte of the request, and in addition."""
MAX_NORMALISED = 20_000
"""The most characters that normalisation gets in one request."""
MAX_TEXT_NORMALISED = 1_100
"""The most characters that normalisation gets in one call: 256 code points, decomposed."""


class Work:
    """The counted work of one request."""

    def __init__(self) -> None:
        self.calls = 0
        self.normalised: list[int] = []


class UncountedTable(Table):
    """A table whose calls of DynamoDB are not counted."""

    profile: cProfile.Profile | None = None
    """The running profile, None outside of ``counted_work``."""

    def _call(self, *arguments: Any) -> Any:
        if self.profile is None:
            return super()._call(*arguments)
        self.profile.disable()
        try:
            return super()._call(*arguments)
        finally:
            self.profile.enable()


@contextmanager
def counted_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Count the function calls of the block outside of the store, and the characters that normalisation gets."""
    work, normalize = Work(), unicodedata.normalize

    def record(form: Any, text: str) -> str:
        work.normalised.append(len(text))
        return normalize(form, text[:2000])  # a longer text fails the test, and must not stop it

    profile = UncountedTable.profile = cProfile.Profile()
    with monkeypatch.context() as patch:
        patch.setattr(unicodedata, "normalize", record)
        profile.enable()
        try:
            yield work
        finally:
            profile.disable()
            UncountedTable.profile = None
    work.calls = sum(entry.callcount for entry in profile.getstats())


def operations() -> list[tuple[type[Resource], str, str, Operation]]:
    """Return the class, the method, the path and the declaration of every operation. Logout is the last one."""
    found = [(cls, method, cls.path, operation) for cls in RESOURCES for method, operation in cls.operations.items()]
    return sorted(found, key=lambda operation: operation[2] == "/logout")


def fill(character: str, size: int = MAX_BYTES - 1000) -> str:
    """Return a text whose JSON in UTF-8 has the size."""
    return character * (size // (len(json.dumps(character, ensure_ascii=False).encode()) - 2))


def body_shapes(body: type[msgspec.Struct], method: str) -> Iterator[tuple[str, bytes, str]]:
    """Yield the name, the bytes and the media type of the worst bodies for a struct."""
    media = MERGE_PATCH if method == "patch" else JSON
    hints = get_type_hints(body)
    fields = [field.encode_name for field in msgspec.structs.fields(body)]
    arrays = [field.encode_name for field in msgspec.structs.fields(body) if "tuple[" in str(hints[field.name])]
    share = (MAX_BYTES - 1000) // len(fields) - 20
    texts = {"marks": "a" + fill(MARKS, share), "control characters": fill("\x01", share)}
    shapes: dict[str, Any] = {f"{name} in every field": dict.fromkeys(fields, text) for name, text in texts.items()}
    for name, element in {"objects": {}, "names": "a" + MARKS * 3000, "numbers": 10**399}.items() if arrays else ():
        length = (MAX_BYTES - 1000) // len(arrays) // (len(json.dumps(element, ensure_ascii=False).encode()) + 1)
        shapes[f"{name} in every array"] = {array: [element] * length for array in arrays}
    if arrays:
        shapes["ten long names in every array"] = {array: ["a" + MARKS * 2000] * 10 for array in arrays}
    shapes |= {
        "unknown members": {f"{number:x}": 0 for number in range(28_000)},
        "an unknown member with a long name": {fill("\x01"): 0},
        "nested lists": {fields[0]: [[[[[[0] * 3] * 10] * 10] * 10] * 10]},
    }
    for name, shape in shapes.items():
        yield name, json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode()[:MAX_BYTES], media
    name = json.dumps(fill('"', MAX_BYTES // 2 - 100)).encode()
    yield "a repeated member with a long name", b"{%s:0,%s:0}" % (name, name), media
    if method != "patch":
        yield "100 unknown form fields", b"&".join(b"%d=%s" % (n, b"%01" * 800) for n in range(100)), FORM
        yield "a form with too many fields", b"a=&" * 80_000, FORM
        yield "a form field with a long name", b"k" * (MAX_BYTES - 2) + b"=1", FORM


def query_shapes(operation: Operation) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of the worst queries."""
    yield "unknown parameters", "&".join([*(f"{number:x}" for number in range(1_000)), "%01" * 1_000, "%22" * 1_000])
    names = [parameter.name for parameter in operation.query.parameters]
    if names:
        yield "marks in every parameter", "&".join(f"{name}=a{quote(MARKS) * (700 // len(names))}" for name in names)
        yield "commas in every parameter", "&".join(f"{name}={'a,' * (4_800 // len(names))}" for name in names)
        yield "repeated parameters", "&".join(f"{name}=1" for name in names * (700 // len(names)))


ECHOED = {
    "unknown members", "an unknown member with a long name", "a repeated member with a long name", "unknown parameters",
    "a long path",
}  # fmt: skip
"""Shapes whose errors have text of the client. A browser gets them in an HTML page."""
HTML = {"Accept": "text/html, */*;q=0.1"}
HEADERS = {
    "long Accept and tags": {"Accept": "*/*;q=0.1," * 300, "If-Match": '"a",' * 900, "If-None-Match": '"a",' * 900},
    "long Content-Type and Idempotency-Key": {"Content-Type": "x" * 5_000, "Idempotency-Key": "x" * 5_000},
}


def bounds_exceeded(response: TestResponse, work: Work, size: int) -> list[str]:
    """Return a line for each bound that a response or its work exceeds."""
    lines = [f"status {response.status_code}"] if response.status_code >= 500 else []
    if work.calls > CALLS + CALLS_PER_BYTE * size:
        lines.append(f"{work.calls} calls for {size} bytes")
    if sum(work.normalised) > MAX_NORMALISED or max(work.normalised, default=0) > MAX_TEXT_NORMALISED:
        lines.append(f"normalised {sum(work.normalised)} characters, at most {max(work.normalised)} in one call")
    if response.status_code >= 400 and len(response.data) > MAX_ERROR_BYTES:
        lines.append(f"an error of {len(response.data)} bytes")
    if response.status_code >= 400 and response.is_json and len(response.json.get("errors", ())) > MAX_ERRORS:
        lines.append(f"{len(response.json['errors'])} errors")
    return lines


class Sender:
    """Sends requests to a café with an entity of each kind, and collects the bounds that they exceed."""

    def __init__(self, cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
        cafe = TestApp(replace_table(cafe.table, UncountedTable))
        self.client, self._monkeypatch = cafe.client("owner"), monkeypatch
        self.violations: list[str] = []
        self._pages: set[tuple[str, str]] = set()
        self.client.get("/openapi.json")  # the document is built once, and no request has an influence on that
        self._create("/cats", {"name": "luna"})
        self._ids = {
            "/cats": self._create("/cats/luna/weights", {"grams": 4000}),
            "/posts": self._create("/posts", {"title": "x", "body": "x"}),
            "/todos": self._create("/todos", {"title": "x"}),
            "/sessions": "x",
        }
        self._create("/pies", {"name": "cherry"})
        for path in ("/cats", "/cats/luna", "/pies", "/pies/cherry", "/posts", "/posts/1"):
            self.client.get(path, HTML)  # a template is compiled once

    def _create(self, path: str, body: dict[str, Any]) -> str:
        response = self.client.post(path, body)
        assert response.status_code == 201
        return response.headers["Location"].rpartition("/")[2]

    def url(self, path: str) -> str:
        """Return the URL of the entity of a path template."""
        variables = {"name": "luna", "pie": "cherry", "username": "the%20owner", "slug": "x"}
        variables |= {"version": "1", "at": "2026-11-22T12:00:00Z", "photo": "x", "width": "1"}
        return path.format(id=self._ids.get("/" + path.split("/")[1], "x"), **variables)

    def send(self, name: str, method: str, url: str, headers: dict[str, str], data: bytes = b"") -> None:
        """Send a request as a program. Send one of each method and shape as a browser too: all have one error page."""
        first = (method, name) not in self._pages
        self._pages.add((method, name))
        for accept in ({}, HTML) if name in ECHOED and first else ({},):
            with counted_work(self._monkeypatch) as work:
                response = self.client.send(method.upper(), url, {"If-Match": "*"} | accept | headers, data=data)
            lines = bounds_exceeded(response, work, len(url) + len(data))
            self.violations += [f"{method} {url[:40]} with {name}: {line}" for line in lines]


def test_work_for_the_worst_bodies_is_bounded(cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender(cafe, monkeypatch)
    for _, method, path, operation in operations():
        if operation.body:
            for name, data, media in body_shapes(operation.body, method):
                assert len(data) <= MAX_BYTES
                sender.send(name, method, sender.url(path), {"Content-Type": media}, data)
    assert sender.violations == []


def test_work_for_the_worst_urls_and_headers_is_bounded(cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender(cafe, monkeypatch)
    for _, method, path, operation in operations():
        url, media = sender.url(path), {"Content-Type": MERGE_PATCH if method == "patch" else JSON}
        for name, query in query_shapes(operation):
            sender.send(name, method, f"{url}?{query}", media, b"{}")
        for name, headers in HEADERS.items():
            sender.send(name, method, url, media | headers, b"{}")
        if "{" in path:
            names = ("name", "pie", "id", "username", "slug", "version", "at", "photo", "width")
            variables = dict.fromkeys(names, f"a{quote(MARKS) * 700}%01%22")
            sender.send("a long path", method, path.format(**variables), media, b"{}")
    assert sender.violations == []


def test_work_for_the_worst_markdown_is_bounded(cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender(cafe, monkeypatch)
    wide, narrow = ("|a" * n + "\n" + "|-" * n + "\n" + "x\n" * n for n in (256, 90))
    texts = {"a wide table": (wide, 422, 0), "a narrow table": (narrow, 200, 1)}
    texts["brackets"] = "![" * 10_000, 422, 0
    texts["a link that is used often"] = "[a]: /" + "x" * 9_000 + "\n\n" + "[a] " * 1_900, 422, 1
    rendered = count_calls(monkeypatch, MarkdownIt, "parse")
    for name, (text, status, times) in texts.items():
        rendered.clear()
        with counted_work(monkeypatch) as work:
            response = sender.client.put("/posts/1", {"title": "x", "body": text})
        assert (response.status_code, len(rendered)) == (status, times), name
        assert work.calls < 1_000_000, name
        if status == 422:
            assert pointers(response) == ["/body"]


def test_work_for_the_worst_form_of_a_page_is_bounded(cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    cafe = TestApp(replace_table(cafe.table, UncountedTable))
    staff = browser_of(cafe, "ada", "staff")
    assert cafe.staff.put("/cats/luna", {}).status_code == 201
    opened = values(staff.open("/forms/cats/luna"))
    cells = [f"vaccinations.{number}.{name}" for number in range(90) for name in ("type", "batch")]
    texts = {"marks": "a" + MARKS * 40, "control characters": "\x01" * 150, "commas": "a," * 75}
    shapes = {name: opened | {cell: [text] for cell in cells} | {"bondedWith": [text]} for name, text in texts.items()}
    shapes["unknown fields"] = opened | {f"x{number}": ["%" * 100] for number in range(400)}
    shapes["many fingerprints"] = opened | {"_base": ["a= " * 40_000]}
    for name, sent in shapes.items():
        for rev in (opened["_rev"], ["other"]):
            with counted_work(monkeypatch) as work:
                response = staff.send("POST", "/forms/cats/luna", data=sent | {"_rev": rev})
            assert response.status_code in (303, 412, 422), name
            assert work.calls < CALLS + CALLS_PER_BYTE * MAX_BYTES, name
            assert sum(work.normalised) <= MAX_NORMALISED, name


def count_calls(monkeypatch: pytest.MonkeyPatch, cls: type, name: str) -> list[str]:
    """Return a list that gets an element for each call of a method of a library."""
    calls, method = list[str](), getattr(cls, name)

    def record(*arguments: Any, **options: Any) -> Any:
        calls.append(name)
        return method(*arguments, **options)

    monkeypatch.setattr(cls, name, record)
    return calls


def test_every_array_of_a_body_has_a_maximum_length() -> None:
    bodies = {operation.body for *_, operation in operations() if operation.body}
    schemas = msgspec.json.schema_components(bodies)[1].values()
    members = [member for schema in schemas for member in schema.get("properties", {}).values()]
    arrays = [option for member in members for option in (member, *member.get("anyOf", ())) if "items" in option]
    assert len(arrays) > 5
    assert [array for array in arrays if "maxItems" not in array] == []


def test_only_bounded_functions_normalise_text() -> None:
    """A new call needs a limit on the length of its text, and a line here."""
    callers = set()
    for path in sorted((ROOT / "api").rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef) and "normalize" in {
                node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)
            }:
                callers.add(f"{path.stem}.{function.name}")
    assert callers == {"names.normalise", "names.fold", "passwords._nfc", "words._simplify"}
    for function in (names.normalise, names.fold, passwords._nfc):
        assert len(function("a" + MARKS * 2_000)) in (names.MAX_RAW_LENGTH + 1, 4_001)


def test_error_has_at_most_a_hundred_errors_and_says_that_there_are_more(cafe: TestApp) -> None:
    staff = cafe.staff
    for number, more in ((MAX_ERRORS, None), (MAX_ERRORS + 1, True)):
        body = {f"x{index}": 0 for index in range(number)} | {"name": "luna"}
        response = problem(staff.post("/cats", body), 422)
        assert (len(response["errors"]), response.get("moreErrors")) == (MAX_ERRORS, more)
        html = staff.send("POST", "/cats", HTML, json=body).get_data(as_text=True)
        assert ("There are more errors." in html) == bool(more)
    long_names = staff.post("/cats", {"name": "luna"} | {f"{index:03}" + '"' * 150: 0 for index in range(100)})
    assert 20 < len(problem(long_names, 422)["errors"]) < 100
    assert (long_names.json["moreErrors"], len(long_names.data) <= MAX_ERROR_BYTES) == (True, True)
    body = problem(cafe.public.get("/cats?" + "&".join(f"x{index}" for index in range(2_000))), 400)
    assert (len(body["errors"]), body["moreErrors"]) == (MAX_ERRORS, True)
    assert json.dumps(body).count("Expected ageGroup") == 2  # in the first error and in the detail


def test_long_text_of_the_client_is_cut_in_the_middle(cafe: TestApp) -> None:
    (error,) = problem(cafe.staff.post("/cats", {"name": "luna", "x" * 200_000: 0}), 422)["errors"]
    assert len(error["pointer"]) == 200
    assert "…" in error["pointer"]
    data = ('{"%s": 0, "%s": 0}' % (("x" * 100_000,) * 2)).encode()
    body = problem(cafe.staff.send("POST", "/cats", {"Content-Type": JSON}, data=data), 400)
    assert body["errors"][0]["detail"].endswith('xxx" comes twice.')
    assert len(problem(cafe.public.get("/cats/" + "é" * 5_000), 404)["instance"]) < 1_300


@pytest.mark.parametrize("elements", [51, 60_000])
def test_elements_of_an_array_that_is_too_long_are_not_validated(cafe: TestApp, elements: int) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        response = staff.post("/cats", {"name": "q", "vaccinations": [{}] * elements})
        assert problem(response, 422)["errors"] == [
            {
                "code": "too_many",
                "detail": "vaccinations must be an array of at most 50 elements.",
                "pointer": "/vaccinations",
            }
        ]
