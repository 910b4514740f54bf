"""For each row of the permission matrix and each role, a valid request: only the role decides about its status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.domain.users import Role
from api.http.cookies import SESSION
from tests.support.app import PATCH, Client, TestApp
from tests.support.inspection import items
from tests.support.permissions import ALIASES, Row
from tests.support.photos import add_photo
from tests.support.users import create_token

INVALID_TOKEN_STATUSES = {"/static/{filename}": 200}
"""The status of a request with an invalid token, by path; 401 for other paths."""
WORD = "correct horse"
LUNA = {"status": "available", "staffNotes": "whispers"}
POST = {"title": "News", "body": "They sleep."}
PHOTO = {"alt": "Luna sleeps.", "type": "image/jpeg"}
LATER = "2027-01-01T00:00:00Z"
OTHER_USER, NEW = "wilhelmina", "kit"
REGISTRATION = {"username": NEW, "password": "a fairly good horse"}

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/cats"): {"name": NEW},
    ("POST", "/cats/{name}/weights"): {"grams": 4000},
    ("POST", "/cats/{name}/history/redactions"): {"member": "staffNotes", "reason": "They name the adopters."},
    ("POST", "/cats/{name}/photos"): PHOTO,
    ("POST", "/pies/{pie}/photos"): PHOTO,
    ("POST", "/posts/{id}/photos"): PHOTO,
    ("POST", "/site/photos"): PHOTO,
    ("PATCH", "/cats/{name}/photos/{id}"): {"alt": "It purrs."},
    ("PATCH", "/pies/{pie}/photos/{id}"): {"alt": "It is warm."},
    ("PATCH", "/posts/{id}/photos/{photo}"): {"alt": "They sleep."},
    ("PATCH", "/site/photos/{id}"): {"alt": "A cat in a cup."},
    ("POST", "/pies"): {"name": NEW},
    ("POST", "/posts"): POST,
    ("PUT", "/posts/{id}"): POST | {"title": "Corrected"},
    ("POST", "/todos"): {"title": "Feed them"},
    ("PUT", "/todos/{id}"): {"title": "Feed them again"},
    ("POST", "/users"): REGISTRATION,
    ("POST", "/login"): {"username": "owner", "password": WORD},
    ("POST", "/sessions"): {"username": "owner", "password": WORD},
    ("POST", "/tokens"): {"name": "till"},
}
CHANGES: dict[str, dict[str, Any]] = {
    "cats": {"description": "Purrs."},
    "pies": {"description": "Warm."},
    "posts": {"title": "Corrected"},
    "todos": {"notes": "Again."},
    "users": {"about": "I like calicos."},
    "site": {"name": "The Purring Pie"},
}
"""The bodies of other PUT and PATCH requests. Each of them changes something."""
CASE_BODIES: dict[str, dict[str, Any]] = {
    # the cases that differ in the body
    "role staff": REGISTRATION | {"role": "staff"},
    "own, changes the role": {"role": "owner"},
    "another user's, changes the role": {"role": "staff"},
    "own, deactivates": {"active": False},
    "another user's, deactivates": {"active": False},
}


@dataclass(frozen=True)
class PreparedRequest:
    """A request that is ready to be sent."""

    who: Client
    row: Row
    path: str
    how: dict[str, Any]

    def send(self, method: str | None = None, client: Client | None = None, **headers: str) -> int:
        """Send the request, if given with another method or by another client, and return the status."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= PATCH | {"If-Match": "*"} if self.row[0] == "PATCH" else {}
        client = client or self.who
        return client.send(method or self.row[0], self.path, headers, buffered=True, **self.how).status_code

    def browser(self, cafe: TestApp) -> Client:
        """Return a client that has the token of this request in the session cookie."""
        client = cafe.app.test_client()
        client.set_cookie(SESSION, self.token)
        return Client(client, None)

    @property
    def token(self) -> str:
        """The bearer token of the request."""
        return self.who.headers["Authorization"].removeprefix("Bearer ")


def owner_client(cafe: TestApp) -> Client:
    """Return the owner that creates the resources of a request."""
    return cafe.client("owner", "setup owner")


def stored_items(cafe: TestApp) -> list[dict[str, Any]]:
    """Return all items except rate limit counters: a rejected login counts too."""
    return [item for item in items(cafe) if not item["pk"]["S"].startswith("rate_limits#")]


def prepare(cafe: TestApp, role: str, row: Row, username: str | None = None) -> PreparedRequest:
    """Create the resource of a row and return the request for a client with the role."""
    method, path, case = row
    target, username = ALIASES.get(path, path), username or f"the {role}"
    client = client_of(cafe, role, username)
    url = path.format(**_create_resource(cafe, client, username, target, case))
    body = CASE_BODIES.get(case, BODIES.get((method, target), CHANGES.get(target.split("/")[1], {})))
    if (path, case) == ("/tokens", "role staff"):
        body = {"name": "till", "role": "staff"}
    if (role, case) == ("owner", "own, changes the role"):
        body = {"role": "staff"}
    has_body = method in ("PUT", "PATCH") or (method, target) in BODIES
    return PreparedRequest(client, row, url, {"json": body} if has_body else {})


def client_of(cafe: TestApp, name: str, username: str | None = None) -> Client:
    """Return a client with the role of this name."""
    role: Role = name  # type: ignore[assignment]
    return cafe.client(role, username)


def _create_resource(cafe: TestApp, client: Client, username: str, path: str, case: str) -> dict[str, str]:
    """Create the resource of the path and return the variables of the path."""
    collection = path.split("/")[1]
    if collection in FACTORIES:
        variables = FACTORIES[collection](owner_client(cafe), path, case)
        return variables | _photo(cafe, path, variables) if "/photos/" in path else variables
    if collection == "users" and case.startswith("another user's"):
        cafe.token("member", OTHER_USER)
        return {"username": OTHER_USER}
    if collection == "users":
        owner_client(cafe).delete(f"/users/{NEW}")
        return {"username": "me" if case == "`me`" else username if case.startswith("own") else NEW}
    if collection in ("sessions", "login"):
        cafe.create_owner(WORD)
        return {"id": session_id(client_of(cafe, "member", OTHER_USER) if case == "another user's" else client)}
    if collection == "tokens":
        return {"id": token_id(client_of(cafe, "member", OTHER_USER) if case == "another user's" else client)}
    return {"slug": "not-found", "filename": "style.css"}


def session_id(client: Client) -> str:
    """Return the id of the session of the client; without a token, an id that does not exist."""
    return str(client.get("/sessions").json["items"][0]["id"]) if client.headers else "x"


def token_id(client: Client) -> str:
    """Return the id of a new API token of the client; without a session, an id that does not exist."""
    return str(create_token(client)["id"]) if client.headers else "x"


def _cat(owner: Client, path: str, case: str) -> dict[str, str]:
    if case in ("", "new"):
        owner.delete(f"/cats/{NEW}")
        return {"name": NEW}
    name = "tom" if case == "not publicly visible" else "luna"
    if "redactions" in path:
        owner.put(f"/cats/{name}", LUNA | {"staffNotes": "names the adopters"})  # an earlier version to redact
    owner.put(f"/cats/{name}", {} if name == "tom" else LUNA)
    location = owner.post("/cats/luna/weights", {"grams": 4000}).headers["Location"] if "weights/" in path else ""
    return {"name": name, "id": location.rpartition("/")[2], "version": "1", "at": LATER}


def _photo(cafe: TestApp, path: str, variables: dict[str, str]) -> dict[str, str]:
    photo = add_photo(cafe, path.partition("/photos")[0].format(**variables))
    return {"photo": photo, "width": "200"} if "{photo}" in path else {"id": photo, "width": "200"}


def _pie(owner: Client, path: str, case: str) -> dict[str, str]:
    if case in ("", "new"):
        owner.delete(f"/pies/{NEW}")
        return {"pie": NEW}
    owner.put("/pies/cherry", {})
    return {"pie": "cherry"}


def _post(owner: Client, path: str, case: str) -> dict[str, str]:
    published = {"publishedAt": LATER} if case == "scheduled" else {}
    return {"id": str(owner.post("/posts", POST | published).json["id"])}


def _todo(owner: Client, path: str, case: str) -> dict[str, str]:
    return {"id": owner.post("/todos", {"title": "Feed them"}).json["id"]}


FACTORIES: dict[str, Callable[[Client, str, str], dict[str, str]]] = {
    "cats": _cat,
    "pies": _pie,
    "posts": _post,
    "todos": _todo,
    "site": lambda _owner, _path, _case: {},
}


def prepare_content(cafe: TestApp, role: str, path: str, content: str) -> tuple[Client, str, str]:
    """Create cats, posts and users. Return a client, the URL to read, and a text that only the content has."""
    client, other = client_of(cafe, role), client_of(cafe, "member", OTHER_USER)
    owner_client(cafe).put("/cats/luna", LUNA), owner_client(cafe).put("/cats/tom", {})
    for title, published in (("Out", None), ("Later", LATER)):
        owner_client(cafe).post("/posts", POST | {"title": title, "publishedAt": published})
    texts = {
        "a publicly visible cat": '"luna"',
        "a cat that is not publicly visible": '"tom"',
        "the staff notes": "whispers",
        "a published post": "Out",
        "a scheduled post": "Later",
        "the caller's profile": f'"the {role}"',
        "another user's profile": f'"{OTHER_USER}"',
        "a session of the caller": f'"{session_id(client)}"',
        "a session of another user": session_id(other),
        "an API token of the caller": f'"{token_id(client)}"',
        "an API token of another user": token_id(other),
    }
    return client, path.format(name="luna"), texts[content]
