"""A member of the staff adds a cat, records its weight, adds photos, and edits it while somebody else does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.context import Dependencies
from api.domain.photos import MAX_UPLOAD_BYTES
from api.store.table import Table
from tests.browser.conftest import OpenPage
from tests.browser.test_pages import DESKTOP, PHONE, script_errors
from tests.imaging.pictures import encode, picture
from tests.support.app import CURSOR_KEY, TestApp
from tests.support.users import PASSWORD, register
from tools.local.photos import FolderBucket, PhotoProcessing, UploadForms

HOSTILE = "<script>document.title='ran'</script> \"><img src=x onerror=document.title='ran'>"


@pytest.fixture
def cafe(mocked_table: Table, tmp_path: Path) -> TestApp:
    """The application with a member of the staff, and with the bucket of the development server."""
    bucket = FolderBucket(tmp_path / "photos", "eu-west-1", CURSOR_KEY)
    cafe = TestApp(mocked_table, open_bucket=lambda: bucket)
    processing = PhotoProcessing(Dependencies(cafe.settings, cafe.table, cafe.clock, open_bucket=lambda: bucket))
    cafe.app.wsgi_app = UploadForms(cafe.app.wsgi_app, lambda: bucket, CURSOR_KEY, processing.process)  # type: ignore[method-assign]
    assert register(cafe, "ada").status_code == 201
    assert cafe.client("owner", "Ona").patch("/users/ada", {"role": "staff"}, if_match="*").status_code == 200
    return cafe


def upload(page: Page, path: Path, data: bytes = b"") -> None:
    """Write a file, choose it on the page of a new photo, and send it."""
    path.write_bytes(data)
    page.get_by_label("Photo", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload the photo").click()


@pytest.mark.parametrize(
    ("viewport", "script", "scheme"),
    [(PHONE, False, "dark"), (DESKTOP, True, "light")],
    ids=["phone without script", "desktop with script"],
)
def test_the_staff_adds_weighs_photographs_and_edits_a_cat(
    cafe: TestApp, open_page: OpenPage, tmp_path: Path, viewport: dict[str, int], script: bool, scheme: str
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

    page.get_by_role("link", name="Photos").click()
    for alt, is_refused in (("Pip sleeps.", True), (HOSTILE, False)):
        page.get_by_role("link", name="Add a photo").click()
        page.get_by_label("What does the photo show?").fill(alt)
        page.get_by_role("button", name="Choose the file").click()
        check("Choose the file")
        if is_refused and script:
            upload(page, tmp_path / "large.jpg", bytes(MAX_UPLOAD_BYTES + 1))
            field = page.get_by_label("Photo", exact=True)
            expect(field).to_have_accessible_description(re.compile("The file is larger than 8 MB."))
            upload(page, tmp_path / "pip.gif")
            expect(page.get_by_role("alert")).to_have_text("Choose a JPEG, PNG or WebP picture.")
        if is_refused:
            upload(page, tmp_path / "gif.jpg", b"GIF89a")
            expect(page.get_by_role("alert")).to_contain_text("The file is a GIF picture.")
            page.get_by_role("button", name="Try another file").click()
            expect(page.get_by_text(alt)).to_be_visible()
        upload(page, tmp_path / "pip.jpg", encode(picture(1200, 900)))
        check("Photo")
        expect(page.get_by_role("img", name=alt)).to_be_visible()
        page.get_by_role("link", name="All photos").click()
    page.get_by_role("listitem").filter(has_text=HOSTILE).get_by_role("link", name="Change or delete").click()
    page.get_by_label("Position").select_option("1, on the card")
    page.get_by_role("button", name="Save the photo").click()
    check("Photos of Pip")
    page.goto("/cats")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Pip", exact=True))
    with page.expect_response(re.compile(r"/photos/.*\.webp$")) as file:
        page.reload()
    assert (file.value.status, file.value.header_value("Content-Type")) == (200, "image/webp")
    expect(card.get_by_role("img", name=HOSTILE)).to_be_visible()
    card.get_by_role("link").click()
    page.get_by_role("link", name="Photos").click()
    page.get_by_role("listitem").filter(has_text=HOSTILE).get_by_role("link", name="Change or delete").click()
    page.get_by_text("Delete the photo").first.click()
    page.get_by_role("button", name="Delete the photo").click()
    check("Photos of Pip")
    page.get_by_role("link", name="Back to Pip").click()
    expect(page.get_by_role("img", name="Pip sleeps.")).to_be_visible()

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
