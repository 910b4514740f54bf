"""Requests that are in order but for who sends them: for each row of the table of permissions, and each role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.domain.users import Role
from api.http.authentication import COOKIE
from tests.support.app import PATCH, Client, TestApp
from tests.support.inspection import items
from tests.support.permissions import ALIASES, Row

NOT_GOOD = {"/static/{filename}": 200}
"""What a token that is not good any more gets; 401 everywhere else."""
WORD = "correct horse"
LUNA = {"status": "available", "staffNotes": "whispers"}
POST = {"title": "News", "body": "They sleep."}
LATER = "2027-01-01T00:00:00Z"
ANOTHER, NEW = "wilhelmina", "kit"
NEWCOMER = {"username": NEW, "password": "a fairly good horse"}

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/cats"): {"name": NEW},
    ("POST", "/cats/{name}/weights"): {"grams": 4000},
    ("POST", "/pies"): {"name": NEW},
    ("POST", "/posts"): POST,
    ("PUT", "/posts/{id}"): POST,
    ("POST", "/todos"): {"title": "Feed them"},
    ("PUT", "/todos/{id}"): {"title": "Feed them"},
    ("POST", "/users"): NEWCOMER,
    ("POST", "/login"): {"username": "owner", "password": WORD},
    ("POST", "/sessions"): {"username": "owner", "password": WORD},
}
OTHERS: dict[str, dict[str, Any]] = {
    # where the body is what makes the difference
    "with the role staff": NEWCOMER | {"role": "staff"},
    "own, another role": {"role": "owner"},
    "another's, another role": {"role": "staff"},
    "own, deactivated": {"active": False},
    "another's, deactivated": {"active": False},
}


@dataclass(frozen=True)
class PreparedRequest:
    """A request that only has to be sent."""

    who: Client
    row: Row
    path: str
    how: dict[str, Any]

    def send(self, verb: str | None = None, who: Client | None = None, **headers: str) -> int:
        """Send it, by another verb or another caller if need be, and return the status."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= PATCH | {"If-Match": "*"} if self.row[0] == "PATCH" else {}
        return (who or self.who).send(verb or self.row[0], self.path, headers, buffered=True, **self.how).status_code

    def browser(self, cafe: TestApp) -> Client:
        """Return the same person with a browser: the token is in the cookie."""
        client = cafe.app.test_client()
        client.set_cookie(COOKIE, self.token)
        return Client(client, None)

    @property
    def token(self) -> str:
        """The token of who sends it."""
        return self.who.headers["Authorization"].removeprefix("Bearer ")


def owner_client(cafe: TestApp) -> Client:
    """Return an owner who makes what a request is about, and asks for nothing of it."""
    return cafe.client("owner", "the owner_client")


def stored_items(cafe: TestApp) -> list[dict[str, Any]]:
    """Return all that is in the table but for the counters of tries: that a try was refused does not undo it."""
    return [item for item in items(cafe) if not item["pk"]["S"].startswith("rate_limits#")]


def prepare(cafe: TestApp, role: str, row: Row, username: str | None = None) -> PreparedRequest:
    """Make a request that is in order but for who sends it."""
    verb, path, whose = row
    leads_to, username = ALIASES.get(path, path), username or f"the {role}"
    who = client_of(cafe, role, username)
    there = path.format(**_variables(cafe, who, username, leads_to, whose))
    body = OTHERS.get(whose, BODIES.get((verb, leads_to), {}))
    if (role, whose) == ("owner", "own, another role"):
        body = {"role": "staff"}
    return PreparedRequest(
        who, row, there, {"json": body} if verb in ("PUT", "PATCH") or (verb, leads_to) in BODIES else {}
    )


def client_of(cafe: TestApp, role: str, username: str | None = None) -> Client:
    """Return somebody of a role."""
    who: Role = role  # type: ignore[assignment]
    return cafe.client(who, username)


def _variables(cafe: TestApp, who: Client, username: str, path: str, whose: str) -> dict[str, str]:
    """Make what a path leads to; return the variables of the path."""
    collection = path.split("/")[1]
    if collection in MAKERS:
        return MAKERS[collection](owner_client(cafe), path, whose)
    if collection == "users" and whose.startswith("another's"):
        cafe.token("member", ANOTHER)
        return {"username": ANOTHER}
    if collection == "users":
        owner_client(cafe).delete(f"/users/{NEW}")
        return {"username": username if whose.startswith("own") else NEW}
    if collection in ("sessions", "login"):
        cafe.create_owner(WORD)
        return {"id": session(client_of(cafe, "member", ANOTHER) if whose == "another's" else who)}
    return {"slug": "not-found", "filename": "style.css"}


def session(who: Client) -> str:
    """Return the id of somebody's session; of somebody without a token one that nobody has."""
    return str(who.get("/sessions").json["items"][0]["id"]) if who.headers else "x"


def _cat(maker: Client, path: str, whose: str) -> dict[str, str]:
    if whose in ("", "a new one"):
        maker.delete(f"/cats/{NEW}")
        return {"name": NEW}
    name = "tom" if whose == "any other" else "luna"
    maker.put(f"/cats/{name}", {} if name == "tom" else LUNA)
    location = maker.post("/cats/luna/weights", {"grams": 4000}).headers["Location"] if "{id}" in path else ""
    return {"name": name, "id": location.rpartition("/")[2]}


def _pie(maker: Client, path: str, whose: str) -> dict[str, str]:
    if whose in ("", "a new one"):
        maker.delete(f"/pies/{NEW}")
        return {"pie": NEW}
    maker.put("/pies/cherry", {})
    return {"pie": "cherry"}


def _post(maker: Client, path: str, whose: str) -> dict[str, str]:
    when = {"publishedAt": LATER} if "later" in whose else {}
    return {"id": str(maker.post("/posts", POST | when).json["id"])}


def _todo(maker: Client, path: str, whose: str) -> dict[str, str]:
    return {"id": maker.post("/todos", {"title": "Feed them"}).json["id"]}


MAKERS: dict[str, Callable[[Client, str, str], dict[str, str]]] = {
    "cats": _cat,
    "pies": _pie,
    "posts": _post,
    "todos": _todo,
}


def marker(cafe: TestApp, role: str, path: str, what: str) -> tuple[Client, str, str]:
    """Make two things of each sort; return somebody, what to read, and the text by which one thing shows."""
    who, other = client_of(cafe, role), client_of(cafe, "member", ANOTHER)
    owner_client(cafe).put("/cats/luna", LUNA), owner_client(cafe).put("/cats/tom", {})
    for title, when in (("Out", None), ("Later", LATER)):
        owner_client(cafe).post("/posts", POST | {"title": title, "publishedAt": when})
    texts = {
        "a cat that the public may see": '"luna"',
        "any other cat": '"tom"',
        "the staff's notes": "whispers",
        "a post that is out": "Out",
        "a post that comes out later": "Later",
        "one's own profile": f'"the {role}"',
        "another's profile": f'"{ANOTHER}"',
        "one's own session": f'"{session(who)}"',
        "another's session": session(other),
    }
    return who, path.format(name="luna"), texts[what]
