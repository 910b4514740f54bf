"""The permission matrix. tests/api/contract/test_permissions.py executes it; ``make docs`` renders it as a page."""

from __future__ import annotations

from collections.abc import Mapping

ROLES = ("public", "member", "staff", "owner")

Row = tuple[str, str, str]
"""A verb, a path, and whose or which thing it is; "" where there is nothing to tell apart."""
Statuses = tuple[int, int, int, int]
"""What public, member, staff and owner get."""

ALL, MADE_BY_ALL = (200, 200, 200, 200), (201, 201, 201, 201)
MEMBERS, MEMBERS_END = (401, 200, 200, 200), (401, 204, 204, 204)
STAFF, STAFF_MAKE, STAFF_END = (401, 403, 200, 200), (401, 403, 201, 201), (401, 403, 204, 204)
HIDDEN = (404, 404, 200, 200)
OWNER, OWNER_MAKES, OWNER_ENDS = (401, 404, 404, 200), (401, 404, 404, 201), (401, 404, 404, 204)
NOBODY, NOBODY_FINDS = (401, 403, 403, 403), (401, 404, 404, 404)

GROUPS: dict[str, dict[Row, Statuses]] = {
    "Cats": {
        ("GET", "/cats", ""): ALL,
        ("POST", "/cats", ""): STAFF_MAKE,
        ("GET", "/cats/{name}", "one that the public may see"): ALL,
        ("GET", "/cats/{name}", "any other"): HIDDEN,
        ("PUT", "/cats/{name}", "any"): STAFF,
        ("PUT", "/cats/{name}", "a new one"): STAFF_MAKE,
        ("PATCH", "/cats/{name}", "any"): STAFF,
        ("DELETE", "/cats/{name}", "any"): STAFF_END,
        ("GET", "/cats/{name}/history", "of any"): STAFF,
        ("GET", "/cats/{name}/weights", "of any"): STAFF,
        ("POST", "/cats/{name}/weights", "of any"): STAFF_MAKE,
        ("GET", "/cats/{name}/weights/{id}", "of any"): STAFF,
    },
    "Pies": {
        ("GET", "/pies", ""): ALL,
        ("POST", "/pies", ""): STAFF_MAKE,
        ("GET", "/pies/{pie}", "any"): ALL,
        ("PUT", "/pies/{pie}", "any"): STAFF,
        ("PUT", "/pies/{pie}", "a new one"): STAFF_MAKE,
        ("PATCH", "/pies/{pie}", "any"): STAFF,
        ("DELETE", "/pies/{pie}", "any"): STAFF_END,
    },
    "Posts": {
        ("GET", "/posts", ""): ALL,
        ("GET", "/posts.atom", ""): ALL,
        ("POST", "/posts", ""): STAFF_MAKE,
        ("GET", "/posts/{id}", "one that is out"): ALL,
        ("GET", "/posts/{id}", "one that comes out later"): HIDDEN,
        ("PUT", "/posts/{id}", "any"): STAFF,
        ("PATCH", "/posts/{id}", "any"): STAFF,
        ("DELETE", "/posts/{id}", "any"): STAFF_END,
    },
    "To-dos": {
        ("GET", "/todos", ""): STAFF,
        ("GET", "/todos/next", ""): STAFF,
        ("POST", "/todos", ""): STAFF_MAKE,
        ("GET", "/todos/{id}", "any"): STAFF,
        ("PUT", "/todos/{id}", "any"): STAFF,
        ("PATCH", "/todos/{id}", "any"): STAFF,
        ("POST", "/todos/{id}/done", "any"): STAFF,
        ("DELETE", "/todos/{id}", "any"): STAFF_END,
    },
    "Users": {
        ("GET", "/users", ""): MEMBERS,
        ("POST", "/users", "as a member"): MADE_BY_ALL,
        ("POST", "/users", "with the role staff"): (401, 403, 403, 201),
        ("GET", "/users/{username}", "own"): MEMBERS,
        ("GET", "/users/{username}", "another's"): OWNER,
        ("PUT", "/users/{username}", "own"): MEMBERS,
        ("PUT", "/users/{username}", "another's"): OWNER,
        ("PUT", "/users/{username}", "nobody's yet"): OWNER_MAKES,
        ("PATCH", "/users/{username}", "own"): MEMBERS,
        ("PATCH", "/users/{username}", "own, another role"): NOBODY,
        ("PATCH", "/users/{username}", "own, deactivated"): NOBODY,
        ("PATCH", "/users/{username}", "another's"): OWNER,
        ("PATCH", "/users/{username}", "another's, another role"): OWNER,
        ("PATCH", "/users/{username}", "another's, deactivated"): OWNER,
        ("DELETE", "/users/{username}", "own"): (401, 204, 204, 403),
        ("DELETE", "/users/{username}", "another's"): OWNER_ENDS,
    },
    "Sessions": {
        ("GET", "/login", ""): ALL,
        ("POST", "/login", ""): MADE_BY_ALL,
        ("GET", "/logout", ""): ALL,
        ("POST", "/logout", "own"): MEMBERS_END,
        ("POST", "/sessions", ""): MADE_BY_ALL,
        ("GET", "/sessions", ""): MEMBERS,
        ("GET", "/sessions/{id}", "own"): MEMBERS,
        ("GET", "/sessions/{id}", "another's"): NOBODY_FINDS,
        ("DELETE", "/sessions/{id}", "own"): MEMBERS_END,
        ("DELETE", "/sessions/{id}", "another's"): NOBODY_FINDS,
    },
    "About": {
        ("GET", "/", ""): ALL,
        ("GET", "/health", ""): ALL,
        ("GET", "/openapi.json", ""): ALL,
        ("GET", "/docs", ""): ALL,
        ("GET", "/problems", ""): ALL,
        ("GET", "/problems/{slug}", ""): ALL,
        ("GET", "/.well-known/api-catalog", ""): ALL,
        ("GET", "/.well-known/security.txt", ""): ALL,
        ("GET", "/static/{filename}", ""): ALL,
    },
}
ALIASES = {"/user/{username}": "/users/{username}", "/post/{id}": "/posts/{id}"}
"""Other paths to the same things: for each, the rows of the path that it leads to."""


def with_aliases(rows: Mapping[Row, Statuses]) -> dict[Row, Statuses]:
    """Return rows with those of the other paths that lead to the same things."""
    more = {
        (verb, alias, whose): told
        for alias, leads_to in ALIASES.items()
        for (verb, path, whose), told in rows.items()
        if path == leads_to
    }
    return {**rows, **more}


TABLE: dict[Row, Statuses] = with_aliases({row: told for rows in GROUPS.values() for row, told in rows.items()})
SHOWN: dict[tuple[str, str], tuple[bool, bool, bool, bool]] = {
    # where, what: whether it shows to public, member, staff and owner, in an answer that is good
    ("/cats", "a cat that the public may see"): (True, True, True, True),
    ("/cats", "any other cat"): (False, False, True, True),
    ("/cats/{name}", "the staff's notes"): (False, False, True, True),
    ("/posts", "a post that is out"): (True, True, True, True),
    ("/posts", "a post that comes out later"): (False, False, True, True),
    ("/posts.atom", "a post that is out"): (True, True, True, True),
    ("/posts.atom", "a post that comes out later"): (False, False, False, False),
    ("/users", "one's own profile"): (False, True, True, True),
    ("/users", "another's profile"): (False, False, False, True),
    ("/sessions", "one's own session"): (False, True, True, True),
    ("/sessions", "another's session"): (False, False, False, False),
}
