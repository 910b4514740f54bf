"""Derived to-dos and care cards appear and disappear with their cause, also when the cat is deleted concurrently."""

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
from api.services.cats import CATS, update_related
from api.services.entity_service import Effects
from tests.support.app import Client
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore

LUNA = {"status": "available", "birthDate": "2020-02-02"}
CLIENTS = 4


def _weigh(cafe: EngineApp, client: Client, grams: int, days_ago: float = 0) -> TestResponse:
    at = cafe.clock.now - timedelta(days=days_ago)
    return client.post("/cats/luna/weights", {"grams": grams, "weighedAt": at.isoformat()})


def _alarms(cafe: EngineApp) -> list[dict[str, Any]]:
    items = cafe.staff.get("/todos/next").get_json()["items"]
    return [todo for todo in items if todo["id"].startswith("derived-weight-alarm-")]


def delete_the_cat_during_a_weighing(cafe: EngineApp) -> None:
    """Delete the cat between the reads and the write of a weighing."""
    client, other = cafe.staff, cafe.staff
    client.put("/cats/luna", LUNA)
    cafe.table.before_write = partial(other.delete, "/cats/luna")
    assert _weigh(cafe, client, 4000).status_code == 404, "a deleted cat is not weighed"
    assert cafe.stored("care_cards") == {}, "a deleted cat has no care card"


def change_the_card_during_a_deletion(cafe: EngineApp) -> None:
    """Weigh or change the cat between the reads and the write of its deletion."""
    client, other = cafe.staff, cafe.staff
    for change in (partial(_weigh, cafe, other, 4000), partial(other.put, "/cats/luna", {"status": "hold"})):
        client.put("/cats/luna", LUNA)
        assert list(cafe.stored("care_cards")) == ["luna"]
        cafe.table.before_write = change
        assert client.delete("/cats/luna").status_code == 204
        assert cafe.stored("care_cards") == {}, "a deleted cat has no care card"


def weigh_change_and_delete_concurrently(cafe: EngineApp) -> None:
    """Weigh, change and delete the cat at once."""
    cafe.staff.put("/cats/luna", LUNA)
    weighings = [partial(_weigh, cafe, cafe.staff, 4000 + day, day) for day in range(CLIENTS)]
    patch = {"status": "hold"}
    changes = [partial(cafe.staff.patch, "/cats/luna", patch, if_match="*") for _ in range(CLIENTS)]
    *responses, deleted = cafe.race(*weighings, *changes, partial(cafe.staff.delete, "/cats/luna"))
    assert deleted.status_code == 204
    assert set(statuses(responses)) <= {200, 201, 404, 412}
    assert cafe.stored("care_cards") == {}, "a deleted cat has no care card"


def replace_the_cat_during_a_weighing(cafe: EngineApp) -> None:
    """Delete the cat and create another one of the same name between the reads and the write of a weighing."""
    client, other = cafe.staff, cafe.staff
    client.put("/cats/luna", LUNA)
    _weigh(cafe, client, 5000, 9)

    def recreate() -> None:
        other.delete("/cats/luna")
        other.put("/cats/luna", LUNA)

    cafe.table.before_write = recreate
    assert _weigh(cafe, client, 4000).status_code == 201
    card = cafe.stored("care_cards")["luna"]
    assert card["uid"] == cafe.stored("cats")["luna"]["uid"], "the care card belongs to the new cat"
    assert "alarm" not in card
    assert _alarms(cafe) == []


def raise_and_clear_an_alarm(cafe: EngineApp) -> None:
    """Add two weights at once that only together raise an alarm; change the status; add a normal weight."""
    cafe.staff.put("/cats/luna", LUNA)
    responses = cafe.race(*(partial(_weigh, cafe, cafe.staff, grams, days) for grams, days in ((5000, 9), (4000, 0))))
    assert statuses(responses) == {201: 2}
    [alarm] = _alarms(cafe) or [None]
    assert alarm, "there is a weight alarm"
    assert (alarm["cat"], alarm["tier"]) == ("luna", 1)
    path = f"/todos/{alarm['id']}"
    assert cafe.staff.get(path).status_code == 200
    for cat_status, status in (("adopted", 404), ("available", 200)):
        cafe.staff.patch("/cats/luna", {"status": cat_status}, if_match="*")
        assert cafe.staff.get(path).status_code == status, "only a cat in our care has derived to-dos"
    cafe.clock.advance(days=1)
    assert _weigh(cafe, cafe.staff, 4900).status_code == 201
    assert (_alarms(cafe), cafe.staff.get(path).status_code) == ([], 404), "a normal weight clears the alarm"


@pytest.mark.parametrize(
    "scenario",
    [
        delete_the_cat_during_a_weighing,
        change_the_card_during_a_deletion,
        weigh_change_and_delete_concurrently,
        replace_the_cat_during_a_weighing,
        raise_and_clear_an_alarm,
    ],
)
def test_care_card_and_derived_todos_exist_as_long_as_their_cause(
    cafe: EngineApp, scenario: Callable[[EngineApp], None]
) -> None:
    scenario(cafe)


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (delete_the_cat_during_a_weighing, "a deleted cat is not weighed"),
        (replace_the_cat_during_a_weighing, "the care card belongs to the new cat"),
        (raise_and_clear_an_alarm, "there is a weight alarm"),
    ],
)
def test_weighing_without_condition_on_the_cat_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None], message: str
) -> None:
    with pytest.raises(AssertionError, match=message):
        scenario(make_broken_app(ChecksOnlyBefore))


def leave_the_card_unchanged(context: Context, before: Cat | None, *rest: Any) -> Effects[Cat]:
    """Omit the writes of the care card when a cat is updated or deleted."""
    effects = update_related(context, before, *rest)
    return replace(effects, writes=()) if before else effects


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (change_the_card_during_a_deletion, "a deleted cat has no care card"),
        (raise_and_clear_an_alarm, "only a cat in our care"),
    ],
)
def test_stale_care_card_is_detected(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, scenario: Callable[[EngineApp], None], message: str
) -> None:
    monkeypatch.setattr(CatItem, "service", replace(CATS, side_effects=leave_the_card_unchanged))
    with pytest.raises(AssertionError, match=message):
        scenario(cafe)
