"""The engine commits and its reply is lost: the client is told the truth, and nothing is there twice.

The store sends a request again when no reply came. Two guards make that harmless, and each is enough by itself: the
engine knows the ClientRequestToken; and where it has forgotten it (after ten minutes, or after a restart), an item
that stands in the way bears the rev of this very write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client
from tests.support.engine_app import EngineApp, MakeEngineApp
from tests.support.fault_injection import FaultInjector, InjectFaults, LostReply
from tests.support.mutants import WithoutRequestToken, WritesOneByOne
from tools.local.dynamodb import DynamoDBEmulator


@dataclass(frozen=True)
class Act:
    """Something that a client does to luna, and what it leaves behind if it happens once."""

    send: Callable[[Client], TestResponse]
    status: int
    kept: dict[str, int]
    she_is_there: bool = True


def _patch(caller: Client) -> TestResponse:
    return caller.patch("/cats/luna", {"sex": "female"}, if_match="*")


NEW = {"record": 1, "history": 1}
CHANGED = {"record": 1, "history": 2}
ACTS = {
    "post": Act(lambda caller: caller.post("/cats", {"name": "luna"}), 201, NEW, she_is_there=False),
    "put": Act(lambda caller: caller.put("/cats/luna", {}, if_none_match="*"), 201, NEW, she_is_there=False),
    "replace": Act(lambda caller: caller.put("/cats/luna", {"sex": "female"}), 200, CHANGED),
    "patch": Act(_patch, 200, CHANGED),
    "bond": Act(lambda caller: caller.put("/cats/luna", {"bondedWith": ["milo"]}), 200, CHANGED),
    "delete": Act(lambda caller: caller.delete("/cats/luna"), 204, {"history": 2}),
    "weigh": Act(lambda caller: caller.post("/cats/luna/weights", {"grams": 4000}), 201, NEW | {"weights": 1}),
}


def happens_once(cafe: EngineApp, injector: FaultInjector, act: Act, fault: LostReply, attempts: int = 2) -> None:
    """Lose the reply to one write: its caller hears that it is done, and it is done once."""
    caller = cafe.staff
    caller.put("/cats/milo", {})
    if act.she_is_there:
        caller.put("/cats/luna", {})
    injector.sent = 0
    injector.faults.append(fault)
    answer = act.send(caller)
    assert not injector.faults, "a reply was lost"
    assert answer.status_code == act.status, "the caller hears that it is done"
    assert injector.sent == attempts, "it was asked for again, and no more than that"
    assert cafe.count_items("luna") == Counter(act.kept), "it is done once"
    there = cafe.staff.get("/cats/luna")
    if "weights" not in act.kept and there.status_code == 200:
        assert (there.get_json(), there.headers["ETag"]) == (answer.get_json(), answer.headers["ETag"])


@pytest.mark.parametrize("act", ACTS)
def test_a_write_whose_reply_is_lost_happens_once_and_is_acknowledged(
    cafe: EngineApp, inject_faults: InjectFaults, act: str
) -> None:
    happens_once(cafe, inject_faults(cafe), ACTS[act], LostReply())


@pytest.mark.parametrize("act", ACTS)
def test_a_write_whose_token_the_store_has_forgotten_is_known_by_its_rev(
    cafe: EngineApp, inject_faults: InjectFaults, act: str
) -> None:
    injector = inject_faults(cafe)
    injector.forgetful = True
    happens_once(cafe, injector, ACTS[act], LostReply())


@pytest.mark.parametrize("act", ACTS)
def test_a_write_whose_engine_died_after_it_and_came_back_happens_once(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp, inject_faults: InjectFaults, act: str
) -> None:
    cafe = make_app(killable_engine)
    happens_once(cafe, inject_faults(cafe), ACTS[act], LostReply(meanwhile=_death_of(killable_engine)))


def _death_of(engine: DynamoDBEmulator) -> Callable[[], None]:
    def die() -> None:
        engine.kill()
        engine.start()

    return die


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("act", ACTS)
def test_a_write_is_known_even_if_somebody_else_wrote_before_it_was_asked_for_again(
    cafe: EngineApp, inject_faults: InjectFaults, act: str, forgetful: bool
) -> None:
    injector, other, what = inject_faults(cafe), cafe.staff, ACTS[act]
    injector.forgetful = forgetful
    kept = what.kept | {"record": 1, "history": what.kept["history"] + 1}
    fault = LostReply(meanwhile=lambda: other.put("/cats/luna", {"description": "Somebody else was here."}))
    caller = cafe.staff
    caller.put("/cats/milo", {})
    if what.she_is_there:
        caller.put("/cats/luna", {})
    injector.faults.append(fault)
    answer = what.send(caller)
    assert (answer.status_code, cafe.count_items("luna")) == (what.status, Counter(kept))
    assert cafe.staff.get("/cats/luna").get_json()["description"] == "Somebody else was here."


def test_a_reply_that_stays_lost_is_503_and_the_same_post_with_its_key_then_gives_the_answer(
    cafe: EngineApp, inject_faults: InjectFaults
) -> None:
    injector, caller = inject_faults(cafe), cafe.staff
    injector.faults.extend([LostReply()] * 3)
    first = caller.post("/cats", {"name": "luna"}, idempotency_key="once")
    assert (first.status_code, first.headers["Retry-After"]) == (503, "1")
    second = caller.post("/cats", {"name": "luna"}, idempotency_key="once")
    assert (second.status_code, second.headers["Location"]) == (201, "/cats/luna")
    assert cafe.count_items("luna") == Counter(NEW)


@pytest.mark.parametrize("act", ACTS)
def test_a_store_that_does_not_know_its_own_write_is_caught(
    make_broken_app: MakeEngineApp, inject_faults: InjectFaults, act: str
) -> None:
    cafe = make_broken_app(WithoutRequestToken)
    injector = inject_faults(cafe)
    injector.forgetful = True
    with pytest.raises(AssertionError, match=r"it was asked for again|the caller hears|it is done once"):
        happens_once(cafe, injector, ACTS[act], LostReply())


def test_a_store_that_relies_on_the_token_alone_is_caught_by_the_death_of_the_engine(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp, inject_faults: InjectFaults
) -> None:
    cafe = make_app(killable_engine, WithoutRequestToken)
    with pytest.raises(AssertionError, match="the caller hears"):
        happens_once(cafe, inject_faults(cafe), ACTS["post"], LostReply(meanwhile=_death_of(killable_engine)))


@pytest.mark.parametrize("act", ["post", "put", "patch"])
def test_a_store_that_writes_without_a_transaction_is_caught(
    make_broken_app: MakeEngineApp, inject_faults: InjectFaults, act: str
) -> None:
    cafe = make_broken_app(WritesOneByOne)
    with pytest.raises(AssertionError, match=r"the caller hears|it was asked for again"):
        happens_once(cafe, inject_faults(cafe), ACTS[act], LostReply())
