"""Golden items: the items of every release are read and migrated, and a stored struct has no new required field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from api.context import Dependencies
from api.domain.entity import HistoryEntry
from api.domain.weights import Weight
from api.store import keys
from api.store.documents import read_document
from api.store.keys import unmarshal
from api.store.table import Table
from tests.support import golden
from tests.support.app import Client, TestApp
from tools.ops.migrate import CONVERSIONS, REPOSITORIES, Migration

STORED: dict[str, type[Struct]] = {name: repository.type for name, repository in REPOSITORIES.items()}


def documents(release: str) -> Iterator[tuple[Any, str, type[Struct]]]:
    """Yield the documents of a release: the item, the attribute and the struct."""
    for typed in golden.read(release):
        item = unmarshal(typed)
        collection, entries = str(item["pk"]).split("#")[0], str(item["sk"]).split("#")[0]
        if entries == keys.RECORD and collection in CONVERSIONS:
            item = CONVERSIONS[collection](item)
        if "doc" in item:
            yield item, "doc", Weight if entries == "weights" else STORED[collection]
        if "entry" in item:
            yield item, "entry", HistoryEntry


def structs(value: Any) -> set[type[Struct]]:
    """Return the types of a struct and of all structs in it."""
    if isinstance(value, tuple):
        return {struct for element in value for struct in structs(element)}
    if not isinstance(value, Struct):
        return set()
    return {type(value)}.union(*(structs(getattr(value, name)) for name in value.__struct_fields__))


def nested_types(hint: Any) -> set[type[Struct]]:
    """Return all structs in a type."""
    info = msgspec.inspect.type_info(hint)
    found, left = set[type[Struct]](), [info]
    while left:
        if isinstance(node := left.pop(), msgspec.inspect.StructType):
            found.add(node.cls)
            left += [field.type for field in node.fields]
        left += [*getattr(node, "types", ()), *getattr(node, "item_types", ())]
        left += [inner for name in ("item_type", "type") if (inner := getattr(node, name, None)) is not None]
    return found


@pytest.mark.parametrize("release", golden.RELEASES)
def test_every_document_is_readable(release: str) -> None:
    """A field without a default fails here: give it one, because stored documents do not have the member."""
    for item, attribute, struct in documents(release):
        entity, carried = read_document(item, attribute, struct)
        assert isinstance(entity, struct)
        assert carried is None, f"{struct.__name__} has lost a field that {release} has stored."


def test_the_golden_items_have_every_kind_and_every_stored_struct() -> None:
    kinds = {item["pk"]["S"].split("#")[0] for item in golden.read(golden.CURRENT)}
    rows = re.findall(r"^ {4}(?!<)(\w+)#\S+ +\S", str(keys.__doc__), re.MULTILINE)
    assert kinds == {*REPOSITORIES, *rows}, "Extend tests/support/golden.py and run python -m tests.golden."
    found = {
        struct
        for item, name, type_ in documents(golden.CURRENT)
        for struct in structs(read_document(item, name, type_)[0])
    }
    stored = set[type[Struct]]().union(*map(nested_types, [*STORED.values(), HistoryEntry, Weight]))
    assert found == stored, "Extend tests/support/golden.py and run python -m tests.golden."


def test_every_stored_struct_rejects_unknown_members() -> None:
    """The members that the strict decoder ignores would be lost, because only rejected documents are carried."""
    stored = set[type[Struct]]().union(*map(nested_types, [*STORED.values(), HistoryEntry, Weight]))
    assert [struct for struct in stored if not struct.__struct_config__.forbid_unknown_fields] == []


@pytest.mark.parametrize("release", golden.RELEASES)
def test_every_resource_of_a_release_is_served_after_the_migration(release: str, mocked_table: Table) -> None:
    entities = {item["pk"]["S"] for item in golden.load(mocked_table, release) if item["sk"]["S"] == keys.RECORD}
    cafe = TestApp(mocked_table)
    report = Migration(Dependencies(cafe.settings, mocked_table), apply=True, rate=1e9).run()
    assert report.unreadable == 0
    login = cafe.public.post("/sessions", {"username": golden.USERNAME, "password": golden.PASSWORD})
    owner = Client(cafe.app.test_client(), login.json["token"])
    for collection, field in {"cats": "name", "pies": "name", "posts": "id", "users": "username"}.items():
        listed = owner.get(f"/{collection}").json["items"]
        assert {f"{collection}#{view[field]}" for view in listed} == {
            key for key in entities if key.startswith(f"{collection}#")
        }
        assert [owner.get(f"/{collection}/{view[field]}").json for view in listed] == listed
    history = owner.get("/cats/luna/history").json["items"]
    assert len([e for e in history if e["action"] != "redacted" and e["changed"] != ["photos"]]) == 3
    assert owner.get("/cats/luna/history?at=2026-11-22T12:00:00Z").json["name"] == "luna"
    assert {weighing["grams"] for weighing in owner.get("/cats/luna/weights").json["items"]} >= {4200}
    assert "Vaccinate luna: rabies" in owner.get("/todos/next?limit=50").text
    assert cafe.public.get("/cats?status=available").json["items"][0]["name"] == "luna"
    assert owner.get("/sessions").status_code == 200
