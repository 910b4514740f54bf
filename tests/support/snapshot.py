"""All that a café tells of itself, so that two cafés can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.support.app import TestApp

Get = Callable[[str], Any]
"""Answers a path with the JSON that is there."""
RANDOM = frozenset({"id", "next", "blockedBy"})
"""The members of to-dos and weighings that no two cafés share."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def take_snapshot(cafe: TestApp) -> dict[str, Any]:
    """Return all that an in-process café tells its staff, besides ids."""
    staff, owner = cafe.staff, cafe.client("owner")
    told = read_all(lambda path: staff.get(path).get_json())
    return told | {"people": people(lambda path: owner.get(path).get_json())}


def read_all(get: Get) -> dict[str, Any]:
    """Return all things of a café, as the staff reads them."""
    told = {path: get(f"/{path}?limit=100")["items"] for path in ("cats", "pies", "posts")}
    titles = {todo["id"]: todo["title"] for todo in _todos(get)}
    told["todos"] = [
        {name: value for name, value in todo.items() if name not in RANDOM}
        | {"blockedBy": [titles[key] for key in todo["blockedBy"]], "next": titles.get(todo["next"])}
        for todo in _todos(get)
    ]
    for cat in told["cats"]:
        weights, history = (get(f"/cats/{cat['name']}/{path}?limit=100")["items"] for path in ("weights", "history"))
        told[f"weights of {cat['name']}"] = [one | {"id": None} for one in weights]
        told[f"history of {cat['name']}"] = history
    told["next"] = [item["title"] for item in get("/todos/next?limit=100")["items"]]
    return told


def people(get: Get) -> list[Any]:
    """Return the people of the sample, as an owner reads them."""
    return [person for person in get("/users?limit=100")["items"] if person["displayName"]]


def without_timestamps(told: Any) -> Any:
    """Return what was told with one instant in the place of every other."""
    match told:
        case dict():
            return {name: without_timestamps(value) for name, value in told.items()}
        case list():
            return [without_timestamps(value) for value in told]
        case str():
            return INSTANT.sub("T", told)
        case _:
            return told


def _todos(get: Get) -> list[dict[str, Any]]:
    # Of two with one due, the ids decide in the list.
    found = [todo for done in ("false", "true") for todo in get(f"/todos?limit=100&done={done}")["items"]]
    return sorted(found, key=lambda todo: (todo["done"], todo["title"]))
