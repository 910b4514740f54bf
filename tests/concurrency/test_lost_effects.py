"""Nothing is read after an effect: whoever did something is told so, also when the store does not answer any more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from flask import Response

from api.domain.errors import Unavailable
from api.http.preconditions import check_write
from api.http.resource import RequestContext
from api.resources.posts import PostItem
from api.store.keys import Key, KeyRange
from api.store.transaction import Item, TransactItem
from tests.support.cost_requests import DAILY, LUNA, PIE, POST, SHOP, WEIGHT, Prepare, ask_for_ada, create_cats, request
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp

ANY = {"if_match": "*"}
ACTS: dict[str, Prepare] = {
    "create a cat": request("put", "/cats/nori", LUNA),
    "replace a cat": request("put", "/cats/luna", {"status": "hold"}),
    "delete a cat": request("delete", "/cats/luna"),
    "weigh": request("post", *WEIGHT),
    "create a pie": request("post", *PIE),
    "change a pie": request("patch", "{}", {"description": "Hot."}, first=PIE, **ANY),
    "write a post": request("post", *POST),
    "write a post under a key": request("post", *POST, idempotency_key="once"),
    "replace a post": request("put", "{}", POST[1], first=POST),
    "change a post": request("patch", "{}", {"title": "Old"}, first=POST, **ANY),
    "note a to-do": request("post", *SHOP),
    "change a to-do": request("patch", "{}", {"priority": "high"}, first=SHOP, **ANY),
    "done": request("post", "{}/done", first=SHOP),
    "done, and due again": request("post", "{}/done", first=DAILY),
    "delete a to-do": request("delete", "{}", first=SHOP),
    "change a profile": ask_for_ada("patch", 1, {"about": "She."}, own=True, **ANY),
    "take a role": ask_for_ada("patch", 2, {"role": "member"}, **ANY),
    "delete somebody": ask_for_ada("delete", 2),
}


class FallsSilent(InstrumentedTable):
    """Answers no question after the next effect."""

    silent: bool | None = None
    """None: it does not fall silent at all; True: it has."""

    def write(self, writes: Sequence[TransactItem], token: str) -> None:
        super().write(writes, token)
        self.silent = None if self.silent is None else True

    def _asked(self) -> None:
        if self.silent:
            raise Unavailable("The database does not respond. Please try again.")

    def get(self, key: Key, *, consistent: bool) -> Item | None:
        self._asked()
        return super().get(key, consistent=consistent)

    def get_many(self, wanted: Sequence[Key], *, consistent: bool) -> list[Item]:
        self._asked()
        return super().get_many(wanted, consistent=consistent)

    def query(self, span: KeyRange, limit: int, *, consistent: bool = False) -> tuple[list[Item], bool]:
        self._asked()
        return super().query(span, limit, consistent=consistent)


def it_is_told(cafe: EngineApp, act: Prepare) -> None:
    """Do something, and let the store fall silent as soon as it is done."""
    create_cats(cafe)
    send, table = act(cafe), cafe.table
    assert isinstance(table, FallsSilent)
    table.silent = False
    answer = send()
    assert table.silent is True, "there was an effect"
    assert answer.status_code in (200, 201, 204), "who did it is told so"


@pytest.mark.parametrize("act", ACTS)
def test_whoever_did_something_is_told_so_whatever_the_store_does_then(
    make_broken_app: MakeEngineApp, act: str
) -> None:
    it_is_told(make_broken_app(FallsSilent), ACTS[act])


def _save(item: PostItem, request: RequestContext, key: str, action: Any, make_body: Any) -> Response:
    """Make the response after the commit, from what is read then."""
    precondition, body = partial(check_write, request.http), partial(make_body, request)
    plan = item.service.plan_save(request.context, key, precondition, body, action)
    item.dependencies.table.transact(plan.writes, plan.version)
    return item.get(request, key)


def test_an_answer_that_is_made_after_the_effect_is_caught(
    make_broken_app: MakeEngineApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostItem, "_save", _save)
    with pytest.raises(AssertionError, match="who did it is told so"):
        it_is_told(make_broken_app(FallsSilent), ACTS["change a post"])
