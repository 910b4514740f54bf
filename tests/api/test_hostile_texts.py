"""Hostile texts in every field, on every page: no element, no attribute and no link that the template does not have."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.app import TestApp
from tests.support.users import BROWSER
from tests.web.markup import Outline

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "</title></head><body onload=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "--><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &#60;b&#62; &amp;",
    "javascript:alert(1)",
    "]]></style><style>*{display:none}",
    "\\u003cscript\\u003e",
    "`${alert(1)}`",
)
PLAIN = "plain"
PATHS = ("/", "/cats", "/cats?breed={}", "/cats?name={}", "/cats/luna", "/pies", "/pies/cherry", "/posts",
         "/posts?cat={}", "/posts/1", "/cats/{}", "/cats?sort={}", "/login", "/docs", "/problems")  # fmt: skip


def fill(cafe: TestApp, text: str) -> None:
    """Write a text into every field of a cat, a pie and a post that takes any text, and into the name of the author."""
    staff, short = cafe.staff, text[:64]
    shot = {"type": short, "givenOn": "2026-01-02", "batch": short}
    cat: dict[str, Any] = {
        "status": "available",
        "adoptionFee": {"amount": 100, "currency": "GBP"},
        "breed": {"primary": short, "secondary": short, "mixed": True},
        "colors": {"primary": short, "secondary": short, "tertiary": short},
        "pattern": short,
        "vaccinations": [shot],
        "specialNeeds": {"has": True, "note": text, "diet": text},
        "location": {"area": short, "unit": short, "onFloor": True},
        "description": text,
        "staffNotes": text,
    }
    pie = {"publicName": short, "description": text, "allergens": ["milk"], "diets": ["vegetarian"], "rate": 450}
    site = {"name": short, "tagline": text, "address": [text, text], "openingHoursNote": text}
    # In Markdown, some of these texts are links or code; in a code block they are texts.
    post = {"title": text, "body": f"Text.\n\n    {text}", "cats": ["luna"]}
    for response in (
        staff.put("/users/the%20staff", {"displayName": short}),
        staff.put("/cats/luna", cat),
        staff.put("/pies/cherry", pie),
        cafe.client("owner").patch("/site", site, if_match="*"),
        staff.post("/posts", post) if staff.get("/posts/1").status_code == 404 else staff.put("/posts/1", post),
    ):
        assert response.status_code in (200, 201), response.get_data(as_text=True)


def page(cafe: TestApp, path: str, text: str) -> str:
    """Return a page as an anonymous browser gets it."""
    response = cafe.public.get(path.replace("{}", quote(text, safe="")), BROWSER)
    assert response.mimetype == "text/html"
    return response.get_data(as_text=True)


def outline(cafe: TestApp, path: str, text: str) -> Outline:
    """Return the structure of a page."""
    return Outline(page(cafe, path, text))


def test_hostile_texts_change_no_markup(cafe: TestApp) -> None:
    fill(cafe, PLAIN)
    expected = {path: outline(cafe, path, PLAIN) for path in PATHS}
    assert [path for path in PATHS if expected[path].errors] == []
    for text in HOSTILE:
        fill(cafe, text)
        for path in PATHS:
            found = outline(cafe, path, text)
            assert (found.elements, found.errors) == (expected[path].elements, []), (path, text)
            assert all(link.startswith(("/", "http", "#", "data:image/svg+xml,")) for link in found.links), (path, text)


def test_hostile_texts_are_shown_as_they_are(cafe: TestApp) -> None:
    from html import unescape

    for text in HOSTILE:
        fill(cafe, text)
        for path in ("/", "/cats/luna", "/pies/cherry", "/posts/1"):
            assert text in unescape(page(cafe, path, text)), (path, text)


def test_structured_data_is_json_with_the_texts(cafe: TestApp) -> None:
    for text in HOSTILE:
        fill(cafe, text)
        for path, member in (("/", "description"), ("/cats/luna", "description"), ("/posts/1", "headline")):
            (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page(cafe, path, text))
            assert json.loads(script)[member] == text
            assert not set("<>&") & set(script)


@pytest.mark.parametrize("part", ['<b id="x">', "<b>", "</p>", "<!-- -->", "<p class=a class=b></p>"])
def test_the_check_finds_markup(part: str) -> None:
    plain = Outline("<p><br></p>")
    broken = Outline(f"<p>{part}<br></p>")
    assert plain.errors == []
    assert broken.errors or broken.elements != plain.elements
