"""make bench works, whatever it finds: no number is asserted here, only that there is one, of equal answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from bench import deployed, profiles, report
from bench.deployed import Handler, deploy
from bench.goals import GOALS, OURS, Goal
from bench.installed import ALL, FLOOR
from bench.probe import seen
from bench.rounds import ROUNDS, number_of_rounds, play
from bench.stage import ROOT, Stage, stage
from bench.workloads import CHANGED, CHANGING, GET, LIST, LOGIN, PUT, WORKLOADS, Event, Workload, cat
from tests.support.artefact import contents
from tests.support.scripted_server import Action, Requests, scripted_server
from tools.cli import CliError
from tools.package.build import Package

NAMES = (OURS, *(peer.name for peer in ALL))
COMPARED = (OURS, *(peer.name for peer in ALL if peer.compared))
Handlers = dict[str, Handler]
Answer = dict[str, Any]
Call = tuple[str, dict[str, Any]]
"""An operation of DynamoDB, and the body of its request."""

WRONG = (
    '{"sex": "none"}', '{"pattern": "a pattern of more than sixty-four characters, which is more than a word has"}',
    '{"birthDate": "yesterday"}', '{"birthDate": "2999-01-01"}', '{"microchips": [{"number": "1"}]}',
    '{"vaccinations": [{}]}', '{"goodWith": {"cats": "maybe"}}', '{"wings": 2}', '{"name": "luna"}',
    '{"adoptionFee": {"amount": -1, "currency": "GBP"}}', '{"specialNeeds": {"has": "certainly"}}',
    '{"bondedWith": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]}', '{"location": {"area": 3}}',
    '{"coat": "long, curly"}', "{",
)  # fmt: skip
"""Members that make a body wrong; the last is no JSON."""

ASK = """
import importlib, json, sys
module, _, name = sys.argv[1].partition(".")
handler = getattr(importlib.import_module(module), name)
with open(sys.argv[2], encoding="utf-8") as file:
    print(json.dumps([handler(event, None) for event in json.load(file)]))
"""

CONFIGURATION = """
import gc, handler
client = getattr(handler, "_table", handler).client
config = client.meta.config
print(config.connect_timeout, config.read_timeout, config.retries, config.max_pool_connections)
print(type(client._serializer).__name__, "lang/python" in config.user_agent, gc.isenabled(), gc.get_freeze_count() > 0)
"""
"""Prints what a handler has configured: the class of the serializer tells whether parameters are validated."""


@pytest.fixture(scope="module")
def ready() -> Iterator[Stage]:
    """An engine with the sample café, as make bench has it."""
    with stage() as made:
        yield made


@pytest.fixture(scope="module")
def handlers(ready: Stage, artefact: Package) -> Handlers:
    """All who are measured, as they are deployed."""
    return {handler.name: handler for handler in deploy(ready, artefact)}


def test_one_run_fills_the_whole_page(handlers: Handlers) -> None:
    found = play(list(handlers.values()), rounds=1, requests=2, warm_up=2)
    page = report.page(found, 0.0, profiles.take(handlers[OURS], runs=1, requests=3))
    for key, numbers in found.items():
        assert tuple(numbers) == NAMES
        assert all(len(values) == 1 and min(values) > 0 for values in numbers.values()), key
    tables = (report.medians(found), report.ratios(found), report.goals(found), report.shares(found))
    assert all(table in page for table in tables)
    assert all(name in page for name in ("FastAPI", "werkzeug", "`from api.app import create_app`", "second GET"))
    assert "$" not in page
    assert str(ROOT) not in page
    lines = report.goal_lines(found).splitlines()
    assert [line.split()[1] for line in lines] == [goal.name for goal in GOALS]
    assert all(re.fullmatch(r"goal [a-z_]+ \d+\.\d\d \d+\.\d\d", line) for line in lines)


@pytest.mark.parametrize(("ours", "verdict"), [(0.80, "reached"), (0.96, "missed by 0.16 (20%)")])
def test_a_goal_is_judged_by_the_digits_that_are_shown(ours: float, verdict: str) -> None:
    goal = Goal("cold", "Cold", "cold_ms", 0.80, "bare")
    found = {"cold_ms": {OURS: [ours + 0.004, 9.0, ours], "bare": [1.0, 1.0, 1.0]}}
    assert goal.line(found) == f"goal cold {ours:.2f} 0.80"
    assert report._verdict(goal, found) == verdict


@pytest.fixture(scope="module")
def answers(handlers: Handlers) -> dict[str, list[Answer]]:
    """What all answer to the same requests: those of the workloads, and those that have to be refused."""
    return {name: ask(handlers[name], requests(handlers[name])) for name in COMPARED}


@pytest.mark.parametrize("name", COMPARED)
@pytest.mark.parametrize("place", range(len(WORKLOADS)), ids=[work.key for work in WORKLOADS])
def test_all_answer_the_same(answers: dict[str, list[Answer]], name: str, place: int) -> None:
    theirs, ours = answers[name][place], answers[OURS][place]
    assert (theirs["statusCode"], seen(theirs, CHANGING)) == (200, seen(ours, CHANGING))


def test_what_is_answered_is_what_was_asked_for(answers: dict[str, list[Answer]]) -> None:
    one, page, changed, with_login = (json.loads(answer["body"]) for answer in answers[OURS][: len(WORKLOADS)])
    assert one["name"] == with_login["name"] == "luna"
    assert with_login["blockers"] == []
    assert len(page["items"]) == 20
    assert page["next"].startswith("/cats?limit=20&cursor=")
    assert (changed["name"], changed["staffNotes"]) == (CHANGED, "Steals whipped cream.")


@pytest.mark.parametrize("name", COMPARED)
def test_all_refuse_what_they_cannot_store(answers: dict[str, list[Answer]], name: str) -> None:
    statuses = [answer["statusCode"] for answer in answers[name][len(WORKLOADS) : -1]]
    assert {body: status for body, status in zip(WRONG, statuses, strict=True) if status not in (400, 422)} == {}


@pytest.mark.parametrize("name", COMPARED)
def test_all_refuse_a_token_that_is_none(answers: dict[str, list[Answer]], name: str) -> None:
    assert answers[name][-1]["statusCode"] == 401


@pytest.mark.parametrize("name", COMPARED)
def test_who_answers_wrongly_is_not_measured(handlers: Handlers, name: str) -> None:
    handler = handlers[name]
    with changed_case(handler, GET, lambda case: case["expected"].update(name="somebody else")):
        with pytest.raises(CliError, match=r"The answer is wrong: .*: 200"):
            handler.cold(GET)
        with pytest.raises(CliError, match=r"The answer is wrong: .*: 200"):
            handler.warm(GET, 1, 1)


def test_who_refuses_is_not_measured(handlers: Handlers) -> None:
    ours = handlers[OURS]
    broken = changed_case(ours, PUT, lambda case: case["event"].update(body="{"))
    with broken, pytest.raises(CliError, match=r"The answer is wrong: .*: 400"):
        ours.warm(PUT, 1, 1)


def test_a_list_that_is_too_short_is_not_compared(handlers: Handlers) -> None:
    work = replace(LIST, key="short", query="limit=19")
    with pytest.raises(CliError, match="does not answer what was asked for: list of 20 cats"):
        deployed.expected(handlers[OURS], work)


@pytest.mark.parametrize("name", COMPARED)
def test_all_refuse_a_version_that_is_not_the_last(handlers: Handlers, name: str) -> None:
    handler = handlers[name]
    (before,) = ask(handler, [case_of(handler, PUT)["first"]])
    tag = next(value for name, value in before["headers"].items() if name.lower() == "etag")
    twice = ask(handler, [put(handler, {}, tag), put(handler, {}, tag)])
    assert [answer["statusCode"] for answer in twice] == [200, 412]


def test_all_store_the_same(ready: Stage, handlers: Handlers) -> None:
    stored = {name: written(ready, handlers[name]) for name in COMPARED}
    assert stored[OURS][0]["doc"]["pattern"] == "spots"
    assert stored[OURS][1]["entry"] == {"action": "replaced", "changed": ["pattern"]}
    assert {name: pair for name, pair in stored.items() if pair != stored[OURS]} == {}


@pytest.mark.parametrize("name", NAMES)
def test_nobody_finds_what_is_not_deployed_with_them(handlers: Handlers, name: str) -> None:
    module = handlers[name].who.entry.partition(".")[0]
    own = ["api"] if name == OURS else ["cafe"] if name in COMPARED else []
    look = f"import importlib.util as u; print(*filter(u.find_spec, ('{module}', 'api', 'cafe', 'bench', 'pytest')))"
    assert handlers[name].run(["-c", look])[0].split() == [module, *own]


@pytest.mark.parametrize("work", WORKLOADS, ids=[work.key for work in WORKLOADS])
def test_the_floor_answers_with_the_stored_documents(handlers: Handlers, work: Workload) -> None:
    (answer,) = ask(handlers[FLOOR.name], [case_of(handlers[FLOOR.name], work)["event"]])
    documents = json.loads(answer["body"])
    assert answer["statusCode"] == 200
    assert len(documents) == (deployed.PAGE_OF if work == LIST else 1)
    assert all(document["version"] >= 1 for document in documents)


def test_the_floor_has_the_client_of_clowder(handlers: Handlers) -> None:
    floor, ours = handlers[FLOOR.name], handlers[OURS]
    data = "botocore/data"
    assert floor.run(["-c", CONFIGURATION])[0] == ours.run(["-c", CONFIGURATION])[0]
    assert contents(floor.deployed.task / data) == contents(ours.deployed.task / data)


@pytest.mark.parametrize("work", [GET, LIST, LOGIN], ids=["get", "list", "login"])
def test_the_floor_reads_as_clowder_does(handlers: Handlers, work: Workload) -> None:
    assert calls(handlers[FLOOR.name], work) == calls(handlers[OURS], work)


@pytest.mark.parametrize(("name", "read"), [(OURS, "BatchGetItem"), (FLOOR.name, "GetItem")])
def test_a_put_reads_once_and_writes_once(handlers: Handlers, name: str, read: str) -> None:
    assert [operation for operation, _ in calls(handlers[name], PUT)] == [read, "TransactWriteItems"]


def test_the_floor_stores_what_it_is_sent(ready: Stage, handlers: Handlers) -> None:
    cat, entry = written(ready, handlers[FLOOR.name])
    assert cat["doc"]["pattern"] == entry["doc"]["pattern"] == "spots"


def test_the_floor_writes_no_version_but_the_next_one(handlers: Handlers) -> None:
    *_, (_, request) = calls(handlers[FLOOR.name], PUT)
    cat, entry = (write["Put"]["ConditionExpression"] for write in request["TransactItems"])
    assert (cat, entry) == ("rev = :rev", "attribute_not_exists(pk)")


def test_a_floor_that_finds_nothing_is_not_measured(handlers: Handlers) -> None:
    floor = handlers[FLOOR.name]
    with changed_case(floor, GET, lambda case: case["event"].update(rawPath="/cats/nobody")):
        with pytest.raises(CliError, match=r"the floor, GET of a cat: .*The answer is wrong: .*: 404"):
            floor.cold(GET)
        with pytest.raises(CliError, match=r"the floor, GET of a cat: .*The answer is wrong: .*: 404"):
            floor.warm(GET, 1, 1)


@pytest.mark.parametrize(("text", "rounds"), [(None, ROUNDS), ("", ROUNDS), ("3", 3)])
def test_who_measures_says_how_often(text: str | None, rounds: int) -> None:
    assert number_of_rounds(text) == rounds


@pytest.mark.parametrize("text", ["0", "-3", "many"])
def test_what_is_no_number_of_rounds_is_refused(text: str) -> None:
    with pytest.raises(CliError, match="BENCH_ROUNDS"):
        number_of_rounds(text)


def case_of(handler: Handler, work: Workload) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(handler.request(work).read_text(encoding="utf-8"))
    return case


@contextmanager
def changed_case(handler: Handler, work: Workload, change: Callable[[dict[str, Any]], object]) -> Iterator[None]:
    """Change a case until the end of the context."""
    file, changed = handler.request(work), case_of(handler, work)
    before = file.read_text(encoding="utf-8")
    change(changed)
    file.write_text(json.dumps(changed), encoding="utf-8")
    yield
    file.write_text(before, encoding="utf-8")


def requests(handler: Handler) -> list[Event]:
    """Return the workloads' requests, those of bodies that cannot be stored, and one with a token that is none."""
    stranger = case_of(handler, LOGIN)["event"]
    stranger["headers"]["authorization"] = "Bearer none"
    bodies = [{"body": json.dumps(cat() | json.loads(members))} for members in WRONG[:-1]] + [{"body": WRONG[-1]}]
    wrong = [put(handler, {}) | body for body in bodies]
    return [*(case_of(handler, work)["event"] for work in WORKLOADS), *wrong, stranger]


def put(handler: Handler, members: dict[str, Any], tag: str | None = None) -> Event:
    """Return a PUT of the usual cat with other members."""
    event: Event = case_of(handler, PUT)["event"]
    event["headers"] |= {"if-match": tag} if tag else {}
    return event | {"body": json.dumps(cat() | members)}


def ask(handler: Handler, events: list[Event]) -> list[Answer]:
    """Have one process answer some events."""
    file = handler.request(PUT).with_name("asked.json")
    file.write_text(json.dumps(events), encoding="utf-8")
    answers: list[Answer] = json.loads(handler.run(["-c", ASK, handler.who.entry, str(file)])[0])
    return answers


def calls(handler: Handler, work: Workload) -> list[Call]:
    """Return the calls that a handler makes to DynamoDB for a workload."""
    stage = handler.stage
    with scripted_server(forwards_to(stage.environment["DYNAMODB_URL"])) as server:
        urls = {"AWS_ENDPOINT_URL_DYNAMODB": server.url, "DYNAMODB_URL": server.url}
        recorded = replace(handler, stage=replace(stage, environment=stage.environment | urls))
        ask(recorded, [case_of(handler, work)["event"]])
        return [(headers["x-amz-target"].rpartition(".")[2], body) for _, headers, body in server.received]


def forwards_to(url: str) -> Action:
    """Send each request to the engine, and return the response of the engine."""

    def act(request: Requests) -> None:
        _, headers, body = request.server.received[-1]
        passed = {name: value for name, value in headers.items() if name not in ("host", "content-length")}
        with urlopen(Request(url, json.dumps(body).encode(), passed)) as response:
            request.send(response.status, response.read(), x_amz_crc32=response.headers["x-amz-crc32"])

    return act


def written(ready: Stage, handler: Handler) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a change puts into the table, without what is new each time: the cat, and her history's entry."""
    ask(handler, [put(handler, {"pattern": "stripes"}), put(handler, {"pattern": "spots"})])
    client = boto3.client(
        "dynamodb", region_name="eu-west-1", endpoint_url=ready.environment["DYNAMODB_URL"],
        aws_access_key_id="bench", aws_secret_access_key="bench",
    )  # fmt: skip
    found = client.query(
        TableName=ready.environment["TABLE_NAME"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"cats#{CHANGED}"}},
    )["Items"]
    client.close()
    items = sorted(({name: value["S"] for name, value in item.items()} for item in found), key=lambda item: item["sk"])
    return same(items[-1]), same(items[-2])


def same(item: dict[str, str]) -> dict[str, Any]:
    documents = {name: json.loads(item[name]) for name in ("doc", "entry") if name in item}
    for document in documents.values():
        for new in ("version", "updated", "at", "by"):
            document.pop(new, None)
    assert item["sk"] == "record" or item["sk"].endswith(item["rev"])
    return {**item, **documents, "rev": "", "sk": item["sk"].partition("#")[0]}
