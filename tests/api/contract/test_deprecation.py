"""What is deprecated: its headers on every response, and its marks in the OpenAPI document."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from werkzeug.test import TestResponse

from api.app import RESOURCES
from api.http.deprecation import MAX_TARGET, SINCE_0_2
from tests.support.app import TestApp

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE")
HEADERS = {"Deprecation", "Sunset"}


def dates(response: TestResponse) -> set[str]:
    """Return the headers of a deprecation that a response has."""
    return HEADERS & set(response.headers.keys())


def check_headers(response: TestResponse, canonical: str) -> None:
    """Check the headers of a response of something that version 0.2.0 deprecated."""
    what = f"{response.request.method} {response.request.path} {response.status}"
    assert response.headers.getlist("Deprecation") == ["@1795824000"], what
    assert response.headers.getlist("Sunset") == ["Wed, 01 Sep 2027 00:00:00 GMT"], what
    (links,) = response.headers.getlist("Link")
    assert '</docs>; rel="deprecation"; type="text/html"' in links.split(", "), what
    assert f'<{canonical}>; rel="canonical"' in links.split(", "), what
    assert '</openapi.json>; rel="service-desc"' in links.split(", "), what


def test_dates_are_those_of_the_declaration() -> None:
    headers = SINCE_0_2.headers
    since = datetime.fromtimestamp(int(headers["Deprecation"].removeprefix("@")), UTC)
    sunset = parsedate_to_datetime(headers["Sunset"])
    assert (since.date(), sunset.date()) == (SINCE_0_2.since, SINCE_0_2.sunset)
    assert {at.time().isoformat() for at in (since, sunset)} == {"00:00:00"}


def test_every_response_of_an_alias_has_the_headers(cafe: TestApp) -> None:
    owner = cafe.client("owner")
    owner.post("/posts", {"title": "News", "body": "They sleep."})
    paths = {alias: cls.path for cls in RESOURCES for alias in cls.aliases}
    assert len(paths) == 2
    statuses = set()
    for alias, path in paths.items():
        for key in ("1", "the%20owner", "missing", "a%2Fb", "%C3%A9%3E"):
            url, canonical = (template.partition("{")[0] + key for template in (alias, path))
            for client in (owner, cafe.public):
                for method in METHODS:
                    response = client.send(method, url, {"If-None-Match": "*"}, json={})
                    check_headers(response, canonical)
                    statuses.add(response.status_code)
                    assert dates(client.send(method, canonical, json={})) == set()
            check_headers(owner.get(f"{url}?wings=2", {"Accept": "text/html"}), canonical)
    assert statuses >= {201, 204, 304, 401, 404, 405, 412, 415, 422}


def test_canonical_link_is_left_out_if_it_is_long(cafe: TestApp) -> None:
    """API Gateway limits the size of the headers of a response."""
    for length, present in ((MAX_TARGET - len("/users/"), True), (MAX_TARGET, False), (8000, False)):
        response = cafe.public.get(f"/user/{'x' * length}")
        assert ('rel="canonical"' in response.headers["Link"]) is present
        assert response.headers["Sunset"]


def test_deprecated_parameter_has_the_headers_only_if_it_is_sent(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/Zoë", {})
    path, at = "/cats/Zo%C3%AB/history", "?at=2026-11-22T13:00:00%2B01:00"
    check_headers(staff.get(path + at), "/cats/Zo%C3%AB/as-of/2026-11-22T12:00:00.000000Z")
    for client, query, status in (
        (staff, "?at=2000-01-01T00:00:00Z", 404),
        (staff, "?at=x", 400),
        (staff, f"{at}&wings=2", 400),
        (cafe.public, at, 401),
        (cafe.client("member"), at, 403),
    ):
        response = client.get(path + query)
        assert response.status_code == status
        assert dates(response) == HEADERS, query
    for query in ("", "?limit=1", "?wings=at", "?cursor=at"):
        assert dates(staff.get(path + query)) == set(), query


def test_everything_else_has_no_deprecation_headers(cafe: TestApp) -> None:
    for path in ("/", "/posts", "/post", "/post/", "/user/", "/post/1/x", "/posts/1", "/users/x?at=1", "/static/x"):
        assert dates(cafe.public.get(path)) == set(), path


def test_deprecated_parameters_are_in_the_description(cafe: TestApp) -> None:
    operation = cafe.public.get("/openapi.json").json["paths"]["/cats/{name}/history"]["get"]
    assert "`at`, which changes the type: The response is the cat at this time. Deprecated:" in operation["description"]
