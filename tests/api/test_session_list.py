"""The sessions of a user: at most 20, newest first, in pages, and safe to end twice."""

from __future__ import annotations

from api.domain.sessions import MAX_SESSIONS
from api.store.table import Table
from tests.support.app import Client, TestApp, problem
from tests.support.inspection import items
from tests.support.users import InterruptingClock, log_in, register


def log_in_often(cafe: TestApp, number: int) -> list[Client]:
    """Register Ada and log in the given number of times, one second apart."""
    register(cafe, "ada")
    clients = []
    for _ in range(number):
        cafe.clock.advance(seconds=1)
        clients.append(log_in(cafe, "ada"))
    return clients


def test_21st_session_ends_only_the_oldest(cafe: TestApp) -> None:
    assert MAX_SESSIONS == 20
    first, second, *others = log_in_often(cafe, MAX_SESSIONS)
    assert first.get("/sessions").status_code == 200
    bea = cafe.client("member", "bea")
    newest = log_in(cafe, "ada")
    problem(first.get("/sessions"), 401)
    assert [client.get("/sessions").status_code for client in (second, *others, newest, bea)] == [200] * (
        MAX_SESSIONS + 1
    )
    assert len([item for item in items(cafe) if item["pk"]["S"].startswith("sessions#")]) == MAX_SESSIONS + 1


def test_list_is_newest_first_and_marks_the_current_session(cafe: TestApp) -> None:
    *_, client, _, _ = log_in_often(cafe, 7)
    sessions, path, pages = [], "/sessions?limit=3", 0
    while path:
        response = client.get(path)
        sessions += response.json["items"]
        path, pages = response.json.get("next"), pages + 1
        assert ('rel="next"' in response.headers["Link"]) == (path is not None)
    assert pages == 3
    created = [session["created"] for session in sessions]
    assert created == sorted(created, reverse=True)
    assert len({session["id"] for session in sessions}) == 7
    assert [session["current"] for session in sessions] == [False, False, True, False, False, False, False]
    problem(client.get("/sessions?limit=0"), 400)
    problem(client.get("/sessions?cursor=" + "x" * 30), 400)


def test_next_page_continues_after_the_cursor_during_changes(cafe: TestApp) -> None:
    *_, client = log_in_often(cafe, 6)
    first = client.get("/sessions?limit=2").json
    deleted = first["items"][1]["id"]
    assert client.delete(f"/sessions/{deleted}").status_code == 204
    log_in(cafe, "ada")
    second = client.get(first["next"]).json["items"]
    assert [session["created"][-3:-1] for session in second] == ["04", "03"]


def test_expired_sessions_are_neither_listed_nor_counted(cafe: TestApp) -> None:
    *_, last = log_in_often(cafe, MAX_SESSIONS)
    cafe.clock.advance(hours=24)
    problem(last.get("/sessions"), 401)
    log_in(cafe, "ada")
    client = log_in(cafe, "ada")
    assert len(client.get("/sessions").json["items"]) == 2


def test_session_that_is_ended_twice_at_once_is_204_or_404(mocked_table: Table) -> None:
    for method, path, status in (("POST", "/logout", 204), ("DELETE", "/sessions/{id}", 204)):
        cafe = TestApp(mocked_table, clock := InterruptingClock())
        client = cafe.client("member", "ada")
        (session,) = client.get("/sessions").json["items"]
        statuses: list[int] = []
        url = f"/sessions/{session['id']}"
        clock.run_during_request(
            lambda client=client, url=url, statuses=statuses: statuses.append(client.delete(url).status_code)
        )
        late = client.send(method, path.format(**session))
        assert (statuses, late.status_code) in (([204], status), ([204], 404))
        problem(client.get("/sessions"), 401)
