"""handler.py answers the events of a real HTTP API: what goes in, what comes out, and how it is coded."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest

from tests.support.api_gateway import Gateway, GatewayResponse

Headers = dict[str, str]

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
SHOWN = '{"status": "available", "description": "Zoë schläft."}'
STATIC = Path(__file__).resolve().parents[2] / "api" / "web" / "static"


def test_garbage_collection_is_off_before_the_first_import_of_ours() -> None:
    source = (Path(__file__).resolve().parents[2] / "handler.py").read_text(encoding="utf-8")
    assert source.index("\ngc.disable()") < source.index("\nfrom api")


def put(gateway: Gateway, staff: Headers, name: str = "luna", body: str | bytes = SHOWN) -> GatewayResponse:
    return gateway.send("PUT", f"/cats/{name}", staff | JSON, body)


def test_json_comes_as_text(gateway: Gateway, staff: Headers) -> None:
    put(gateway, staff)
    answer = gateway.get("/cats/luna")
    assert (answer.status, answer.coded, answer.headers["Content-Type"]) == (200, False, "application/json")
    assert answer.json["description"] == "Zoë schläft."


def test_a_body_that_the_gateway_coded_is_read_like_one_that_it_did_not(gateway: Gateway, staff: Headers) -> None:
    plain, coded = put(gateway, staff, "ada", SHOWN), put(gateway, staff, "bea", SHOWN.encode())
    assert plain.status == coded.status == 201
    assert plain.json["description"] == coded.json["description"] == "Zoë schläft."


@pytest.mark.parametrize("form", ["name=ada&status=available", b"name=ada&status=available"], ids=["plain", "coded"])
def test_a_form_is_read_coded_or_not(gateway: Gateway, staff: Headers, form: str | bytes) -> None:
    answer = gateway.send("POST", "/cats", staff | FORM, form)
    assert (answer.status, answer.headers["Location"]) == (201, "/cats/ada")
    assert gateway.get("/cats/ada").json["status"] == "available"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (JSON, b"\xff\xfe\x00\x89PNG", 400),
        (FORM, b"\xff\xfe\x00\x89PNG", 400),
        ({"content-type": "image/png"}, b"\x89PNG\r\n\x1a\n", 415),
        ({}, b"\x89PNG\r\n\x1a\n", 415),
        (JSON | {"content-encoding": "gzip"}, gzip.compress(b"{}"), 415),
        (JSON, b" " * 300_000, 413),
        (JSON, b"", 400),
        (JSON, None, 400),
    ],
    ids=["no UTF-8", "no UTF-8 in a form", "a picture", "no type", "compressed", "large", "empty", "none"],
)
def test_a_body_that_cannot_be_read_is_the_callers_fault(
    gateway: Gateway, staff: Headers, headers: Headers, body: bytes | None, status: int
) -> None:
    answer = gateway.send("PUT", "/cats/luna", staff | headers, body)
    assert (answer.status, answer.json["status"]) == (status, status)
    assert gateway.send("GET", "/cats/luna", staff).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_event_whose_body_is_null_is_one_without_a_body(gateway: Gateway, method: str) -> None:
    assert gateway.send(method, "/cats/luna", members={"body": None}).status in (401, 404)


def test_a_compressed_answer_comes_as_base64(gateway: Gateway) -> None:
    plain, packed = gateway.get("/openapi.json"), gateway.get("/openapi.json", accept_encoding="br, gzip")
    assert (plain.coded, packed.coded) == (False, True)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.body)
    assert gzip.decompress(packed.body) == plain.body


@pytest.mark.parametrize("path", ["/cats/Zo%C3%AB", "/cats/Zoë", "/cats/Zoe%CC%88"], ids=["raw", "decoded", "NFD"])
def test_a_unicode_path_is_understood_however_it_comes(gateway: Gateway, staff: Headers, path: str) -> None:
    assert gateway.send("PUT", path, staff | JSON, SHOWN).status == 201
    for same in ("/cats/Zo%C3%AB", "/cats/Zoë"):
        assert gateway.get(same).json["name"] == "Zoë"


def test_the_location_of_a_unicode_name_can_be_called(gateway: Gateway, staff: Headers) -> None:
    made = gateway.send("POST", "/cats", staff | JSON, json.dumps({"name": "Zoë O'Neil 猫", "status": "available"}))
    location = made.headers["Location"]
    assert location == "/cats/" + quote("Zoë O'Neil 猫")
    assert gateway.get(location).json["name"] == "Zoë O'Neil 猫"


@pytest.mark.parametrize("path", ["/cats/%FF%FE", "/cats/%00", "/cats/%", "/cats/..%2F..%2Fetc", "/cats\n"])
def test_a_strange_path_is_a_thing_that_is_not_there(gateway: Gateway, path: str) -> None:
    assert gateway.get(path).status == 404


def test_head_has_the_headers_of_get_and_no_body(gateway: Gateway, staff: Headers) -> None:
    put(gateway, staff)
    for path in ("/cats/luna", "/cats", "/cats/nobody", "/docs", "/static/style.css"):
        get, head = gateway.get(path), gateway.send("HEAD", path)
        assert (head.status, head.body) == (get.status, b"")
        own = {"Content-Security-Policy", "ETag"} if path == "/docs" else {"Date"}
        assert {k: v for k, v in head.headers if k not in own} == {k: v for k, v in get.headers if k not in own}


@pytest.mark.parametrize("path", ["/nowhere", "/cats/nobody", "/static/nothing.css", "/problems/none"])
def test_a_404_is_a_problem_in_text(gateway: Gateway, path: str) -> None:
    answer = gateway.get(path)
    assert (answer.status, answer.coded) == (404, False)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["type"] == "/problems/not-found"
    assert gateway.get(answer.json["type"]).json["status"] == 404


@pytest.mark.parametrize(
    ("accept", "type"),
    [
        ("application/linkset+json", "application/linkset+json"),
        ("application/json", "application/json"),
        ("application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
    ],
)
def test_no_json_of_ours_is_coded(gateway: Gateway, accept: str, type: str) -> None:
    path = "/openapi.json" if "openapi" in accept else "/.well-known/api-catalog"
    answer = gateway.get(path, accept=accept)
    assert (answer.status, answer.coded) == (200, False)
    assert answer.headers["Content-Type"].startswith(type)
    assert answer.json


def test_a_style_sheet_comes_as_it_is_on_disk(gateway: Gateway) -> None:
    answer = gateway.get("/static/style.css")
    assert (answer.status, answer.coded, answer.headers["Content-Type"]) == (200, False, "text/css; charset=utf-8")
    assert answer.body == (STATIC / "style.css").read_bytes()
    again = gateway.get("/static/style.css", if_none_match=answer.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_a_style_sheet_that_the_build_compressed_comes_compressed_to_those_who_take_it(gateway: Gateway) -> None:
    path = "/static/vendor/swagger-ui.css"
    plain, packed = gateway.get(path), gateway.get(path, accept_encoding="gzip")
    assert plain.status == packed.status == 200, "Swagger UI is missing: run make assets first"
    assert (packed.coded, packed.headers["Content-Encoding"]) == (True, "gzip")
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert gzip.decompress(packed.body) == plain.body


def test_the_docs_page_comes_as_text_and_only_its_own_scripts_may_run(gateway: Gateway) -> None:
    page, other = gateway.get("/docs", accept="text/html"), gateway.get("/docs", accept="text/html")
    assert (page.status, page.coded, page.headers["Content-Type"]) == (200, False, "text/html; charset=utf-8")
    (nonce,) = set(re.findall(r"<script nonce=\"([^\"]+)\"", page.text))
    assert f"script-src 'nonce-{nonce}'" in page.headers["Content-Security-Policy"]
    assert nonce not in other.text
    assert page.text.count("<script") == page.text.count(f'<script nonce="{nonce}" src="/static/')


def test_options_says_what_may_be_done(gateway: Gateway) -> None:
    answer = gateway.send("OPTIONS", "/cats/luna")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Allow"] == gateway.send("POST", "/cats/luna").headers["Allow"]


def test_the_cookies_of_an_event_are_the_cookies_of_the_request(function: ModuleType) -> None:
    from flask import request

    seen: list[dict[str, str]] = []
    function.app.before_request(lambda: seen.append(dict(request.cookies)))
    gateway = Gateway(function.handler)
    answer = gateway.send("GET", "/cats", members={"cookies": ["paw=left", "name=Zo%C3%AB", "empty="]})
    assert answer.status == gateway.send("GET", "/cats").status == 200
    assert seen == [{"paw": "left", "name": "Zo%C3%AB", "empty": ""}, {}]


def test_every_answer_has_one_link_header_and_at_most_one_cookie(gateway: Gateway, staff: Headers) -> None:
    for name in ("ada", "bea", "cleo"):
        put(gateway, staff, name)
    link = gateway.get("/cats?limit=2").headers["Link"]
    assert [part.rpartition("=")[2] for part in link.split(", ")] == ['"next"', '"service-desc"', '"service-doc"']
    assert "Set-Cookie" not in gateway.get("/docs").headers


def test_the_id_of_the_event_is_in_the_header_and_in_the_body(gateway: Gateway) -> None:
    answer = gateway.get("/cats/nobody", x_request_id="forged")
    assert answer.headers["X-Request-Id"] == answer.json["requestId"] == "JKJaXmPLvHcESHA="
