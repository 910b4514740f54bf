"""What a stranger finds: the links in every answer, the catalogue, the contact for security, liveness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api import __version__
from tests.support.app import FakeClock, TestApp, problem
from tests.support.resource_specs import RESOURCE_SPECS

PATHS = [path for spec in RESOURCE_SPECS for path in (spec.path, spec.url(spec.missing_key), f"{spec.path}?limit=0")]


def test_every_answer_links_to_the_document_and_its_page(cafe: TestApp) -> None:
    for who in (cafe.public, cafe.client("owner")):
        for path in [*PATHS, "/", "/nothing", "/health", "/sessions"]:
            links = who.get(path).headers.getlist("Link")
            assert len(links) == 1, path
            assert '</openapi.json>; rel="service-desc"' in links[0]
            assert '</docs>; rel="service-doc"' in links[0]
    assert cafe.public.get("/openapi.json").status_code == cafe.public.get("/docs").status_code == 200


def test_the_catalogue_of_apis_is_a_linkset_whose_links_resolve(cafe: TestApp) -> None:
    """RFC 9727 with RFC 9264."""
    answer = cafe.public.get("/.well-known/api-catalog")
    assert answer.mimetype == "application/linkset+json"
    assert answer.mimetype_params == {"profile": "https://www.rfc-editor.org/info/rfc9727"}
    (api,) = answer.json["linkset"]
    assert api["anchor"] == "http://localhost/"
    for relation in ("service-desc", "service-doc", "status"):
        for link in api[relation]:
            there = cafe.public.get(link["href"], {"Accept": link["type"]})
            assert (there.status_code, there.mimetype) == (200, link["type"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_catalogue_says_where_it_is(cafe: TestApp, method: str) -> None:
    """RFC 9727, section 2."""
    answer = cafe.public.send(method, "/.well-known/api-catalog")
    assert '<http://localhost/.well-known/api-catalog>; rel="api-catalog"' in answer.headers["Link"]


@pytest.mark.parametrize(
    "now", [datetime(2026, month, day, tzinfo=UTC) for month in (1, 2, 6, 7, 12) for day in (1, 28)]
)
def test_the_contact_for_security_is_as_rfc_9116_has_it(cafe: TestApp, now: datetime) -> None:
    cafe = TestApp(cafe.table, FakeClock(now), security_contact="mailto:cats@example.org")
    answer = cafe.public.get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
    assert fields["Contact"] == "mailto:cats@example.org"
    assert fields["Canonical"] == "http://localhost/.well-known/security.txt"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=180) < expires - now < timedelta(days=365)


def test_the_contact_stays_the_same_for_a_while_so_that_it_can_be_kept(cafe: TestApp) -> None:
    tag = cafe.public.get("/.well-known/security.txt").headers["ETag"]
    cafe.clock.advance(hours=11)
    assert cafe.public.get("/.well-known/security.txt", {"If-None-Match": tag}).status_code == 304


def test_health_says_the_version_and_asks_nobody(cafe: TestApp) -> None:
    answer, meter = cafe.measure(lambda: cafe.public.get("/health"))
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "version": __version__})
    assert meter.calls == []


@pytest.mark.parametrize("path", ["/", "/health", "/problems", "/openapi.json", "/.well-known/api-catalog"])
def test_what_is_the_same_for_all_may_be_kept_and_is_told_apart_by_its_tag(cafe: TestApp, path: str) -> None:
    answer = cafe.public.get(path)
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert cafe.public.get(path, {"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_page_with_a_nonce_is_kept_by_nobody(cafe: TestApp) -> None:
    answer = cafe.public.get("/docs", {"Accept": "text/html", "If-None-Match": "*"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert "ETag" not in answer.headers


def test_the_public_reads_what_it_may_even_with_a_token(cafe: TestApp) -> None:
    for path in ("/", "/health", "/problems", "/openapi.json"):
        assert cafe.staff.get(path).data == cafe.public.get(path).data
        problem(cafe.public.get(path, {"Authorization": "Bearer nonsense"}), 401)
