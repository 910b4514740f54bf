"""The chores of a cat come and go with their cause, and her card goes with her: nobody who is gone is cared for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.context import Context
from api.domain.cats import Cat
from api.resources.cats import CatItem
from api.services.cats import CATS, keep_bonds_and_card
from api.services.entity_service import Effects
from tests.support.app import Client
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore

LUNA = {"status": "available", "birthDate": "2020-02-02"}
SCALES = 4


def _weigh(cafe: EngineApp, caller: Client, grams: int, days: float = 0) -> TestResponse:
    at = cafe.clock.now - timedelta(days=days)
    return caller.post("/cats/luna/weights", {"grams": grams, "weighedAt": at.isoformat()})


def _alarms(cafe: EngineApp) -> list[dict[str, Any]]:
    items = cafe.staff.get("/todos/next").get_json()["items"]
    return [todo for todo in items if todo["id"].startswith("derived-weight-alarm-")]


def no_card_of_nobody(cafe: EngineApp) -> None:
    """Delete her after the scales have seen her, and before they write."""
    caller, other = cafe.staff, cafe.staff
    caller.put("/cats/luna", LUNA)
    cafe.table.before_write = partial(other.delete, "/cats/luna")
    assert _weigh(cafe, caller, 4000).status_code == 404, "nobody is weighed"
    assert cafe.stored("care_cards") == {}, "nobody has a card"


def no_card_is_left(cafe: EngineApp) -> None:
    """Weigh her and change what is on her card after it was read that she is to go."""
    caller, other = cafe.staff, cafe.staff
    for meanwhile in (partial(_weigh, cafe, other, 4000), partial(other.put, "/cats/luna", {"status": "hold"})):
        caller.put("/cats/luna", LUNA)
        assert list(cafe.stored("care_cards")) == ["luna"]
        cafe.table.before_write = meanwhile
        assert caller.delete("/cats/luna").status_code == 204
        assert cafe.stored("care_cards") == {}, "nobody has a card"


def all_at_once(cafe: EngineApp) -> None:
    """Let some weigh her and some change her while one deletes her, all of them having seen her."""
    cafe.staff.put("/cats/luna", LUNA)
    scales = [partial(_weigh, cafe, cafe.staff, 4000 + place, place) for place in range(SCALES)]
    patch = {"status": "hold"}
    changes = [partial(cafe.staff.patch, "/cats/luna", patch, if_match="*") for _ in range(SCALES)]
    *answers, deleted = cafe.race(*scales, *changes, partial(cafe.staff.delete, "/cats/luna"))
    assert deleted.status_code == 204
    assert set(statuses(answers)) <= {200, 201, 404, 412}
    assert cafe.stored("care_cards") == {}, "nobody has a card"


def not_of_her_predecessor(cafe: EngineApp) -> None:
    """Let another cat of her name come: she has a card of her own."""
    caller, other = cafe.staff, cafe.staff
    caller.put("/cats/luna", LUNA)
    _weigh(cafe, caller, 5000, 9)

    def exchange() -> None:
        other.delete("/cats/luna")
        other.put("/cats/luna", LUNA)

    cafe.table.before_write = exchange
    assert _weigh(cafe, caller, 4000).status_code == 201
    kept = cafe.stored("care_cards")["luna"]
    assert kept["uid"] == cafe.stored("cats")["luna"]["uid"], "her card is her own"
    assert "alarm" not in kept
    assert _alarms(cafe) == []


def an_alarm_comes_and_goes(cafe: EngineApp) -> None:
    """Let two weighings that make an alarm only together come at once; a sound weight clears it."""
    cafe.staff.put("/cats/luna", LUNA)
    answers = cafe.race(*(partial(_weigh, cafe, cafe.staff, grams, days) for grams, days in ((5000, 9), (4000, 0))))
    assert statuses(answers) == {201: 2}
    [alarm] = _alarms(cafe) or [None]
    assert alarm, "the vet is called"
    assert (alarm["cat"], alarm["tier"]) == ("luna", 1)
    path = f"/todos/{alarm['id']}"
    assert cafe.staff.get(path).status_code == 200
    for status, there in (("adopted", 404), ("available", 200)):
        cafe.staff.patch("/cats/luna", {"status": status}, if_match="*")
        assert cafe.staff.get(path).status_code == there, "her chores are ours while she is"
    cafe.clock.advance(days=1)
    assert _weigh(cafe, cafe.staff, 4900).status_code == 201
    assert (_alarms(cafe), cafe.staff.get(path).status_code) == ([], 404), "what is mended is gone"


PROOFS = [no_card_of_nobody, no_card_is_left, all_at_once, not_of_her_predecessor, an_alarm_comes_and_goes]


@pytest.mark.parametrize("proof", PROOFS)
def test_a_card_and_its_chores_are_there_as_long_as_their_cause(
    cafe: EngineApp, proof: Callable[[EngineApp], None]
) -> None:
    proof(cafe)


@pytest.mark.parametrize(
    ("proof", "told"),
    [
        (no_card_of_nobody, "nobody is weighed"),
        (not_of_her_predecessor, "her card is her own"),
        (an_alarm_comes_and_goes, "the vet is called"),
    ],
)
def test_scales_that_look_for_her_only_before_the_write_are_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None], told: str
) -> None:
    with pytest.raises(AssertionError, match=told):
        proof(make_broken_app(ChecksOnlyBefore))


def forget_the_card(context: Context, before: Cat | None, *rest: Any) -> Effects[Cat]:
    """Write the cat, and leave its care card as it was."""
    effects = keep_bonds_and_card(context, before, *rest)
    return replace(effects, writes=()) if before else effects


@pytest.mark.parametrize(
    ("proof", "told"), [(no_card_is_left, "nobody has a card"), (an_alarm_comes_and_goes, "her chores are ours")]
)
def test_a_card_that_stays_as_it_was_is_caught(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, proof: Callable[[EngineApp], None], told: str
) -> None:
    monkeypatch.setattr(CatItem, "service", replace(CATS, side_effects=forget_the_card))
    with pytest.raises(AssertionError, match=told):
        proof(cafe)
