"""Forms of pages: what they show, what they save, and what they refuse without losing what was typed."""

from __future__ import annotations

import re

import pytest

from api.resources.forms.table import FORMS
from tests.support.app import TestApp
from tests.support.forms import browser_of, send, stored, values
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


def test_two_changes_of_different_fields_are_merged(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/pies/cherry"))
    assert cafe.staff.patch("/pies/cherry", {"publicName": "Cherries", "diets": []}, if_match="*").status_code == 200
    conflict = send(staff, "/forms/pies/cherry", sent | {"rate": ["5.00"], "description": ["Sour."]})
    assert conflict.status_code == 412
    taken = re.findall(r'<dt>(.*?)</dt><dd class="text">(.*?)</dd>', conflict.text)
    assert taken == [("Name on the menu", "Cherries"), ("Diets", "nothing")]
    assert "_choice" not in conflict.text
    assert stored(cafe)["rate"]["amount"] == 450
    assert send(staff, "/forms/pies/cherry", values(conflict)).status_code == 303
    after = stored(cafe)
    assert (after["publicName"], after["diets"], after["rate"]["amount"]) == ("Cherries", [], 500)
    assert (after["description"], after["allergens"]) == ("Sour.", ["gluten"])


@pytest.mark.parametrize(("choice", "rate"), [("mine", 500), ("theirs", 600)])
def test_of_two_changes_of_a_field_the_user_chooses_one(
    cafe: TestApp, staff: BrowserClient, choice: str, rate: int
) -> None:
    sent = values(staff.open("/forms/pies/cherry")) | {"rate": ["5.00"], "publicName": ["Cherries"]}
    assert cafe.staff.patch("/pies/cherry", {"rate": 600}, if_match="*").status_code == 200
    conflict = send(staff, "/forms/pies/cherry", sent)
    assert (conflict.status_code, conflict.text.count("Save mine")) == (412, 1)
    assert '<p class="text theirs">6.00 GBP</p>' in conflict.text
    shown = values(conflict)
    assert (shown["_choice.rate"], shown["rate"]) == (["mine"], ["5.00"])
    # An error keeps the choice, and a third version keeps what was chosen.
    wrong = values(send(staff, "/forms/pies/cherry", shown | {"_choice.rate": [choice], "publicName": ["x" * 65]}))
    assert (wrong["_choice.rate"], wrong["rate"]) == ([choice], ["5.00"])
    assert cafe.staff.patch("/pies/cherry", {"description": "Sour."}, if_match="*").status_code == 200
    third = values(send(staff, "/forms/pies/cherry", wrong | {"publicName": ["Cherries"]}))
    assert send(staff, "/forms/pies/cherry", third).status_code == 303
    after = stored(cafe)
    assert (after["rate"]["amount"], after["publicName"], after["description"]) == (rate, "Cherries", "Sour.")


def test_a_form_without_the_version_that_it_showed_asks_about_each_difference(
    cafe: TestApp, staff: BrowserClient
) -> None:
    sent = values(staff.open("/forms/pies/cherry")) | {"_rev": ["older"], "_base": ["diets="]}
    sent |= {"rate": ["5"], "diets": []}
    conflict = values(send(staff, "/forms/pies/cherry", sent))
    assert [name for name in conflict if name.startswith("_choice.")] == ["_choice.rate", "_choice.diets"]


def test_a_form_of_what_was_deleted_meanwhile_keeps_everything_and_adds_it_again(
    cafe: TestApp, staff: BrowserClient
) -> None:
    sent = values(staff.open("/forms/pies/cherry")) | {"rate": ["5.00"], "allergens": ["none"], "diets": ["halal"]}
    assert cafe.staff.delete("/pies/cherry", if_match="*").status_code == 204
    deleted = send(staff, "/forms/pies/cherry", sent)
    assert (deleted.status_code, "Somebody has deleted this" in deleted.text) == (412, True)
    shown = values(deleted, 'action="/forms/pies"')
    assert {name: shown[name] for name in ("name", "rate", "allergens", "diets")} == {
        "name": ["cherry"], "rate": ["5.00"], "allergens": ["none"], "diets": ["halal"],
    }  # fmt: skip
    assert send(staff, "/forms/pies", shown).headers["Location"] == "/pies/cherry?notice=saved"
    assert (stored(cafe)["rate"]["amount"], stored(cafe)["publicName"]) == (500, "Cherry pie")
    assert staff.open("/forms/pies/missing").status_code == 404


def test_an_entity_is_deleted_only_in_the_version_of_the_form(cafe: TestApp, staff: BrowserClient) -> None:
    before, page = stored(cafe), values(staff.open("/forms/pies/cherry"))
    refused = staff.submit("/forms/pies/cherry", _rev="other", _action="delete")
    assert (refused.status_code, "It is not deleted." in refused.text) == (412, True)
    assert values(refused) == page
    assert stored(cafe) == before
    for _ in range(2):  # two taps
        deleted = staff.submit("/forms/pies/cherry", _rev=page["_rev"][0], _action="delete")
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


def test_a_second_press_of_the_button_finds_what_was_saved(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/pies/cherry")) | {"description": ["Sour."], "rate": ["5,2 gbp"]}
    first, second = (send(staff, "/forms/pies/cherry", sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert stored(cafe)["version"] == 2
