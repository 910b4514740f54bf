"""A member of the staff adds a cat, records its weight, and edits it while somebody else does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_pages import DESKTOP, PHONE, script_errors
from tests.support.app import TestApp
from tests.support.users import PASSWORD, register

HOSTILE = "<script>document.title='ran'</script> \"><img src=x onerror=document.title='ran'>"


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with a member of the staff."""
    assert register(cafe, "ada").status_code == 201
    assert cafe.client("owner", "Ona").patch("/users/ada", {"role": "staff"}, if_match="*").status_code == 200
    return cafe


@pytest.mark.parametrize(
    ("viewport", "script", "scheme"),
    [(PHONE, False, "dark"), (DESKTOP, True, "light")],
    ids=["phone without script", "desktop with script"],
)
def test_the_staff_adds_weighs_and_edits_a_cat(
    cafe: TestApp, open_page: OpenPage, viewport: dict[str, int], script: bool, scheme: str
) -> None:
    visited = open_page("/login", viewport=viewport, java_script_enabled=script, color_scheme=scheme)
    page = visited.page

    def check(heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        if script:
            assert visited.inspect("overflowing") == []
            assert visited.inspect("lowContrastTexts") == []
            assert visited.inspect("lowContrastControls") == []

    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.goto("/cats")
    page.get_by_role("link", name="Add a cat").click()
    check("Add a cat")
    page.get_by_label("Name", exact=True).fill("pip")
    page.get_by_label("Colour", exact=True).fill("black")
    page.get_by_label("Notes").fill(f"{HOSTILE}\nSecond line")
    row = page.get_by_role("group", name="Vaccination 1")
    row.get_by_label("Vaccine").fill(HOSTILE[:60])
    row.get_by_label("Given on").fill("2026-11-01")
    page.get_by_role("button", name="Save the cat").click()
    check("Pip")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_text(HOSTILE)).to_be_visible()

    page.get_by_label("Weight", exact=True).fill("4.2 pounds")
    page.get_by_role("button", name="Record the weight").click()
    expect(page.get_by_text("Write grams, such as 4210, or the unit: 4.21 kg.")).to_be_visible()
    page.get_by_label("Weight", exact=True).fill("4.2 kg")
    page.get_by_label("Note", exact=True).fill(HOSTILE)
    page.get_by_role("button", name="Record the weight").click()
    check("Pip")
    expect(page.get_by_role("img", name="The weight of Pip")).to_be_visible()
    expect(page.get_by_role("row", name="4.20 kg")).to_contain_text(HOSTILE)

    page.get_by_role("link", name="Edit Pip").click()
    page.get_by_label("Description").fill("Mine.")
    page.get_by_label("Pattern").fill("solid")
    theirs = {"description": HOSTILE, "coat": "long"}
    assert cafe.staff.patch("/cats/pip", theirs, if_match="*").status_code == 200
    page.get_by_role("button", name="Save the cat").click()
    check("Edit Pip")
    expect(page.get_by_role("alert")).to_contain_text("Somebody saved another version")
    choice = page.get_by_role("group", name="Description: both of you changed it")
    expect(choice).to_contain_text(HOSTILE)
    expect(choice.get_by_label("Description")).to_have_value("Mine.")
    expect(page.get_by_label("Coat")).to_have_value("long")
    choice.get_by_label("Keep theirs").check()
    page.get_by_role("button", name="Save the cat").click()
    check("Pip")
    cat = cafe.staff.get("/cats/pip").json
    assert (cat["description"], cat["coat"], cat["pattern"]) == (HOSTILE, "long", "solid")
    assert cat["staffNotes"] == f"{HOSTILE}\nSecond line"
    version = cat["version"]

    page.get_by_role("link", name="Edit Pip").click()
    page.get_by_role("button", name="Save the cat").click()  # a browser changes no text that the user did not
    check("Pip")
    assert cafe.staff.get("/cats/pip").json["version"] == version

    page.get_by_role("link", name="Edit Pip").click()
    page.get_by_label("Pattern").fill("tabby")
    assert cafe.staff.delete("/cats/pip", if_match="*").status_code == 204
    page.get_by_role("button", name="Save the cat").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody has deleted this")
    page.get_by_role("button", name="Save the cat").click()
    check("Pip")
    assert cafe.staff.get("/cats/pip").json["pattern"] == "tabby"
    assert script_errors(visited) == []
    assert visited.foreign_requests == []
    assert "ran" not in page.title()
