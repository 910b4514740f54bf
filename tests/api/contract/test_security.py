"""Security headers of every response, CORS for listed origins only, and 401 for invalid credentials."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from api.store.table import Table
from tests.api.contract.test_errors import error_responses
from tests.support.app import TestApp, problem
from tests.support.failing_tables import BrokenTable, UnavailableTable, replace_table
from tests.support.resource_specs import RESOURCE_SPECS
from tests.support.users import BrowserClient

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
JSON_POLICY = "default-src 'none'; frame-ancestors 'none'"
LISTED, UNLISTED = "https://cats.example", "https://dogs.example"


def all_kinds_of_responses(cafe: TestApp) -> list[TestResponse]:
    """Return responses of every status, with errors and HTML pages."""
    responses = [
        response for spec in RESOURCE_SPECS for errors in error_responses(cafe, spec).values() for response in errors
    ]
    staff, public = cafe.staff, cafe.public
    page = {"Accept": "text/html, */*;q=0.1"}
    responses += [
        staff.put("/cats/new", {}),
        staff.get("/cats/luna"),
        staff.delete("/cats/new"),
        public.get("/cats", {"If-None-Match": "*"}),
        public.send("HEAD", "/cats/luna"),
        public.send("OPTIONS", "/cats/luna"),
        *(cafe.client("owner").get(spec.path) for spec in RESOURCE_SPECS),
        *(
            public.get(path, page, buffered=True)
            for path in ("/", "/nothing", "/docs", "/problems", "/static/style.css", "/static/x")
        ),
        public.get("/.well-known/security.txt"),
    ]
    responses += [
        TestApp(replace_table(cafe.table, kind)).public.get("/cats/luna") for kind in (BrokenTable, UnavailableTable)
    ]
    return responses


def test_every_response_has_the_security_headers(cafe: TestApp) -> None:
    responses = all_kinds_of_responses(cafe)
    statuses = {response.status_code for response in responses}
    assert statuses == {200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 500, 503}
    for response in responses:
        assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, (
            response.request.path
        )
        policy = response.headers["Content-Security-Policy"]
        if response.mimetype == "text/html":
            assert policy.startswith("default-src 'none'; ")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
        else:
            assert policy == JSON_POLICY
        assert "Server" not in response.headers
        assert len(response.headers.getlist("Link")) == len(response.headers.getlist("X-Request-Id")) == 1


def test_errors_and_private_responses_are_no_store(cafe: TestApp) -> None:
    for response in all_kinds_of_responses(cafe):
        private = "Authorization" in response.request.headers
        of_a_resource = any(response.request.path.startswith(spec.path) for spec in RESOURCE_SPECS)
        if response.status_code >= 400 or (private and of_a_resource):
            assert "no-store" in response.headers["Cache-Control"], response.request.path


def test_page_with_a_script_allows_only_its_nonce(cafe: TestApp) -> None:
    pages = [cafe.public.get("/docs", {"Accept": "text/html"}) for _ in range(2)]
    nonces = []
    for page in pages:
        (nonce,) = re.findall(r"script-src 'nonce-([^']{20,})'", page.headers["Content-Security-Policy"])
        tags = re.findall(r"<script[^>]*>", page.get_data(as_text=True))
        assert tags
        assert all(f'nonce="{nonce}"' in tag for tag in tags)
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert "script-src" not in cafe.public.get("/", {"Accept": "text/html"}).headers["Content-Security-Policy"]


EXPOSED = {
    "Accept-Patch", "Allow", "Content-Location", "Deprecation", "ETag", "Idempotent-Replayed", "Link", "Location",
    "Preference-Applied", "RateLimit", "RateLimit-Policy", "Retry-After", "Sunset", "traceparent", "WWW-Authenticate",
    "X-Request-Id",
}  # fmt: skip
PUBLIC_REQUEST_HEADERS = {"If-None-Match", "X-Request-Id", "traceparent", "tracestate", "baggage"}


def cors(response: TestResponse) -> dict[str, str]:
    """Return the CORS headers of a response."""
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PUT"])
def test_no_cors_headers_by_default(cafe: TestApp, method: str) -> None:
    headers = {"Origin": LISTED, "Access-Control-Request-Method": "PUT"}
    response = cafe.public.send(method, "/cats", headers)
    assert cors(response) == {}
    assert "Origin" not in response.headers["Vary"].split(", ")


@pytest.mark.parametrize(
    "origin",
    [UNLISTED, "null", "*", "", "https://cats.example.evil", "https://evil.cats.example", "http://cats.example",
     "https://CATS.example", "https://cats.example:8443", "https://cats.example/", f"{LISTED} {UNLISTED}"],
)  # fmt: skip
def test_unlisted_origin_gets_no_cors_headers(mocked_table: Table, origin: str) -> None:
    cafe = TestApp(mocked_table, cors_origins=(LISTED, "https://third.example"))
    for method in ("GET", "OPTIONS"):
        response = cafe.public.send(method, "/cats", {"Origin": origin, "Access-Control-Request-Method": "PUT"})
        assert cors(response) == {}
        assert "Origin" in response.headers["Vary"].split(", ")
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_listed_origin_may_read_every_response_and_its_headers(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, cors_origins=(LISTED,))
    for path, status in (("/cats", 200), ("/cats/missing", 404), ("/nothing", 404), ("/cats?limit=0", 400)):
        response = cafe.public.get(path, {"Origin": LISTED})
        assert response.status_code == status
        headers = cors(response)
        assert headers.keys() == {"Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}
        assert headers["Access-Control-Allow-Origin"] == LISTED
        assert {*headers["Access-Control-Expose-Headers"].split(", ")} == EXPOSED
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_preflight_lists_the_methods_and_headers(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, cors_origins=(LISTED,))
    request_headers = {"Origin": LISTED, "Access-Control-Request-Method": "PATCH"}
    headers = cors(cafe.public.send("OPTIONS", "/cats/luna", request_headers))
    assert {*headers["Access-Control-Allow-Methods"].split(", ")} == {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
    assert {*headers["Access-Control-Allow-Headers"].split(", ")} == PUBLIC_REQUEST_HEADERS | {
        "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Prefer",
    }  # fmt: skip
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("origins", [("*",), ("*", LISTED), (LISTED, "*")])
@pytest.mark.parametrize("origin", [UNLISTED, "null", "http://localhost:3000", "*"])
def test_asterisk_lets_all_origins_read_public_data(mocked_table: Table, origins: tuple[str, ...], origin: str) -> None:
    public = TestApp(mocked_table, cors_origins=origins).public
    for method, path, status in (
        ("GET", "/cats", 200), ("HEAD", "/cats", 200), ("GET", "/posts.atom", 200), ("GET", "/cats/missing", 404),
        ("GET", "/nothing", 404), ("GET", "/users", 401), ("GET", "/cats?limit=0", 400),
    ):  # fmt: skip
        response = public.send(method, path, {"Origin": origin})
        assert response.status_code == status
        headers = cors(response)
        assert headers.keys() == {"Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert {*headers["Access-Control-Expose-Headers"].split(", ")} == EXPOSED
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert {"Origin", "Authorization", "Cookie"} <= {*response.headers["Vary"].split(", ")}
    for path in ("/cats", "/nothing"):
        preflight = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        response = public.send("OPTIONS", path, preflight | {"Access-Control-Request-Headers": "authorization"})
        headers = cors(response)
        assert (response.status_code, headers["Access-Control-Allow-Origin"]) == (204, "*")
        assert headers["Access-Control-Allow-Methods"] == "GET, HEAD"
        assert {*headers["Access-Control-Allow-Headers"].split(", ")} == PUBLIC_REQUEST_HEADERS
        assert "Access-Control-Allow-Credentials" not in headers


def test_asterisk_opens_neither_writes_nor_answers_to_credentials(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, cors_origins=("*", LISTED))
    origin, browser = {"Origin": UNLISTED}, BrowserClient(cafe)
    browser.cookie = "x"
    responses = [
        cafe.staff.get("/cats", origin),
        cafe.staff.get("/cats", {"Origin": "*"}),
        cafe.public.get("/cats", origin | {"Authorization": "Bearer nonsense"}),
        browser.send("GET", "/cats", origin),
        cafe.public.send("POST", "/users", origin, json={"username": "lu", "password": "purring loudly 7"}),
        cafe.public.send("POST", "/sessions", origin, json={"username": "lu", "password": "purring loudly 7"}),
        cafe.public.send("OPTIONS", "/cats", origin),
    ]
    for method in ("POST", "PUT", "PATCH", "DELETE", "get", ""):
        for path in ("/cats/luna", "/sessions", "/nothing"):
            responses.append(cafe.public.send("OPTIONS", path, origin | {"Access-Control-Request-Method": method}))
    assert [response.status_code for response in responses[:7]] == [200, 200, 401, 200, 201, 201, 204]
    for response in responses:
        assert cors(response) == {}
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_listed_origin_has_the_whole_api_beside_the_asterisk(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, cors_origins=("*", LISTED))
    for response in (
        cafe.staff.get("/cats", {"Origin": LISTED}),
        cafe.public.send("POST", "/sessions", {"Origin": LISTED}, json={}),
        cafe.public.send("OPTIONS", "/cats", {"Origin": LISTED, "Access-Control-Request-Method": "DELETE"}),
    ):
        assert cors(response)["Access-Control-Allow-Origin"] == LISTED
    assert "Authorization" in cors(response)["Access-Control-Allow-Headers"]


def test_preflight_of_an_unknown_path_succeeds_so_that_a_script_can_read_the_404(mocked_table: Table) -> None:
    public = TestApp(mocked_table, cors_origins=(LISTED,)).public
    preflight = {"Access-Control-Request-Method": "GET"}
    expected = cors(public.send("OPTIONS", "/cats", {"Origin": LISTED} | preflight))
    for path in ("/nowhere", "/cats/luna/toys", "/cats/", "/static", "/static/nothing.css", "/cats%2Fluna", "/%FF"):
        response = public.send("OPTIONS", path, {"Origin": LISTED} | preflight)
        assert (response.status_code, cors(response)) == (204, expected), path
        assert public.get(path, {"Origin": LISTED}).status_code == 404
    for headers in ({}, {"Origin": LISTED}, preflight, {"Origin": "https://other.example"} | preflight):
        response = public.send("OPTIONS", "/nowhere", headers)
        assert response.status_code == 404
        assert "Access-Control-Allow-Methods" not in response.headers


@pytest.mark.parametrize(
    "header",
    [
        "Basic b3duZXI6cGFzcw==",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer a b",
        "bearer  nonsense",
        "nonsense",
        "",
        "Bearer \xff",
    ],
)
def test_invalid_credentials_are_401_on_public_paths_too(cafe: TestApp, header: str) -> None:
    for path in (*(spec.path for spec in RESOURCE_SPECS), "/cats/luna/history", "/", "/health"):
        response = cafe.public.get(path, {"Authorization": header})
        problem(response, 401)
        # Only a response to a bearer token has an error code (RFC 6750, section 3.1).
        error = ', error="invalid_token"' if header.lower().startswith("bearer ") else ""
        assert response.headers["WWW-Authenticate"] == f'Bearer realm="clowder"{error}'


def test_401_and_403_have_www_authenticate(cafe: TestApp) -> None:
    anonymous, member = cafe.public.get("/cats/luna/history"), cafe.client("member").get("/cats/luna/history")
    assert problem(anonymous, 401)["type"] == "/problems/unauthenticated"
    assert anonymous.headers["WWW-Authenticate"] == 'Bearer realm="clowder"'
    assert problem(member, 403)["detail"] == "This needs the role staff; yours is member."
    assert member.headers["WWW-Authenticate"] == 'Bearer realm="clowder", error="insufficient_scope"'
    browser = BrowserClient(cafe)
    browser.cookie = cafe.token("member")
    by_cookie = browser.send("GET", "/cats/luna/history")
    other_site = browser.send("POST", "/cats", {"Sec-Fetch-Site": "cross-site"}, json={})
    for response in (by_cookie, other_site):
        assert (response.status_code, response.headers["WWW-Authenticate"]) == (403, 'Bearer realm="clowder"')
    problem(cafe.public.get(f"/cats?access_token={cafe.token('staff')}"), 400)
