"""The permission matrix. contract/test_permissions.py executes it; ``make docs`` renders docs/permissions.md."""

from __future__ import annotations

from collections.abc import Mapping

ROLES = ("public", "member", "staff", "owner")

Row = tuple[str, str, str]
"""A method, a path and a case, for example the caller's own user; "" if the path has only one case."""
Statuses = tuple[int, int, int, int]
"""The status for public, member, staff and owner."""

PUBLIC, PUBLIC_CREATES = (200, 200, 200, 200), (201, 201, 201, 201)
MEMBER, MEMBER_DELETES = (401, 200, 200, 200), (401, 204, 204, 204)
STAFF, STAFF_CREATES, STAFF_DELETES = (401, 403, 200, 200), (401, 403, 201, 201), (401, 403, 204, 204)
STAFF_SEES = (404, 404, 200, 200)
OWNER, OWNER_CREATES, OWNER_DELETES = (401, 404, 404, 200), (401, 404, 404, 201), (401, 404, 404, 204)
FORBIDDEN, NOT_FOUND = (401, 403, 403, 403), (401, 404, 404, 404)

GROUPS: dict[str, dict[Row, Statuses]] = {
    "Cats": {
        ("GET", "/cats", ""): PUBLIC,
        ("POST", "/cats", ""): STAFF_CREATES,
        ("GET", "/cats/{name}", "publicly visible"): PUBLIC,
        ("GET", "/cats/{name}", "not publicly visible"): STAFF_SEES,
        ("PUT", "/cats/{name}", "existing"): STAFF,
        ("PUT", "/cats/{name}", "new"): STAFF_CREATES,
        ("PATCH", "/cats/{name}", "existing"): STAFF,
        ("DELETE", "/cats/{name}", "existing"): STAFF_DELETES,
        ("GET", "/cats/{name}/portrait.svg", "publicly visible"): PUBLIC,
        ("GET", "/cats/{name}/portrait.svg", "not publicly visible"): STAFF_SEES,
        ("GET", "/cats/{name}/history", "existing"): STAFF,
        ("GET", "/cats/{name}/history/{version}", "existing"): STAFF,
        ("POST", "/cats/{name}/history/redactions", "existing"): STAFF,
        ("GET", "/cats/{name}/as-of/{at}", "existing"): STAFF,
        ("GET", "/cats/{name}/weights", "existing"): STAFF,
        ("POST", "/cats/{name}/weights", "existing"): STAFF_CREATES,
        ("GET", "/cats/{name}/weights/{id}", "existing"): STAFF,
        ("GET", "/cats/{name}/photos", "publicly visible"): PUBLIC,
        ("GET", "/cats/{name}/photos", "not publicly visible"): STAFF_SEES,
        ("GET", "/cats/{name}/photos/{id}", "publicly visible"): PUBLIC,
        ("GET", "/cats/{name}/photos/{id}", "not publicly visible"): STAFF_SEES,
        ("GET", "/cats/{name}/photos/{id}/{width}.webp", "publicly visible"): PUBLIC,
        ("GET", "/cats/{name}/photos/{id}/{width}.webp", "not publicly visible"): STAFF_SEES,
        ("POST", "/cats/{name}/photos", "existing"): STAFF_CREATES,
        ("PATCH", "/cats/{name}/photos/{id}", "existing"): STAFF,
        ("DELETE", "/cats/{name}/photos/{id}", "existing"): STAFF_DELETES,
    },
    "Pies": {
        ("GET", "/pies", ""): PUBLIC,
        ("POST", "/pies", ""): STAFF_CREATES,
        ("GET", "/pies/{pie}", "existing"): PUBLIC,
        ("PUT", "/pies/{pie}", "existing"): STAFF,
        ("PUT", "/pies/{pie}", "new"): STAFF_CREATES,
        ("PATCH", "/pies/{pie}", "existing"): STAFF,
        ("DELETE", "/pies/{pie}", "existing"): STAFF_DELETES,
        ("GET", "/pies/{pie}/photos", "existing"): PUBLIC,
        ("GET", "/pies/{pie}/photos/{id}", "existing"): PUBLIC,
        ("GET", "/pies/{pie}/photos/{id}/{width}.webp", "existing"): PUBLIC,
        ("POST", "/pies/{pie}/photos", "existing"): STAFF_CREATES,
        ("PATCH", "/pies/{pie}/photos/{id}", "existing"): STAFF,
        ("DELETE", "/pies/{pie}/photos/{id}", "existing"): STAFF_DELETES,
    },
    "Posts": {
        ("GET", "/posts", ""): PUBLIC,
        ("GET", "/posts.atom", ""): PUBLIC,
        ("POST", "/posts", ""): STAFF_CREATES,
        ("GET", "/posts/{id}", "published"): PUBLIC,
        ("GET", "/posts/{id}", "scheduled"): STAFF_SEES,
        ("PUT", "/posts/{id}", "existing"): STAFF,
        ("PATCH", "/posts/{id}", "existing"): STAFF,
        ("DELETE", "/posts/{id}", "existing"): STAFF_DELETES,
        ("GET", "/posts/{id}/photos", "published"): PUBLIC,
        ("GET", "/posts/{id}/photos", "scheduled"): STAFF_SEES,
        ("GET", "/posts/{id}/photos/{photo}", "published"): PUBLIC,
        ("GET", "/posts/{id}/photos/{photo}", "scheduled"): STAFF_SEES,
        ("GET", "/posts/{id}/photos/{photo}/{width}.webp", "published"): PUBLIC,
        ("GET", "/posts/{id}/photos/{photo}/{width}.webp", "scheduled"): STAFF_SEES,
        ("POST", "/posts/{id}/photos", "existing"): STAFF_CREATES,
        ("PATCH", "/posts/{id}/photos/{photo}", "existing"): STAFF,
        ("DELETE", "/posts/{id}/photos/{photo}", "existing"): STAFF_DELETES,
    },
    "To-dos": {
        ("GET", "/todos", ""): STAFF,
        ("GET", "/todos/next", ""): STAFF,
        ("POST", "/todos", ""): STAFF_CREATES,
        ("GET", "/todos/{id}", "existing"): STAFF,
        ("PUT", "/todos/{id}", "existing"): STAFF,
        ("PATCH", "/todos/{id}", "existing"): STAFF,
        ("POST", "/todos/{id}/done", "existing"): STAFF,
        ("DELETE", "/todos/{id}", "existing"): STAFF_DELETES,
    },
    "Users": {
        ("GET", "/users", ""): MEMBER,
        ("POST", "/users", "role member"): PUBLIC_CREATES,
        ("POST", "/users", "role staff"): (401, 403, 403, 201),
        ("GET", "/users/{username}", "own"): MEMBER,
        ("GET", "/users/{username}", "another user's"): OWNER,
        ("GET", "/users/{username}/export", "own"): MEMBER,
        ("GET", "/users/{username}/export", "another user's"): OWNER,
        ("PUT", "/users/{username}", "own"): MEMBER,
        ("PUT", "/users/{username}", "another user's"): OWNER,
        ("PUT", "/users/{username}", "new"): OWNER_CREATES,
        ("PATCH", "/users/{username}", "own"): MEMBER,
        ("PATCH", "/users/{username}", "own, changes the role"): FORBIDDEN,
        ("PATCH", "/users/{username}", "own, deactivates"): FORBIDDEN,
        ("PATCH", "/users/{username}", "another user's"): OWNER,
        ("PATCH", "/users/{username}", "another user's, changes the role"): OWNER,
        ("PATCH", "/users/{username}", "another user's, deactivates"): OWNER,
        ("DELETE", "/users/{username}", "own"): (401, 204, 204, 403),
        ("DELETE", "/users/{username}", "another user's"): OWNER_DELETES,
        ("GET", "/users/{username}", "`me`"): MEMBER,
        ("GET", "/users/{username}/export", "`me`"): MEMBER,
        ("PUT", "/users/{username}", "`me`"): MEMBER,
        ("PATCH", "/users/{username}", "`me`"): MEMBER,
        ("DELETE", "/users/{username}", "`me`"): (401, 204, 204, 403),
    },
    "Sessions": {
        ("GET", "/login", ""): PUBLIC,
        ("POST", "/login", ""): PUBLIC_CREATES,
        ("GET", "/logout", ""): PUBLIC,
        ("POST", "/logout", "own"): MEMBER_DELETES,
        ("POST", "/sessions", ""): PUBLIC_CREATES,
        ("GET", "/sessions", ""): MEMBER,
        ("GET", "/sessions/{id}", "own"): MEMBER,
        ("GET", "/sessions/{id}", "another user's"): NOT_FOUND,
        ("DELETE", "/sessions/{id}", "own"): MEMBER_DELETES,
        ("DELETE", "/sessions/{id}", "another user's"): NOT_FOUND,
    },
    "API tokens": {
        ("POST", "/tokens", "role member"): (401, 201, 201, 201),
        ("POST", "/tokens", "role staff"): (401, 403, 201, 201),
        ("GET", "/tokens", ""): MEMBER,
        ("GET", "/tokens/{id}", "own"): MEMBER,
        ("GET", "/tokens/{id}", "another user's"): NOT_FOUND,
        ("DELETE", "/tokens/{id}", "own"): MEMBER_DELETES,
        ("DELETE", "/tokens/{id}", "another user's"): NOT_FOUND,
    },
    "Site": {
        ("GET", "/site", ""): PUBLIC,
        ("PATCH", "/site", ""): (401, 403, 403, 200),
        ("GET", "/site/photos", ""): PUBLIC,
        ("GET", "/site/photos/{id}", ""): PUBLIC,
        ("GET", "/site/photos/{id}/{width}.webp", ""): PUBLIC,
        ("POST", "/site/photos", ""): (401, 403, 403, 201),
        ("PATCH", "/site/photos/{id}", ""): (401, 403, 403, 200),
        ("DELETE", "/site/photos/{id}", ""): (401, 403, 403, 204),
    },
    "About": {
        ("GET", "/", ""): PUBLIC,
        ("GET", "/health", ""): PUBLIC,
        ("GET", "/openapi.json", ""): PUBLIC,
        ("GET", "/docs", ""): PUBLIC,
        ("GET", "/problems", ""): PUBLIC,
        ("GET", "/problems/{slug}", ""): PUBLIC,
        ("GET", "/.well-known/api-catalog", ""): PUBLIC,
        ("GET", "/.well-known/security.txt", ""): PUBLIC,
        ("GET", "/static/{filename}", ""): PUBLIC,
    },
}
NEEDS_SESSION = frozenset({
    ("POST", "/tokens"), ("POST", "/sessions"), ("POST", "/login"), ("POST", "/logout"), ("DELETE", "/sessions/{id}"),
    ("DELETE", "/users/{username}"),
})  # fmt: skip
"""Methods and paths that refuse every API token."""
CASES_WITH_SESSION = {
    "role staff", "own, changes the role", "own, deactivates", "another user's, changes the role",
    "another user's, deactivates",
}  # fmt: skip
"""Cases of users that refuse every API token. Passwords and e-mail addresses are in ``tests/api/test_tokens.py``."""
ALIASES = {"/user/{username}": "/users/{username}", "/post/{id}": "/posts/{id}"}
"""Alternative paths. An alias has the same rows as its path."""


def with_aliases(rows: Mapping[Row, Statuses]) -> dict[Row, Statuses]:
    """Return the rows and a copy of them for each alias."""
    copies = {
        (method, alias, case): statuses
        for alias, target in ALIASES.items()
        for (method, path, case), statuses in rows.items()
        if path == target
    }
    return {**rows, **copies}


def status_with_token(row: Row) -> int:
    """Return the status of a row for an API token of an owner with the role owner."""
    method, path, case = row
    refuses = (
        (method, ALIASES.get(path, path)) in NEEDS_SESSION
        or case in CASES_WITH_SESSION
        or row == ("DELETE", "/tokens/{id}", "own")
    )
    return 403 if refuses else TABLE[row][3]


TABLE: dict[Row, Statuses] = with_aliases({row: statuses for rows in GROUPS.values() for row, statuses in rows.items()})
VISIBLE: dict[tuple[str, str], tuple[bool, bool, bool, bool]] = {
    # path, content: whether the response for public, member, staff and owner contains it
    ("/cats", "a publicly visible cat"): (True, True, True, True),
    ("/cats", "a cat that is not publicly visible"): (False, False, True, True),
    ("/cats/{name}", "the staff notes"): (False, False, True, True),
    ("/posts", "a published post"): (True, True, True, True),
    ("/posts", "a scheduled post"): (False, False, True, True),
    ("/posts.atom", "a published post"): (True, True, True, True),
    ("/posts.atom", "a scheduled post"): (False, False, False, False),
    ("/users", "the caller's profile"): (False, True, True, True),
    ("/users", "another user's profile"): (False, False, False, True),
    ("/sessions", "a session of the caller"): (False, True, True, True),
    ("/sessions", "a session of another user"): (False, False, False, False),
    ("/tokens", "an API token of the caller"): (False, True, True, True),
    ("/tokens", "an API token of another user"): (False, False, False, False),
}
