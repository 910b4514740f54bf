"""API tokens: creation, what a token may do, when it ends, its last use, and what is stored of it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from api.domain.tokens import MAX_TOKENS, PREFIX
from api.domain.users import ROLE_RANKS
from api.services.mappings import USER, USER_TOKENS
from api.store.table import Table
from tests.support.app import PATCH, Client, TestApp, pointers, problem
from tests.support.engine_app import InstrumentedTable
from tests.support.failing_tables import replace_table
from tests.support.inspection import items, writes_nothing
from tests.support.users import (
    PASSWORD,
    BrowserClient,
    create_token,
    deactivate,
    log_in,
    register,
    register_and_log_in,
    token_client,
)

NEW = "another nine lives"
ROLES = ("member", "staff", "owner")


def works(client: Client) -> bool:
    """Return whether the token of a client is valid. Otherwise the response must be a 401."""
    response = client.get("/users/me")
    assert response.status_code == 200 or problem(response, 401)
    return response.status_code == 200


def test_new_token_is_shown_once_and_works(cafe: TestApp) -> None:
    staff = cafe.staff
    body = {"name": "Till", "role": "staff", "expires": "2026-12-24T18:00:00+01:00"}
    response = staff.post("/tokens", body, idempotency_key="once", prefer="return=minimal")
    created = response.json
    assert (response.status_code, response.headers["Cache-Control"]) == (201, "private, no-store")
    assert "ETag" not in response.headers
    assert created.pop("token").startswith(PREFIX)
    assert response.headers["Location"] == f"/tokens/{created['id']}"
    assert created == {
        "id": created["id"], "name": "Till", "role": "staff", "created": "2026-11-22T12:00:00Z",
        "expires": "2026-12-24T17:00:00Z", "lastUsed": None, "current": False,
    }  # fmt: skip
    other = staff.post("/tokens", body, idempotency_key="once").json
    assert other["id"] != created["id"]
    token = Client(cafe.app.test_client(), other["token"])
    assert token.put("/cats/luna", {}).status_code == 201
    assert staff.get(response.headers["Location"]).json == created
    assert staff.get("/tokens").json["items"] == sorted(
        [created, {name: value for name, value in other.items() if name != "token"} | {"lastUsed": created["created"]}],
        key=lambda each: each["id"],
        reverse=True,
    )
    assert [each["current"] for each in token.get("/tokens").json["items"] if each["id"] == other["id"]] == [True]
    stored = json.dumps(items(cafe))
    assert other["id"] in stored
    assert not [text for text in (other["token"], other["token"][len(PREFIX) :]) if text in stored]
    problem(cafe.public.get("/tokens", {"Authorization": f"Bearer {other['id']}"}), 401)


def test_default_is_the_least_role_without_an_expiry(cafe: TestApp) -> None:
    owner = cafe.client("owner")
    response = owner.send("POST", "/tokens", {"Content-Type": "application/x-www-form-urlencoded"}, data="name=a+%26+b")
    assert (response.json["name"], response.json["role"], response.json["expires"]) == ("a & b", "member", None)
    problem(Client(cafe.app.test_client(), response.json["token"]).get("/todos"), 403)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["/name"]),
        ({"name": ""}, ["/name"]),
        ({"name": " "}, ["/name"]),
        ({"name": "a\u200bb"}, ["/name"]),
        ({"name": "x" * 65, "role": "public", "expires": "2027-01-01"}, ["/expires", "/name", "/role"]),
        ({"name": 7, "role": None, "expires": 0, "token": "x"}, ["/expires", "/name", "/role", "/token"]),
        ({"name": " ", "expires": "2026-11-22T12:00:00Z"}, ["/expires", "/name"]),
        ({"name": "x", "expires": "2027-01-01T12:00:00"}, ["/expires"]),
        ({"name": "x", "expires": "9999-12-31T23:59:59-14:00"}, ["/expires"]),
        ({"name": "x", "expires": "0001-01-01T00:00:00+14:00"}, ["/expires"]),
    ],
)
def test_invalid_body_is_422_and_creates_nothing(cafe: TestApp, body: Any, expected: list[str]) -> None:
    member = cafe.client("member")
    with writes_nothing(cafe):
        assert pointers(member.post("/tokens", body)) == expected


def test_role_is_at_most_that_of_the_user(cafe: TestApp) -> None:
    for own in ROLES:
        client = cafe.client(own)
        for role in ROLES:
            allowed = ROLE_RANKS[role] <= ROLE_RANKS[own]
            response = client.post("/tokens", {"name": role, "role": role})
            assert response.status_code == (201 if allowed else 403), (own, role)
            if not allowed:
                assert problem(response, 403)["detail"] == f"A token has at most your own role, {own}."


def test_token_has_at_most_the_present_role_of_its_user(cafe: TestApp) -> None:
    owner, ada = cafe.client("owner"), cafe.client("staff", "ada")
    token = token_client(cafe, ada, role="staff")
    for role, status in (("member", 403), ("staff", 200), ("owner", 200)):
        assert owner.patch("/users/ada", {"role": role}, if_match="*").status_code in (200, 204)
        assert (token.get("/todos").status_code, token.get("/users/the owner").status_code) == (status, 404)
        assert token.get("/tokens").json["items"][0]["role"] == "staff"


def own_password(owner: Client, ada: Client) -> Any:
    """Change the password of Ada, by Ada."""
    return ada.patch("/users/ada", {"password": NEW, "currentPassword": PASSWORD}, if_match="*")


def deactivate_and_reactivate(owner: Client, ada: Client) -> Any:
    """Deactivate Ada, and let her log in again."""
    assert deactivate(owner, "/users/ada").status_code == 200
    return owner.patch("/users/ada", {"active": True}, if_match="*")


def delete_and_register(owner: Client, ada: Client) -> Any:
    """Delete Ada, and create another user of this name."""
    assert owner.delete("/users/ada").status_code == 204
    return owner.put("/users/ada", {"password": PASSWORD})


ENDS: dict[str, Callable[[Client, Client], Any]] = {
    "a new password": own_password,
    "a new password by an owner": lambda owner, _: owner.patch("/users/ada", {"password": NEW}, if_match="*"),
    "a deactivation": lambda owner, _: deactivate(owner, "/users/ada"),
    "a deactivation that is undone": deactivate_and_reactivate,
    "a deletion": lambda owner, _: owner.delete("/users/ada"),
    "a deletion and a new user with this name": delete_and_register,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_change_of_the_user_ends_all_tokens_of_this_user_only(cafe: TestApp, end: Callable[..., Any]) -> None:
    ada, bea = register_and_log_in(cafe, "ada"), cafe.client("member", "bea")
    tokens, other = [token_client(cafe, ada) for _ in range(2)], token_client(cafe, bea)
    assert all(map(works, (*tokens, other)))
    assert end(cafe.client("owner"), ada).status_code in (200, 201, 204)
    assert [works(client) for client in (*tokens, other)] == [False, False, True]
    assert not [item for item in items(cafe) if item["pk"]["S"] == "user_tokens#ada"]


@pytest.mark.parametrize("change", [{"active": False}, {"uid": "u_of_a_later_user"}, {"role": "member"}])
def test_change_by_a_release_without_tokens_applies_to_tokens(cafe: TestApp, change: dict[str, Any]) -> None:
    """Such a release, after a rollback, changes the user and leaves the list of tokens as it is."""
    token = token_client(cafe, cafe.client("staff", "ada"), role="staff")
    assert token.get("/todos").status_code == 200
    before = USER.get(cafe.table, "ada", consistent=True)
    assert before is not None
    cafe.table.transact([USER.replace(before, replace(before.value, **change), "rev-of-it")], "rev-of-it")
    problem(token.get("/todos"), 403 if "role" in change else 401)
    assert token.get("/tokens").status_code == (200 if "role" in change else 401)


def test_other_changes_and_a_logout_do_not_end_tokens(cafe: TestApp) -> None:
    ada = register_and_log_in(cafe, "ada")
    token = token_client(cafe, ada)
    change = {"about": "Hi.", "email": "ada@example.org", "currentPassword": PASSWORD}
    assert ada.patch("/users/ada", change, if_match="*").status_code == 200
    assert ada.send("POST", "/logout").status_code == 204
    assert works(token)


def test_expired_token_is_401_and_not_listed(cafe: TestApp) -> None:
    ada = cafe.client("member", "ada")
    created = create_token(ada, expires="2026-11-22T12:30:00Z")
    token = Client(cafe.app.test_client(), created["token"])
    cafe.clock.advance(minutes=29, seconds=59)
    assert works(token)
    cafe.clock.advance(seconds=1)
    assert not works(token)
    assert ada.get("/tokens").json["items"] == []
    for method in ("GET", "DELETE"):
        problem(ada.send(method, f"/tokens/{created['id']}"), 404)


def test_revoked_token_is_401_at_once_and_the_others_stay(cafe: TestApp) -> None:
    ada = cafe.client("member", "ada")
    first, second = create_token(ada), create_token(ada)
    clients = [Client(cafe.app.test_client(), each["token"]) for each in (first, second)]
    path = f"/tokens/{first['id']}"
    tag = ada.get(path).headers["ETag"]
    assert works(clients[0])
    problem(ada.delete(path, if_match='"old"'), 412)
    assert ada.delete(path, if_match=tag).status_code == 204  # the last use is no new version
    assert [works(client) for client in clients] == [False, True]
    problem(ada.delete(path), 404)
    assert clients[1].delete(f"/tokens/{second['id']}").status_code == 204  # itself
    assert not works(clients[1])


def test_token_of_another_user_is_404_with_the_same_bytes_as_a_missing_token(cafe: TestApp) -> None:
    owner, bea = cafe.client("owner", "ann"), cafe.client("member", "bea")
    create_token(owner)
    existing, missing = create_token(bea)["id"], urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
    with writes_nothing(cafe):
        for method in ("GET", "HEAD", "DELETE"):
            replies = []
            for token_id in (existing, missing):
                response = owner.send(method, f"/tokens/{token_id}", {"If-Match": "*"})
                text = response.get_data(as_text=True).replace(response.headers.pop("X-Request-Id"), "")
                replies.append((response.status_code, text.replace(token_id, ""), dict(response.headers)))
            assert replies[0] == replies[1]
            assert replies[0][0] == 404
        for token_id in ("x", "..", "%20", "%00", "x" * 65):
            problem(owner.get(f"/tokens/{token_id}"), 404)


def test_needs_a_session(cafe: TestApp) -> None:
    """A stolen token must not become more than it is, and must not lock out its user."""
    register(cafe, "ann")
    assert cafe.client("owner").patch("/users/ann", {"role": "owner"}, if_match="*").status_code == 200
    ann = log_in(cafe, "ann")
    cafe.client("member", "bea")
    token, other = token_client(cafe, ann, role="owner"), create_token(ann)
    session = ann.get("/sessions").json["items"][0]["id"]
    assert token.get(f"/sessions/{session}").json["current"] is False
    assert token.get(f"/tokens/{other['id']}").status_code == 200
    credentials = {"username": "ann", "password": PASSWORD}
    requests: list[tuple[str, str, Any]] = [
        ("POST", "/tokens", {"name": "more"}),
        ("POST", "/sessions", credentials),
        ("POST", "/login", credentials),
        ("POST", "/logout", None),
        ("DELETE", f"/sessions/{session}", None),
        ("DELETE", f"/tokens/{other['id']}", None),
        ("POST", "/users", {"username": "dee", "password": PASSWORD, "role": "owner"}),
        ("PUT", "/users/dee", {"password": PASSWORD, "role": "owner"}),
    ]
    for user in ("me", "ann", "bea"):
        requests.append(("DELETE", f"/users/{user}", None))
        for change in (
            {"password": NEW, "currentPassword": PASSWORD},
            {"email": "a@example.org", "currentPassword": PASSWORD},
            {"role": "staff"},
            {"active": False},
        ):
            requests += [(method, f"/users/{user}", change) for method in ("PUT", "PATCH")]
    with writes_nothing(cafe):
        for method, path, body in requests:
            headers = {"If-Match": "*"} | (PATCH if method == "PATCH" else {}) if path != "/users/dee" else {}
            response = token.send(method, path, headers, **({"json": body} if body else {}))
            detail = problem(response, 403)["detail"]
            assert detail.startswith("This needs a session: log in."), (method, path, body)
    assert token.patch("/users/bea", {"about": "Hello."}, if_match="*").status_code == 200
    assert token.patch("/users/me", {"displayName": "Ann"}, if_match="*").status_code == 200
    assert token.post("/users", {"username": "dee", "password": PASSWORD}).status_code == 201


def test_token_is_accepted_in_the_authorization_header_only(cafe: TestApp) -> None:
    text = create_token(cafe.staff, role="staff")["token"]
    for path in (f"/todos?access_token={text}", f"/todos?token={text}", f"/users/me?access_token={text}"):
        problem(cafe.public.get(path), 401)
    assert works(Client(cafe.app.test_client(), text))
    basic = urlsafe_b64encode(f"x:{text}".encode()).decode()
    for credentials in (f"Basic {basic}", f"Token {text}", text):
        problem(cafe.public.get("/todos", {"Authorization": credentials}), 401)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    problem(cafe.public.send("POST", "/cats", form, data=f"name=kit&access_token={text}"), 401)
    browser = BrowserClient(cafe)
    browser.cookie = text
    problem(browser.send("GET", "/todos", {"Accept": "application/json"}), 401)
    assert browser.send("GET", "/cats", {"Accept": "application/json"}).status_code == 200  # as any invalid cookie


def test_wrong_tokens_are_401_and_write_nothing(cafe: TestApp) -> None:
    text = create_token(cafe.client("member", "ada"))["token"]
    forger = TestApp(cafe.table, cursor_key="a key that the server does not have")
    of_bea = create_token(cafe.client("member", "bea"))["token"]
    swapped = PREFIX + urlsafe_b64encode(bytes(32) + b"ada").decode().rstrip("=")
    wrong = [
        PREFIX, f"{PREFIX}x", f"{PREFIX}{'x' * 9999}", f"{PREFIX}{'A' * 44}", f"{PREFIX}{'_' * 60}", f"{PREFIX}é",
        text[:-1], f"{text}=", f"{text}A", text.upper(), text.removeprefix(PREFIX), f"{PREFIX}{of_bea}", swapped,
        PREFIX + urlsafe_b64encode(bytes(32) + b"\xff\x00").decode(),
    ]  # fmt: skip
    with writes_nothing(cafe):
        problem(forger.public.get("/users/me", {"Authorization": f"Bearer {text}"}), 401)
        for each in wrong:
            headers = {"Authorization": f"Bearer {each}"}
            assert problem(cafe.public.get("/users/me", headers), 401)["detail"].startswith("The token is unknown"), (
                each
            )


def test_21st_token_is_refused_and_expired_tokens_do_not_count(cafe: TestApp) -> None:
    ada = cafe.client("member", "ada")
    first = token_client(cafe, ada, expires="2026-11-22T12:10:00Z")
    others = [token_client(cafe, ada) for _ in range(MAX_TOKENS - 1)]
    with writes_nothing(cafe):
        detail = problem(ada.post("/tokens", {"name": "x"}), 409)["detail"]
    assert detail == "You have 20 tokens, and that is the maximum. Revoke one of them first."
    assert all(map(works, (first, *others)))
    cafe.clock.advance(minutes=10)
    assert create_token(ada)
    problem(ada.post("/tokens", {"name": "x"}), 409)
    assert create_token(cafe.client("member", "bea"))


def test_list_is_newest_first_in_pages(cafe: TestApp) -> None:
    ada = cafe.client("member", "ada")
    create_token(cafe.client("member", "bea"))
    for name in "abcde":
        cafe.clock.advance(seconds=1)
        create_token(ada, name)
    names, path = [], "/tokens?limit=2"
    while path:
        page = ada.get(path)
        names += [each["name"] for each in page.json["items"]]
        path = page.json.get("next")
    assert names == [*"edcba"]
    problem(ada.get("/tokens?limit=0"), 400)


def last_uses(client: Client) -> list[str | None]:
    """Return the last uses of the tokens of a client, newest token first."""
    return [each["lastUsed"] and each["lastUsed"][11:19] for each in client.get("/tokens").json["items"]]


def test_last_use_is_written_at_most_once_an_hour(mocked_table: Table) -> None:
    writes: list[str] = []

    def count(params: Any, **_: Any) -> None:
        writes.append(params["UpdateExpression"])

    mocked_table.client.meta.events.register("provide-client-params.dynamodb.UpdateItem", count)
    cafe = TestApp(mocked_table)
    ada = cafe.client("member", "ada")
    first = token_client(cafe, ada)
    cafe.clock.advance(seconds=1)
    second = token_client(cafe, ada)
    assert last_uses(ada) == [None, None]
    for minutes, expected in ((0, 1), (59, 1), (1, 2), (59, 2), (1, 3)):
        cafe.clock.advance(minutes=minutes)
        if minutes == 59:
            ada = cafe.client("member", "ada")
        for path in ("/users/me", "/cats", "/nothing"):
            first.get(path)
        assert len(writes) == expected
    assert last_uses(ada) == [None, "14:00:01"]
    assert works(second)
    assert last_uses(ada) == ["14:00:01", "14:00:01"]
    cafe.public.get("/users/me", {"Authorization": "Bearer clowder_x"})
    assert len(writes) == 4


class FailingUpdates(Table):
    """A table that cannot write a single item."""

    def __init__(self, client: Any, name: str) -> None:
        super().__init__(client, name)

    def try_replace(self, write: Any) -> None:
        """Fail as DynamoDB does."""

        def refuse(**_: Any) -> None:
            self.__dict__["failures"] = self.__dict__.get("failures", 0) + 1
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem")

        client, self.client = self.client, type("Refusing", (), {"update_item": staticmethod(refuse)})()  # type: ignore[assignment]
        try:
            super().try_replace(write)
        finally:
            self.client = client


def test_failed_update_of_the_last_use_does_not_fail_the_request(mocked_table: Table) -> None:
    cafe = TestApp(replace_table(mocked_table, FailingUpdates))
    ada = cafe.client("member", "ada")
    token = token_client(cafe, ada)
    assert works(token)
    assert cafe.table.__dict__["failures"] == 1  # no retry
    assert last_uses(ada) == [None]


def test_last_use_never_undoes_a_revocation(mocked_table: Table) -> None:
    """The list of tokens changes between the read and the write of the last use."""
    cafe = TestApp(mocked_table)
    ada = cafe.client("member", "ada")
    one, other = create_token(ada, "one"), create_token(ada, "other")
    stale = USER_TOKENS.get(cafe.table, "ada", consistent=True)
    assert stale is not None
    assert ada.delete(f"/tokens/{other['id']}").status_code == 204
    cafe.table.try_replace(USER_TOKENS.replace(stale, stale.value, "stale"))
    assert [each["id"] for each in ada.get("/tokens").json["items"]] == [one["id"]]


def test_creation_that_races_with_the_end_of_the_session_creates_nothing(mocked_table: Table) -> None:
    table = InstrumentedTable(mocked_table.client, mocked_table.name)
    cafe = TestApp(table)
    owner = cafe.client("owner")
    register(cafe, "ada")
    assert owner.patch("/users/ada", {"role": "staff"}, if_match="*").status_code == 200
    for change, status in (
        (lambda ada: ada.send("POST", "/logout"), 401),
        (lambda _: owner.patch("/users/ada", {"password": PASSWORD}, if_match="*"), 401),
        (lambda _: owner.patch("/users/ada", {"role": "member"}, if_match="*"), 403),
        (lambda _: owner.delete("/users/ada"), 401),
    ):
        ada = log_in(cafe, "ada")
        table.before_write = lambda ada=ada, change=change: change(ada)
        problem(ada.post("/tokens", {"name": "x", "role": "staff" if status == 403 else "member"}), status)
        assert not [item for item in items(cafe) if item["pk"]["S"].startswith("user_tokens#")]


def test_two_creations_at_once_both_count(mocked_table: Table) -> None:
    table = InstrumentedTable(mocked_table.client, mocked_table.name)
    cafe = TestApp(table)
    ada = cafe.client("member", "ada")
    for _ in range(MAX_TOKENS - 1):
        create_token(ada)
    table.before_write = lambda: create_token(ada, "faster")
    problem(ada.post("/tokens", {"name": "slower"}), 409)
    assert ada.get("/tokens?limit=1").json["items"][0]["name"] in ("faster", "till")
    assert len(ada.get("/tokens").json["items"]) == MAX_TOKENS


def test_request_with_a_token_takes_one_round_trip_with_the_own_profile(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    token = token_client(cafe, staff, role="staff")
    assert works(token)
    for path in ("/cats/luna", "/users/me", "/users/the staff"):
        response, budget = cafe.measure(lambda path=path: token.get(path))
        assert (response.status_code, len(budget.calls)) == (200, 1), path


def test_creation_and_revocation_are_logged_and_requests_name_the_token(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    cafe = TestApp(mocked_table, log_level="INFO")
    ada = cafe.client("staff", "ada")
    created = create_token(ada, role="staff")
    token = Client(cafe.app.test_client(), created["token"])
    token.get("/todos"), token.get(f"/cats?q={created['token']}"), ada.get("/todos")
    ada.delete(f"/tokens/{created['id']}"), token.get("/todos")
    text = capsys.readouterr().err
    lines = [json.loads(line) for line in text.splitlines()]
    events = [
        (line["level"], line["message"], line["account"], line["by"], line["token"])
        for line in lines
        if "account" in line
    ]
    assert events == [("INFO", f"token {what}", "ada", "ada", created["id"]) for what in ("created", "revoked")]
    requests = [(line["who"], line.get("token")) for line in lines if line["message"] == "request"]
    assert requests == [
        ("ada", None),
        ("ada", created["id"]),
        ("ada", created["id"]),
        ("ada", None),
        ("ada", None),
        (None, None),
    ]
    assert created["token"] not in text


def test_export_has_the_tokens_without_their_texts(cafe: TestApp) -> None:
    ada = cafe.client("member", "ada")
    created = create_token(ada)
    export = cafe.client("owner").get("/users/ada/export")
    text = created.pop("token")
    assert export.json["tokens"] == [created]
    assert text not in export.get_data(as_text=True)


def test_expiry_that_is_not_understood_makes_no_token_that_never_expires(cafe: TestApp) -> None:
    ada = cafe.client("member", "ada")
    token = token_client(cafe, ada, expires="2026-12-01T00:00:00Z")
    (item,) = [item for item in items(cafe) if item["pk"]["S"] == "user_tokens#ada"]
    for expires in ("2026-W49", "2026-12-01T00:00:00", 7):
        document = json.loads(item["doc"]["S"])
        document["tokens"][0]["expires"] = expires
        cafe.table.client.put_item(TableName=cafe.table.name, Item=item | {"doc": {"S": json.dumps(document)}})
        problem(token.get("/users/me"), 401)
