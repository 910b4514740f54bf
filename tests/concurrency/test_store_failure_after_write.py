"""A committed write is acknowledged even if the store fails right afterwards: no request reads after its write."""

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
from tests.support.cost_requests import (
    DAILY,
    LUNA,
    PIE,
    POST,
    SHOP,
    WEIGHT,
    Prepare,
    create_cats,
    request,
    request_for_user,
)
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp

IF_MATCH = {"if_match": "*"}
REQUESTS: dict[str, Prepare] = {
    "create a cat": request("put", "/cats/nori", LUNA),
    "replace a cat": request("put", "/cats/luna", {"status": "hold"}),
    "delete a cat": request("delete", "/cats/luna"),
    "add a weight": request("post", *WEIGHT),
    "create a pie": request("post", *PIE),
    "update a pie": request("patch", "{}", {"description": "Hot."}, first=PIE, **IF_MATCH),
    "create a post": request("post", *POST),
    "create a post with an Idempotency-Key": request("post", *POST, idempotency_key="once"),
    "replace a post": request("put", "{}", POST[1], first=POST),
    "update a post": request("patch", "{}", {"title": "Old"}, first=POST, **IF_MATCH),
    "create a to-do": request("post", *SHOP),
    "update a to-do": request("patch", "{}", {"priority": "high"}, first=SHOP, **IF_MATCH),
    "complete a to-do": request("post", "{}/done", first=SHOP),
    "complete a recurring to-do": request("post", "{}/done", first=DAILY),
    "delete a to-do": request("delete", "{}", first=SHOP),
    "update the own profile": request_for_user("patch", 1, {"about": "Hello."}, own=True, **IF_MATCH),
    "change a role": request_for_user("patch", 2, {"role": "member"}, **IF_MATCH),
    "delete a user": request_for_user("delete", 2),
}


class FailsAfterWrite(InstrumentedTable):
    """A table whose reads fail after a write."""

    armed = False
    """Whether reads fail after the next write."""
    failing = False

    def write(self, writes: Sequence[TransactItem], token: str) -> None:
        super().write(writes, token)
        self.failing = self.armed

    def _check(self) -> None:
        if self.failing:
            raise Unavailable("The store does not respond; please try again.")

    def get(self, key: Key, *, consistent: bool) -> Item | None:
        self._check()
        return super().get(key, consistent=consistent)

    def get_many(self, wanted: Sequence[Key], *, consistent: bool) -> list[Item]:
        self._check()
        return super().get_many(wanted, consistent=consistent)

    def query(self, span: KeyRange, limit: int, *, consistent: bool = False) -> tuple[list[Item], bool]:
        self._check()
        return super().query(span, limit, consistent=consistent)


def check_acknowledged(cafe: EngineApp, prepare: Prepare) -> None:
    """Send a request whose write is the last operation that succeeds."""
    create_cats(cafe)
    send, table = prepare(cafe), cafe.table
    assert isinstance(table, FailsAfterWrite)
    table.armed = True
    response = send()
    assert table.failing, "the request has written"
    assert response.status_code in (200, 201, 204), "the write is acknowledged"


@pytest.mark.parametrize("name", REQUESTS)
def test_write_is_acknowledged_when_the_store_fails_afterwards(make_broken_app: MakeEngineApp, name: str) -> None:
    check_acknowledged(make_broken_app(FailsAfterWrite), REQUESTS[name])


def _save(item: PostItem, request: RequestContext, key: str, action: Any, make_body: Any) -> Response:
    """Save the post, and read it again to make the response."""
    precondition, body = partial(check_write, request.http), partial(make_body, request)
    plan = item.service.plan_save(request.context, key, precondition, body, action)
    item.dependencies.table.transact(plan.writes, plan.rev)
    return item.get(request, key)


def test_read_after_the_write_is_detected(make_broken_app: MakeEngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PostItem, "_save", _save)
    with pytest.raises(AssertionError, match="the write is acknowledged"):
        check_acknowledged(make_broken_app(FailsAfterWrite), REQUESTS["update a post"])
