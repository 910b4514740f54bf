"""How many sessions somebody has, how they are listed, and that ending one twice does no harm."""

from __future__ import annotations

from api.domain.sessions import MOST
from api.store.table import Table
from tests.support.app import Client, TestApp, problem
from tests.support.inspection import items
from tests.support.users import InterruptingClock, log_in, register


def crowd(cafe: TestApp, number: int) -> list[Client]:
    """Log in so many times, a second apart."""
    register(cafe, "ada")
    found = []
    for _ in range(number):
        cafe.clock.advance(seconds=1)
        found.append(log_in(cafe, "ada"))
    return found


def test_the_twenty_first_session_ends_the_oldest_and_no_other(cafe: TestApp) -> None:
    assert MOST == 20
    first, second, *others = crowd(cafe, MOST)
    assert first.get("/sessions").status_code == 200
    bea = cafe.client("member", "bea")
    newest = log_in(cafe, "ada")
    problem(first.get("/sessions"), 401)
    assert [one.get("/sessions").status_code for one in (second, *others, newest, bea)] == [200] * (MOST + 1)
    assert len([item for item in items(cafe) if item["pk"]["S"].startswith("sessions#")]) == MOST + 1


def test_the_list_is_newest_first_in_pages_and_shows_which_is_current(cafe: TestApp) -> None:
    *_, me, _, _ = crowd(cafe, 7)
    found, path, pages = [], "/sessions?limit=3", 0
    while path:
        answer = me.get(path)
        found += answer.json["items"]
        path, pages = answer.json.get("next"), pages + 1
        assert ('rel="next"' in answer.headers["Link"]) == (path is not None)
    assert pages == 3
    created = [one["created"] for one in found]
    assert created == sorted(created, reverse=True)
    assert len({one["id"] for one in found}) == 7
    assert [one["current"] for one in found] == [False, False, True, False, False, False, False]
    problem(me.get("/sessions?limit=0"), 400)
    problem(me.get("/sessions?cursor=" + "x" * 30), 400)


def test_a_page_goes_on_where_the_one_before_ended_while_sessions_come_and_go(cafe: TestApp) -> None:
    *_, me = crowd(cafe, 6)
    first = me.get("/sessions?limit=2").json
    gone = first["items"][1]["id"]
    assert me.delete(f"/sessions/{gone}").status_code == 204
    log_in(cafe, "ada")
    second = me.get(first["next"]).json["items"]
    assert [one["created"][-3:-1] for one in second] == ["04", "03"]


def test_an_expired_session_gives_its_seat_away(cafe: TestApp) -> None:
    *_, last = crowd(cafe, MOST)
    cafe.clock.advance(hours=24)
    problem(last.get("/sessions"), 401)
    log_in(cafe, "ada")
    me = log_in(cafe, "ada")
    assert len(me.get("/sessions").json["items"]) == 2


def test_a_bad_bearer_token_is_401_on_public_paths_too(cafe: TestApp) -> None:
    for header in ("Bearer x", "Bearer", "Bearer ", "Basic YWRhOng=", "x", "Bearer a b", "Bearer \xff"):
        answer = cafe.public.get("/cats", {"Authorization": header})
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="clowder"')


def test_the_scheme_of_a_token_is_written_in_any_case(cafe: TestApp) -> None:
    token = cafe.token("member", "ada")
    for scheme in ("bearer", "BEARER", "Bearer"):
        assert cafe.public.get("/sessions", {"Authorization": f"{scheme} {token}"}).status_code == 200


def test_of_two_who_end_the_same_session_at_once_both_are_done(mocked_table: Table) -> None:
    for method, path, status in (("POST", "/logout", 204), ("DELETE", "/sessions/{id}", 204)):
        cafe = TestApp(mocked_table, clock := InterruptingClock())
        me = cafe.client("member", "ada")
        (mine,) = me.get("/sessions").json["items"]
        told: list[int] = []
        where = f"/sessions/{mine['id']}"
        clock.run_during_request(lambda me=me, where=where, told=told: told.append(me.delete(where).status_code))
        late = me.send(method, path.format(**mine))
        assert (told, late.status_code) in (([204], status), ([204], 404))
        problem(me.get("/sessions"), 401)
