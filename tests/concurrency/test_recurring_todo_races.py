"""Completing or reopening a recurring to-do concurrently leaves one open occurrence, also when responses are lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.context import Context
from api.domain.todos import Todo
from api.resources.todos import TodoItem
from api.services.entity_service import Effects
from api.services.mappings import TODO
from api.services.todos import TODOS, assign_and_repeat
from api.store.transaction import TransactItem
from tests.support.app import Client
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.fault_injection import FaultInjector, InjectFaults, LostResponse
from tests.support.mutants import ChecksOnlyBefore, WithoutRequestToken, WritesOneByOne

CLIENTS = 8
PILL = {"title": "Give Luna a pill", "kind": "medicine", "recurrence": {"every": 12, "unit": "hours"}}


def _create(cafe: EngineApp) -> str:
    """Create a recurring to-do and return its path."""
    due = cafe.clock.now.replace(microsecond=0).isoformat()
    response = cafe.staff.post("/todos", PILL | {"due": due})
    assert response.status_code == 201, response.get_data(as_text=True)
    return response.headers["Location"]


def _complete(client: Client, path: str) -> TestResponse:
    return client.post(f"{path}/done", None)


def _patch(client: Client, path: str, if_match: str = "*") -> TestResponse:
    return client.patch(path, {"done": True}, if_match=if_match)


def check_one_next(cafe: EngineApp, path: str, responses: Sequence[TestResponse]) -> None:
    """Check that there is one next occurrence and that all responses name it."""
    todos = cafe.stored("todos")
    done = todos.pop(path.rpartition("/")[2])
    assert len(todos) == 1, "there is one next occurrence"
    [(next_id, following)] = todos.items()
    assert {response.get_json()["next"] for response in responses} == {done["next"], next_id}, (
        "all responses name the next occurrence"
    )
    assert (done["done"], following.get("done", False)) == (True, False)
    assert cafe.staff.get(f"/todos/{next_id}").get_json()["due"] > cafe.staff.get(path).get_json()["due"]


def complete_concurrently(cafe: EngineApp) -> None:
    """POST /done many times at once: all responses are the same."""
    path = _create(cafe)
    responses = cafe.race(*(partial(_complete, client, path) for client in cafe.clients(CLIENTS)))
    assert statuses(responses) == {200: CLIENTS}, "every response is a 200"
    check_one_next(cafe, path, responses)
    assert len({(response.data, response.headers["ETag"]) for response in responses}) == 1, "all responses are the same"


def complete_and_patch_concurrently(cafe: EngineApp) -> None:
    """POST /done and PATCH without a version at once."""
    path = _create(cafe)
    calls = [
        partial((_complete, _patch)[index % 2], client, path) for index, client in enumerate(cafe.clients(CLIENTS))
    ]
    responses = cafe.race(*calls)
    assert statuses(responses) == {200: CLIENTS}, "every response is a 200"
    check_one_next(cafe, path, responses)


def complete_and_patch_one_version_concurrently(cafe: EngineApp) -> None:
    """POST /done and PATCH one version at once: at most one PATCH succeeds."""
    path = _create(cafe)
    etag = cafe.staff.get(path).headers["ETag"]
    completions = [partial(_complete, client, path) for client in cafe.clients(CLIENTS // 2)]
    patches = [partial(_patch, client, path, etag) for client in cafe.clients(CLIENTS // 2)]
    responses = cafe.race(*completions, *patches)
    counts = statuses(responses)
    assert counts[200] in (CLIENTS // 2, CLIENTS // 2 + 1), "one version is changed once"
    assert counts == {200: counts[200], 412: CLIENTS - counts[200]}
    check_one_next(cafe, path, [response for response in responses if response.status_code == 200])


def check_done_once(
    cafe: EngineApp, injector: FaultInjector, send: Callable[[Client, str], TestResponse], fault: LostResponse
) -> None:
    """Lose the response of DynamoDB, and check that the to-do is done and has one next occurrence."""
    path, client = _create(cafe), cafe.staff
    etag = client.get(path).headers["ETag"]
    injector.faults.append(fault)
    response = _patch(client, path, etag) if send is _patch else send(client, path)
    assert not injector.faults, "a response was lost"
    assert response.status_code == 200, "the request is a 200"
    check_one_next(cafe, path, [response])
    assert client.get(path).data == response.data


def _reopen(client: Client, path: str, method: str = "PATCH") -> TestResponse:
    if method == "PATCH":
        return client.patch(path, {"done": False}, if_match="*")
    return client.put(path, {"title": "Give Luna a pill"})


def _open_occurrences(cafe: EngineApp) -> list[str]:
    return [key for key, todo in cafe.stored("todos").items() if not todo.get("done", False)]


def reopen_and_complete_next_concurrently(cafe: EngineApp) -> None:
    """Reopen a to-do while its next occurrence is completed: one of both happens."""
    path = _create(cafe)
    next_id = _complete(cafe.staff, path).get_json()["next"]
    reopened, completed = cafe.race(
        partial(_reopen, cafe.staff, path), partial(_complete, cafe.staff, f"/todos/{next_id}")
    )
    assert (reopened.status_code, completed.status_code) in ((200, 404), (422, 200)), "one of both happens"
    expected = path.rpartition("/")[2] if reopened.status_code == 200 else completed.get_json()["next"]
    assert _open_occurrences(cafe) == [expected], "there is one open occurrence"


def reopen_and_delete_next_concurrently(cafe: EngineApp) -> None:
    """Reopen a to-do twice while its next occurrence is deleted."""
    path = _create(cafe)
    next_id = _complete(cafe.staff, path).get_json()["next"]
    *reopened, deleted = cafe.race(
        partial(_reopen, cafe.staff, path),
        partial(_reopen, cafe.staff, path, "PUT"),
        lambda client=cafe.staff: client.delete(f"/todos/{next_id}"),
    )
    assert statuses(reopened) == {200: 2}, "the to-do is reopened"
    assert deleted.status_code in (204, 404)
    assert _open_occurrences(cafe) == [path.rpartition("/")[2]], "there is one open occurrence"


def reopen_and_complete_again_concurrently(cafe: EngineApp) -> None:
    """Reopen and complete a to-do many times at once."""
    path = _create(cafe)
    _complete(cafe.staff, path)
    calls = [partial((_complete, _reopen)[index % 2], client, path) for index, client in enumerate(cafe.clients(4))]
    assert statuses(cafe.race(*calls)) == {200: 4}
    assert len(_open_occurrences(cafe)) == 1, "there is one open occurrence"


def _press(client: Client, path: str, action: str) -> TestResponse:
    """Press a button of a page."""
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    return client.send("POST", f"/forms{path}", headers, data=f"_action={action}")


def press_done_concurrently(cafe: EngineApp) -> None:
    """Press "Done" many times at once: it is done once, and every browser sees who did it."""
    path = _create(cafe)
    responses = cafe.race(*(partial(_press, client, path, "done") for client in cafe.clients(CLIENTS)))
    assert statuses(responses) == {303: CLIENTS}, "every response is a 303"
    check_one_next(cafe, path, [cafe.staff.get(path)])


def undo_and_complete_next_concurrently(cafe: EngineApp) -> None:
    """Press "Undo" twice while the next occurrence is completed: one of both happens."""
    path, client = _create(cafe), cafe.staff
    assert _press(client, path, "done").status_code == 303
    next_id = client.get(path).get_json()["next"]
    first, second, completed = cafe.race(
        partial(_press, client, path, "undo"),
        partial(_press, client, path, "undo"),
        partial(_complete, cafe.staff, f"/todos/{next_id}"),
    )
    assert statuses([first, second]) == {303: 2}, "every browser goes back to the page"
    refused = ["refused=undo" in response.headers["Location"] for response in (first, second)]
    assert (*refused, completed.status_code) in ((False, False, 404), (True, True, 200)), "one of both happens"
    expected = completed.get_json()["next"] if refused[0] else path.rpartition("/")[2]
    assert _open_occurrences(cafe) == [expected], "there is one open occurrence"


REOPENINGS = [
    undo_and_complete_next_concurrently,
    reopen_and_complete_next_concurrently,
    reopen_and_delete_next_concurrently,
    reopen_and_complete_again_concurrently,
]
SCENARIOS = [
    complete_concurrently,
    press_done_concurrently,
    complete_and_patch_concurrently,
    complete_and_patch_one_version_concurrently,
]


@pytest.mark.parametrize("scenario", REOPENINGS)
@pytest.mark.parametrize("lose_every", [0, 3])
def test_concurrent_reopening_leaves_one_open_occurrence(
    cafe: EngineApp, inject_faults: InjectFaults, scenario: Callable[[EngineApp], None], lose_every: int
) -> None:
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = lose_every, True
    scenario(cafe)


def test_deletion_of_the_next_occurrence_without_condition_is_detected(make_broken_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match=r"one of both happens|there is one open occurrence"):
        reopen_and_complete_next_concurrently(make_broken_app(ChecksOnlyBefore))
    with pytest.raises(AssertionError, match=r"one of both happens|there is one open occurrence"):
        undo_and_complete_next_concurrently(make_broken_app(ChecksOnlyBefore))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_concurrent_completion_creates_one_next_occurrence(
    cafe: EngineApp, scenario: Callable[[EngineApp], None]
) -> None:
    scenario(cafe)


@pytest.mark.parametrize("scenario", SCENARIOS[:3])
@pytest.mark.parametrize("forgetful", [False, True])
def test_concurrent_completion_with_lost_responses_creates_one_next_occurrence(
    cafe: EngineApp, inject_faults: InjectFaults, scenario: Callable[[EngineApp], None], forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 3, forgetful
    scenario(cafe)


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("send", [_complete, _patch])
def test_completion_with_lost_response_is_200(
    cafe: EngineApp, inject_faults: InjectFaults, send: Any, forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.forgetful = forgetful
    check_done_once(cafe, injector, send, LostResponse())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_missing_condition_on_the_version_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match=r"one next occurrence|one version is changed once"):
        scenario(make_broken_app(ChecksOnlyBefore))


def write_next_separately(context: Context, before: Todo | None, *rest: Any) -> Effects[Todo]:
    """Write the next occurrence in its own transaction, before the to-do that is done."""
    effects = assign_and_repeat(context, before, *rest)
    for _, following, _ in effects.others:
        item = TODO.item(following, rest[-1].id)
        context.dependencies.table.transact([TransactItem("Put", item, None)], f"{rest[-1].id}-next")
    return replace(effects, others=())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_next_occurrence_outside_of_the_transaction_is_detected(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, scenario: Callable[[EngineApp], None]
) -> None:
    service = replace(TODOS, side_effects=write_next_separately)
    monkeypatch.setattr("api.services.todos.TODOS", service)
    monkeypatch.setattr(TodoItem, "service", service)
    with pytest.raises(AssertionError, match="there is one next occurrence"):
        scenario(cafe)


@pytest.mark.parametrize(
    ("send", "table", "forgetful", "message"),
    [
        (_complete, WritesOneByOne, False, "there is one next occurrence"),
        (_patch, WritesOneByOne, False, "the request is a 200"),
        (_patch, WithoutRequestToken, True, "the request is a 200"),
    ],
)
def test_partial_or_unrecognised_write_is_detected(
    make_broken_app: MakeEngineApp,
    inject_faults: InjectFaults,
    send: Any,
    table: type[InstrumentedTable],
    forgetful: bool,
    message: str,
) -> None:
    cafe = make_broken_app(table)
    injector = inject_faults(cafe)
    injector.forgetful = forgetful
    with pytest.raises(AssertionError, match=message):
        check_done_once(cafe, injector, send, LostResponse())
