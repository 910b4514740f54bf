"""Links to the documentation, the API catalogue, security.txt and the health check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from api import __version__
from api.http.openapi import document as openapi
from tests.support.app import FakeClock, TestApp, problem
from tests.support.resource_specs import RESOURCE_SPECS

PATHS = [path for spec in RESOURCE_SPECS for path in (spec.path, spec.url(spec.missing_key), f"{spec.path}?limit=0")]


def test_every_response_links_to_the_openapi_document_and_docs(cafe: TestApp) -> None:
    for client in (cafe.public, cafe.client("owner")):
        for path in [*PATHS, "/", "/nothing", "/health", "/sessions"]:
            links = client.get(path).headers.getlist("Link")
            assert len(links) == 1, path
            assert '</openapi.json>; rel="service-desc"' in links[0]
            assert '</docs>; rel="service-doc"' in links[0]
    assert cafe.public.get("/openapi.json").status_code == cafe.public.get("/docs").status_code == 200


def test_api_catalog_is_a_linkset_whose_links_resolve(cafe: TestApp) -> None:
    """RFC 9727 with RFC 9264."""
    response = cafe.public.get("/.well-known/api-catalog")
    assert response.mimetype == "application/linkset+json"
    assert response.mimetype_params == {"profile": "https://www.rfc-editor.org/info/rfc9727"}
    (api,) = response.json["linkset"]
    assert api["anchor"] == "http://localhost/"
    for relation in ("service-desc", "service-doc", "status"):
        for link in api[relation]:
            linked = cafe.public.get(link["href"], {"Accept": link["type"]})
            assert (linked.status_code, linked.mimetype) == (200, link["type"])


@pytest.mark.parametrize("host", ["localhost", "cafe.example:8443", "127.0.0.1:5000", "[::1]:5000"])
def test_openapi_document_has_the_url_of_the_request(cafe: TestApp, host: str) -> None:
    first = cafe.public.get("/openapi.json", {"Host": host})
    (server,) = first.json["servers"]
    assert server["url"] == f"http://{host}"
    for url in (first.json["info"]["contact"]["url"], first.json["externalDocs"]["url"]):
        assert cafe.public.get(url.removeprefix(server["url"])).status_code == 200
    other = cafe.public.get("/openapi.json", {"Host": "other.example", "If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert other.json | {key: first.json[key] for key in ("servers", "info", "externalDocs")} == first.json
    assert cafe.public.get("/openapi.json", {"Host": host, "If-None-Match": first.headers["ETag"]}).status_code == 304


def test_openapi_document_is_built_once(cafe: TestApp) -> None:
    cafe.public.get("/openapi.json")
    built = openapi._template.cache_info()
    for number in range(20):
        cafe.public.get("/openapi.json", {"Host": f"host{number}.example"})
    now = openapi._template.cache_info()
    assert (now.misses, now.currsize) == (built.misses, built.currsize)


@pytest.mark.parametrize("host", ['a"b', "a b", "a/b", "user@host", "a,b", "host:99999", "x" * 300, "ä.example", ""])
def test_invalid_host_is_400_where_the_response_contains_it(cafe: TestApp, host: str) -> None:
    for path in ("/openapi.json", "/.well-known/api-catalog", "/.well-known/security.txt", "/posts.atom"):
        (error,) = problem(cafe.public.get(path, {"Host": host}), 400)["errors"]
        assert error["header"] == "Host", path


@pytest.mark.parametrize("host", ["xn--e1afmkfd.example", "xn--a", "xn--zzzzz--"])
def test_urls_have_international_names_in_ascii(cafe: TestApp, host: str) -> None:
    """A header has only ASCII. Werkzeug's host_url decodes the names, if it can."""
    for path in ("/openapi.json", "/.well-known/api-catalog", "/.well-known/security.txt", "/posts.atom"):
        # The test client would decode the name too.
        body, status, headers = run_wsgi_app(cafe.app, create_environ(path, headers={"Host": host}))
        assert (status, f"http://{host}".encode() in b"".join(body)) == ("200 OK", True), path
        if "catalog" in path:
            assert f"<http://{host}{path}>" in headers["Link"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_api_catalog_links_to_itself(cafe: TestApp, method: str) -> None:
    """RFC 9727, section 2."""
    response = cafe.public.send(method, "/.well-known/api-catalog")
    assert '<http://localhost/.well-known/api-catalog>; rel="api-catalog"' in response.headers["Link"]


@pytest.mark.parametrize(
    "now", [datetime(2026, month, day, tzinfo=UTC) for month in (1, 2, 6, 7, 12) for day in (1, 28)]
)
def test_security_txt_conforms_to_rfc_9116(cafe: TestApp, now: datetime) -> None:
    cafe = TestApp(cafe.table, FakeClock(now), security_contact="mailto:cats@example.org")
    response = cafe.public.get("/.well-known/security.txt")
    assert response.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.get_data(as_text=True).splitlines())
    assert fields["Contact"] == "mailto:cats@example.org"
    assert fields["Canonical"] == "http://localhost/.well-known/security.txt"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=180) < expires - now < timedelta(days=365)


def test_security_txt_does_not_change_for_hours(cafe: TestApp) -> None:
    tag = cafe.public.get("/.well-known/security.txt").headers["ETag"]
    cafe.clock.advance(hours=11)
    assert cafe.public.get("/.well-known/security.txt", {"If-None-Match": tag}).status_code == 304


def test_health_returns_the_version_without_store_calls(cafe: TestApp) -> None:
    response, budget = cafe.measure(lambda: cafe.public.get("/health"))
    assert (response.status_code, response.json) == (200, {"status": "ok", "version": __version__})
    assert budget.calls == []


@pytest.mark.parametrize("path", ["/", "/health", "/problems", "/openapi.json", "/.well-known/api-catalog"])
def test_public_documents_are_cacheable_with_an_etag(cafe: TestApp, path: str) -> None:
    response = cafe.public.get(path)
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert cafe.public.get(path, {"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_page_with_nonce_is_not_cacheable(cafe: TestApp) -> None:
    response = cafe.public.get("/docs", {"Accept": "text/html", "If-None-Match": "*"})
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "private, no-store")
    assert "ETag" not in response.headers


def test_public_documents_are_the_same_with_a_token_and_401_with_an_invalid_one(cafe: TestApp) -> None:
    for path in ("/", "/health", "/problems", "/openapi.json"):
        assert cafe.staff.get(path).data == cafe.public.get(path).data
        problem(cafe.public.get(path, {"Authorization": "Bearer nonsense"}), 401)
