"""The pages for people: they fit a phone, can be read, and can be used with a keyboard."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visits

PHONE = {"width": 390, "height": 844}
PAGES = ["/", "/nowhere", "/problems", "/problems/invalid"]
LONG = "/cats/" + "supercalifragilistic" * 10


@pytest.mark.parametrize("path", [*PAGES, LONG])
def test_nothing_sticks_out_on_a_phone(visit: Visits, path: str) -> None:
    assert visit(path, viewport=PHONE).inspect("tooWide") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_all_text_stands_out_from_its_ground(visit: Visits, path: str, scheme: str) -> None:
    assert visit(path, color_scheme=scheme).inspect("paleTexts") == []


@pytest.mark.parametrize("path", PAGES)
def test_every_stop_of_the_tab_key_can_be_seen(visit: Visits, path: str) -> None:
    seen = visit(path)
    links = seen.page.locator("a[href]").count()
    stops = []
    for _ in range(links):
        seen.page.keyboard.press("Tab")
        stops.append(seen.inspect("focus"))
    assert all(stop and stop["marked"] and stop["inView"] for stop in stops), stops
    assert stops[0]["text"] == "Skip to the content"


def test_the_first_stop_leads_past_the_navigation(visit: Visits) -> None:
    seen = visit("/")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    assert seen.inspect("focus")["id"] == "main"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_nothing_elsewhere_and_complains_of_nothing_else_than_its_status(
    visit: Visits, path: str
) -> None:
    seen = visit(path)
    assert seen.foreign_requests == []
    assert [complaint for complaint in seen.complaints if "404 (NOT FOUND)" not in complaint] == []
    assert seen.status == (404 if path == "/nowhere" else 200)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_one_main_part_and_a_language(visit: Visits, path: str) -> None:
    page = visit(path).page
    assert page.locator("h1").count() == page.locator("main").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Clowder" in page.title()


def test_pale_text_and_a_wide_page_and_an_unseen_focus_would_be_found(visit: Visits) -> None:
    seen = visit("/", viewport=PHONE)
    seen.page.evaluate(
        "() => { const title = document.querySelector('h1'); title.style.color = '#ccc'; title.style.width = '500px';"
        " document.querySelector('.skip').style.outline = 'none'; }"
    )
    assert any(text.startswith("h1.") for text in seen.inspect("paleTexts"))
    assert seen.inspect("tooWide")
    seen.page.keyboard.press("Tab")
    assert not seen.inspect("focus")["marked"]
