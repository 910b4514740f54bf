"""Portraits: ``/cats/{name}/portrait.svg``. tests/web has the drawing."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from xml.etree.ElementTree import fromstring

import pytest

from tests.support.app import PATCH, TestApp, problem
from tests.support.inspection import etag

LUNA = {"status": "available", "colors": {"primary": "black"}, "coat": "long", "birthDate": "2025-11-23"}
PATH = "/cats/luna/portrait.svg"
FOREVER = "max-age=31536000, immutable"


def versioned(cafe: TestApp, path: str = PATH) -> str:
    """Return the canonical URL of a portrait."""
    return str(cafe.staff.get(path).headers["Link"].partition(">")[0].removeprefix("<"))


def test_portrait_is_an_svg_image_that_cannot_run_scripts(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", LUNA)
    response = cafe.public.get(PATH)
    assert (response.status_code, response.content_type) == (200, "image/svg+xml")
    assert fromstring(response.data)[0].text == "Portrait of luna"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == "inline; filename*=UTF-8''luna.svg"
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert cafe.public.send("HEAD", PATH).headers["ETag"] == response.headers["ETag"]
    assert cafe.public.send("HEAD", PATH).data == b""


def test_public_sees_portraits_of_public_cats_only(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", LUNA | {"status": "quarantine"})
    url = versioned(cafe)
    for client in (cafe.public, cafe.client("member")):
        for path in (PATH, url, "/cats/missing/portrait.svg", "/cats/a%2Fb/portrait.svg"):
            problem(client.get(path), 404)
    assert cafe.staff.get(PATH).headers["Cache-Control"] == "private, no-store"
    assert cafe.staff.get(url).headers["Cache-Control"] == f"private, {FOREVER}"


def test_etag_changes_with_the_drawing_and_with_nothing_else(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", LUNA)
    tag = etag(cafe.public.get(PATH))
    for change in ({"staffNotes": "x"}, {"description": "Shy."}, {"location": {"area": "loft"}}, {"sex": "female"}):
        assert cafe.staff.send("PATCH", "/cats/luna", PATCH | {"If-Match": "*"}, json=change).status_code == 200
        for client in (cafe.public, cafe.staff):
            assert client.get(PATH, {"If-None-Match": tag}).status_code == 304
    for change in (
        {"colors": {"primary": "blue"}},
        {"pattern": "tabby"},
        {"coat": "wire"},
        {"birthDate": "2001-01-01"},
    ):
        assert cafe.staff.send("PATCH", "/cats/luna", PATCH | {"If-Match": "*"}, json=change).status_code == 200
        response = cafe.public.get(PATH, {"If-None-Match": tag})
        assert response.status_code == 200
        tag = etag(response)


def test_portrait_and_its_url_change_on_the_birthday_that_begins_an_age_group(cafe: TestApp) -> None:
    cafe.clock.now = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    cafe.staff.put("/cats/luna", LUNA)
    tag, url = etag(cafe.public.get(PATH)), versioned(cafe)
    assert cafe.public.get(PATH, {"If-None-Match": tag}).status_code == 304
    cafe.clock.advance(minutes=1)
    assert "young cat" in cafe.public.get(PATH, {"If-None-Match": tag}).get_data(as_text=True)
    assert versioned(cafe) != url


def test_url_with_the_current_version_is_cached_for_a_year(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", LUNA)
    url = versioned(cafe)
    response = cafe.public.get(url)
    assert response.headers["Cache-Control"] == f"public, {FOREVER}"
    assert response.data == cafe.public.get(PATH).data
    assert cafe.public.get(url, {"If-None-Match": etag(response)}).status_code == 304
    compressed = cafe.public.get(url, {"Accept-Encoding": "gzip"})
    assert (compressed.headers["Content-Encoding"], compressed.headers["Cache-Control"]) == (
        "gzip",
        f"public, {FOREVER}",
    )
    cafe.staff.put("/cats/luna", LUNA | {"coat": "curly"})
    for other in (url, f"{PATH}?v=None", f"{PATH}?v=0"):
        assert cafe.public.get(other).headers["Cache-Control"] == "public, no-cache"
    for wrong in (f"{PATH}?v=", f"{PATH}?v={'0' * 65}", f"{url}&wings=2"):
        problem(cafe.public.get(wrong), 400)


@pytest.mark.parametrize("name", ["Zoë O'Malley", "猫", "Mr. Tom-Tom"])
def test_canonical_url_leads_to_the_portrait_of_any_name(cafe: TestApp, name: str) -> None:
    assert cafe.staff.put(f"/cats/{name}", LUNA).status_code == 201
    response = cafe.public.get(versioned(cafe, f"/cats/{name}/portrait.svg"))
    assert response.headers["Cache-Control"] == f"public, {FOREVER}"
    assert fromstring(response.data)[0].text == f"Portrait of {name}"
    response.headers["Content-Disposition"].encode("ascii")


def test_url_of_a_portrait_begins_with_the_stage(cafe: TestApp) -> None:
    assert cafe.staff.put("/cats/luna", LUNA).status_code == 201
    response = cafe.public.get("/cats/luna/portrait.svg", environ_overrides={"SCRIPT_NAME": "/dev"})
    assert response.headers["Link"].startswith("</dev/cats/luna/portrait.svg?v=")


def test_only_a_portrait_imports_the_drawing() -> None:
    script = "import sys, api.app; print([name for name in sys.modules if name.startswith('api.web')])"
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
    assert output == "[]\n"
