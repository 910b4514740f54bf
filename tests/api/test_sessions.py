"""Sessions: logging in, the tokens of one's own, and what is kept of them. How tries are counted is in test_login."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode

import pytest

from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import etag, items, writes_nothing

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def log_in(cafe: TestApp, username: str = "owner", password: str | None = None) -> Client:
    """Log in with a password and return who did."""
    password = password or cafe.create_owner("correct horse")
    answer = cafe.public.post("/sessions", {"username": username, "password": password})
    assert answer.status_code == 201, answer.json
    return Client(cafe.app.test_client(), answer.json["token"])


def test_who_logs_in_gets_a_token_that_works_and_a_location_that_resolves(cafe: TestApp) -> None:
    password = cafe.create_owner()
    answer = cafe.public.post("/sessions", {"username": "owner", "password": password})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "private, no-store"
    told = answer.json
    assert (told["username"], told["role"], told["current"]) == ("owner", "owner", False)
    assert (told["created"], told["expires"]) == ("2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z")
    me = Client(cafe.app.test_client(), told["token"])
    there = me.get(answer.headers["Location"])
    assert there.json == {name: value for name, value in told.items() if name != "token"} | {"current": True}
    assert me.put("/cats/luna", {}).status_code == 201


def test_one_logs_in_with_a_form_too(cafe: TestApp) -> None:
    cafe.create_owner("a & b")
    assert cafe.public.send("POST", "/sessions", FORM, data="username=owner&password=a+%26+b").status_code == 201


def test_every_login_gives_another_token_of_32_random_bytes(cafe: TestApp) -> None:
    password = cafe.create_owner()
    tokens = {
        cafe.public.post("/sessions", {"username": "owner", "password": password}, idempotency_key="k").json["token"]
        for _ in range(3)
    }
    assert len(tokens) == 3
    assert {len(token) for token in tokens} == {43}


def test_of_a_token_and_a_password_nothing_is_kept_that_gives_access(cafe: TestApp) -> None:
    password = cafe.create_owner()
    told = cafe.public.post("/sessions", {"username": "owner", "password": password}).json
    kept = json.dumps(items(cafe))
    assert told["token"] not in kept
    assert password not in kept
    digest = hashlib.sha256(told["token"].encode()).digest()
    assert told["id"] == urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert told["id"] in kept
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept
    problem(cafe.public.get("/sessions", {"Authorization": f"Bearer {told['id']}"}), 401)


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(cafe: TestApp) -> None:
    cafe.create_owner("right")
    cafe.client("staff", "without password")
    told = []
    for username, password in (
        ("owner", "wrong"),
        ("nobody", "wrong"),
        ("without password", "wrong"),
    ):
        answer = cafe.public.post("/sessions", {"username": username, "password": password})
        assert problem(answer, 401)["detail"] == "Invalid username/password."
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="clowder"'
        told.append(answer.get_data(as_text=True).replace(answer.headers["X-Request-Id"], ""))
    assert len(set(told)) == 1


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, ["/password", "/username"]),
        ({"username": "", "password": ""}, ["/password", "/username"]),
        ({"username": "owner", "password": "x" * 129}, ["/password"]),
        ({"username": "x" * 65, "password": 12345678, "role": "owner"}, ["/password", "/role", "/username"]),
    ],
)
def test_what_are_no_credentials_is_422_and_no_try(cafe: TestApp, body: dict[str, object], where: list[str]) -> None:
    with writes_nothing(cafe):
        assert pointers(cafe.public.post("/sessions", body)) == where


def test_one_sees_ones_own_sessions_newest_first(cafe: TestApp) -> None:
    cafe.token("staff", "bea")
    for _ in range(3):
        cafe.clock.advance(seconds=1)
        cafe.token("member", "ann")
    cafe.clock.advance(seconds=1)
    ann = cafe.client("member", "ann")
    found, path = [], "/sessions?limit=3"
    while path:
        page = ann.get(path).json
        found += page["items"]
        path = page.get("next")
    assert [session["created"][-3:] for session in found] == ["04Z", "03Z", "02Z", "01Z"]
    assert [session["current"] for session in found] == [True, False, False, False]
    assert {session["username"] for session in found} == {"ann"}
    assert "token" not in found[0]


def test_a_revoked_token_ceases_to_work_at_once(cafe: TestApp) -> None:
    one, other = cafe.client("member", "ann"), cafe.client("member", "ann")
    ids = {session["current"]: session["id"] for session in one.get("/sessions").json["items"]}
    assert one.delete(f"/sessions/{ids[False]}").status_code == 204
    problem(other.get("/sessions"), 401)
    problem(other.get("/cats"), 401)
    assert [session["id"] for session in one.get("/sessions").json["items"]] == [ids[True]]
    problem(one.delete(f"/sessions/{ids[False]}"), 404)
    assert one.delete(f"/sessions/{ids[True]}").status_code == 204
    problem(one.get("/sessions"), 401)


def test_anothers_session_is_404_byte_for_byte_like_one_that_is_not_there(cafe: TestApp) -> None:
    ann, bea = cafe.client("owner", "ann"), cafe.client("member", "bea")
    (hers,) = bea.get("/sessions").json["items"]
    nobodys = urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
    with writes_nothing(cafe):
        for method in ("GET", "HEAD", "DELETE"):
            told = []
            for session in (hers["id"], nobodys):
                answer = ann.send(method, f"/sessions/{session}", {"If-Match": "*"})
                assert answer.status_code == 404
                text = (
                    answer.get_data(as_text=True).replace(answer.headers.pop("X-Request-Id"), "").replace(session, "")
                )
                told.append((text, dict(answer.headers)))
            assert told[0] == told[1]
    assert bea.get(f"/sessions/{hers['id']}").status_code == 200


@pytest.mark.parametrize("id", ["x", "..", "%20", "a%23b", "%00", "ë", "x" * 65])
def test_what_is_no_id_of_a_session_is_404(cafe: TestApp, id: str) -> None:
    ann = cafe.client("member", "ann")
    for method in ("GET", "DELETE"):
        problem(ann.send(method, f"/sessions/{id}"), 404)


def test_a_token_works_until_it_expires_and_then_its_session_is_gone(cafe: TestApp) -> None:
    ann = cafe.client("member", "ann")
    (mine,) = ann.get("/sessions").json["items"]
    cafe.clock.advance(minutes=59, seconds=59)
    assert ann.get("/sessions").status_code == 200
    later = cafe.client("member", "ann")
    cafe.clock.advance(seconds=1)
    problem(ann.get("/cats"), 401)
    assert mine["id"] not in [session["id"] for session in later.get("/sessions").json["items"]]
    problem(later.get(f"/sessions/{mine['id']}"), 404)
    (kept,) = [item for item in items(cafe) if item["pk"]["S"] == f"sessions#{mine['id']}"]
    assert kept["expires"]["N"] == str(int(cafe.clock.now.timestamp()))


def test_a_session_is_revoked_only_in_the_state_that_is_meant(cafe: TestApp) -> None:
    ann = cafe.client("member", "ann")
    (mine,) = ann.get("/sessions").json["items"]
    path = f"/sessions/{mine['id']}"
    tag = etag(ann.get(path))
    problem(ann.delete(path, if_match='"old"'), 412)
    assert ann.delete(path, if_match=tag).status_code == 204
