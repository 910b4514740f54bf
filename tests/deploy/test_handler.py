"""Test handler.py with events of an HTTP API: bodies, paths, headers and encodings of requests and responses."""

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
AVAILABLE_CAT = '{"status": "available", "description": "Zoë schläft."}'
STATIC = Path(__file__).resolve().parents[2] / "api" / "web" / "static"


def test_garbage_collection_is_off_before_the_first_import_of_the_app() -> None:
    source = (Path(__file__).resolve().parents[2] / "handler.py").read_text(encoding="utf-8")
    assert source.index("\ngc.disable()") < source.index("\nfrom api")


def put(gateway: Gateway, staff: Headers, name: str = "luna", body: str | bytes = AVAILABLE_CAT) -> GatewayResponse:
    return gateway.send("PUT", f"/cats/{name}", staff | JSON, body)


def test_json_responses_are_text(gateway: Gateway, staff: Headers) -> None:
    put(gateway, staff)
    response = gateway.get("/cats/luna")
    assert (response.status, response.is_base64, response.headers["Content-Type"]) == (200, False, "application/json")
    assert response.json["description"] == "Zoë schläft."


def test_a_base64_body_is_decoded(gateway: Gateway, staff: Headers) -> None:
    plain, encoded = put(gateway, staff, "ada", AVAILABLE_CAT), put(gateway, staff, "bea", AVAILABLE_CAT.encode())
    assert plain.status == encoded.status == 201
    assert plain.json["description"] == encoded.json["description"] == "Zoë schläft."


@pytest.mark.parametrize("form", ["name=ada&status=available", b"name=ada&status=available"], ids=["plain", "base64"])
def test_a_form_is_read_from_plain_and_base64_bodies(gateway: Gateway, staff: Headers, form: str | bytes) -> None:
    response = gateway.send("POST", "/cats", staff | FORM, form)
    assert (response.status, response.headers["Location"]) == (201, "/cats/ada")
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
    ids=["not UTF-8", "form, not UTF-8", "image", "no type", "compressed", "large", "empty", "none"],
)
def test_an_unreadable_body_is_a_client_error(
    gateway: Gateway, staff: Headers, headers: Headers, body: bytes | None, status: int
) -> None:
    response = gateway.send("PUT", "/cats/luna", staff | headers, body)
    assert (response.status, response.json["status"]) == (status, status)
    assert gateway.send("GET", "/cats/luna", staff).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_null_body_is_no_body(gateway: Gateway, method: str) -> None:
    assert gateway.send(method, "/cats/luna", members={"body": None}).status in (401, 404)


def test_a_compressed_response_is_base64(gateway: Gateway) -> None:
    plain, compressed = gateway.get("/openapi.json"), gateway.get("/openapi.json", accept_encoding="br, gzip")
    assert (plain.is_base64, compressed.is_base64) == (False, True)
    assert "Content-Encoding" not in plain.headers
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert int(compressed.headers["Content-Length"]) == len(compressed.body)
    assert gzip.decompress(compressed.body) == plain.body


@pytest.mark.parametrize("path", ["/cats/Zo%C3%AB", "/cats/Zoë", "/cats/Zoe%CC%88"], ids=["raw", "decoded", "NFD"])
def test_a_unicode_path_works_encoded_decoded_and_unnormalised(gateway: Gateway, staff: Headers, path: str) -> None:
    assert gateway.send("PUT", path, staff | JSON, AVAILABLE_CAT).status == 201
    for same in ("/cats/Zo%C3%AB", "/cats/Zoë"):
        assert gateway.get(same).json["name"] == "Zoë"


def test_the_location_of_a_unicode_name_is_a_valid_url(gateway: Gateway, staff: Headers) -> None:
    created = gateway.send("POST", "/cats", staff | JSON, json.dumps({"name": "Zoë O'Neil 猫", "status": "available"}))
    location = created.headers["Location"]
    assert location == "/cats/" + quote("Zoë O'Neil 猫")
    assert gateway.get(location).json["name"] == "Zoë O'Neil 猫"


@pytest.mark.parametrize("path", ["/cats/%FF%FE", "/cats/%00", "/cats/%", "/cats/..%2F..%2Fetc", "/cats\n"])
def test_a_malformed_path_is_404(gateway: Gateway, path: str) -> None:
    assert gateway.get(path).status == 404


@pytest.mark.parametrize("stage", ["$default", "dev"])
def test_an_encoded_slash_in_the_path_is_no_slash(function: ModuleType, staff: Headers, stage: str) -> None:
    gateway, base = Gateway(function.handler, stage=stage), "" if stage == "$default" else f"/{stage}"
    assert gateway.send("PUT", f"{base}/cats/luna", staff | JSON, AVAILABLE_CAT).status == 201
    assert gateway.send("GET", f"{base}/cats/luna/history", staff).status == 200
    for path in ("/cats/luna%2Fhistory", "/cats/luna%2fhistory", "/cats%2Fluna", "/cats/luna%252Fhistory", "/%2Fcats"):
        response = gateway.send("GET", base + path, staff)
        assert response.status == 404, path
        assert response.json["instance"] == base + path.replace("%2f", "%2F")
    assert gateway.send("PUT", f"{base}/cats/luna%2Fhistory", staff | JSON, AVAILABLE_CAT).status == 422
    # The gateway may decode the path (see docs/operations.md). Then it is the history, with the role that this needs.
    assert gateway.send("GET", f"{base}/cats/luna/history").status == 401


def test_an_empty_path_is_the_root(gateway: Gateway) -> None:
    assert gateway.get("").json == gateway.get("/").json


VALUES = ("Мурка", "猫", "é", "Mr Pickles", "O'Neil & co", "a\r\nX-Evil: 1", '"<>', "%0d%0aX-Evil: 1", "\x7f")
"""Values that would be invalid in a header."""


def test_every_operation_has_valid_headers_for_any_path_query_and_header(
    function: ModuleType, gateway: Gateway, staff: Headers
) -> None:
    for name in (*VALUES[:5], *VALUES[:5]):
        gateway.send("PUT", f"/cats/{quote(name)}", staff | JSON, AVAILABLE_CAT)
    for rule in function.app.url_map.iter_rules():
        for number, value in enumerate(VALUES):
            path = re.sub("<[^>]+>", quote(value, safe=""), rule.rule) + ("?limit=1" if rule.arguments else "")
            echoed = value.encode().decode("latin-1").replace("\r\n", " ")
            headers = {"accept": f"*/*, {echoed}", "prefer": echoed, "content-type": echoed, "origin": echoed}
            # The body of a write is never read, because its type is wrong.
            for method in ["GET"] if number else sorted(rule.methods or ()):
                response = gateway.send(method, path, staff | headers, "{}")
                assert "X-Evil" not in response.headers
                assert response.status < 500, (method, path)
            if not rule.arguments:
                gateway.get(f"{rule.rule}?name={quote(value)}", **headers)


@pytest.mark.parametrize("name", ["Мурка", "Mr Pickles", "O'Neil", "Zoë"])
def test_the_next_page_of_any_name_can_be_read(function: ModuleType, staff: Headers, name: str) -> None:
    gateway, path = Gateway(function.handler, stage="dev"), f"/dev/cats/{quote(name)}"
    for grams in ("4000", "4100"):
        gateway.send("PUT", path, staff | JSON, f'{{"status": "available", "description": "{grams} g"}}')
        gateway.send("POST", f"{path}/weights", staff | JSON, f'{{"grams": {grams}}}')
    for collection in ("history", "weights"):
        page = gateway.send("GET", f"{path}/{collection}?limit=1", staff)
        assert page.headers["Link"].startswith(f"<{path}/{collection}?limit=1&cursor=")
        assert len(gateway.send("GET", page.json["next"], staff).json["items"]) == 1


def test_head_has_the_headers_of_get_and_no_body(gateway: Gateway, staff: Headers) -> None:
    put(gateway, staff)
    for path in ("/cats/luna", "/cats", "/cats/missing", "/docs", "/static/style.css"):
        get, head = gateway.get(path), gateway.send("HEAD", path)
        assert (head.status, head.body) == (get.status, b"")
        varying = {"Content-Security-Policy", "ETag"} if path == "/docs" else {"Date"}
        assert {k: v for k, v in head.headers if k not in varying} == {k: v for k, v in get.headers if k not in varying}


@pytest.mark.parametrize("path", ["/nowhere", "/cats/missing", "/static/nothing.css", "/problems/none"])
def test_a_404_is_a_problem_document_in_text(gateway: Gateway, path: str) -> None:
    response = gateway.get(path)
    assert (response.status, response.is_base64) == (404, False)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json["type"] == "/problems/not-found"
    assert gateway.get(response.json["type"]).json["status"] == 404


@pytest.mark.parametrize(
    ("accept", "type"),
    [
        ("application/linkset+json", "application/linkset+json"),
        ("application/json", "application/json"),
        ("application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
    ],
)
def test_no_json_media_type_is_base64(gateway: Gateway, accept: str, type: str) -> None:
    path = "/openapi.json" if "openapi" in accept else "/.well-known/api-catalog"
    response = gateway.get(path, accept=accept)
    assert (response.status, response.is_base64) == (200, False)
    assert response.headers["Content-Type"].startswith(type)
    assert response.json


def test_a_style_sheet_has_the_content_of_the_file(gateway: Gateway) -> None:
    response = gateway.get("/static/style.css")
    assert (response.status, response.is_base64, response.headers["Content-Type"]) == (
        200,
        False,
        "text/css; charset=utf-8",
    )
    assert response.body == (STATIC / "style.css").read_bytes()
    cached = gateway.get("/static/style.css", if_none_match=response.headers["ETag"])
    assert (cached.status, cached.body) == (304, b"")


def test_a_precompressed_style_sheet_is_sent_if_the_client_accepts_gzip(gateway: Gateway) -> None:
    path = "/static/vendor/swagger-ui.css"
    plain, compressed = gateway.get(path), gateway.get(path, accept_encoding="gzip")
    assert plain.status == compressed.status == 200, "Swagger UI is missing: run make assets first"
    assert (compressed.is_base64, compressed.headers["Content-Encoding"]) == (True, "gzip")
    assert compressed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert gzip.decompress(compressed.body) == plain.body


def test_the_docs_page_allows_only_scripts_with_its_nonce(gateway: Gateway) -> None:
    page, other = gateway.get("/docs", accept="text/html"), gateway.get("/docs", accept="text/html")
    assert (page.status, page.is_base64, page.headers["Content-Type"]) == (200, False, "text/html; charset=utf-8")
    (nonce,) = set(re.findall(r"<script nonce=\"([^\"]+)\"", page.text))
    assert f"script-src 'nonce-{nonce}'" in page.headers["Content-Security-Policy"]
    assert nonce not in other.text
    assert page.text.count("<script") == page.text.count(f'<script nonce="{nonce}" src="/static/')


def test_options_has_the_allow_header(gateway: Gateway) -> None:
    response = gateway.send("OPTIONS", "/cats/luna")
    assert (response.status, response.body) == (204, b"")
    assert response.headers["Allow"] == gateway.send("POST", "/cats/luna").headers["Allow"]


def test_event_cookies_are_request_cookies(function: ModuleType) -> None:
    from flask import request

    received: list[dict[str, str]] = []
    function.app.before_request(lambda: received.append(dict(request.cookies)))
    gateway = Gateway(function.handler)
    response = gateway.send("GET", "/cats", members={"cookies": ["paw=left", "name=Zo%C3%AB", "empty="]})
    assert response.status == gateway.send("GET", "/cats").status == 200
    assert received == [{"paw": "left", "name": "Zo%C3%AB", "empty": ""}, {}]


def test_links_share_one_header_and_the_docs_page_sets_no_cookie(gateway: Gateway, staff: Headers) -> None:
    for name in ("ada", "bea", "cleo"):
        put(gateway, staff, name)
    link = gateway.get("/cats?limit=2").headers["Link"]
    assert [part.rpartition("=")[2] for part in link.split(", ")] == ['"next"', '"service-desc"', '"service-doc"']
    assert "Set-Cookie" not in gateway.get("/docs").headers


def test_the_request_id_is_that_of_the_event_or_a_safe_one_of_the_caller(gateway: Gateway) -> None:
    for sent, expected in ((None, "JKJaXmPLvHcESHA="), ("one,two", "JKJaXmPLvHcESHA="), ("mine", "mine")):
        response = gateway.get("/cats/missing", **({"x_request_id": sent} if sent else {}))
        assert response.headers["X-Request-Id"] == response.json["requestId"] == expected
