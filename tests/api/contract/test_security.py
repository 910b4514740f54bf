"""The headers that protect, on every answer; and CORS, closed but for an exact list of origins."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from api.store.table import Table
from tests.api.contract.test_errors import mishaps
from tests.support.app import TestApp, problem
from tests.support.failing_tables import BrokenTable, UnavailableTable, replace_table
from tests.support.resource_specs import RESOURCE_SPECS

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
HOME, OTHER = "https://cats.example", "https://dogs.example"


def answers_of_all_kinds(cafe: TestApp) -> list[TestResponse]:
    """Return answers of every status, errors and pages included."""
    found = [answer for spec in RESOURCE_SPECS for some in mishaps(cafe, spec).values() for answer in some]
    staff, public = cafe.staff, cafe.public
    page = {"Accept": "text/html, */*;q=0.1"}
    found += [
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
    found += [
        TestApp(replace_table(cafe.table, kind)).public.get("/cats/luna") for kind in (BrokenTable, UnavailableTable)
    ]
    return found


def test_every_answer_bears_the_headers_that_protect(cafe: TestApp) -> None:
    answers = answers_of_all_kinds(cafe)
    told = {answer.status_code for answer in answers}
    assert told == {200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 500, 503}
    for answer in answers:
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, answer.request.path
        policy = answer.headers["Content-Security-Policy"]
        if answer.mimetype == "text/html":
            assert policy.startswith("default-src 'none'; ")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
        else:
            assert policy == NOTHING
        assert "Server" not in answer.headers
        assert len(answer.headers.getlist("Link")) == len(answer.headers.getlist("X-Request-Id")) == 1


def test_errors_and_what_is_private_are_kept_by_nobody(cafe: TestApp) -> None:
    for answer in answers_of_all_kinds(cafe):
        private = "Authorization" in answer.request.headers
        of_a_resource = any(answer.request.path.startswith(spec.path) for spec in RESOURCE_SPECS)
        if answer.status_code >= 400 or (private and of_a_resource):
            assert "no-store" in answer.headers["Cache-Control"], answer.request.path


def test_a_page_with_a_script_allows_that_script_alone_and_once(cafe: TestApp) -> None:
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


def cors(answer: TestResponse) -> dict[str, str]:
    """Return the headers by which a browser is let in."""
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PUT"])
def test_cors_is_closed_if_nobody_opens_it(cafe: TestApp, method: str) -> None:
    asked = {"Origin": HOME, "Access-Control-Request-Method": "PUT"}
    answer = cafe.public.send(method, "/cats", asked)
    assert cors(answer) == {}
    assert "Origin" not in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize(
    "origin",
    [OTHER, "null", "*", "", "https://cats.example.evil", "https://evil.cats.example", "http://cats.example",
     "https://CATS.example", "https://cats.example:8443", "https://cats.example/", f"{HOME} {OTHER}"],
)  # fmt: skip
def test_only_the_exact_origins_of_the_list_are_let_in(mocked_table: Table, origin: str) -> None:
    cafe = TestApp(mocked_table, cors_origins=(HOME, "https://third.example"))
    for method in ("GET", "OPTIONS"):
        answer = cafe.public.send(method, "/cats", {"Origin": origin, "Access-Control-Request-Method": "PUT"})
        assert cors(answer) == {}
        assert "Origin" in answer.headers["Vary"].split(", ")
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_an_origin_of_the_list_may_read_every_answer_and_its_headers(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, cors_origins=(HOME,))
    for path, status in (("/cats", 200), ("/cats/nobody", 404), ("/nothing", 404), ("/cats?limit=0", 400)):
        answer = cafe.public.get(path, {"Origin": HOME})
        assert answer.status_code == status
        told = cors(answer)
        assert told.keys() == {"Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}
        assert told["Access-Control-Allow-Origin"] == HOME
        assert {"ETag", "Link", "Location", "X-Request-Id"} <= {*told["Access-Control-Expose-Headers"].split(", ")}
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_preflight_is_told_the_methods_and_headers_of_the_api(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, cors_origins=(HOME,))
    asked = {"Origin": HOME, "Access-Control-Request-Method": "PATCH"}
    told = cors(cafe.public.send("OPTIONS", "/cats/luna", asked))
    assert {*told["Access-Control-Allow-Methods"].split(", ")} == {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
    assert {"Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Prefer"} == {
        *told["Access-Control-Allow-Headers"].split(", ")
    }
    assert "Access-Control-Allow-Credentials" not in told


@pytest.mark.parametrize(
    "header",
    [
        "Basic b3duZXI6cGFzcw==",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "bearer  nonsense",
        "nonsense",
        "",
        "Bearer \xff",
    ],
)
def test_credentials_that_are_not_good_are_never_passed_over(cafe: TestApp, header: str) -> None:
    for path in (*(spec.path for spec in RESOURCE_SPECS), "/cats/luna/history", "/", "/health"):
        answer = cafe.public.get(path, {"Authorization": header})
        problem(answer, 401)
        # An error code is for who has sent a bearer token (RFC 6750, section 3.1).
        error = ', error="invalid_token"' if header.lower().startswith("bearer ") else ""
        assert answer.headers["WWW-Authenticate"] == f'Bearer realm="clowder"{error}'


def test_who_is_asked_for_credentials_is_told_how(cafe: TestApp) -> None:
    nobody, member = cafe.public.get("/cats/luna/history"), cafe.client("member").get("/cats/luna/history")
    assert problem(nobody, 401)["type"] == "/problems/unauthenticated"
    assert nobody.headers["WWW-Authenticate"] == 'Bearer realm="clowder"'
    assert problem(member, 403)["detail"] == "This needs the role staff; yours is member."
    assert member.headers["WWW-Authenticate"] == 'Bearer realm="clowder", error="insufficient_scope"'
    problem(cafe.public.get(f"/cats?access_token={cafe.token('staff')}"), 400)
