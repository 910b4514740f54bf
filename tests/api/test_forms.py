"""Forms of pages: what they show, what they save, and what they refuse without losing what was typed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.resources.forms.table import FORMS
from tests.support.app import TestApp
from tests.support.forms import browser_of, send, values
from tests.support.inspection import writes_nothing
from tests.support.users import (
    BROWSER,
    ORIGIN,
    PASSWORD,
    REFUSED,
    BrowserClient,
    register_and_log_in,
    token_client,
)

CHERRY = {
    "publicName": "Cherry pie",
    "rate": {"amount": 450, "currency": "GBP"},
    "diets": ["vegan"],
    "allergens": ["gluten"],
    "soldOutUntil": "2026-11-22T18:00:30Z",
}


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with a pie."""
    assert cafe.staff.put("/pies/cherry", CHERRY).status_code == 201
    return cafe


@pytest.fixture
def staff(cafe: TestApp) -> BrowserClient:
    """A browser in which a member of the staff is logged in."""
    return browser_of(cafe, "ada", "staff")


def stored(cafe: TestApp, path: str = "/pies/cherry") -> dict[str, Any]:
    """Return an entity as JSON."""
    response = cafe.staff.get(path)
    assert response.status_code == 200
    return dict(response.json)


def test_an_unchanged_form_writes_nothing(cafe: TestApp, staff: BrowserClient) -> None:
    before = stored(cafe)
    response = send(staff, "/forms/pies/cherry", values(staff.open("/forms/pies/cherry")))
    assert (response.status_code, response.headers["Location"]) == (303, "/pies/cherry?notice=saved")
    assert stored(cafe) == before


def test_a_form_changes_what_its_fields_say(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/pies/cherry"))
    assert (sent["rate"], sent["soldOutUntil"]) == (["4.50 GBP"], ["2026-11-22T18:00"])
    sent |= {"rate": ["5,20 eur"], "allergens": ["none"], "diets": [], "description": ["Sour.\r\nSweet."]}
    assert send(staff, "/forms/pies/cherry", sent).status_code == 303
    after = stored(cafe)
    assert after["rate"] == {"amount": 520, "currency": "EUR"}
    assert (after["allergens"], after["diets"], after["description"]) == ([], [], "Sour.\nSweet.")
    assert (after["soldOutUntil"], after["publicName"]) == (CHERRY["soldOutUntil"], "Cherry pie")


def test_two_taps_create_one_entity(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/pies")) | {"name": ["apple"], "rate": ["£4"]}
    first, second = (send(staff, "/forms/pies", sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"] == "/pies/apple?notice=saved"
    assert stored(cafe, "/pies/apple")["rate"] == {"amount": 400, "currency": "GBP"}


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(cafe: TestApp, staff: BrowserClient) -> None:
    before = stored(cafe)
    sent = values(staff.open("/forms/pies/cherry"))
    sent |= {"rate": ["cheap"], "publicName": ["<b>" * 40], "diets": ["vegan"], "allergens": ["milk"]}
    response = send(staff, "/forms/pies/cherry", sent)
    assert response.status_code == 422
    assert stored(cafe) == before
    for name in ("rate", "publicName", "diets"):
        assert f'id="{name}-error"' in response.text
        assert f'href="#{name}"' in response.text
    shown = values(response)
    assert (shown["rate"], shown["allergens"], shown["_rev"]) == (["cheap"], ["milk"], sent["_rev"])
    taken = send(staff, "/forms/pies", values(staff.open("/forms/pies")) | {"name": ["cherry"]})
    assert (taken.status_code, 'id="name-error"' in taken.text) == (422, True)


def test_a_change_of_somebody_else_is_shown_beside_ones_own(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/pies/cherry"))
    assert cafe.staff.patch("/pies/cherry", {"rate": 600}, if_match="*").status_code == 200
    conflict = send(staff, "/forms/pies/cherry", sent | {"rate": ["5.00"], "description": ["Sour."]})
    assert conflict.status_code == 412
    rows = re.findall(
        r'<th scope="row">(.*?)</th><td class="text">(.*?)</td><td class="text">(.*?)</td>', conflict.text
    )
    assert ("Price", "5.00", "6.00 GBP") in rows
    assert stored(cafe)["rate"]["amount"] == 600
    assert send(staff, "/forms/pies/cherry", values(conflict)).status_code == 303
    assert (stored(cafe)["rate"]["amount"], stored(cafe)["description"]) == (500, "Sour.")


def test_an_entity_is_deleted_only_in_the_version_of_the_form(cafe: TestApp, staff: BrowserClient) -> None:
    rev = values(staff.open("/forms/pies/cherry"))["_rev"]
    assert staff.submit("/forms/pies/cherry", _rev="other", _action="delete").status_code == 412
    deleted = staff.submit("/forms/pies/cherry", _rev=rev[0], _action="delete")
    assert (deleted.status_code, deleted.headers["Location"]) == (303, "/pies?notice=deleted")
    assert cafe.staff.get("/pies/cherry").status_code == 404


@pytest.mark.parametrize("name", sorted(FORMS))
def test_each_form_refuses_other_sites_and_lower_roles(cafe: TestApp, staff: BrowserClient, name: str) -> None:
    cookie = BROWSER | {"Cookie": f"__Host-session={staff.cookie}"}
    client = cafe.app.test_client(use_cookies=False)
    with writes_nothing(cafe):
        for path in (f"/forms/{name}", f"/forms/{name}/cherry"):
            for site in REFUSED:
                assert client.post(path, base_url=ORIGIN, data={"name": "x"}, headers=cookie | site).status_code == 403
            if FORMS[name].role != "public":
                assert BrowserClient(cafe).open(path).status_code == 401
                assert BrowserClient(cafe).submit(path, name="x").status_code == 401


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if form.role in ("staff", "owner")])
def test_each_form_of_the_staff_is_closed_to_members(cafe: TestApp, name: str) -> None:
    member = browser_of(cafe, "mia", "member")
    with writes_nothing(cafe):
        for path in (f"/forms/{name}", f"/forms/{name}/cherry"):
            assert (member.open(path).status_code, member.submit(path, name="x").status_code) == (403, 403)


def test_a_form_sent_after_the_session_ended_is_sent_again(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/pies/cherry")) | {"description": ['Sour.\r\n"Sweet" <b>'], "diets": ["halal"]}
    before, cookie, staff.cookie = stored(cafe), staff.cookie, None
    for site in REFUSED:  # another site must not fill in the page
        headers = BROWSER | site
        assert cafe.public.send("POST", "/forms/pies/cherry", headers, base_url=ORIGIN, data=sent).status_code == 403
    ended = send(staff, "/forms/pies/cherry", sent | {"currentPassword": [PASSWORD]})
    assert (ended.status_code, ended.headers["Cache-Control"]) == (401, "private, no-store")
    assert (PASSWORD in ended.text, stored(cafe)) == (False, before)
    assert values(ended) == {name: texts for name, texts in sent.items() if texts}
    staff.cookie = cookie
    assert send(staff, "/forms/pies/cherry", values(ended)).status_code == 303
    assert (stored(cafe)["description"], stored(cafe)["diets"]) == ('Sour.\n"Sweet" <b>', ["halal"])


def test_forms_are_closed_to_api_tokens(cafe: TestApp) -> None:
    token = token_client(cafe, register_and_log_in(cafe, "ada"), role="member")
    for path in ("/forms/profile", "/forms/register"):
        assert token.get(path, BROWSER).status_code == 403
        response = token.send("POST", path, BROWSER | {"Sec-Fetch-Site": "same-origin"}, data={"about": "x"})
        assert response.status_code == 403
