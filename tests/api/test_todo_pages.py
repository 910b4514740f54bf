"""The pages of to-dos: what is next, done and undo, the list, and a to-do."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.contract.test_database_requests import recorded
from tests.support.app import TestApp, problem
from tests.support.forms import browser_of, send, values
from tests.support.hostile import ALL
from tests.support.inspection import writes_nothing
from tests.support.users import BROWSER, BrowserClient
from tests.web.markup import Outline

PILL = {"title": "Pill", "kind": "medicine", "cat": "luna", "due": "2026-11-22T08:00:00Z"}
MONTHLY = {"title": "Deworm", "due": "2026-10-31T09:00:00Z", "waitUntil": "2026-10-30T09:00:00Z",
           "recurrence": {"every": 1, "unit": "months"}, "notes": "With food.", "priority": "high"}  # fmt: skip


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with a cat."""
    assert cafe.staff.put("/cats/luna", {"status": "available", "pattern": "tabby"}).status_code == 201
    return cafe


@pytest.fixture
def ada(cafe: TestApp) -> BrowserClient:
    """A browser in which Ada, a member of the staff, is logged in."""
    return browser_of(cafe, "ada", "staff")


def add(cafe: TestApp, **fields: Any) -> str:
    """Add a to-do and return its id."""
    response = cafe.staff.post("/todos", {"title": "Sweep"} | fields)
    assert response.status_code == 201, response.json
    return str(response.json["id"])


def stored(cafe: TestApp, key: str) -> dict[str, Any]:
    """Return a to-do without the members that every change moves."""
    todo = cafe.staff.get(f"/todos/{key}").json
    return {name: value for name, value in todo.items() if name not in ("version", "updated")}


def press(browser: BrowserClient, key: str, action: str, **fields: str) -> TestResponse:
    """Press a button of a to-do."""
    return browser.submit(f"/forms/todos/{key}", _action=action, **fields)


def text_of(browser: BrowserClient, path: str = "/todos/next") -> str:
    """Return the main part of a page as text."""
    response = browser.open(path)
    assert response.status_code == 200, response.text
    main = response.text.partition('<main id="main"')[2].partition("</main>")[0]
    return " ".join(unescape(re.sub("<[^>]*>", " ", main.partition(">")[2])).split())


def explained(browser: BrowserClient, response: TestResponse, key: str) -> str:
    """Return the text of the page to which a button leads. It shows no id."""
    assert response.status_code == 303
    text = text_of(browser, response.headers["Location"])
    assert key not in text
    return text


def titles(page: str) -> list[str]:
    """Return the titles of the to-dos on a page."""
    return [unescape(title) for title in re.findall(r'<h[23]><a href="/todos/[^"]*">([^<]*)</a>', page)]


def test_the_page_has_the_order_of_the_api_with_reasons(cafe: TestApp, ada: BrowserClient) -> None:
    blocker = add(cafe, title="Tidy", due="2026-11-23")
    add(cafe, title="Bake", blockedBy=[blocker], priority="high")
    add(cafe, title="Sweep", assignee="ada")
    add(cafe, **PILL)
    response = ada.open("/todos/next")
    items = cafe.staff.get("/todos/next").json["items"]
    assert titles(response.text) == [todo["title"] for todo in items] == ["Pill", "Tidy", "Sweep"]
    text = text_of(ada)
    assert "Overdue since 8:00. An overdue dose comes before everything else." in text
    assert "Due tomorrow. 1 other to-do waits for it." in text
    assert "No due date, open since today." in text
    assert "for you" in text
    assert re.search(
        r'<a href="/cats/luna"><img src="/cats/luna/portrait\.svg\?v=\w+" alt="Portrait of Luna', response.text
    )
    assert response.text.count('value="done"') == 3
    assert titles(ada.open("/todos/next?assignee=me").text) == ["Sweep"]


@pytest.mark.parametrize("fields", [{}, PILL, MONTHLY, PILL | {"recurrence": {"every": 8, "unit": "hours"}}])
def test_undo_restores_what_was_before(cafe: TestApp, ada: BrowserClient, fields: dict[str, Any]) -> None:
    key = add(cafe, **fields)
    for _ in range(2):  # the second occurrence of a monthly to-do stores its series
        before, listed = stored(cafe, key), cafe.staff.get("/todos").json["items"]
        done = press(ada, key, "done")
        assert (done.status_code, done.headers["Location"]) == (303, f"/todos/next?changed={key}")
        after = stored(cafe, key)
        assert (after["done"], after["doneBy"], bool(after["next"])) == (True, "ada", "recurrence" in fields)
        assert f"Done: “{before['title']}”." in text_of(ada, done.headers["Location"])
        cafe.clock.advance(seconds=60)
        undone = send(ada, f"/forms/todos/{key}", values(ada.open(done.headers["Location"]), key))
        assert (undone.status_code, undone.headers["Location"]) == (303, f"/todos/next?changed={key}")
        assert stored(cafe, key) == before
        assert [todo["id"] for todo in cafe.staff.get("/todos").json["items"]] == [todo["id"] for todo in listed]
        assert f"“{before['title']}” is open again." in text_of(ada, undone.headers["Location"])
        assert press(ada, key, "done").status_code == 303
        key = stored(cafe, key)["next"] or key
        if not fields.get("recurrence"):
            break


def test_undo_is_refused_after_a_minute(cafe: TestApp, ada: BrowserClient) -> None:
    key = add(cafe, recurrence={"every": 1, "unit": "days"}, due="2026-11-22")
    location = press(ada, key, "done").headers["Location"]
    cafe.clock.advance(seconds=61)
    assert "Undo" not in text_of(ada, location)
    assert "“Sweep” is done already. Done by you, today, 12:00." in text_of(ada, location)
    with writes_nothing(cafe):
        refused = press(ada, key, "undo")
    text = explained(ada, refused, key)
    assert "The minute to undo “Sweep” is over. To reopen it, edit it. Edit the to-do" in text
    assert "Undo" not in text_of(ada, f"/todos/{key}")
    assert cafe.staff.patch(f"/todos/{key}", {"done": False}, if_match="*").status_code == 200
    assert "“Sweep” is open again." in explained(ada, refused, key)  # a reload says what is true now


def test_undo_keeps_what_others_have_changed_since(cafe: TestApp, ada: BrowserClient) -> None:
    key = add(cafe, recurrence={"every": 1, "unit": "days"}, due="2026-11-22")
    press(ada, key, "done")
    assert cafe.staff.patch(f"/todos/{key}", {"notes": "Under the oven too."}, if_match="*").status_code == 200
    following = stored(cafe, key)["next"]
    assert cafe.staff.patch(f"/todos/{following}", {"notes": "Changed."}, if_match="*").status_code == 200
    with writes_nothing(cafe):
        refused = press(ada, key, "undo")
    assert "“Sweep” stays done, because the next one is done or changed." in explained(ada, refused, key)
    assert f'<a href="/todos/{following}">Open the next one</a>' in ada.open(refused.headers["Location"]).text
    assert cafe.staff.delete(f"/todos/{following}").status_code == 204
    assert press(ada, key, "undo").status_code == 303
    assert (stored(cafe, key)["notes"], stored(cafe, key)["done"]) == ("Under the oven too.", False)


def test_the_second_of_two_people_learns_who_did_it(cafe: TestApp, ada: BrowserClient) -> None:
    key = add(cafe, recurrence={"every": 1, "unit": "days"}, due="2026-11-22")
    ben = browser_of(cafe, "ben", "staff")
    assert press(ada, key, "done").status_code == 303
    with writes_nothing(cafe):
        second, again = press(ben, key, "done"), press(ada, key, "done")
        refused = press(ben, key, "undo")
    assert (second.status_code, again.status_code) == (303, 303)
    text = text_of(ben, second.headers["Location"])
    assert "“Sweep” is done already. Done by ada, today, 12:00." in text
    assert "Undo" not in text
    assert "Undo" in text_of(ada, again.headers["Location"])
    assert "“Sweep” was done by ada. To reopen it, edit it. Edit the to-do" in explained(ben, refused, key)
    assert len(cafe.staff.get("/todos").json["items"]) == 1
    following = stored(cafe, key)["next"]
    with writes_nothing(cafe):
        assert press(ada, following, "undo").status_code == 303  # it is open
    assert cafe.staff.delete(f"/todos/{following}").status_code == 204
    with writes_nothing(cafe):
        for action in ("done", "undo"):
            pressed = press(ada, following, action)
            assert "This to-do does not exist any more." in explained(ada, pressed, following)


def test_a_button_keeps_the_filter_of_the_page(cafe: TestApp, ada: BrowserClient) -> None:
    key = add(cafe, assignee="ada")
    add(cafe, title="Shop")
    sent = values(ada.open("/todos/next?assignee=me&refresh=true"), key)
    location = send(ada, f"/forms/todos/{key}", sent | {"next": ["//evil.example"]}).headers["Location"]
    assert location == f"/todos/next?assignee=me&refresh=true&changed={key}"
    text = text_of(ada, location)
    assert "Nothing is left for you." in text
    assert "Shop" not in text


def test_the_page_loads_itself_again_only_if_it_is_asked_to(cafe: TestApp, ada: BrowserClient) -> None:
    assert "http-equiv" not in ada.open("/todos/next").text
    page = ada.open("/todos/next?changed=x&refresh=true&assignee=me").text
    [refresh] = re.findall(r'http-equiv="refresh" content="([^"]*)"', page)
    assert unescape(refresh) == "60; url=/todos/next?refresh=true&assignee=me"
    for name in ("changed", "refresh"):
        assert problem(cafe.staff.get(f"/todos/next?{name}=x"), 400)


def test_derived_todos_link_to_what_ends_them(cafe: TestApp, ada: BrowserClient) -> None:
    shot = {"type": "rabies", "dueOn": "2026-11-20"}
    cafe.staff.put("/cats/luna", {"status": "hold", "holdUntil": "2026-11-21", "vaccinations": [shot]})
    cafe.clock.advance(days=31)
    ada.log_in("ada")
    page = ada.open("/todos/next").text
    links = {title: href for href, title in re.findall(r'<a class="button quiet" href="([^"]*)">([^<]*)', page)}
    assert links == links | {
        "Record the vaccination": "/forms/cats/luna",
        "Change the status": "/forms/cats/luna",
        "Record the weight": "/forms/weights/luna",
    }
    assert {ada.open(href).status_code for href in links.values()} == {200}
    assert 'value="done"' not in page
    assert "givenOn" not in page
    for todo in cafe.staff.get("/todos/next").json["items"]:
        assert "follows from the data of the cat" in text_of(ada, f"/todos/{todo['id']}")
        with writes_nothing(cafe):
            assert press(ada, todo["id"], "done").status_code == press(ada, todo["id"], "undo").status_code == 303


def test_lists_have_filters_pages_and_empty_states(cafe: TestApp, ada: BrowserClient) -> None:
    assert "Everything is done." in text_of(ada)
    assert "There is nothing to do." in text_of(ada, "/todos")
    assert "Nothing is done yet." in text_of(ada, "/todos?done=true")
    for day in ("23", "24"):
        add(cafe, title=f"Feed {day}", kind="feeding", cat="luna", due=f"2026-11-{day}")
    press(ada, add(cafe, title="Shop"), "done")
    page = ada.open("/todos?kind=feeding&cat=luna&assignee=&sort=-due&limit=1").text
    assert titles(page) == ["Feed 24"]
    [following] = re.findall(r'rel="next" href="([^"]*)"', page)
    assert titles(ada.open(unescape(following)).text) == ["Feed 23"]
    removals = [unescape(link) for link in re.findall(r'<a href="([^"]*)" aria-label="[^"]*remove', page)]
    assert removals == ["/todos?cat=luna&sort=-due&limit=1", "/todos?kind=feeding&sort=-due&limit=1"]
    assert "No to-do is like that." in text_of(ada, "/todos?kind=vet")
    assert "Shop Done by you, today, 12:00." in text_of(ada, "/todos?done=true")
    shortcuts = re.findall(r'<a href="(/todos[^"]*)"( aria-current)?', ada.open("/todos?done=true&sort=").text)
    assert ("/todos?done=true", " aria-current") in shortcuts
    for link, _ in shortcuts:
        assert ada.open(unescape(link)).status_code == 200


def test_the_page_of_a_todo_has_all_that_people_need(cafe: TestApp, ada: BrowserClient) -> None:
    blocker = add(cafe, title="Shop")
    key = add(cafe, **MONTHLY, cat="luna", assignee="ada", blockedBy=[blocker], kind="medicine")
    text = text_of(ada, f"/todos/{key}")
    for part in (
        "Overdue since 31 October 2026, 9:00.", "With food.", "Cat Luna", "For ada", "Repeats Every month",
        "Priority High", "Waits for to-do 1", "Added by the staff, today, 12:00",
    ):  # fmt: skip
        assert part in text
    press(ada, key, "done")
    assert "Done by you, today, 12:00. With food. Undo Edit" in text_of(ada, f"/todos/{key}")
    assert f'href="/todos/{stored(cafe, key)["next"]}"' in ada.open(f"/todos/{key}").text


def test_the_page_reads_at_most_one_item_more_than_json(cafe: TestApp, ada: BrowserClient) -> None:
    key, requests = add(cafe, **PILL), []
    ada.open("/todos/next")  # the process reads the settings of the site once
    for path, headers in (("/todos/next", {}), ("/todos/next", BROWSER), (f"/todos/next?changed={key}", BROWSER)):
        with recorded(cafe) as sent:
            assert cafe.staff.get(path, headers).status_code == 200
        requests.append([name for name, _ in sent])
    json, page, after_done = requests
    assert page == json
    assert sorted(after_done) == sorted([*json, "GetItem"])


def test_hostile_titles_in_the_notice_add_no_markup(cafe: TestApp, ada: BrowserClient) -> None:
    outlines = []
    for title in ("plain", ALL[:200]):
        location = press(ada, add(cafe, title=title), "done").headers["Location"]
        page = ada.open(location).text
        assert f"Done: “{title}”." in unescape(page)
        outlines.append(Outline(page))
    plain, hostile = outlines
    assert (hostile.elements, hostile.errors) == (plain.elements, [])


def test_pages_of_todos_are_closed_to_members(cafe: TestApp) -> None:
    key = add(cafe)
    mia, anonymous = browser_of(cafe, "mia", "member"), BrowserClient(cafe)
    for path in ("/todos", "/todos/next", f"/todos/{key}"):
        assert (mia.open(path).status_code, anonymous.open(path).status_code) == (403, 401)
        assert "Sweep" not in mia.open(path).text
