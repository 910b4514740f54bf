"""The site: ``/site``, and what the pages show of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from msgspec.structs import replace

from api.context import Context, Dependencies, Principal
from api.domain.site import KEY, ReplaceSite
from api.services.entity_service import Submitted
from api.services.photos import process_upload
from api.services.site import SITE, current_site
from api.store.transaction import ConditionFailed
from tests.support.app import PATCH, TestApp, pointers, problem
from tests.support.failing_tables import BrokenTable, UnavailableTable, replace_table
from tests.support.forms import browser_of, send, values
from tests.support.photos import (
    DAMAGED,
    add_photo,
    create_bucket,
    dependencies,
    fake_sizes,
    files_of,
    object_keys,
    send_form,
)
from tests.support.users import BROWSER

PAGES = ("/", "/cats", "/login", "/docs", "/problems", "/missing")
HOURS = {"sunday": [{"opens": "09:00", "closes": "18:00"}]}
"""It is Sunday noon in the tests."""


def change(cafe: TestApp, **members: Any) -> None:
    """Change the site."""
    response = cafe.client("owner").patch("/site", members, if_match="*")
    assert response.status_code == 200, response.text


def style_of(html: str) -> str:
    """Return the URL of the only style sheet."""
    (url,) = re.findall(r'<link rel="stylesheet" href="(/static/style\.css[^"]*)"', html)
    return unescape(url)


@contextmanager
def site_reads(cafe: TestApp) -> Iterator[list[bool]]:
    """Record the reads of the site: whether each is consistent."""
    reads: list[bool] = []

    def record(params: dict[str, Any], **_: Any) -> None:
        if params["Key"]["pk"]["S"].startswith("site#"):
            reads.append(params["ConsistentRead"])

    events = cafe.table.client.meta.events
    events.register("provide-client-params.dynamodb.GetItem", record)
    try:
        yield reads
    finally:
        events.unregister("provide-client-params.dynamodb.GetItem", record)


def test_the_site_exists_from_the_start(cafe: TestApp) -> None:
    response = cafe.public.get("/site")
    site = response.json
    assert (site["name"], site["theme"], site["version"], site["updated"]) == ("Clowder", "bakery", 0, None)
    assert (site["accentColor"], site["fontStack"], site["address"]) == (None, None, [])
    assert set(site["openingHours"]) == {
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    }  # fmt: skip
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert cafe.public.get("/site", {"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert cafe.public.get("/site?fields=name,theme").json == {"name": "Clowder", "theme": "bakery"}


def test_there_is_only_one_site(cafe: TestApp) -> None:
    for method in ("PUT", "POST", "DELETE"):
        response = cafe.client("owner").send(method, "/site", json={})
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, PATCH")
    assert cafe.public.get("/site/site").status_code == 404


def test_a_patch_needs_the_current_version(cafe: TestApp) -> None:
    owner = cafe.client("owner")
    tag = cafe.public.get("/site").headers["ETag"]
    assert owner.send("PATCH", "/site", PATCH, json={"name": "Miso"}).status_code == 428
    first = owner.patch("/site", {"name": "Miso"}, if_match=tag)
    assert (first.status_code, first.json["version"]) == (200, 1)
    problem(owner.patch("/site", {"name": "Other"}, if_match=tag), 412)
    problem(owner.patch("/site", {"name": "Other"}, if_none_match="*"), 412)
    second = owner.patch("/site", {"name": None, "theme": "garden"}, if_match=first.headers["ETag"])
    assert (second.json["name"], second.json["version"], second.json["updated"]) == (
        "Clowder", 2, "2026-11-22T12:00:00.000001Z",
    )  # fmt: skip
    assert owner.patch("/site", {"theme": "garden"}, if_match="*").json["version"] == 2
    assert cafe.public.get("/site").json == second.json


def test_a_patch_that_changes_nothing_of_a_new_site_writes_nothing(cafe: TestApp) -> None:
    tag = cafe.public.get("/site").headers["ETag"]
    response = cafe.client("owner").patch("/site", cafe.public.get("/site").json, if_match=tag)
    assert (response.status_code, response.json["version"], response.headers["ETag"]) == (200, 0, tag)


def test_a_merge_patch_changes_the_days_that_it_has(cafe: TestApp) -> None:
    change(cafe, openingHours=HOURS)
    change(cafe, openingHours={"monday": HOURS["sunday"]})
    hours = cafe.public.get("/site").json["openingHours"]
    assert hours["monday"] == hours["sunday"] == HOURS["sunday"]
    change(cafe, openingHours={"sunday": None})
    assert cafe.public.get("/site").json["openingHours"] == hours | {"sunday": []}


def test_all_errors_have_pointers_and_nothing_changes(cafe: TestApp) -> None:
    bad = {
        "accentColor": "red", "theme": "pink", "fontStack": "x", "address": ["a\nb"], "email": "x", "telephone": "x",
        "openingHours": {"monday": [{"opens": "12:00", "closes": "09:00"}], "holiday": []}, "timeZone": "Mars", "a": 1,
    }  # fmt: skip
    response = cafe.client("owner").patch("/site", bad, if_match="*")
    assert pointers(response) == [
        "/a", "/accentColor", "/address/0", "/email", "/fontStack", "/openingHours/holiday", "/telephone", "/theme",
        "/timeZone",
    ]  # fmt: skip
    assert cafe.public.get("/site").json["version"] == 0


@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_the_site_and_its_look(cafe: TestApp, path: str) -> None:
    plain = cafe.public.get(path, BROWSER).text
    change(
        cafe, name="The Purring Pie", address=["7 Lantern Lane"], openingHours=HOURS, openingHoursNote="Not in May.",
        email="hello@example.org", telephone="+44 (0)117 496 0123", theme="harbour", accentColor="#a41",
        fontStack="slab",
    )  # fmt: skip
    html = cafe.public.get(path, BROWSER).text
    footer = html.partition('<footer class="site-footer">')[2]
    for text in ("The Purring Pie", "7 Lantern Lane", "<dt>Sunday</dt><dd>9:00 to 18:00</dd>", "Not in May."):
        assert text in footer
    assert 'href="mailto:hello@example.org"' in unescape(footer).replace("%40", "@")
    assert 'href="tel:+4401174960123"' in footer
    assert "The Purring Pie" in html.partition("</title>")[0]
    assert 'title="News of The Purring Pie"' in html
    assert style_of(html) != style_of(plain) == style_of(plain)
    assert re.findall(r'theme-color" media="[^"]*" content="([^"]*)"', html) == ["#f5f8fb", "#0c141c"]
    assert " style=" not in html
    assert "<style" not in html


def test_the_style_of_a_look_is_one_immutable_response_that_depends_on_its_url_alone(cafe: TestApp) -> None:
    change(cafe, theme="garden", accentColor="#a41", fontStack="rounded")
    url = style_of(cafe.public.get("/cats", BROWSER).text)
    assert url.startswith("/static/style.css?theme=garden&accent=aa4411&fonts=rounded&v=")
    change(cafe, theme="harbour", accentColor=None, fontStack=None)
    with site_reads(cafe) as reads:
        response = cafe.public.get(url, buffered=True)
    assert (response.headers["Cache-Control"], response.mimetype) == ("public, max-age=31536000, immutable", "text/css")
    assert reads == []
    assert b"--accent: #aa4411;" in response.data
    assert b"ui-rounded" in response.data
    assert len(response.data) <= 24 * 1024
    tag = response.headers["ETag"]
    assert cafe.public.get(url, {"If-None-Match": tag}, buffered=True).status_code == 304
    assert cafe.public.send("HEAD", url).headers["ETag"] == tag
    for other in (
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url.partition("&v=")[0],
        url.replace("aa4411", "aa4412"),
    ):
        assert "immutable" not in cafe.public.get(other, buffered=True).headers["Cache-Control"]


@pytest.mark.parametrize("query", ["theme=pink", "accent=red", "accent=fff;}", "fonts=Comic+Sans", "theme=../../app"])
def test_an_unknown_look_is_the_default(cafe: TestApp, query: str) -> None:
    default = cafe.public.get("/static/style.css", buffered=True)
    response = cafe.public.get(f"/static/style.css?{query}", buffered=True)
    assert (response.status_code, response.data) == (200, default.data)


def test_the_home_page_says_in_words_and_for_search_engines_when_the_cafe_is_open(cafe: TestApp) -> None:
    assert "has not published its address and opening hours" in cafe.public.get("/", BROWSER).text
    change(cafe, openingHours=HOURS, address=["7 Lantern Lane", "Bristol"], telephone="0117 496 0123")
    html = cafe.public.get("/", BROWSER).text
    assert "Open today until 18:00" in html
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    data = json.loads(script)
    assert (data["@type"], data["url"], data["address"]) == (
        "CafeOrCoffeeShop", "http://localhost/", "7 Lantern Lane, Bristol",
    )  # fmt: skip
    assert data["openingHoursSpecification"] == [
        {
            "@type": "OpeningHoursSpecification", "dayOfWeek": ["https://schema.org/Sunday"],
            "opens": "09:00", "closes": "18:00",
        }
    ]  # fmt: skip
    cafe.clock.advance(hours=6)
    assert "Closed now; open next Sunday from 9:00" in cafe.public.get("/", BROWSER).text


def test_opening_hours_are_those_of_the_time_zone_of_the_deployment(cafe: TestApp) -> None:
    change(cafe, openingHours={"sunday": [{"opens": "22:00", "closes": "23:00"}]})
    tokyo = TestApp(cafe.table, time_zone="Asia/Tokyo")
    tokyo.clock.advance(hours=1)  # 22:00 in Tokyo
    assert tokyo.public.get("/site").json["timeZone"] == "Asia/Tokyo"
    assert "Open today until 23:00" in tokyo.public.get("/", BROWSER).text


def test_the_feed_has_the_name_of_the_cafe(cafe: TestApp) -> None:
    change(cafe, name="The Purring Pie & Co")
    assert "<title>News of The Purring Pie &amp; Co</title>" in cafe.public.get("/posts.atom").text


def test_a_process_reads_the_site_at_most_every_five_seconds_and_after_a_change(cafe: TestApp) -> None:
    with site_reads(cafe) as reads:
        for path in PAGES:
            cafe.public.get(path, BROWSER)
        assert reads == [False]
        cafe.clock.advance(seconds=5)
        cafe.public.get("/cats", BROWSER)
        assert reads == [False, False]
    change(cafe, name="Miso")
    with site_reads(cafe) as reads:
        assert "Miso" in cafe.public.get("/cats", BROWSER).text
        assert "Miso" in cafe.public.get("/", BROWSER).text
        assert reads == [True]


def test_another_process_shows_a_change_after_five_seconds(cafe: TestApp) -> None:
    other = TestApp(cafe.table, clock=cafe.clock)
    other.public.get("/cats", BROWSER)
    change(cafe, name="Miso")
    assert "Miso" not in other.public.get("/cats", BROWSER).text
    cafe.clock.advance(seconds=5)
    assert "Miso" in other.public.get("/cats", BROWSER).text


def test_json_does_not_read_the_site(cafe: TestApp) -> None:
    with site_reads(cafe) as reads:
        for path in ("/", "/cats", "/pies", "/posts", "/missing", "/openapi.json", "/problems", "/health"):
            cafe.public.get(path)
    assert reads == []


@pytest.mark.parametrize("kind", [UnavailableTable, BrokenTable])
def test_the_page_of_an_error_of_the_server_works_without_the_database(cafe: TestApp, kind: Any) -> None:
    broken = TestApp(replace_table(cafe.table, kind))
    response = broken.public.get("/cats", BROWSER)
    assert response.status_code in (500, 503)
    assert "Clowder" in response.text
    assert "ZeroDivision" not in response.text


def test_a_page_without_data_works_without_the_database(cafe: TestApp) -> None:
    broken = TestApp(replace_table(cafe.table, UnavailableTable))
    assert broken.public.get("/problems", BROWSER).status_code == 200


def test_a_site_of_another_release_is_read(cafe: TestApp) -> None:
    change(cafe, name="Miso", theme="garden")
    item = cafe.table.client.get_item(TableName=cafe.table.name, Key={"pk": {"S": "site#site"}, "sk": {"S": "record"}})
    stored = item["Item"]
    document = json.loads(stored["doc"]["S"]) | {"theme": "moonlight", "motto": "Purr.", "accentColor": "oklch(1 0 0)"}
    stored["doc"] = {"S": json.dumps(document)}
    cafe.table.client.put_item(TableName=cafe.table.name, Item=stored)
    cafe.clock.advance(seconds=5)
    assert (cafe.public.get("/site").json["name"], cafe.public.get("/site").json["theme"]) == ("Miso", "bakery")
    assert cafe.public.get("/cats", BROWSER).status_code == 200
    change(cafe, tagline="Cats.", accentColor=None)
    stored = cafe.table.client.get_item(
        TableName=cafe.table.name, Key={"pk": {"S": "site#site"}, "sk": {"S": "record"}}
    )["Item"]
    assert {"theme": "moonlight", "motto": "Purr."}.items() <= json.loads(stored["doc"]["S"]).items()


def test_the_owner_changes_the_site_with_a_form(cafe: TestApp) -> None:
    change(cafe, openingHours=HOURS, address=["7 Lantern Lane", "Bristol"])
    owner = browser_of(cafe, "olga", "owner")
    assert 'href="/forms/site"' in owner.open("/").text
    assert 'href="/forms/site"' not in cafe.public.get("/", BROWSER).text
    assert '<a href="/site/photos">Change the logo</a>' in owner.open("/forms/site").text
    sent = values(owner.open("/forms/site"))
    assert (sent["openingHours.sunday"], sent["address"]) == (["09:00-18:00"], ["7 Lantern Lane\nBristol"])
    assert (sent["theme"], sent["fontStack"], sent["accentColor"]) == (["bakery"], [""], [""])
    sent |= {
        "name": ["Miso & Co"], "address": ["8 Lantern Lane\r\n\r\nBristol\r\n"], "theme": ["garden"],
        "openingHours.monday": ["9-12, 14.00 to 18:30"], "openingHours.friday": ["20:00-24:00"],
        "openingHours.sunday": ["closed"], "accentColor": ["#a41"], "fontStack": ["slab"],
    }  # fmt: skip
    saved = send(owner, "/forms/site", sent)
    assert (saved.status_code, saved.headers["Location"]) == (303, "/?notice=saved")
    assert "Miso &amp; Co" in owner.open("/").text
    site = cafe.public.get("/site").json
    assert site["openingHours"]["monday"] == [
        {"opens": "09:00", "closes": "12:00"},
        {"opens": "14:00", "closes": "18:30"},
    ]
    assert site["openingHours"]["friday"] == [{"opens": "20:00", "closes": "23:59"}]
    assert (site["openingHours"]["sunday"], site["address"]) == ([], ["8 Lantern Lane", "Bristol"])
    assert (site["theme"], site["accentColor"], site["fontStack"]) == ("garden", "#aa4411", "slab")


def test_errors_of_the_form_stand_beside_their_fields_and_nothing_typed_is_lost(cafe: TestApp) -> None:
    owner = browser_of(cafe, "olga", "owner")
    sent = values(owner.open("/forms/site"))
    wrong = {
        "openingHours.monday": ["in the morning"], "openingHours.tuesday": ["18:00-9:00"],
        "openingHours.friday": ["25-26"], "accentColor": ["red"], "telephone": ["call me"], "name": ["\u200b"],
    }  # fmt: skip
    response = send(owner, "/forms/site", sent | wrong)
    assert response.status_code == 422
    for name in wrong.keys() - {"openingHours.tuesday", "name"}:  # rules come after the types
        assert f'id="{name.replace(".", "-")}-error"' in response.text, name
    assert {name: values(response)[name] for name in wrong} == wrong
    response = send(owner, "/forms/site", sent | {"openingHours.tuesday": ["18:00-9:00"]})
    assert 'id="openingHours-tuesday-error"' in response.text
    assert cafe.public.get("/site").json["version"] == 0


def test_the_form_of_the_site_has_no_key_deletes_nothing_and_shows_changes_of_others(cafe: TestApp) -> None:
    owner = browser_of(cafe, "olga", "owner")
    assert (owner.open("/forms/site/site").status_code, owner.open("/forms/site/x").status_code) == (404, 404)
    sent = values(owner.open("/forms/site"))
    assert "Delete" not in owner.open("/forms/site").text.partition("<main")[2]
    change(cafe, name="Theirs")
    assert send(owner, "/forms/site", {"_rev": sent["_rev"], "_action": ["delete"]}).status_code == 400
    conflict = send(owner, "/forms/site", sent | {"name": ["Mine"]})
    assert conflict.status_code == 412
    assert 'value="Mine"' in conflict.text
    assert '<p class="text theirs">Theirs</p>' in conflict.text
    assert send(owner, "/forms/site", values(conflict)).status_code == 303
    assert cafe.public.get("/site").json["name"] == "Mine"


def test_of_two_first_changes_at_the_same_time_one_is_written(cafe: TestApp) -> None:
    dependencies = Dependencies(cafe.settings, cafe.table)
    owner = Context(dependencies, Principal(role="owner"), cafe.clock.now, full_access=True)
    bodies = [Submitted(ReplaceSite(name=name)) for name in ("Mine", "Theirs")]
    plans = [SITE.plan_save(owner, KEY, lambda _: None, lambda *_, new=body: new, "patched") for body in bodies]
    cafe.table.transact(plans[0].writes, plans[0].rev)
    with pytest.raises(ConditionFailed):
        cafe.table.transact(plans[1].writes, plans[1].rev)
    assert cafe.public.get("/site").json["name"] == "Mine"


def test_a_page_of_an_error_does_not_replace_the_site_that_the_next_page_reads(cafe: TestApp) -> None:
    change(cafe, name="The Purring Pie")
    dependencies = Dependencies(cafe.settings, cafe.table, cafe.clock, process_cache={})
    assert current_site(dependencies, may_read=False).name == "Clowder"
    assert current_site(dependencies).name == "The Purring Pie"


def logo_of(html: str) -> dict[str, str]:
    """Return the attributes of the picture in the header; none for the drawn logo."""
    header = html.partition('<header class="site-header">')[2].partition("</header>")[0]
    pictures = re.findall("<img[^>]*>", header)
    assert ('<svg stroke-linecap="round" stroke-linejoin="round" class="logo"' in header) is not bool(pictures)
    return dict(re.findall(r'(\w+)="([^"]*)"', pictures[0])) if pictures else {}


def test_every_page_shows_the_logo_of_the_cafe_in_place_of_the_drawn_one(cafe: TestApp) -> None:
    assert cafe.public.get("/site").json["logo"] is None
    assert [logo_of(cafe.public.get(path, BROWSER).text) for path in PAGES] == [{}] * len(PAGES)
    photo = add_photo(cafe, "/site", b"3000")  # the first write of the site
    cafe.clock.advance(seconds=5)
    url = f"/site/photos/{photo}/320.webp"
    for path in PAGES:
        logo = logo_of(cafe.public.get(path, BROWSER).text)
        assert (logo["src"], logo["alt"], logo["class"]) == (url, "A cat sleeps on the counter.", "mark"), path
    home = cafe.public.get("/", BROWSER).text
    largest = f"http://localhost/site/photos/{photo}/960.webp"
    assert f'<meta property="og:image" content="{largest}">' in home
    assert f'"logo":"{largest}"' in home
    below = cafe.public.get("/cats", BROWSER, environ_overrides={"SCRIPT_NAME": "/dev"})
    assert logo_of(below.text)["src"] == f"/dev{url}"
    site = cafe.public.get("/site").json
    assert (site["version"], site["logo"]["files"][0]["href"]) == (1, url)
    file = cafe.public.get(url)
    assert (file.data, file.headers["Cache-Control"]) == (b"RIFF320 of 3000", "public, max-age=31536000, immutable")


def test_a_new_logo_replaces_the_old_one_and_a_deleted_one_gives_way_to_the_drawn_one(cafe: TestApp) -> None:
    change(cafe, name="Miso", theme="garden")
    owner, first, second = cafe.client("owner"), add_photo(cafe, "/site"), add_photo(cafe, "/site", b"700")
    assert (files_of(first), files_of(second)) == ([], [320, 700])
    path = f"/site/photos/{second}"
    assert logo_of(cafe.public.get("/cats", BROWSER).text)["alt"] == "A cat sleeps on the counter."
    assert owner.patch(path, {"alt": "A cat in a cup"}, if_match="*").status_code == 200
    assert logo_of(cafe.public.get("/cats", BROWSER).text)["alt"] == "A cat in a cup"
    change(cafe, tagline="Purr.")
    assert cafe.public.get("/site").json["logo"]["id"] == second
    refused = owner.patch("/site", {"logo": None}, if_match="*")
    assert pointers(refused) == ["/logo"]
    assert owner.delete(path).status_code == 204
    assert logo_of(cafe.public.get("/cats", BROWSER).text) == {}
    site = cafe.public.get("/site").json
    assert (site["logo"], site["name"], site["tagline"]) == (None, "Miso", "Purr.")
    assert object_keys() == []


@pytest.mark.parametrize("shade", ["dark", "light"])
def test_a_logo_that_would_be_lost_on_the_header_stands_on_a_ground_of_its_own(cafe: TestApp, shade: Any) -> None:
    create_bucket()
    owner = browser_of(cafe, "olga", "owner")
    created = cafe.client("owner").post("/site/photos", {"alt": "A cat", "type": "image/png"}).json
    send_form(created["upload"], b"700")
    assert logo_of(owner.open("/cats").text) == {}
    process_upload(dependencies(cafe), created["id"], lambda data: replace(fake_sizes(data), shade=shade))
    # The page of the logo has the new one at once.
    for path in (f"/site/photos/{created['id']}", "/site/photos", "/cats"):
        html = owner.open(path).text
        assert logo_of(html)["class"] == f"mark {shade}"
        assert html.count(f'class="mark {shade}"') == (1 if path == "/cats" else 2)


def test_an_upload_is_deleted_by_the_owner_alone_and_only_one_that_is_ready_is_a_logo(cafe: TestApp) -> None:
    refused = add_photo(cafe, "/site", DAMAGED)
    cafe.clock.advance(seconds=5)
    for client in (cafe.public, cafe.staff):
        assert client.get("/site/photos").json == {"items": []}
        assert client.get(f"/site/photos/{refused}").status_code == 404
    owner = cafe.client("owner")
    assert owner.get(f"/site/photos/{refused}").json["refusal"]["code"] == "damaged"
    assert logo_of(cafe.public.get("/", BROWSER).text) == {}
    assert owner.delete(f"/site/photos/{refused}").status_code == 204
    assert owner.get("/site/photos").json == {"items": []}


def test_the_site_is_json_for_programs_and_a_page_for_people(cafe: TestApp) -> None:
    change(cafe, openingHours=HOURS, address=["7 Lantern Lane"])
    assert cafe.public.get("/site", {"Accept": "*/*"}).mimetype == "application/json"
    visitor = cafe.public.get("/site", BROWSER)
    main = visitor.text.partition("<main")[2].partition("</main>")[0]
    assert (visitor.status_code, visitor.mimetype) == (200, "text/html")
    for text in ("<h1>Where and when</h1>", "Open today until 18:00", "<dt>Sunday</dt><dd>9:00 to 18:00</dd>"):
        assert text in main
    assert "7 Lantern Lane" in main
    assert "/forms/site" not in main
    assert '"@type":"CafeOrCoffeeShop"' in visitor.text
    assert 'href="/site"' in cafe.public.get("/cats", BROWSER).text
    owner = browser_of(cafe, "olga", "owner").open("/site")
    assert all(f'href="{path}"' in owner.text for path in ("/forms/site", "/site/photos"))
    assert owner.headers["Cache-Control"].startswith("private")
