"""Which format and which coding an answer comes in, for every noun and for the pages for people."""

from __future__ import annotations

import gzip

import pytest

from tests.support.app import TestApp, problem
from tests.support.inspection import writes_nothing
from tests.support.resource_spec import JSON, ResourceSpec
from tests.support.resource_specs import every_resource, with_text

HTML, TEXT = "text/html", "text/plain"


TAKES_JSON = (
    "", "*/*", "application/*", "application/json", "Application/JSON", "application/json;charset=utf-8",
    "application/json; q=0.001", "text/html, application/json;q=0.1", "text/html, */*;q=0.1", "image/png, */*", ",",
    "*/*;q=0, application/json", "application/*;q=0, application/json;q=0.5", "application/json;q=1.000;x=y",
)  # fmt: skip
TAKES_NOTHING = (
    "image/png", "application/json;q=0", "*/*;q=0", "application/json;q=x", "application/json;q=nan",
    "application/json;q=-1", "json", "application/xml, text/csv",
)  # fmt: skip
TAKES_TEXT = ("application/*;q=0, */*", "application/json;q=0, */*;q=1", "application/xml, text/*", "text/plain")


@every_resource
def test_who_takes_json_gets_json(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for accept in TAKES_JSON:
        for there in (spec.path, path):
            answer = reader.get(there, {"Accept": accept})
            assert (answer.status_code, answer.content_type) == (200, JSON), accept
            assert "Accept" in answer.headers["Vary"].split(", ")


@every_resource
def test_who_takes_nothing_of_it_gets_406_with_what_there_is(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for there in (spec.path, path):
        for accept in TAKES_NOTHING if TEXT in spec.produces else (*TAKES_NOTHING, *TAKES_TEXT):
            told = problem(reader.get(there, {"Accept": accept}), 406)
            assert (told["type"], told["available"]) == ("/problems/not-acceptable", [*spec.produces])
            assert all(media in told["detail"] for media in spec.produces)


@with_text
def test_who_takes_text_gets_text_where_there_is_any(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for there in (spec.path, path):
        for accept in TAKES_TEXT:
            answer = reader.get(there, {"Accept": accept})
            assert (answer.status_code, answer.content_type) == (200, f"{TEXT}; charset=utf-8"), accept
            assert answer.headers["ETag"] != reader.get(there).headers["ETag"]


@every_resource
def test_a_write_says_what_it_answers_with(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for method in ("PUT", "DELETE"):
            body = {} if method == "DELETE" else {"json": spec.other}
            assert problem(writer.send(method, path, {"Accept": "image/png"}, **body), 406)["available"] == [JSON]


@pytest.mark.parametrize(
    ("accept", "given"),
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
def test_the_root_is_a_page_for_people_and_an_index_for_programs(cafe: TestApp, accept: str | None, given: str) -> None:
    answer = cafe.public.get("/", {"Accept": accept} if accept else {})
    assert (answer.status_code, answer.mimetype) == (200, given)
    if given == JSON:
        assert all(cafe.public.get(link["href"]).status_code in (200, 401, 406) for link in answer.json["links"])


@pytest.mark.parametrize("path", ["/docs", "/.well-known/security.txt"])
def test_what_is_for_people_alone_lists_what_there_is(cafe: TestApp, path: str) -> None:
    available = problem(cafe.public.get(path, {"Accept": "application/json"}), 406)["available"]
    assert available in (["text/html"], ["text/plain"])
    assert cafe.public.get(path, {"Accept": available[0]}).mimetype == available[0]


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/xhtml+xml, text/html", True),
        ("text/html, application/problem+json;q=0.9", True),
        ("text/html;q=0.5, application/problem+json;q=0.9", False),
        ("application/json", False),
        ("image/png", False),
        ("*/*", False),
        (None, False),
    ],
)
def test_an_error_is_a_page_for_people_and_a_problem_for_programs(
    cafe: TestApp, accept: str | None, page: bool
) -> None:
    answer = cafe.public.get("/nothing", {"Accept": accept} if accept else {})
    if not page:
        problem(answer, 404)
        return
    assert (answer.status_code, answer.mimetype) == (404, HTML)
    text = answer.get_data(as_text=True)
    for part in ("404", "Nothing here", "/problems/not-found", answer.headers["X-Request-Id"]):
        assert part in text


def test_a_page_shows_what_was_sent_as_text_and_never_as_markup(cafe: TestApp) -> None:
    sent = '/cats?<script>alert("1")</script>=<b>'
    answer = cafe.public.get(sent, {"Accept": "text/html, */*;q=0.1"})
    assert (answer.status_code, answer.mimetype) == (400, HTML)
    assert "<script>" not in answer.get_data(as_text=True)
    assert "&lt;script&gt;" in answer.get_data(as_text=True)


CODINGS = {
    "gzip": True, "GZIP": True, "br, gzip;q=0.2": True, "*": True, "gzip;q=0": False, "br": False, "identity": False,
    "*, gzip;q=0": False, "": False, None: False,
}  # fmt: skip


@every_resource
def test_a_large_body_is_compressed_for_who_takes_gzip(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe), body=spec.long)
    reader = spec.reader_client(cafe)
    for there in (path, spec.path):
        plain = reader.get(there)
        for accept, coded in CODINGS.items():
            answer = reader.get(there, {"Accept-Encoding": accept} if accept is not None else {})
            assert answer.headers.get("Content-Encoding") == ("gzip" if coded else None), accept
            assert (gzip.decompress(answer.data) if coded else answer.data) == plain.data
            assert answer.headers["Content-Length"] == str(len(answer.data))
            assert "Accept-Encoding" in answer.headers["Vary"]


@every_resource
def test_a_small_body_is_not_compressed(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    answer = spec.reader_client(cafe).get(f"{path}?fields={spec.key_field}", {"Accept-Encoding": "gzip"})
    assert (spec.keys_of([answer.json]), answer.headers.get("Content-Encoding")) == ([spec.key_of(path)], None)
