"""Sessions: login, bearer tokens, their storage, listing, expiry and revocation."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode

import pytest

from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import etag, items, writes_nothing

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def log_in(cafe: TestApp, username: str = "owner", password: str | None = None) -> Client:
    """Log in with a password and return the client."""
    password = password or cafe.create_owner("correct horse")
    response = cafe.public.post("/sessions", {"username": username, "password": password})
    assert response.status_code == 201, response.json
    return Client(cafe.app.test_client(), response.json["token"])


def test_login_returns_a_working_token_and_a_location(cafe: TestApp) -> None:
    password = cafe.create_owner()
    response = cafe.public.post("/sessions", {"username": "owner", "password": password})
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "private, no-store"
    session = response.json
    assert (session["username"], session["role"], session["current"]) == ("owner", "owner", False)
    assert (session["created"], session["expires"]) == ("2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z")
    client = Client(cafe.app.test_client(), session["token"])
    listed = client.get(response.headers["Location"])
    assert listed.json == {name: value for name, value in session.items() if name != "token"} | {"current": True}
    assert client.put("/cats/luna", {}).status_code == 201


def test_login_accepts_a_form(cafe: TestApp) -> None:
    cafe.create_owner("a & b")
    assert cafe.public.send("POST", "/sessions", FORM, data="username=owner&password=a+%26+b").status_code == 201


def test_every_login_returns_a_new_token_of_32_bytes(cafe: TestApp) -> None:
    password = cafe.create_owner()
    tokens = {
        cafe.public.post("/sessions", {"username": "owner", "password": password}, idempotency_key="k").json["token"]
        for _ in range(3)
    }
    assert len(tokens) == 3
    assert {len(token) for token in tokens} == {43}


def test_only_hashes_of_tokens_and_passwords_are_stored(cafe: TestApp) -> None:
    password = cafe.create_owner()
    session = cafe.public.post("/sessions", {"username": "owner", "password": password}).json
    stored = json.dumps(items(cafe))
    assert session["token"] not in stored
    assert password not in stored
    for key in (b"", cafe.settings.cursor_key.encode()):
        digest = hashlib.sha256(key + session["token"].encode()).digest()
        assert session["id"] != urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert session["id"] in stored
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in stored
    problem(cafe.public.get("/sessions", {"Authorization": f"Bearer {session['id']}"}), 401)


def test_session_that_was_written_without_the_secret_is_no_token(cafe: TestApp) -> None:
    """Who can write to the table, and does not know the secret, cannot invent a token."""
    forger = TestApp(cafe.table, cursor_key="a key that the server does not have")
    for token in (forger.token("owner", "mallory"), cafe.token("owner", "olga")):
        session = forger.public.get("/sessions", {"Authorization": f"Bearer {token}"})
        statuses = session.status_code, cafe.public.get("/sessions", {"Authorization": f"Bearer {token}"}).status_code
        assert sorted(statuses) == [200, 401]


def test_unknown_user_and_wrong_password_get_the_same_response(cafe: TestApp) -> None:
    cafe.create_owner("right")
    cafe.client("staff", "without password")
    texts = []
    for username, password in (
        ("owner", "wrong"),
        ("missing", "wrong"),
        ("without password", "wrong"),
    ):
        response = cafe.public.post("/sessions", {"username": username, "password": password})
        assert problem(response, 401)["detail"] == "Invalid username/password."
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="clowder"'
        texts.append(response.get_data(as_text=True).replace(response.headers["X-Request-Id"], ""))
    assert len(set(texts)) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["/password", "/username"]),
        ({"username": "", "password": ""}, ["/password", "/username"]),
        ({"username": "owner", "password": "x" * 129}, ["/password"]),
        ({"username": "x" * 65, "password": 12345678, "role": "owner"}, ["/password", "/role", "/username"]),
    ],
)
def test_invalid_login_body_is_422_and_not_counted(cafe: TestApp, body: dict[str, object], expected: list[str]) -> None:
    with writes_nothing(cafe):
        assert pointers(cafe.public.post("/sessions", body)) == expected


def test_list_has_only_own_sessions_newest_first(cafe: TestApp) -> None:
    cafe.token("staff", "bea")
    for _ in range(3):
        cafe.clock.advance(seconds=1)
        cafe.token("member", "ann")
    cafe.clock.advance(seconds=1)
    ann = cafe.client("member", "ann")
    sessions, path = [], "/sessions?limit=3"
    while path:
        page = ann.get(path).json
        sessions += page["items"]
        path = page.get("next")
    assert [session["created"][-3:] for session in sessions] == ["04Z", "03Z", "02Z", "01Z"]
    assert [session["current"] for session in sessions] == [True, False, False, False]
    assert {session["username"] for session in sessions} == {"ann"}
    assert "token" not in sessions[0]


def test_revoked_token_is_401_immediately(cafe: TestApp) -> None:
    client, other = cafe.client("member", "ann"), cafe.client("member", "ann")
    ids = {session["current"]: session["id"] for session in client.get("/sessions").json["items"]}
    assert client.delete(f"/sessions/{ids[False]}").status_code == 204
    problem(other.get("/sessions"), 401)
    problem(other.get("/cats"), 401)
    assert [session["id"] for session in client.get("/sessions").json["items"]] == [ids[True]]
    problem(client.delete(f"/sessions/{ids[False]}"), 404)
    assert client.delete(f"/sessions/{ids[True]}").status_code == 204
    problem(client.get("/sessions"), 401)


def test_session_of_another_user_is_404_with_the_same_bytes_as_a_missing_session(cafe: TestApp) -> None:
    ann, bea = cafe.client("owner", "ann"), cafe.client("member", "bea")
    (existing,) = bea.get("/sessions").json["items"]
    missing_id = urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
    with writes_nothing(cafe):
        for method in ("GET", "HEAD", "DELETE"):
            replies = []
            for session_id in (existing["id"], missing_id):
                response = ann.send(method, f"/sessions/{session_id}", {"If-Match": "*"})
                assert response.status_code == 404
                text = (
                    response.get_data(as_text=True)
                    .replace(response.headers.pop("X-Request-Id"), "")
                    .replace(session_id, "")
                )
                replies.append((text, dict(response.headers)))
            assert replies[0] == replies[1]
    assert bea.get(f"/sessions/{existing['id']}").status_code == 200


@pytest.mark.parametrize("id", ["x", "..", "%20", "a%23b", "%00", "ë", "x" * 65])
def test_invalid_session_id_is_404(cafe: TestApp, id: str) -> None:
    ann = cafe.client("member", "ann")
    for method in ("GET", "DELETE"):
        problem(ann.send(method, f"/sessions/{id}"), 404)


def test_token_is_401_after_it_expires(cafe: TestApp) -> None:
    ann = cafe.client("member", "ann")
    (session,) = ann.get("/sessions").json["items"]
    cafe.clock.advance(minutes=59, seconds=59)
    assert ann.get("/sessions").status_code == 200
    later = cafe.client("member", "ann")
    cafe.clock.advance(seconds=1)
    problem(ann.get("/cats"), 401)
    assert session["id"] not in [item["id"] for item in later.get("/sessions").json["items"]]
    problem(later.get(f"/sessions/{session['id']}"), 404)
    (stored,) = [item for item in items(cafe) if item["pk"]["S"] == f"sessions#{session['id']}"]
    assert stored["expires"]["N"] == str(int(cafe.clock.now.timestamp()))


def test_delete_of_a_session_with_an_old_etag_is_412(cafe: TestApp) -> None:
    ann = cafe.client("member", "ann")
    (session,) = ann.get("/sessions").json["items"]
    path = f"/sessions/{session['id']}"
    tag = etag(ann.get(path))
    problem(ann.delete(path, if_match='"old"'), 412)
    assert ann.delete(path, if_match=tag).status_code == 204


def test_authorization_scheme_is_bearer_in_any_case(cafe: TestApp) -> None:
    token = cafe.token("member", "ada")
    for scheme in ("bearer", "BEARER", "Bearer", "Bearer  "):
        assert cafe.public.get("/sessions", {"Authorization": f"{scheme} {token}"}).status_code == 200
    for credentials in (f"Basic {token}", f"Token {token}", f"Bearers {token}", f" {token}", token, "Bearer"):
        detail = problem(cafe.public.get("/sessions", {"Authorization": credentials}), 401)["detail"]
        assert detail == "Send 'Authorization: Bearer <token>'.", credentials
