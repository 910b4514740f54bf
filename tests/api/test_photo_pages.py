"""The pages of photos: a form adds one, its file is uploaded with another form, and it appears on the card."""

from __future__ import annotations

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from api.domain.photos import MAX_UPLOADS
from api.services.photos import process_upload
from tests.support.app import TestApp
from tests.support.forms import browser_of, send, values
from tests.support.photos import DAMAGED, add_photo, create_bucket, dependencies, fake_sizes, send_form
from tests.support.users import BROWSER, BrowserClient


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with a bucket and the public cat Luna."""
    create_bucket()
    cafe.staff.put("/cats/luna", {"status": "available"})
    return cafe


@pytest.fixture
def staff(cafe: TestApp) -> BrowserClient:
    """A browser in which a member of the staff is logged in."""
    return browser_of(cafe, "ada", "staff")


def begin(browser: BrowserClient, form: str, alt: str) -> tuple[str, TestResponse]:
    """Send the form of a new photo. Return the path of its page and the page, which has the form for the file."""
    sent = values(browser.open(form)) | {"alt": [alt]}
    created = send(browser, form, sent)
    assert created.status_code == 303, created.text
    return created.headers["Location"], browser.open(created.headers["Location"])


def upload(page: TestResponse, data: bytes) -> str:
    """Upload a file with the form of a page, and return the URL to which S3 redirects the browser."""
    action = unescape(re.findall(r'<form class="form" method="post" action="([^"]*)"', page.text)[0])
    fields = {name: texts[0] for name, texts in values(page).items() if name != "file"}
    assert f"form-action 'self' {'/'.join(action.split('/')[:3])};" in page.headers["Content-Security-Policy"]
    assert send_form({"url": action, "fields": fields}, data) == 303
    return fields["success_action_redirect"]


@pytest.mark.parametrize(
    ("path", "add"),
    [
        ("/cats/luna", "/forms/cat-photos/luna"),
        ("/pies/cherry", "/forms/pie-photos/cherry"),
        ("/posts/1", "/forms/post-photos/1"),
        ("/site", "/forms/site-photos"),
    ],
)
def test_a_photo_is_added_changed_and_deleted_on_pages(
    cafe: TestApp, staff: BrowserClient, path: str, add: str
) -> None:
    if path == "/site":
        assert staff.open(add).status_code == 403
        staff = browser_of(cafe, "olga", "owner")
    cafe.staff.put("/pies/cherry", {})
    cafe.staff.post("/posts", {"title": "News", "body": "Text"})
    assert send(staff, add, values(staff.open(add)) | {"alt": [" "]}).status_code == 422
    location, page = begin(staff, add, "Luna <b>sleeps</b>")
    assert upload(page, b"3000").endswith(location)
    waiting = staff.open(f"{location}?bucket=b&key=uploads%2Fx&etag=e")
    assert ("Look again" in waiting.text, "<form" in waiting.text.partition("<main")[2]) == (True, False)
    assert "http-equiv" not in waiting.text  # a page does not reload by itself
    assert "Choose the file" in staff.open(f"{location}?monkey=1").text
    process_upload(dependencies(cafe), location.rpartition("/")[2], fake_sizes)
    ready = staff.open(location)
    assert "/960.webp 960w" in ready.text
    edit = re.findall(r'href="(/forms/[^"]*-photo/[^"]*)"', ready.text)[0]
    sent = values(staff.open(edit)) | {"alt": ["Luna wakes up"]}
    assert send(staff, edit, sent).headers["Location"] == f"{path}/photos"
    assert send(staff, edit, sent | {"alt": ["Luna yawns"]}).status_code == 412
    public = cafe.public.get(f"{path}/photos", BROWSER).text
    assert ("Luna wakes up" in public, "/forms/" in public) == (True, False)
    assert "Luna wakes up" in cafe.public.get(path, BROWSER).text
    assert send(staff, edit, values(staff.open(edit)) | {"_action": ["delete"]}).status_code == 303
    assert "Luna wakes up" not in cafe.public.get(path, BROWSER).text


def test_the_first_photo_is_on_the_card_and_in_shared_links(cafe: TestApp, staff: BrowserClient) -> None:
    for alt in ("one", "two"):
        location, page = begin(staff, "/forms/cat-photos/luna", alt)
        upload(page, b"3000")
        process_upload(dependencies(cafe), location.rpartition("/")[2], fake_sizes)
    edit = f"/forms/cat-photo/luna:{location.rpartition('/')[2]}"
    assert send(staff, edit, values(staff.open(edit)) | {"position": ["1"]}).status_code == 303
    cards = cafe.public.get("/cats", BROWSER).text
    assert ('alt="two"' in cards, 'alt="one"' in cards) == (True, False)
    cat = cafe.public.get("/cats/luna", BROWSER).text
    (image,) = re.findall(r'<meta property="og:image" content="([^"]*)"', cat)
    assert image == f"http://localhost{location}/960.webp"
    assert re.findall(r'<img[^>]* sizes="6rem" alt="([^"]*)"', cat) == ["one"]  # small files for small pictures


def test_a_refused_file_says_why_and_offers_another_try(cafe: TestApp, staff: BrowserClient) -> None:
    location, page = begin(staff, "/forms/cat-photos/luna", "Luna")
    upload(page, DAMAGED)
    process_upload(dependencies(cafe), location.rpartition("/")[2], fake_sizes)
    refused = staff.open(location)
    for shown in (refused, staff.open("/cats/luna/photos")):
        assert "The file is damaged." in shown.text
    assert cafe.public.get(location, BROWSER).status_code == 404
    again = values(refused)
    first, second = (send(staff, "/forms/cat-photos/luna", again) for _ in "12")
    assert first.headers["Location"] == second.headers["Location"] != location
    page = staff.open(first.headers["Location"])
    assert '<p class="lead">Luna</p>' in page.text
    (nonce,) = re.findall(r'<script nonce="([^"]{20,})" src="/static/upload.js', page.text)
    assert page.headers["Content-Security-Policy"].endswith(f"; script-src 'nonce-{nonce}'")


def test_an_upload_can_only_be_deleted(cafe: TestApp, staff: BrowserClient) -> None:
    location, _ = begin(staff, "/forms/cat-photos/luna", "Luna")
    refused, page = begin(staff, "/forms/cat-photos/luna", "Milo")
    upload(page, DAMAGED)
    process_upload(dependencies(cafe), refused.rpartition("/")[2], fake_sizes)
    assert "Change or delete" not in staff.open("/cats/luna/photos").text
    for path in (location, refused):
        form = f"/forms/cat-photo/luna:{path.rpartition('/')[2]}"
        opened = staff.open(form)
        assert "Save the photo" not in opened.text
        assert send(staff, form, values(opened) | {"alt": ["New"]}).status_code == 409
        for _ in range(2):  # two taps
            deleted = send(staff, form, values(opened) | {"_action": ["delete"]})
            assert deleted.headers["Location"] == "/cats/luna/photos"
    assert "There are no photos yet." in staff.open("/cats/luna/photos").text


def test_a_form_that_is_sent_twice_creates_one_upload(cafe: TestApp, staff: BrowserClient) -> None:
    form = "/forms/cat-photos/luna"
    sent = values(staff.open(form)) | {"alt": ["Luna"]}
    first, second = send(staff, form, sent), send(staff, form, sent)
    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"])
    assert len(cafe.staff.get("/cats/luna/photos").json["items"]) == 1


def test_too_many_uploads_are_a_conflict(cafe: TestApp, staff: BrowserClient) -> None:
    form = "/forms/cat-photos/luna"
    for number in range(MAX_UPLOADS):
        begin(staff, form, str(number))
    refused = send(staff, form, values(staff.open(form)) | {"alt": ["Luna"]})
    assert refused.status_code == 409
    assert f"{MAX_UPLOADS} uploads are not finished" in refused.text


@pytest.mark.parametrize("position", ["", "first", "9" * 5000, "3", "0"])
def test_a_position_that_the_photos_do_not_have_is_an_error_of_the_field(
    cafe: TestApp, staff: BrowserClient, position: str
) -> None:
    add_photo(cafe, "/cats/luna")
    form = f"/forms/cat-photo/luna:{add_photo(cafe, '/cats/luna')}"
    refused = send(staff, form, values(staff.open(form)) | {"position": [position]})
    assert refused.status_code == 422
    assert '<a href="#position">Position</a>' in refused.text


def test_the_choice_of_the_other_version_of_a_photo_stays(cafe: TestApp, staff: BrowserClient) -> None:
    add_photo(cafe, "/cats/luna")
    photo_id = add_photo(cafe, "/cats/luna")
    form, path = f"/forms/cat-photo/luna:{photo_id}", f"/cats/luna/photos/{photo_id}"
    sent = values(staff.open(form)) | {"alt": ["Mine"]}
    cafe.staff.patch(path, {"alt": "Theirs", "position": 1}, if_match="*")
    merged = send(staff, form, sent)
    assert merged.status_code == 412
    again = values(merged) | {"_choice.alt": ["theirs"]}
    assert (again["alt"], again["position"]) == (["Mine"], ["1"])
    assert send(staff, form, again).status_code == 303
    photo = cafe.staff.get(path).json
    assert (photo["alt"], photo["position"]) == ("Theirs", 1)
