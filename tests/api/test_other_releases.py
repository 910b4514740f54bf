"""Items of a newer release, which was rolled back: they are read, written again without a loss, and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from api.http.request_log import configure_logging
from api.services.accounts import issue_token
from tests.support import golden
from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import items, log_lines

Item = dict[str, Any]

UNKNOWN = {"deep": [1, {"er": None}]}
ATTRIBUTES: Item = {
    "flag": {"BOOL": True}, "map": {"M": {"a": {"S": "b"}}}, "list": {"L": [{"N": "1"}]}, "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]}, "bytes": {"B": b"a"}, "fraction": {"N": "1.5"}, "number": {"N": "-2"},
    "filter3_key": {"S": "x"},
}  # fmt: skip
"""Attributes of every type beside the document."""
PATHS = (
    "/", "/cats", "/cats?status=available", "/cats?goodWith.children=over5&sort=newest", "/cats/luna",
    "/cats/luna/history", "/cats/luna/history?at=2026-11-22T12:00:00Z", "/cats/tom/history", "/cats/luna/weights",
    "/pies", "/pies/Apple", "/posts", "/posts/1", "/posts.atom", "/todos", "/todos?done=true", "/todos/next",
    "/users", "/users/bea", "/sessions",
)  # fmt: skip


class Cafe(TestApp):
    """An app on the golden items of this release, with the owner as the caller."""

    owner: Client

    def change(self, prefix: str, change: Callable[[Item], Item]) -> None:
        """Write the items again whose key begins with a text, each after a change."""
        for item in items(self):
            if item["pk"]["S"].startswith(prefix):
                self.table.client.put_item(TableName=self.table.name, Item=change(item))

    def change_document(self, prefix: str, change: Callable[[Item], Item]) -> None:
        """Write the items of entities again, each after a change of its document."""
        is_entity = {"record", "weights"}
        self.change(prefix, lambda item: _edit(item, change) if item["sk"]["S"].split("#")[0] in is_entity else item)

    @property
    def entities(self) -> dict[str, Item]:
        """The items of the entities, by partition key."""
        return {item["pk"]["S"]: item for item in items(self) if item["sk"]["S"] == "record"}

    def find(self, prefix: str) -> str:
        """Return the first key that begins with a text."""
        return next(key for key in self.entities if key.startswith(prefix))

    def document(self, key: str) -> Item:
        """Return the stored document of an entity."""
        loaded: Item = json.loads(self.entities[key]["doc"]["S"])
        return loaded

    def get_all(self) -> dict[str, TestResponse]:
        """Return the responses of all resources, as JSON where they have it."""
        json_or_html = {"Accept": "application/json, text/html;q=0.5, */*;q=0.1"}
        return {path: self.owner.get(path, json_or_html) for path in PATHS}


@pytest.fixture
def cafe(mocked_table: Any) -> Cafe:
    """Return an app on the golden items of this release."""
    golden.load(mocked_table, golden.CURRENT)
    cafe = Cafe(mocked_table)
    token = issue_token(mocked_table, cafe.settings.cursor_key, golden.USERNAME, cafe.clock.now, timedelta(hours=1))
    cafe.owner = Client(cafe.app.test_client(), token)
    return cafe


def _edit(item: Item, change: Callable[[Item], Item]) -> Item:
    return {**item, "doc": {"S": json.dumps(change(json.loads(item["doc"]["S"])))}} if "doc" in item else item


def _extended(value: Any) -> Any:
    """Return JSON with a member more in every object."""
    if isinstance(value, list):
        return [_extended(element) for element in value]
    return {name: _extended(member) for name, member in value.items()} | UNKNOWN if isinstance(value, dict) else value


def _newer(item: Item) -> Item:
    """Return an item with a member more in every object of its documents, and with attributes of every type."""
    documents = {
        name: {"S": json.dumps(_extended(json.loads(item[name]["S"])))} for name in ("doc", "entry") if name in item
    }
    return {**item, **ATTRIBUTES, **documents}


def test_every_resource_of_a_newer_release_is_read_as_before_it(cafe: Cafe) -> None:
    before = {path: response.get_data() for path, response in cafe.get_all().items()}
    cafe.change("", _newer)
    after = cafe.get_all()
    assert {path: response.status_code for path, response in after.items()} == dict.fromkeys(PATHS, 200)
    assert {path: response.get_data() for path, response in after.items()} == before
    assert b'"next"' in before["/todos/next"] or b'"items"' in before["/todos/next"]


def test_an_update_carries_unknown_members_and_a_deletion_works(cafe: Cafe) -> None:
    cafe.change("", _newer)
    todo = cafe.find("todos#")
    changes = {"cats#luna": {"sex": "male"}, "pies#Apple": {"rate": 400}, "posts#1": {"title": "Milo"},
               "users#bea": {"about": "Hello."}, todo: {"priority": "low"}}  # fmt: skip
    for key, patch in changes.items():
        before, path = cafe.document(key), "/" + key.replace("#", "/")
        assert cafe.owner.patch(path, patch, if_match="*").status_code == 200, key
        expected = before | patch | {"deep": UNKNOWN["deep"]}
        after = cafe.document(key)
        changed = {name for name in after if after[name] != expected.get(name)}
        assert changed <= {"version", "updated", "publicVersion", "rate", "html"}, key
        assert after["deep"] == UNKNOWN["deep"]
    assert cafe.document("pies#Apple")["rate"] == {"amount": 400, "currency": "GBP", **UNKNOWN}
    history = [
        item for item in items(cafe) if item["sk"]["S"].startswith("history#") and "patched" in item["entry"]["S"]
    ]
    assert all(json.loads(item["doc"]["S"])["deep"] == UNKNOWN["deep"] for item in history)
    for key in changes:
        assert cafe.owner.delete("/" + key.replace("#", "/"), if_match="*").status_code == 204, key


def test_nested_members_are_carried_while_their_element_does_not_change(cafe: Cafe) -> None:
    cafe.change_document("cats#luna", _extended)
    rabies, fvrcp = cafe.owner.get("/cats/luna").json["vaccinations"]
    new = {"type": "FeLV", "dueOn": "2026-12-01"}
    patch = {
        "vaccinations": [new, {**rabies, "batch": "B2"}, fvrcp],
        "breed": {"primary": "Bengal"},
        "adoptionFee": None,
    }
    assert cafe.owner.patch("/cats/luna", patch, if_match="*").status_code == 200
    document = cafe.document("cats#luna")
    assert [element.get("deep") for element in document["vaccinations"]] == [None, None, UNKNOWN["deep"]]
    assert document["breed"] == {"primary": "Bengal", "secondary": None, "mixed": True, **UNKNOWN}
    assert "adoptionFee" not in document
    assert cafe.owner.patch("/cats/luna", {"breed": None, "vaccinations": None}, if_match="*").status_code == 200
    assert cafe.document("cats#luna")["breed"]["deep"] == UNKNOWN["deep"]
    assert cafe.owner.get("/cats/luna").json["breed"] == {"primary": None, "secondary": None, "mixed": False}


def test_a_login_and_a_weighing_carry_unknown_members(cafe: Cafe) -> None:
    cafe.change("", _newer)
    login = {"username": golden.USERNAME, "password": golden.PASSWORD}
    assert cafe.public.post("/sessions", login).status_code == 201
    sessions = cafe.document("user_sessions#owner")
    assert sessions["deep"] == UNKNOWN["deep"]
    assert ["deep" in session for session in sessions["sessions"]] == [True, True, True, False]
    weighing = {"grams": 3200, "weighedAt": "2026-11-22T11:59:00Z"}
    assert cafe.owner.post("/cats/luna/weights", weighing).status_code == 201
    assert cafe.document("care_cards#luna")["deep"] == UNKNOWN["deep"]


def test_a_saved_response_of_a_newer_release_is_replayed(cafe: Cafe) -> None:
    body = {"name": "Plum"}
    first = cafe.owner.post("/pies", body, idempotency_key="plum")
    cafe.change("idempotency#", _newer)
    again = cafe.owner.post("/pies", body, idempotency_key="plum")
    assert (again.status_code, again.get_data()) == (first.status_code, first.get_data()) == (201, first.get_data())


def test_a_body_with_an_unknown_member_is_still_invalid(cafe: Cafe) -> None:
    cafe.change_document("cats#luna", _extended)
    assert pointers(cafe.owner.patch("/cats/luna", {"deep": 1}, if_match="*")) == ["/deep"]
    assert pointers(cafe.owner.put("/cats/luna", {"breed": UNKNOWN}, if_match="*")) == ["/breed/deep"]


NOT_UNDERSTOOD: list[tuple[str, Item, Item, Item]] = [
    # key; stored values; what is shown; a change of one of them
    ("cats#milo", {"status": "sanctuary", "birthDate": "spring", "breed": "Persian"},
     {"status": "intake", "birthDate": None}, {"status": "available"}),
    ("cats#luna", {"vaccinations": [{"vaccine": "rabies"}], "adoptionFee": {"amount": 1, "currency": "XXX"},
                   "goodWith": {"cats": "some", "dogs": "yes", "children": "no"}},
     {"vaccinations": [], "adoptionFee": None, "goodWith": {"cats": "unknown", "dogs": "yes", "children": "no"}},
     {"vaccinations": [{"type": "rabies"}]}),
    ("pies#Apple", {"diets": ["vegetarian", "keto"], "allergens": "some"}, {"diets": [], "allergens": None},
     {"diets": ["vegetarian"]}),
    ("todos#", {"kind": "garden", "recurrence": {"every": 1, "unit": "moons"}}, {"kind": "admin", "recurrence": None},
     {"kind": "vet"}),
    ("todos#", {"due": "2026-W49", "waitUntil": "soon", "series": {"at": "2026-12-01T08:00:00Z", "day": 1}},
     {"due": None, "waitUntil": None}, {"due": "2026-12-01"}),
    ("users#bea", {"role": "manager"}, {"role": "member"}, {"role": "staff"}),
]  # fmt: skip


def test_a_value_that_is_not_understood_is_read_as_the_default_and_carried(cafe: Cafe) -> None:
    for prefix, values, _, _ in NOT_UNDERSTOOD:
        cafe.change_document(prefix, lambda document, values=values: document | values)  # type: ignore[misc]
    assert {path: response.status_code for path, response in cafe.get_all().items()} == dict.fromkeys(PATHS, 200)
    for prefix, values, shown, change in NOT_UNDERSTOOD:
        key = cafe.find(prefix)
        path = "/" + key.replace("#", "/")
        response = cafe.owner.get(path)
        assert response.json | shown == response.json, key
        text = next(name for name in ("description", "notes", "about") if name in response.json)
        assert cafe.owner.patch(path, {text: "New."}, if_match="*").status_code == 200, key
        assert cafe.document(key) | values == cafe.document(key), key
        assert cafe.owner.patch(path, change, if_match="*").status_code == 200, key
        (name,) = change
        assert cafe.document(key)[name] != values[name], key


DUE_NOT_UNDERSTOOD = (
    "2026-W49", "2027", "2026-02-30", "2026-13-01", "2026-12-01T08:00:00", "2026-12-01T24:00:00Z", "9999-12-31",
    "0001-01-01T00:00:00+14:00", "", 7, {"week": 49},
)  # fmt: skip


def _open_recurring_todo(cafe: Cafe) -> str:
    """Return the key of a to-do that can be done and recurs."""
    documents = {key: cafe.document(key) for key in cafe.entities if key.startswith("todos#")}
    return next(key for key, document in documents.items() if "recurrence" in document and "done" not in document)


def test_a_todo_with_a_due_date_that_is_not_understood_is_listed_and_can_be_done(cafe: Cafe) -> None:
    key = _open_recurring_todo(cafe)
    path, stored = "/" + key.replace("#", "/"), cafe.entities[key]
    for due in DUE_NOT_UNDERSTOOD:
        cafe.table.client.put_item(
            TableName=cafe.table.name, Item=_edit(stored, lambda document, due=due: document | {"due": due})
        )
        paths = (path, "/todos", "/todos/next")
        assert [cafe.owner.get(each).status_code for each in paths] == [200, 200, 200], due
        done = cafe.owner.post(f"{path}/done", None)
        assert (done.status_code, done.json["due"], cafe.document(key)["due"]) == (200, None, due)


def test_a_time_with_the_offset_missing_or_too_much_is_not_understood(cafe: Cafe) -> None:
    todo = _open_recurring_todo(cafe)
    series = {"at": "2026-12-01T08:00:00Z", "day": 1}
    daily = {"due": "2026-12-01T08:00:00Z", "recurrence": {"every": 1, "unit": "days", "from": "due"}}
    cafe.change_document(
        todo, lambda document: document | daily | {"series": series, "waitUntil": "2026-11-22T08:00:00Z"}
    )
    assert cafe.owner.post("/" + todo.replace("#", "/") + "/done", None).status_code == 200
    assert cafe.document(todo)["series"] == series
    cafe.change_document(todo, lambda document: document | {"done": True, "doneAt": "2026-11-22T12:00:00"})
    assert cafe.owner.get("/" + todo.replace("#", "/")).json["doneAt"] is None
    for prefix in ("cats#luna", "pies#Apple", "posts#1", "care_cards#"):
        member = "since" if prefix == "care_cards#" else "created"
        cafe.change_document(prefix, lambda document, member=member: document | {member: "2026-11-22T12:00:00"})  # type: ignore[misc]
    statuses = {path: response.status_code for path, response in cafe.get_all().items()}
    single = ("/cats/luna", "/cats/luna/weights", "/pies/Apple", "/posts/1")
    assert statuses == dict.fromkeys(PATHS, 200) | dict.fromkeys(single, 500)


def test_a_user_with_a_role_that_is_not_understood_is_a_member(cafe: Cafe) -> None:
    for prefix in ("users#owner", "authors#", "user_sessions#", "sessions#"):
        cafe.change_document(prefix, _with_manager)
    assert cafe.owner.get("/users/owner").json["role"] == "member"
    assert cafe.owner.get("/users/owner/export").status_code == 200
    assert [session["role"] for session in cafe.owner.get("/sessions").json["items"]][-1] == "member"
    assert {cafe.owner.get(path).status_code for path in ("/todos", "/cats/luna/history")} == {403}
    login = {"username": golden.USERNAME, "password": golden.PASSWORD}
    assert cafe.public.post("/sessions", login).json["role"] == "member"
    owner = cafe.client("owner", "another owner")
    assert {owner.get(path).status_code for path in ("/todos", "/posts", "/cats/luna/history")} == {200}
    assert pointers(owner.post("/todos", {"title": "Sweep", "assignee": golden.USERNAME})) == ["/assignee"]
    assert owner.patch("/users/owner", {"about": "Hello."}, if_match="*").status_code == 200
    assert cafe.document("users#owner")["role"] == "manager"
    assert owner.patch("/users/owner", {"role": "staff"}, if_match="*").json["role"] == "staff"
    assert cafe.document("users#owner")["role"] == "staff"
    cafe.change_document("users#owner", _with_manager)
    assert owner.delete("/users/owner").status_code == 204


def _with_manager(document: Item) -> Item:
    """Return the document of a user, an author or a session with a role of another release."""
    if "sessions" in document:
        return document | {"sessions": [_with_manager(session) for session in document["sessions"]]}
    return document | {"role": "manager"}


def test_an_entity_whose_key_is_invalid_today_is_read_and_deleted(cafe: Cafe) -> None:
    for key, member, names in (
        ("cats#milo", "name", ("mi\u3164lo", "a#b", "n" * 65)),
        ("pies#Apple", "name", ("Ap\u200bple", "\u3164")),
        ("users#bea", "username", ("straße", "be\u3164a", "Bea B")),
    ):
        stored = cafe.entities[key]
        for name in names:
            collection = key.split("#")[0]
            item = _edit(stored, lambda document, member=member, name=name: document | {member: name})
            item["pk"] = {"S": f"{collection}#{name}"}
            cafe.table.client.put_item(TableName=cafe.table.name, Item=item)
            path = f"/{collection}/{quote(name, safe='')}"
            assert cafe.owner.get(path).json[member] == name, name
            assert cafe.owner.delete(path).status_code == 204, name
            assert cafe.owner.get(path).status_code == cafe.owner.delete(path).status_code == 404, name
            assert cafe.owner.put(path, {}).status_code in (201, 422), name
    assert cafe.owner.get("/users/BEA").json["username"] == "bea"


BEYOND_THE_BOUNDS: list[tuple[str, Item]] = [
    ("cats#luna", {"description": "x" * 9000, "pattern": "", "bondedWith": [f"cat {n}" for n in range(30)]}),
    ("cats#milo", {"microchips": [{"number": f"chip-{number}", "implantedOn": None} for number in range(9)]}),
    ("pies#Apple", {"rate": {"amount": 10**12, "currency": "GBP"}, "publicName": "y" * 99}),
    ("posts#1", {"title": "z" * 900, "cats": [f"cat {n}" for n in range(30)]}),
    ("todos#", {"notes": "n" * 9000, "title": "t" * 900}),
    ("users#bea", {"email": "not an address", "displayName": "d" * 900}),
]


def test_a_value_beyond_the_bounds_of_today_is_read_as_it_is(cafe: Cafe) -> None:
    for prefix, values in BEYOND_THE_BOUNDS:
        cafe.change_document(prefix, lambda document, values=values: document | values)  # type: ignore[misc]
    assert {path: response.status_code for path, response in cafe.get_all().items()} == dict.fromkeys(PATHS, 200)
    for prefix, values in BEYOND_THE_BOUNDS:
        shown = cafe.owner.get("/" + cafe.find(prefix).replace("#", "/")).json
        assert shown | values == shown, prefix


def test_an_unreadable_entity_is_left_out_of_lists_and_logged(capsys: pytest.CaptureFixture[str], cafe: Cafe) -> None:
    expected = dict.fromkeys(PATHS, 200)
    for key, breaks in (
        ("cats#luna", {"uid": 7}),
        ("pies#Apple", {"name": None}),
        ("posts#1", {"html": []}),
        ("todos#", {"created": "soon"}),
        ("users#", {"created": "soon"}),
        ("care_cards#", {"inCare": "maybe"}),
    ):
        cafe.change_document(key, lambda document, breaks=breaks: document | breaks)  # type: ignore[misc]
        if key.split("#")[1]:
            path = "/" + key.replace("#", "/")
            expected |= {name: 500 for name in PATHS if name == path}
    expected |= {"/cats/luna/weights": 500, "/users/bea": 500}
    configure_logging("ERROR")
    responses = cafe.get_all()
    lines = log_lines(capsys)
    assert {path: response.status_code for path, response in responses.items()} == expected
    assert [cat["name"] for cat in responses["/cats"].json["items"]] == ["milo"]
    assert responses["/pies"].json["items"] == responses["/posts"].json["items"] == []
    logged = {
        line["cause"].removeprefix("The item ").split("#")[0] for line in lines if line["message"] == "unreadable"
    }
    assert logged == {"cats", "pies", "posts", "todos", "users", "care_cards"}
    assert [line["cause"] for line in lines if "created of Todo: " in line.get("cause", "")]
    assert {line["level"] for line in lines} == {"ERROR"}
    problem(cafe.owner.delete("/pies/Apple", if_match="*"), 500)


def test_a_damaged_item_is_left_out_of_lists(cafe: Cafe) -> None:
    damages: dict[str, Item] = {
        "cats#luna": {"doc": {"S": "no JSON"}}, "pies#": {"doc": {"S": "[]"}}, "posts#": {"doc": {"N": "1"}},
        "users#bea": {}, "sessions#": {},
    }  # fmt: skip

    def damage(item: Item, broken: Item) -> Item:
        attributes = {name: value for name, value in item.items() if name != "doc"}
        return item if "entry" in item else attributes | broken

    for prefix, broken in damages.items():
        cafe.change(prefix, lambda item, broken=broken: damage(item, broken))  # type: ignore[misc]
    problem(cafe.owner.get("/pies"), 401)  # an unreadable session is no session
    cafe.owner = cafe.client("owner", "another owner")
    single = ("/cats/luna", "/cats/luna/weights", "/pies/Apple", "/posts/1", "/users/bea")
    statuses = {path: response.status_code for path, response in cafe.get_all().items()}
    assert statuses == dict.fromkeys(PATHS, 200) | dict.fromkeys(single, 500)


@pytest.mark.parametrize("entry", [{"action": "merged"}, {"at": 5}])
def test_an_unreadable_history_entry_is_left_out(cafe: Cafe, entry: Item) -> None:
    entries = len(cafe.owner.get("/cats/luna/history").json["items"])

    def change(item: Item) -> Item:
        if '"bonded"' not in item.get("entry", {}).get("S", ""):
            return item
        return {**item, "entry": {"S": json.dumps(json.loads(item["entry"]["S"]) | entry)}}

    cafe.change("cats#luna", change)
    assert len(cafe.owner.get("/cats/luna/history").json["items"]) == entries - 1
