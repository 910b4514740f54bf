"""make bench: one run fills the report, all compared handlers behave the same, and wrong responses stop the run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench import handlers as bench_handlers
from bench import pages, profiles, report
from bench.environment import ROOT, BenchEnvironment, bench_environment
from bench.goals import CLOWDER_NAME, GOALS, Goal
from bench.handlers import Handler, deploy
from bench.peer_packages import FLOOR, PEERS
from bench.rounds import ROUNDS, parse_rounds, run_rounds
from bench.worker import comparable_body
from bench.workloads import (
    CHANGING_FIELDS,
    GET,
    LIST,
    LOGIN,
    PUT,
    UPDATED_CAT,
    WORKLOADS,
    Event,
    Workload,
    cat_body,
)
from tests.bench.handler_requests import Response, case_of, changed_case, dynamodb_calls, put_event, send, stored_items
from tests.support.artefact import contents
from tools.cli import CliError
from tools.package.build import Package

NAMES = (CLOWDER_NAME, *(peer.name for peer in PEERS))
COMPARED = (CLOWDER_NAME, *(peer.name for peer in PEERS if peer.compared))
Handlers = dict[str, Handler]

INVALID_MEMBERS = (
    '{"sex": "none"}', '{"pattern": "a pattern of more than sixty-four characters, which is more than allowed"}',
    '{"birthDate": "yesterday"}', '{"birthDate": "2999-01-01"}', '{"microchips": [{"number": "1"}]}',
    '{"vaccinations": [{}]}', '{"goodWith": {"cats": "maybe"}}', '{"wings": 2}', '{"name": "luna"}',
    '{"adoptionFee": {"amount": -1, "currency": "GBP"}}', '{"specialNeeds": {"has": "certainly"}}',
    '{"bondedWith": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]}', '{"location": {"area": 3}}',
    '{"coat": "long, curly"}', "{",
)  # fmt: skip
"""Members that make a body invalid. The last one is not JSON."""

PRINT_CONFIGURATION = """
import gc, handler
client = getattr(handler, "_table", handler).client
config = client.meta.config
print(config.connect_timeout, config.read_timeout, config.retries, config.max_pool_connections)
print(type(client._serializer).__name__, "lang/python" in config.user_agent, gc.isenabled(), gc.get_freeze_count() > 0)
"""
"""Prints the configuration of a handler. The class of the serializer shows whether parameters are validated."""


@pytest.fixture(scope="module")
def environment() -> Iterator[BenchEnvironment]:
    """The environment of make bench."""
    with bench_environment() as running:
        yield running


@pytest.fixture(scope="module")
def handlers(environment: BenchEnvironment, artefact: Package) -> Handlers:
    """All deployed handlers by name."""
    return {handler.name: handler for handler in deploy(environment, artefact)}


def test_one_run_fills_the_report(handlers: Handlers) -> None:
    data = run_rounds(list(handlers.values()), rounds=1, requests=2, warm_up=2)
    figures = pages.measure(handlers[CLOWDER_NAME], runs=1, requests=2)
    parts = pages.placeholders(figures, handlers[CLOWDER_NAME])
    page = report.render(data, 0.0, profiles.take_profile(handlers[CLOWDER_NAME], runs=1, requests=3), parts)
    assert parts["pages"] in page
    too_much = {case.title: values for case, values in figures.items() if values["units"] > case.units}
    assert too_much == {}
    assert {case.title for case, values in figures.items() if values["html"] > 20_000} == set()
    for key, samples in data.items():
        assert tuple(samples) == NAMES
        assert all(len(values) == 1 and min(values) > 0 for values in samples.values()), key
    tables = (report.medians(data), report.ratios(data), report.goals(data), report.shares(data))
    assert all(table in page for table in tables)
    assert all(name in page for name in ("FastAPI", "werkzeug", "`from api.app import create_app`", "second GET"))
    assert "$" not in page
    assert str(ROOT) not in page
    lines = report.goal_lines(data).splitlines()
    assert [line.split()[1] for line in lines] == [goal.name for goal in GOALS]
    assert all(re.fullmatch(r"goal [a-z_]+ \d+\.\d\d \d+\.\d\d", line) for line in lines)


@pytest.mark.parametrize(("value", "verdict"), [(0.80, "reached"), (0.96, "missed by 0.16 (20%)")])
def test_goal_is_compared_with_the_rounded_value(value: float, verdict: str) -> None:
    goal = Goal("cold", "Cold", "cold_ms", 0.80, "bare")
    data = {"cold_ms": {CLOWDER_NAME: [value + 0.004, 9.0, value], "bare": [1.0, 1.0, 1.0]}}
    assert goal.line(data) == f"goal cold {value:.2f} 0.80"
    assert report._verdict(goal, data) == verdict


@pytest.fixture(scope="module")
def responses(handlers: Handlers) -> dict[str, list[Response]]:
    """The responses of all compared handlers to the requests of the workloads and to invalid requests."""
    return {name: send(handlers[name], requests(handlers[name])) for name in COMPARED}


@pytest.mark.parametrize("name", COMPARED)
@pytest.mark.parametrize("index", range(len(WORKLOADS)), ids=[work.key for work in WORKLOADS])
def test_compared_handlers_return_the_same_body(responses: dict[str, list[Response]], name: str, index: int) -> None:
    response, expected = responses[name][index], responses[CLOWDER_NAME][index]
    assert response["statusCode"] == 200
    assert comparable_body(response, CHANGING_FIELDS) == comparable_body(expected, CHANGING_FIELDS)


def test_responses_fit_the_workloads(responses: dict[str, list[Response]]) -> None:
    workload_responses = responses[CLOWDER_NAME][: len(WORKLOADS)]
    cat, page, updated, with_login = (json.loads(response["body"]) for response in workload_responses)
    assert cat["name"] == with_login["name"] == "luna"
    assert with_login["blockers"] == []
    assert len(page["items"]) == 20
    assert page["next"].startswith("/cats?limit=20&cursor=")
    assert (updated["name"], updated["staffNotes"]) == (UPDATED_CAT, "Steals whipped cream.")


@pytest.mark.parametrize("name", COMPARED)
def test_compared_handlers_reject_invalid_bodies(responses: dict[str, list[Response]], name: str) -> None:
    statuses = [response["statusCode"] for response in responses[name][len(WORKLOADS) : -1]]
    accepted = {
        body: status for body, status in zip(INVALID_MEMBERS, statuses, strict=True) if status not in (400, 422)
    }
    assert accepted == {}


@pytest.mark.parametrize("name", COMPARED)
def test_compared_handlers_reject_an_unknown_token(responses: dict[str, list[Response]], name: str) -> None:
    assert responses[name][-1]["statusCode"] == 401


@pytest.mark.parametrize("name", [CLOWDER_NAME, PEERS[0].name])
def test_unexpected_body_stops_the_measurement(handlers: Handlers, name: str) -> None:
    handler = handlers[name]
    with changed_case(handler, GET, lambda case: case["expected"].update(name="another cat")):
        with pytest.raises(CliError, match=r"Unexpected response: .*: 200"):
            handler.measure_cold(GET)
        with pytest.raises(CliError, match=r"Unexpected response: .*: 200"):
            handler.measure_warm(GET, 1, 1)


def test_error_status_stops_the_measurement(handlers: Handlers) -> None:
    clowder = handlers[CLOWDER_NAME]
    broken = changed_case(clowder, PUT, lambda case: case["event"].update(body="{"))
    with broken, pytest.raises(CliError, match=r"Unexpected response: .*: 400"):
        clowder.measure_warm(PUT, 1, 1)


def test_list_of_wrong_length_stops_the_run(handlers: Handlers) -> None:
    work = replace(LIST, key="short", query="limit=19")
    with pytest.raises(CliError, match="response to the workload 'list of 20 cats' is not the expected one"):
        bench_handlers.get_expected_body(handlers[CLOWDER_NAME], work)


@pytest.mark.parametrize("name", [CLOWDER_NAME, PEERS[0].name])
def test_compared_handlers_reject_an_outdated_version(handlers: Handlers, name: str) -> None:
    handler = handlers[name]
    (before,) = send(handler, [case_of(handler, PUT)["read_event"]])
    tag = next(value for name, value in before["headers"].items() if name.lower() == "etag")
    notes = [{"staffNotes": f"{note} by {name}"} for note in ("first", "second")]
    repeated = send(handler, [put_event(handler, members, tag) for members in notes])
    assert [response["statusCode"] for response in repeated] == [200, 412]


def test_compared_handlers_store_the_same_items(environment: BenchEnvironment, handlers: Handlers) -> None:
    stored = {name: stored_items(environment, handlers[name]) for name in COMPARED}
    assert stored[CLOWDER_NAME][0]["doc"]["pattern"] == "spots"
    assert stored[CLOWDER_NAME][1]["entry"] == {"action": "replaced", "changed": ["pattern"]}
    assert {name: items for name, items in stored.items() if items != stored[CLOWDER_NAME]} == {}


@pytest.mark.parametrize("name", NAMES)
def test_only_deployed_modules_are_importable(handlers: Handlers, name: str) -> None:
    module = handlers[name].implementation.entry.partition(".")[0]
    own = ["api"] if name == CLOWDER_NAME else ["cats"] if name in COMPARED else []
    code = f"import importlib.util as u; print(*filter(u.find_spec, ('{module}', 'api', 'cats', 'bench', 'pytest')))"
    assert handlers[name].run(["-c", code])[0].split() == [module, *own]


@pytest.mark.parametrize("work", WORKLOADS, ids=[work.key for work in WORKLOADS])
def test_floor_returns_the_stored_documents(handlers: Handlers, work: Workload) -> None:
    (response,) = send(handlers[FLOOR.name], [case_of(handlers[FLOOR.name], work)["event"]])
    documents = json.loads(response["body"])
    assert response["statusCode"] == 200
    assert len(documents) == (bench_handlers.LIST_LENGTH if work == LIST else 1)
    assert all(document["version"] >= 1 for document in documents)


def test_the_others_can_read_the_cat_that_the_floor_has_stored(handlers: Handlers) -> None:
    send(handlers[FLOOR.name], [case_of(handlers[FLOOR.name], PUT)["event"]])
    for name in COMPARED:
        (response,) = send(handlers[name], [case_of(handlers[name], PUT)["read_event"]])
        assert response["statusCode"] == 200, name


def test_floor_has_the_boto3_configuration_of_clowder(handlers: Handlers) -> None:
    floor, clowder = handlers[FLOOR.name], handlers[CLOWDER_NAME]
    data = "botocore/data"
    assert floor.run(["-c", PRINT_CONFIGURATION])[0] == clowder.run(["-c", PRINT_CONFIGURATION])[0]
    assert contents(floor.deployment.task / data) == contents(clowder.deployment.task / data)


@pytest.mark.parametrize("work", [GET, LIST, LOGIN], ids=["get", "list", "login"])
def test_floor_sends_the_same_reads_as_clowder(handlers: Handlers, work: Workload) -> None:
    assert dynamodb_calls(handlers[FLOOR.name], work) == dynamodb_calls(handlers[CLOWDER_NAME], work)


@pytest.mark.parametrize(("name", "read"), [(CLOWDER_NAME, "BatchGetItem"), (FLOOR.name, "GetItem")])
def test_put_reads_once_and_writes_once(handlers: Handlers, name: str, read: str) -> None:
    assert [operation for operation, _ in dynamodb_calls(handlers[name], PUT)] == [read, "TransactWriteItems"]


def test_floor_stores_the_body_of_a_put(environment: BenchEnvironment, handlers: Handlers) -> None:
    cat, entry = stored_items(environment, handlers[FLOOR.name])
    assert cat["doc"]["pattern"] == entry["doc"]["pattern"] == "spots"


def test_floor_writes_are_conditional(handlers: Handlers) -> None:
    *_, (_, request) = dynamodb_calls(handlers[FLOOR.name], PUT)
    cat, entry = (write["Put"]["ConditionExpression"] for write in request["TransactItems"])
    assert (cat, entry) == ("rev = :rev", "attribute_not_exists(pk)")


def test_floor_without_the_cat_stops_the_measurement(handlers: Handlers) -> None:
    floor = handlers[FLOOR.name]
    with changed_case(floor, GET, lambda case: case["event"].update(rawPath="/cats/unknown")):
        with pytest.raises(CliError, match=r"the floor, GET of a cat: .*Unexpected response: .*: 404"):
            floor.measure_cold(GET)
        with pytest.raises(CliError, match=r"the floor, GET of a cat: .*Unexpected response: .*: 404"):
            floor.measure_warm(GET, 1, 1)


@pytest.mark.parametrize(("text", "rounds"), [(None, ROUNDS), ("", ROUNDS), ("3", 3)])
def test_bench_rounds_sets_the_number_of_rounds(text: str | None, rounds: int) -> None:
    assert parse_rounds(text) == rounds


@pytest.mark.parametrize("text", ["0", "-3", "many"])
def test_invalid_bench_rounds_is_an_error(text: str) -> None:
    with pytest.raises(CliError, match="BENCH_ROUNDS"):
        parse_rounds(text)


def requests(handler: Handler) -> list[Event]:
    """Return the requests of the workloads, requests with invalid bodies, and one with an unknown token."""
    unknown_token = case_of(handler, LOGIN)["event"]
    unknown_token["headers"]["authorization"] = "Bearer none"
    bodies = [{"body": json.dumps(cat_body() | json.loads(members))} for members in INVALID_MEMBERS[:-1]]
    invalid = [put_event(handler, {}) | body for body in (*bodies, {"body": INVALID_MEMBERS[-1]})]
    return [*(case_of(handler, work)["event"] for work in WORKLOADS), *invalid, unknown_token]
