"""Forms that are sent in other ways than from the page: with other buttons, twice, or while the table fails."""

from __future__ import annotations

import pytest

from api.domain.errors import ChangeTooLarge, Unauthenticated, Unavailable
from api.http.forms import MAX_FIELDS
from api.store.table import Table
from tests.support.app import TestApp
from tests.support.forms import browser_of, send, stored, values
from tests.support.inspection import writes_nothing
from tests.support.users import BrowserClient

PIE = {"rate": {"amount": 450, "currency": "EUR"}, "diets": ["vegan"], "allergens": ["gluten"], "available": True}
CAT = {"location": {"onFloor": True}, "breed": {"mixed": True}, "specialNeeds": {"has": True}}
BOXES = ("location", "breed", "specialNeeds")


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with a pie, a cat and a to-do."""
    assert cafe.staff.put("/pies/cherry", PIE).status_code == 201
    assert cafe.staff.put("/cats/luna", CAT).status_code == 201
    return cafe


@pytest.fixture
def staff(cafe: TestApp) -> BrowserClient:
    """A browser in which a member of the staff is logged in."""
    return browser_of(cafe, "ada", "staff")


def test_the_form_of_a_cat_with_most_vaccinations_and_microchips_is_saved(cafe: TestApp, staff: BrowserClient) -> None:
    vaccinations = [{"type": f"RCP {number}"} for number in range(50)]
    chips = [{"number": f"27609810623456{number}"} for number in range(5)]
    full = {"vaccinations": vaccinations, "microchips": chips}
    assert cafe.staff.patch("/cats/luna", full, if_match="*").status_code == 200
    sent = values(staff.open("/forms/cats/luna")) | {"staffNotes": ["Bites."]}
    choices = {f"_choice.{name}": ["mine"] for name in sent if not name.startswith(("_", "vacc", "micro"))}
    assert 300 < sum(map(len, (sent | choices).values())) < MAX_FIELDS
    assert send(staff, "/forms/cats/luna", sent | choices).status_code == 303
    after = stored(cafe, "/cats/luna")
    assert (after["staffNotes"], len(after["vaccinations"]), len(after["microchips"])) == ("Bites.", 50, 5)


def test_a_form_has_a_maximum_of_fields(cafe: TestApp, staff: BrowserClient) -> None:
    with writes_nothing(cafe):
        for path in ("/forms/pies", "/forms/pies/cherry"):
            assert send(staff, path, {"name": ["x"] * (MAX_FIELDS + 1)}).status_code == 400
    assert cafe.staff.send("POST", "/pies", data={f"x{number}": "" for number in range(101)}).status_code == 400


def test_boxes_that_a_form_did_not_have_stay_as_they_are(cafe: TestApp, staff: BrowserClient) -> None:
    before, rev = stored(cafe, "/cats/luna"), values(staff.open("/forms/cats/luna"))["_rev"][0]
    assert staff.submit("/forms/cats/luna", _rev=rev, description="Shy.").status_code == 303
    after = stored(cafe, "/cats/luna")
    assert {name: after[name] for name in BOXES} == {name: before[name] for name in BOXES}
    assert after["description"] == "Shy."
    pie, rev = stored(cafe), values(staff.open("/forms/pies/cherry"))["_rev"][0]
    assert staff.submit("/forms/pies/cherry", _rev=rev).status_code == 303
    assert stored(cafe) == pie


def test_boxes_of_a_form_that_are_not_checked_are_cleared(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/pies/cherry"))
    for name in ("diets", "allergens", "available"):
        del sent[name]  # a browser sends nothing
    assert send(staff, "/forms/pies/cherry", sent).status_code == 303
    after = stored(cafe)
    assert (after["diets"], after["allergens"], after["available"]) == ([], None, False)
    new = values(staff.open("/forms/pies")) | {"name": ["apple"]}
    del new["available"]
    assert send(staff, "/forms/pies", new).status_code == 303
    assert stored(cafe, "/pies/apple")["available"] is False


@pytest.mark.parametrize(
    ("path", "action"),
    [("/forms/cats/luna", "done"), ("/forms/pies/cherry", "x"), ("/forms/pies", "delete"),
     ("/forms/password", "delete"), ("/forms/weights/luna", "delete"), ("/forms/todos", "done")],
)  # fmt: skip
def test_a_button_that_a_form_does_not_have_is_refused(
    cafe: TestApp, staff: BrowserClient, path: str, action: str
) -> None:
    sent = values(staff.open(path)) | {"_action": [action], "name": ["x"], "title": ["x"], "grams": ["4000"]}
    with writes_nothing(cafe):
        refused = send(staff, path, sent)
    assert (refused.status_code, "This form has no such button." in refused.text) == (400, True)


def test_a_price_without_a_currency_has_the_current_one(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/pies/cherry")) | {"rate": ["5.00"]}
    assert cafe.staff.patch("/pies/cherry", {"description": "Sour."}, if_match="*").status_code == 200
    merged = values(send(staff, "/forms/pies/cherry", sent))
    assert send(staff, "/forms/pies/cherry", merged).status_code == 303
    assert stored(cafe)["rate"] == {"amount": 500, "currency": "EUR"}
    yen = {"rate": {"amount": 450, "currency": "JPY"}}
    assert cafe.staff.patch("/pies/cherry", yen, if_match="*").status_code == 200
    wrong = send(staff, "/forms/pies/cherry", values(staff.open("/forms/pies/cherry")) | {"rate": ["5.00"]})
    assert (wrong.status_code, values(wrong)["rate"]) == (422, ["5.00"])


def test_a_changed_form_with_a_used_key_comes_back_with_a_new_one(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/pies")) | {"name": ["apple"], "description": ["Sweet."]}
    assert send(staff, "/forms/pies", sent).status_code == 303
    changed = sent | {"name": ["plum"], "description": ["<b>Sour."], "diets": ["vegan"]}
    again = send(staff, "/forms/pies", changed)
    assert (again.status_code, "You have sent this form before, and that version is saved." in again.text) == (
        422,
        True,
    )
    shown = values(again)
    assert {name: shown[name] for name in ("name", "description", "diets")} == {
        "name": ["plum"], "description": ["<b>Sour."], "diets": ["vegan"],
    }  # fmt: skip
    assert shown["_key"] != sent["_key"]
    assert send(staff, "/forms/pies", shown).headers["Location"] == "/pies/plum?notice=saved"
    assert stored(cafe, "/pies/apple")["description"] == "Sweet."


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [(Unauthenticated("Your session has ended."), 401, "WWW-Authenticate"), (Unavailable("Slow."), 503, "Retry-After"),
     (ChangeTooLarge("Too many items."), 422, "Cache-Control")],
)  # fmt: skip
def test_errors_of_the_table_lose_nothing_that_was_typed(
    cafe: TestApp, staff: BrowserClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, header: str
) -> None:
    sent = values(staff.open("/forms/pies/cherry")) | {"description": ["<b>Sour."], "diets": ["halal"]}

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Table, "transact", fail)
        failed = send(staff, "/forms/pies/cherry", sent)
    assert (failed.status_code, header in failed.headers) == (status, True)
    shown = values(failed, 'action="/forms/pies/cherry"')
    assert (shown["description"], shown["diets"]) == (["<b>Sour."], ["halal"])
    assert ("Too many items." in failed.text) == isinstance(error, ChangeTooLarge)
    assert send(staff, "/forms/pies/cherry", shown).status_code == 303
    assert (stored(cafe)["description"], stored(cafe)["diets"]) == ("<b>Sour.", ["halal"])
