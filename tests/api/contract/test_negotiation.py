"""Content negotiation: media types and gzip, of every resource and of HTML pages."""

from __future__ import annotations

import gzip

import pytest

from tests.support.app import TestApp, problem
from tests.support.inspection import writes_nothing
from tests.support.resource_spec import JSON, ResourceSpec
from tests.support.resource_specs import every_resource, with_text

HTML, TEXT = "text/html", "text/plain"


ACCEPTS_JSON = (
    "", "*/*", "application/*", "application/json", "Application/JSON", "application/json;charset=utf-8",
    "application/json; q=0.001", "text/html, */*", "text/html;q=0.1, application/json;q=0.1", "image/png, */*", ",",
    "*/*;q=0, application/json", "application/*;q=0, application/json;q=0.5", "application/json;q=1.000;x=y",
)  # fmt: skip
NOT_ACCEPTABLE = (
    "image/png", "application/json;q=0", "*/*;q=0", "application/json;q=x", "application/json;q=nan",
    "application/json;q=-1", "json", "application/xml, text/csv",
)  # fmt: skip
PREFERS_HTML = (
    "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html, */*;q=0.1",
    "text/html, application/json;q=0.1", "text/html;level=1, application/json;q=0.9",
)  # fmt: skip
ACCEPTS_TEXT = ("application/*;q=0, */*", "application/json;q=0, */*;q=1", "application/xml, text/*", "text/plain")


@every_resource
def test_accept_of_json_gets_json(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for accept in ACCEPTS_JSON:
        for url in (spec.path, path):
            response = reader.get(url, {"Accept": accept})
            assert (response.status_code, response.content_type) == (200, JSON), accept
            assert "Accept" in response.headers["Vary"].split(", ")


@every_resource
def test_unsatisfiable_accept_is_406_with_the_available_types(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for url in (spec.path, path):
        accepts_text = ("text/plain",) if spec.has_page else ACCEPTS_TEXT
        for accept in NOT_ACCEPTABLE if TEXT in spec.produces else (*NOT_ACCEPTABLE, *accepts_text):
            body = problem(reader.get(url, {"Accept": accept}), 406)
            assert (body["type"], body["available"]) == ("/problems/not-acceptable", spec.available)
            assert all(media in body["detail"] for media in spec.available)


@every_resource
def test_accept_that_prefers_html_gets_the_page_if_there_is_one(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for accept in PREFERS_HTML:
        for url in (spec.path, path):
            response = reader.get(url, {"Accept": accept})
            if spec.has_page:
                assert (response.status_code, response.mimetype) == (200, HTML), accept
            else:
                assert (response.status_code == 200) == ("json" in accept or "*/*" in accept), accept
                assert response.mimetype in (JSON, HTML)
            assert "Accept" in response.headers["Vary"].split(", ")


@with_text
def test_accept_of_plain_text_gets_plain_text(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for url in (spec.path, path):
        for accept in ACCEPTS_TEXT:
            response = reader.get(url, {"Accept": accept})
            assert (response.status_code, response.content_type) == (200, f"{TEXT}; charset=utf-8"), accept
            assert response.headers["ETag"] != reader.get(url).headers["ETag"]


@every_resource
def test_write_with_unsatisfiable_accept_is_406(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for method in ("PUT", "DELETE"):
            body = {} if method == "DELETE" else {"json": spec.other}
            assert problem(writer.send(method, path, {"Accept": "image/png"}, **body), 406)["available"] == [JSON]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("text/html", HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("text/*", HTML),
        ("text/html;q=0.4, application/json;q=0.5", JSON),
        ("text/html;q=0.5, application/json;q=0.4", HTML),
        ("text/html;level=1, application/json;q=0.9", HTML),
        ("application/json;q=0, */*;q=0.1", HTML),
    ],
)
def test_root_is_html_or_json_by_accept(cafe: TestApp, accept: str | None, expected: str) -> None:
    response = cafe.public.get("/", {"Accept": accept} if accept else {})
    assert (response.status_code, response.mimetype) == (200, expected)
    if expected == JSON:
        assert all(cafe.public.get(link["href"]).status_code in (200, 401, 406) for link in response.json["links"])


@pytest.mark.parametrize("path", ["/docs", "/.well-known/security.txt"])
def test_resource_without_json_is_406_with_its_type(cafe: TestApp, path: str) -> None:
    available = problem(cafe.public.get(path, {"Accept": "application/json"}), 406)["available"]
    assert available in (["text/html"], ["text/plain"])
    assert cafe.public.get(path, {"Accept": available[0]}).mimetype == available[0]


@pytest.mark.parametrize(
    ("accept", "is_html"),
    [
        ("text/html", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/xhtml+xml, text/html", True),
        ("text/*", True),
        ("application/xhtml+xml", False),
        ("text/html, application/problem+json;q=0.9", True),
        ("text/html;q=0.5, application/problem+json;q=0.9", False),
        ("application/json", False),
        ("image/png", False),
        ("*/*", False),
        (None, False),
    ],
)
def test_error_is_html_or_a_problem_by_accept(cafe: TestApp, accept: str | None, is_html: bool) -> None:
    response = cafe.public.get("/nothing", {"Accept": accept} if accept else {})
    if not is_html:
        problem(response, 404)
        return
    assert (response.status_code, response.mimetype) == (404, HTML)
    text = response.get_data(as_text=True)
    for part in ("404", "Not found", "/problems/not-found", response.headers["X-Request-Id"]):
        assert part in text


def test_error_page_escapes_the_query(cafe: TestApp) -> None:
    url = '/health?<script>alert("1")</script>=<b>'
    response = cafe.public.get(url, {"Accept": "text/html, */*;q=0.1"})
    assert (response.status_code, response.mimetype) == (400, HTML)
    assert "<script>" not in response.get_data(as_text=True)
    assert "&lt;script&gt;" in response.get_data(as_text=True)


CODINGS = {
    "gzip": True, "GZIP": True, "br, gzip;q=0.2": True, "*": True, "gzip;q=0": False, "br": False, "identity": False,
    "*, gzip;q=0": False, "": False, None: False,
}  # fmt: skip


@every_resource
def test_large_response_is_compressed_if_gzip_is_accepted(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe), body=spec.long)
    reader = spec.reader_client(cafe)
    for url in (path, spec.path):
        plain = reader.get(url)
        for accept, compressed in CODINGS.items():
            response = reader.get(url, {"Accept-Encoding": accept} if accept is not None else {})
            assert response.headers.get("Content-Encoding") == ("gzip" if compressed else None), accept
            assert (gzip.decompress(response.data) if compressed else response.data) == plain.data
            assert response.headers["Content-Length"] == str(len(response.data))
            assert "Accept-Encoding" in response.headers["Vary"]


@every_resource
def test_small_response_is_not_compressed(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    response = spec.reader_client(cafe).get(f"{path}?fields={spec.key_field}", {"Accept-Encoding": "gzip"})
    assert (spec.keys_of([response.json]), response.headers.get("Content-Encoding")) == ([spec.key_of(path)], None)
