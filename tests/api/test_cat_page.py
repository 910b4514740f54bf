"""The page of a cat for the staff: blockers, weights, to-dos, history; and nothing of it for others."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from api.domain.cats import ReplaceCat
from api.web.pages.cat_staff import MEMBERS
from tests.support.app import TestApp
from tests.support.forms import browser_of, send, values
from tests.support.inspection import writes_nothing
from tests.support.users import BROWSER, BrowserClient
from tests.web.markup import Outline

SECRETS = ("Bites.", "cage 3", "276098106234567", "Record a weight", "/forms/", "Hidden chore", "Changed:", "batch7")
FORM = "/forms/weights/luna"


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with a public cat who has notes, a chip, and a to-do."""
    luna = {
        "status": "available",
        "birthDate": "2023-05-01",
        "staffNotes": "Bites.",
        "location": {"area": "attic", "unit": "cage 3"},
        "microchips": [{"number": "276098106234567"}],
        "vaccinations": [{"type": "RCP", "givenOn": "2025-10-01", "expiresOn": "2026-10-01", "batch": "batch7"}],
        "fiv": "negative",
    }
    assert cafe.staff.put("/cats/luna", luna).status_code == 201
    assert cafe.staff.post("/todos", {"title": "Hidden chore", "cat": "luna", "due": "2026-11-20"}).status_code == 201
    assert cafe.staff.post("/todos", {"title": "Another cat", "due": "2026-11-20"}).status_code == 201
    return cafe


@pytest.fixture
def staff(cafe: TestApp) -> BrowserClient:
    """A browser in which a member of the staff is logged in."""
    return browser_of(cafe, "ada", "staff")


def weigh(cafe: TestApp, grams: int, **ago: float) -> None:
    """Record a weight in the past."""
    at = (cafe.clock.now - timedelta(**ago)).isoformat()
    assert cafe.staff.post("/cats/luna/weights", {"grams": grams, "weighedAt": at}).status_code == 201


def weights(cafe: TestApp) -> list[Any]:
    """Return the recorded weights, newest first."""
    return [weight["grams"] for weight in cafe.staff.get("/cats/luna/weights").json["items"]]


def test_only_the_staff_sees_the_part_for_the_staff(cafe: TestApp, staff: BrowserClient) -> None:
    weigh(cafe, 4000, days=3)
    assert cafe.staff.patch("/cats/luna", {"felv": "negative"}, if_match="*").status_code == 200
    for_staff = staff.open("/cats/luna").text
    assert [secret for secret in SECRETS if secret not in for_staff] == ["batch7"]
    public = cafe.public.get("/cats/luna", BROWSER).text
    for text in (public, browser_of(cafe, "mia", "member").open("/cats/luna").text):
        assert [secret for secret in SECRETS if secret in text] == []
        assert "chart" not in text
        assert '<p class="adopt">' in text
    for path in ("/cats", "/cats/luna/history"):
        assert "/forms/cats" not in cafe.public.get(path, BROWSER).text
    assert browser_of(cafe, "mona", "member").open("/cats/luna/history").status_code == 403
    assert Outline(for_staff).errors == []


def test_each_blocker_links_to_the_field_that_clears_it(cafe: TestApp, staff: BrowserClient) -> None:
    cafe.staff.put("/cats/pip", {"birthDate": "2026-11-01"})
    cafe.staff.put("/cats/tom", {"status": "adopted"})
    texts = {name: staff.open(f"/cats/{name}").text for name in ("pip", "luna", "tom")}
    assert "Wait until 27 December 2026." in texts["pip"]
    assert '<a href="/forms/cats/pip#status">Finish the intake check' in texts["pip"]
    for name, fields in (
        ("pip", "status fiv felv vaccinations altered microchips"),
        ("luna", "felv vaccinations altered"),
    ):
        linked = re.findall(rf'<li>[^<]* <a href="/forms/cats/{name}#(\w+)">', texts[name])
        assert linked == fields.split()
        ids = Outline(staff.open(f"/forms/cats/{name}").text).ids
        assert set(linked) <= set(ids)
    assert "Nothing to do: the cat has a home." in texts["tom"]
    done = {
        "status": "available", "fiv": "negative", "felv": "negative", "altered": "yes", "birthDate": "2020-01-01",
        "vaccinations": [{"type": "RCP", "givenOn": "2026-01-01"}], "microchips": [{"number": "123456789"}],
    }  # fmt: skip
    cafe.staff.put("/cats/ready", done)
    assert "Ready can be adopted." in staff.open("/cats/ready").text


def test_open_todos_of_the_cat_are_links_by_due_date(cafe: TestApp, staff: BrowserClient) -> None:
    text = staff.open("/cats/luna").text
    section = text.partition('id="todos"')[2].partition("</section>")[0]
    titles = re.findall(r'<a href="/todos/[^"?]*">([^<]*)</a>', section)
    assert titles == ["Vaccinate Luna: RCP", "Hidden chore"]
    assert "Overdue since Friday" in section
    assert 'href="/forms/todos?cat=luna"' in section


def test_the_history_is_in_words(cafe: TestApp, staff: BrowserClient) -> None:
    for number in range(5):
        sent = values(staff.open("/forms/cats/luna")) | {"status": ["hold" if number % 2 else "resident"]}
        send(staff, "/forms/cats/luna", sent | {"alteredOn": [f"2026-01-0{number + 1}"], "altered": ["yes"]})
    text = staff.open("/cats/luna").text
    assert text.count("Today, 12:00, ada") == 5
    assert "Changed: spaying or neutering and status" in text
    assert "Added the cat" not in text
    page = staff.open(re.findall(r'href="(/cats/luna/history)"', text)[0])
    assert (page.status_code, page.text.count("<li>Changed: ")) == (200, 5)
    assert "Added the cat<br>" in page.text
    second = staff.open("/cats/luna/history?limit=4")
    (following,) = re.findall(r'rel="next" href="([^"]*)"', second.text)
    assert "Added the cat" in staff.open(unescape(following)).text
    assert staff.open("/cats/luna/history?at=2026-11-22T12:00:00Z").text.count("<li>Changed: ") == 5
    assert staff.open("/cats/nobody/history").status_code == 404
    assert set(ReplaceCat.__struct_encode_fields__) <= MEMBERS.keys()


def test_a_weight_is_recorded_on_the_page_of_the_cat_once(cafe: TestApp, staff: BrowserClient) -> None:
    empty = staff.open("/cats/luna")
    assert "Luna has not been weighed yet." in empty.text
    sent = values(empty, f'action="{FORM}"') | {"grams": ["4,21 kg"], "note": ["<b>Hungry"]}
    for _ in range(2):
        response = send(staff, FORM, sent)
        assert (response.status_code, response.headers["Location"]) == (303, "/cats/luna?notice=weighed#weight")
    assert weights(cafe) == [4210]
    weigh(cafe, 4000, days=10)
    text = staff.open("/cats/luna?notice=weighed").text
    assert "The weight is recorded." in text
    assert "<td>4.21 kg</td><td>+210 g</td><td>ada</td>" in text
    assert "&lt;b&gt;Hungry" in text
    assert "+210 g (+5.2 %) in 10 days" in unescape(text)
    assert re.findall(r'<polyline class="weights" points="46,[\d.]+ 344,[\d.]+"/>', text)
    assert '<desc id="chart-text">2 weights: from 4.00 kg on 12 November 2026' in text
    assert "Weight alarm" not in text
    cafe.clock.advance(hours=1)
    weigh(cafe, 3500)
    assert 'class="alarm-line"' in staff.open("/cats/luna").text


def test_all_weights_have_a_page_with_their_chart(cafe: TestApp, staff: BrowserClient) -> None:
    assert "Luna has not been weighed yet." in staff.open("/cats/luna/weights").text
    for number in range(9):
        weigh(cafe, 4000 - 80 * number, days=10 - number)
    (path,) = re.findall(r'<a href="([^"]*)">All weights', staff.open("/cats/luna").text)
    text = staff.open(path).text
    assert re.findall(r"<td>([\d.]+ kg)</td>", text) == [f"{4 - 0.08 * number:.2f} kg" for number in reversed(range(9))]
    assert ("−640 g" in text, "Weight alarm." in text, '<desc id="chart-text">9 weights:' in text) == (True, True, True)
    (following,) = re.findall(r'rel="next" href="([^"]*)"', staff.open(f"{path}?limit=6").text)
    older = staff.open(unescape(following)).text
    assert ('<desc id="chart-text">3 weights:' in older, "alarm" in older.partition("<main")[2]) == (True, False)
    assert cafe.staff.get(path).mimetype == "application/json"
    assert staff.open("/cats/ghost/weights").status_code == 404
    assert browser_of(cafe, "mia", "member").open(path).status_code == 403


def test_a_weight_in_the_past_and_errors_of_weights(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open(FORM))
    with writes_nothing(cafe):
        for wrong, name in (
            ({"grams": ["4.2"]}, "grams"),
            ({"grams": [""]}, "grams"),
            ({"grams": ["40 kg"]}, "grams"),
            ({"grams": ["4200"], "weighedAt": ["2026-11-23T12:00"]}, "weighedAt"),
        ):
            response = send(staff, FORM, sent | wrong)
            assert (response.status_code, response.text.count(f'id="{name}-error"')) == (422, 1), wrong
            assert values(response)["grams"] == wrong["grams"]
        assert send(staff, "/forms/weights/nobody", sent | {"grams": ["4200"]}).status_code == 404
        assert staff.open("/forms/weights").status_code == 404
    assert send(staff, FORM, sent | {"grams": ["4200"], "weighedAt": ["2026-11-20T08:30"]}).status_code == 303
    assert cafe.staff.get("/cats/luna/weights").json["items"][0]["weighedAt"] == "2026-11-20T08:30:00Z"


def test_the_list_has_more_filters_for_the_staff(cafe: TestApp, staff: BrowserClient) -> None:
    cafe.staff.put("/cats/kit", {"status": "quarantine"})
    text = staff.open("/cats").text
    assert '<a class="button" href="/forms/cats">Add a cat</a>' in text
    for status in ("quarantine", "foster", "deceased"):
        assert f'<option value="{status}">' in text
        assert f'<option value="{status}">' not in cafe.public.get("/cats", BROWSER).text
    (hidden,) = re.findall(r'<a href="([^"]*)">Not public</a>', text)
    assert re.findall(r'<h2><a href="/cats/([^"]*)"', staff.open(unescape(hidden)).text) == ["kit"]


def test_an_unusual_weight_is_recorded_after_a_question(cafe: TestApp, staff: BrowserClient) -> None:
    weigh(cafe, 4210, days=10)
    sent = values(staff.open("/cats/luna"), f'action="{FORM}"') | {"grams": ["100 g"], "note": ["Hungry"]}
    assert "confirmed" not in staff.open(FORM).text
    with writes_nothing(cafe):
        asked = send(staff, FORM, sent)
        wrong = send(staff, FORM, values(asked) | {"confirmed": ["true"], "weighedAt": ["soon"]})
    assert asked.status_code == 422
    assert "This is 98 % less than the last weight, 4.21 kg. Check it, or tick the box below." in asked.text
    assert '<input id="confirmed" type="checkbox" name="confirmed" value="true">' in asked.text
    shown = values(asked)
    assert (shown["grams"], shown["note"], "confirmed" in shown) == (["100 g"], ["Hungry"], False)
    assert values(wrong)["confirmed"] == ["true"]
    assert send(staff, FORM, shown | {"confirmed": ["true"]}).status_code == 303
    assert weights(cafe) == [100, 4210]
    assert cafe.staff.post("/cats/luna/weights", {"grams": 4000}).status_code == 201
