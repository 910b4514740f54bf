"""The members of every entity: each role gets exactly the members of tests/support/members.py, in every response."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from tests.support.app import Client, TestApp
from tests.support.members import GROUPS, VIEWS, rows
from tests.support.permission_requests import OTHER_USER, client_of, owner_client, session_id, token_id
from tests.support.permissions import ROLES
from tests.support.photos import DAMAGED, add_photo

LUNA = {
    "status": "available", "microchips": [{"number": "276098106234567"}], "vaccinations": [{"type": "rabies"}],
    "adoptionFee": {"amount": 1, "currency": "EUR"}, "holdUntil": "2026-12-24", "birthDate": "2026-11-01",
}  # fmt: skip
TODO = {"title": "Feed", "due": "2026-12-01", "recurrence": {"every": 1, "unit": "days"}}
Urls = tuple[str, str, bool]
"""The URL of an item ("" if there is none), the URL of a list, and whether both take ``fields``."""


def cat(owner: Client, part: str = "") -> Urls:
    """Create a cat that is publicly visible."""
    owner.put("/cats/luna", LUNA | {"description": "An earlier version, to redact."})
    owner.put("/cats/luna", LUNA)
    owner.post("/cats/luna/history/redactions", {"member": "description", "reason": "A name."})
    weight = owner.post("/cats/luna/weights", {"grams": 4000}).headers["Location"]
    lists: dict[str, Urls] = {
        "": ("/cats/luna", "/cats", True),
        "weights": (weight, "/cats/luna/weights", False),
        "history": ("", "/cats/luna/history", False),
    }
    return lists[part]


def with_photo(cafe: TestApp, urls: Urls) -> Urls:
    """Add a photo to an entity, and return its URLs."""
    add_photo(cafe, urls[0])
    return urls


def photo(cafe: TestApp) -> Urls:
    """Create a photo, and an upload that is refused."""
    urls = cat(owner_client(cafe))
    for data in (b"200", DAMAGED):
        add_photo(cafe, urls[0], data)
    return "", "/cats/luna/photos", False


def pie(owner: Client) -> Urls:
    """Create a pie."""
    owner.put("/pies/cherry", {"rate": 450})
    return "/pies/cherry", "/pies", True


def post(owner: Client) -> Urls:
    """Create a published post."""
    return owner.post("/posts", {"title": "News", "body": "They sleep."}).headers["Location"], "/posts", True


def todo(owner: Client) -> Urls:
    """Create a to-do that recurs."""
    return owner.post("/todos", TODO).headers["Location"], "/todos", True


ENTITIES: dict[str, Callable[[TestApp, Client, str], Urls]] = {
    "a cat": lambda cafe, client, role: with_photo(cafe, cat(owner_client(cafe))),
    "a version of a cat": lambda cafe, client, role: cat(owner_client(cafe), "history"),
    "a weight": lambda cafe, client, role: cat(owner_client(cafe), "weights"),
    "a pie": lambda cafe, client, role: with_photo(cafe, pie(owner_client(cafe))),
    "a post": lambda cafe, client, role: with_photo(cafe, post(owner_client(cafe))),
    "a photo": lambda cafe, client, role: photo(cafe),
    "a to-do": lambda cafe, client, role: todo(owner_client(cafe)),
    "the caller's own profile": lambda cafe, client, role: (f"/users/the {role}", "/users?limit=100", True),
    "the profile of another user": lambda cafe, client, role: (f"/users/{OTHER_USER}", "", True),
    "a session of the caller": lambda cafe, client, role: (f"/sessions/{session_id(client)}", "/sessions", False),
    "an API token of the caller": lambda cafe, client, role: (f"/tokens/{token_id(client)}", "/tokens", False),
}


def members_of(value: Any, path: str = "") -> Iterator[str]:
    """Yield the members of a JSON value, and the members of its members: ``location.unit``."""
    for item in value if isinstance(value, list) else [value]:
        for name, inner in item.items() if isinstance(item, dict) else ():
            yield path + name
            yield from members_of(inner, f"{path}{name}.")


def members_of_type(kind: msgspec.inspect.Type, path: str = "") -> Iterator[str]:
    """Yield the members of a type, and the members of its members."""
    for name in ("type", "item_type"):  # annotated types and sequences
        yield from members_of_type(getattr(kind, name), path) if hasattr(kind, name) else ()
    for inner in getattr(kind, "types", ()):
        yield from members_of_type(inner, path)
    for field in getattr(kind, "fields", ()):
        yield path + field.encode_name
        yield from members_of_type(field.type, f"{path}{field.encode_name}.")


def selection(url: str, *members: str) -> str:
    """Return the URL with a selection of members."""
    return f"{url}{'&' if '?' in url else '?'}fields={','.join(members)}"


def documents(client: Client, url: str) -> list[Any]:
    """Return the items of a response; none if the request is refused or there is no URL."""
    response = client.get(url) if url else None
    if response is None or response.status_code != 200:
        return []
    return response.json.get("items", [response.json])


@pytest.mark.parametrize("entity", VIEWS)
def test_every_member_of_a_view_has_a_row(entity: str) -> None:
    members, table = set(members_of_type(msgspec.inspect.type_info(VIEWS[entity]))), rows(GROUPS[entity])
    missing = [f'add "{name}" to PUBLIC or to STAFF of GROUPS["{entity}"]' for name in members - table.keys()]
    assert (sorted(missing), sorted(table.keys() - members)) == ([], []), "then run make docs"
    assert len(table) == sum(map(len, GROUPS[entity].values()))


@pytest.mark.parametrize("entity", GROUPS)
def test_every_role_gets_the_members_of_the_table(cafe: TestApp, entity: str) -> None:
    table = rows(GROUPS[entity])
    names = [name for name in table if "." not in name]
    for role, column in zip(ROLES, range(4), strict=True):
        client = client_of(cafe, role, f"the {role}")
        client_of(cafe, "member", OTHER_USER)
        item, listed, has_fields = ENTITIES[entity](cafe, client, role)
        visible = {name for name, visibility in table.items() if visibility[column]}
        for url in filter(None, (item, listed)):
            assert set(members_of(documents(client, url))) == visible, (role, url)
            if has_fields:
                assert set(members_of(documents(client, selection(url, *names)))) == visible, (role, url)
        for name in set(names) - visible if has_fields and visible else ():
            assert documents(client, selection(item, name)) == [{}], (role, name)
