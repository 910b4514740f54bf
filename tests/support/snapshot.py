"""Take a snapshot of all data that the API returns, so that two applications can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.support.app import TestApp

Get = Callable[[str], Any]
"""Returns the JSON of the response to a GET request."""
RANDOM = frozenset({"id", "next", "blockedBy"})
"""The fields of to-dos with random ids."""
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def take_snapshot(cafe: TestApp) -> dict[str, Any]:
    """Return all data of an in-process application without random ids."""
    staff, owner = cafe.staff, cafe.client("owner")
    data = read_all(lambda path: staff.get(path).get_json())
    return data | {"users": sample_users(lambda path: owner.get(path).get_json())}


def read_all(get: Get) -> dict[str, Any]:
    """Return all data that staff may read, without random ids."""
    data = {path: get(f"/{path}?limit=100")["items"] for path in ("cats", "pies", "posts")}
    data["site"] = get("/site")
    data["posts"] = [post | {"id": None} for post in data["posts"]]  # numbers have gaps after an interruption
    titles = {todo["id"]: todo["title"] for todo in _todos(get)}
    data["todos"] = [
        {name: value for name, value in todo.items() if name not in RANDOM}
        | {"blockedBy": [titles[key] for key in todo["blockedBy"]], "next": titles.get(todo["next"])}
        for todo in _todos(get)
    ]
    for cat in data["cats"]:
        weights, history = (get(f"/cats/{cat['name']}/{path}?limit=100")["items"] for path in ("weights", "history"))
        data[f"weights of {cat['name']}"] = [weight | {"id": None} for weight in weights]
        data[f"history of {cat['name']}"] = history
    data["next"] = [item["title"] for item in get("/todos/next?limit=100")["items"]]
    return data


def sample_users(get: Get) -> list[Any]:
    """Return the users of the sample data: only they have a display name."""
    return [user for user in get("/users?limit=100")["items"] if user["displayName"]]


def without_timestamps(data: Any) -> Any:
    """Return a copy of JSON data with a placeholder for each timestamp."""
    match data:
        case dict():
            return {name: without_timestamps(value) for name, value in data.items()}
        case list():
            return [without_timestamps(value) for value in data]
        case str():
            return TIMESTAMP.sub("T", data)
        case _:
            return data


def _todos(get: Get) -> list[dict[str, Any]]:
    # The list orders to-dos with the same due date by their random ids.
    todos = [todo for done in ("false", "true") for todo in get(f"/todos?limit=100&done={done}")["items"]]
    return sorted(todos, key=lambda todo: (todo["done"], todo["title"]))
