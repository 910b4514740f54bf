"""The form of a to-do: every member that a client may write, errors beside the fields, and nothing that gets lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.domain.recurrence import Recurrence
from api.domain.todos import CreateTodo, ReplaceTodo
from api.web.forms import fields, todos
from tests.support.app import TestApp
from tests.support.forms import browser_of, send, values
from tests.support.inspection import writes_nothing
from tests.support.users import BrowserClient

TYPED = {
    "title": ["Pill"], "kind": ["medicine"], "cat": ["luna"], "notes": ["With food.\r\nTwice."],
    "due": ["2026-11-23"], "due.time": ["08:30"], "recurrence.every": ["12"], "recurrence.unit": ["hours"],
    "recurrence.from": ["done"], "waitUntil": ["2026-11-23T08:00"], "assignee": ["Ada"], "priority": ["high"],
}  # fmt: skip
SAVED = {
    "title": "Pill", "kind": "medicine", "cat": "luna", "notes": "With food.\nTwice.", "due": "2026-11-23T08:30:00Z",
    "recurrence": {"every": 12, "unit": "hours", "from": "done"}, "waitUntil": "2026-11-23T08:00:00Z",
    "assignee": "ada", "priority": "high",
}  # fmt: skip


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with a cat."""
    assert cafe.staff.put("/cats/luna", {}).status_code == 201
    return cafe


@pytest.fixture
def ada(cafe: TestApp) -> BrowserClient:
    """A browser in which Ada, a member of the staff, is logged in."""
    return browser_of(cafe, "ada", "staff")


def test_a_todo_that_was_deleted_meanwhile_is_added_again(cafe: TestApp, ada: BrowserClient) -> None:
    key = add(cafe, title="Sweep", notes="Slowly.")
    sent = values(ada.open(f"/forms/todos/{key}")) | {"title": ["Mop"], "kind": ["cleaning"]}
    assert cafe.staff.delete(f"/todos/{key}", if_match="*").status_code == 204
    deleted = send(ada, f"/forms/todos/{key}", sent)
    assert (deleted.status_code, values(deleted)["title"], values(deleted)["notes"]) == (412, ["Mop"], ["Slowly."])
    assert send(ada, "/forms/todos", values(deleted)).status_code == 303
    assert [todo["title"] for todo in cafe.staff.get("/todos").json["items"]] == ["Mop"]


def add(cafe: TestApp, **members: Any) -> str:
    """Add a to-do and return its id."""
    response = cafe.staff.post("/todos", {"title": "Sweep"} | members)
    assert response.status_code == 201, response.json
    return str(response.json["id"])


def test_every_member_that_a_client_may_write_is_in_the_form() -> None:
    for struct, is_new in ((CreateTodo, True), (ReplaceTodo, False)):
        shown = [field.name for field in fields.all_fields(todos.SECTIONS, is_new=is_new)]
        nested = [f"recurrence.{name}" for name in Recurrence.__struct_encode_fields__]
        expected = [name for name in struct.__struct_encode_fields__ if name not in ("id", "recurrence")]
        assert sorted(shown) == sorted([*expected, *nested])


def test_a_todo_is_added_and_changed_with_all_its_members(cafe: TestApp, ada: BrowserClient) -> None:
    blocker = add(cafe, title="Buy pills")
    response = send(ada, "/forms/todos", values(ada.open("/forms/todos")) | TYPED | {"blockedBy": [blocker]})
    assert response.status_code == 303, response.text
    path = response.headers["Location"].partition("?")[0]
    todo = cafe.staff.get(path).json
    assert todo == todo | SAVED | {"blockedBy": [blocker]}
    opened = values(ada.open(f"/forms{path}"))
    assert opened == opened | TYPED | {"assignee": ["ada"], "blockedBy": [blocker], "notes": ["With food.\nTwice."]}
    changes = {
        "title": ["Drops"],
        "due": ["2026-11-24"],
        "due.time": [""],
        "recurrence.unit": ["days"],
        "blockedBy": [],
        "assignee": [""],
    }
    assert send(ada, f"/forms{path}", opened | changes).status_code == 303
    todo = cafe.staff.get(path).json
    assert (todo["title"], todo["due"], todo["recurrence"]["unit"]) == ("Drops", "2026-11-24", "days")
    assert (todo["blockedBy"], todo["assignee"], todo["waitUntil"]) == ([], None, SAVED["waitUntil"])
    once = {"recurrence.every": [""], "recurrence.unit": [""], "waitUntil": [""]}
    assert send(ada, f"/forms{path}", values(ada.open(f"/forms{path}")) | once).status_code == 303
    assert (cafe.staff.get(path).json["recurrence"], cafe.staff.get(path).json["waitUntil"]) == (None, None)
    assert send(ada, f"/forms{path}", values(ada.open(f"/forms{path}")) | {"done": ["true"]}).status_code == 303
    assert cafe.staff.get(path).json["doneBy"] == "ada"


def test_an_unchanged_form_writes_nothing(cafe: TestApp, ada: BrowserClient) -> None:
    """Also what the form does not show exactly: seconds, the order of blockers, and an assignee who has left."""
    browser_of(cafe, "ben", "staff")
    blockers = [add(cafe, title=f"Shop {day}", due=f"2026-11-{day}") for day in (25, 24, 23)]
    exact = {"due": "2026-11-23T08:30:15Z", "waitUntil": "2026-11-22T07:00:45.500000Z", "blockedBy": blockers}
    keys = [add(cafe, **SAVED | exact | {"assignee": "ben"}), add(cafe), add(cafe, due="2026-11-30")]
    assert cafe.client("owner", "Ona").patch("/users/ben", {"role": "member"}, if_match="*").status_code == 200
    with writes_nothing(cafe):
        for key in keys:
            assert send(ada, f"/forms/todos/{key}", values(ada.open(f"/forms/todos/{key}"))).status_code == 303
    assert send(ada, f"/forms/todos/{keys[0]}", values(ada.open(f"/forms/todos/{keys[0]}")) | {"title": ["New"]})
    todo = cafe.staff.get(f"/todos/{keys[0]}").json
    assert todo == todo | exact | {"title": "New"}
    assert cafe.client("owner", "Ona").patch("/users/ben", {"role": "staff"}, if_match="*").status_code == 200
    assert cafe.staff.get(f"/todos/{keys[0]}").json["assignee"] == "ben"


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"title": [" "]}, "title", "This cannot be empty."),
        ({"cat": ["nemo"]}, "cat", "There is no cat named nemo."),
        ({"assignee": ["nobody"]}, "assignee", "There is no member of the staff"),
        ({"due": [""], "due.time": ["08:00"]}, "due", "Choose the day too"),
        ({"due": ["tomorrow"], "due.time": [""]}, "due", "Write a day such as"),
        ({"due": ["2026-11-23"], "due.time": ["8 o'clock"]}, "due", "Write a time such as"),
        ({"due": ["2101-01-01"], "due.time": [""]}, "due", "2000 to 2100"),
        ({"waitUntil": ["2026-11-24T00:00"]}, "waitUntil", "must not be later than the due date"),
        ({"recurrence.unit": [""]}, "recurrence-unit", "cannot be empty"),
        ({"recurrence.every": [""]}, "recurrence-every", "cannot be empty"),
        ({"recurrence.every": ["often"]}, "recurrence-every", "Write a number"),
        ({"due": ["2026-11-23"], "due.time": [""]}, "recurrence-unit", "needs a due date with a time"),
        ({"blockedBy": ["missing"]}, "blockedBy", "does not exist any more"),
        ({"kind": ["nap"]}, "kind", "Choose one of these."),
    ],
)
def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(
    cafe: TestApp, ada: BrowserClient, typed: dict[str, list[str]], field: str, message: str
) -> None:
    sent = values(ada.open("/forms/todos")) | TYPED | typed
    with writes_nothing(cafe):
        response = send(ada, "/forms/todos", sent)
    assert response.status_code == 422
    error = response.text.partition(f'id="{field}-error">')[2].partition("<")[0]
    assert message in error, response.text
    assert values(response) == {name: [text.replace("\r\n", "\n").strip() for text in sent[name]] for name in sent}


def test_a_new_form_may_be_filled_by_its_url(cafe: TestApp, ada: BrowserClient) -> None:
    opened = values(ada.open("/forms/todos?cat=luna&kind=vet&title=%3Cb%3E&due=never&done=true&utm_source=mail"))
    assert (opened["cat"], opened["kind"], opened["title"], opened["due"]) == (["luna"], ["vet"], ["<b>"], [""])
    assert "done" not in opened
    assert 'name="blockedBy"' not in ada.open("/forms/todos").text  # there is no to-do to wait for


@pytest.mark.parametrize(("clock", "due"), [("08:30", "2027-03-28T06:30:00Z"), ("02:30", "2027-03-28T01:30:00Z")])
def test_a_due_time_is_in_the_time_zone_of_the_cafe(cafe: TestApp, clock: str, due: str) -> None:
    """Also on the day on which the clocks skip the hour after two."""
    berlin = TestApp(cafe.table, cafe.clock, time_zone="Europe/Berlin")
    ada = browser_of(berlin, "ada", "staff")
    sent = values(ada.open("/forms/todos")) | {"title": ["Bake"], "due": ["2027-03-28"], "due.time": [clock]}
    path = send(ada, "/forms/todos", sent).headers["Location"].partition("?")[0]
    assert berlin.staff.get(path).json["due"] == due
    opened = values(ada.open(f"/forms{path}"))
    assert (opened["due"], opened["due.time"]) == (["2027-03-28"], [clock.replace("02", "03")])


def test_the_todos_to_wait_for_are_few_and_those_of_the_same_cat_come_first(cafe: TestApp, ada: BrowserClient) -> None:
    """The others are folded, and none has an id as its text."""
    shop = [add(cafe, title=f"Shop {day}", due=f"2026-11-{day}") for day in range(10, 30)]
    pill = add(cafe, title="Pill", cat="luna", due="2026-12-05T08:00:00Z")
    key = add(cafe, title="Brush Luna", cat="luna", blockedBy=[shop[19]])
    text = ada.open(f"/forms/todos/{key}").text.partition('id="blockedBy"')[2].partition("</fieldset>")[0]
    first, _, folded = text.partition("<details")
    choices = [re.findall(r'value="([^"]*)"( checked)?> ([^<]*)', part) for part in (first, folded)]
    assert [(value, checked, text.rstrip()) for value, checked, text in choices[0][:3]] == [
        (shop[19], " checked", "Shop 29 (29 November 2026)"),
        (pill, "", "Pill (Luna, 5 December 2026)"),
        (shop[0], "", "Shop 10 (10 November 2026)"),
    ]
    assert (len(choices[0]), len(choices[1]), folded.count("More to choose from (15)")) == (6, 15, 1)
    gone = send(ada, f"/forms/todos/{key}", values(ada.open(f"/forms/todos/{key}")) | {"blockedBy": ["gone", shop[0]]})
    assert re.search(r'value="gone" checked> A to-do that is not open any more', gone.text)


def test_a_form_suggests_the_names_of_cats(cafe: TestApp, ada: BrowserClient) -> None:
    assert cafe.staff.put("/cats/McKitty", {"status": "available"}).status_code == 201
    for path, name in {"/forms/todos": "cat", "/forms/cats": "bondedWith", "/forms/posts": "cats"}.items():
        text = ada.open(path).text
        assert re.search(rf'name="{name}"[^>]* list="cat-names"', text)
        options = re.findall(
            r'value="([^"]*)"', text.partition('<datalist id="cat-names">')[2].partition("</datalist>")[0]
        )
        assert options == ["Luna", "McKitty"]
    _, budget = cafe.measure(lambda: ada.open("/forms/cats"))
    assert len(budget.calls) <= 4  # the session, the site, and two partitions of the list
    assert 'list="cat-names"' not in ada.open("/forms/pies").text
