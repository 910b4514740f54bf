"""Weights: ``/cats/{name}/weights``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from flask import Response

from api.domain import names, weights
from api.domain.cats import Cat
from api.domain.errors import NotFound, ValidationFailed
from api.domain.weights import Assessment, NewWeighing, Weighing
from api.http import responses
from api.http.idempotency import IdempotentRequest, SavedResponse
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters
from api.http.request_body import FORM, JSON
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.http.validation import convert_partial
from api.services.authors import resolve_authors
from api.services.care_cards import TREND_SAMPLE, update_card, weight_log
from api.services.mappings import CAT
from api.store import keys
from api.store.append_log import AppendLog
from api.store.keys import Key
from api.store.repository import Stored
from api.store.transaction import retry_on_conflict


class _Scales(Resource):
    """What the list and the single weighing have in common."""

    def prefetch(self, **path: str) -> Sequence[Key]:
        """Return the key of the cat."""
        key = names.normalise(path["name"])
        return () if names.name_error(key) else (CAT.item_key(key),)

    def cat(self, request: RequestContext, name: str) -> Stored[Cat]:
        """Return the cat of a name.

        Raises:
            NotFound: There is none.
        """
        key = names.normalise(name)
        record = None if names.name_error(key) else request.context.get(CAT, key)
        if record is None:
            raise NotFound
        return record

    def weighings(self, cat: Cat) -> AppendLog[Weighing]:
        """Return her weighings."""
        return weight_log(self.dependencies, cat)


class WeightList(_Scales):
    """All weighings of a cat, newest first. None can be changed."""

    path, tag = "/cats/{name}/weights", "Cats"

    @operation(
        "Read her weights",
        role="staff",
        query=QueryParameters(LIMIT, CURSOR),
        answers={200: ListOf(Weighing, Assessment)},
    )
    def get(self, request: RequestContext, name: str) -> Response:
        """With the trend up to the last weighing, and its alarm: a kitten gains too little, an adult loses too much."""
        cat = self.cat(request, name).value
        weighings, pager = self.weighings(cat), request.pager()
        page = weighings.page(pager.position, pager.limit)
        items = resolve_authors(request.context, page.items, by="recorded")
        whole = pager.position is None and page.position is None
        judged = page.items if whole else weighings.page(None, TREND_SAMPLE).items
        assessment = weights.assess(judged, cat.birth_date, self.dependencies.settings.weight_limits)
        body, link = pager.envelope(items, page.position)
        return request.answer(body | {"trend": assessment.trend, "alarm": assessment.alarm}, headers=link)

    @operation("Weigh her", role="staff", body=NewWeighing, accepts=(JSON, FORM), answers={201: Weighing})
    def post(self, request: RequestContext, name: str) -> Response:
        """Now, or at an instant in the past. With an Idempotency-Key it is safe to send this again."""
        request.check_type()
        once = request.once()
        return retry_on_conflict(
            lambda: request.created(once.replay() or self._weigh(request, self.cat(request, name), once))
        )

    def _weigh(self, request: RequestContext, record: Stored[Cat], once: IdempotentRequest) -> SavedResponse:
        request.check_collection()
        data, form = request.body()
        body, found = convert_partial(data, NewWeighing, text=form)
        found += weights.validate(body, request.context.now, record.value.birth_date)
        if found:
            raise ValidationFailed(*found)
        weighing = self._weighing(request, body)
        rev = self.dependencies.new_id()
        path = f"{request.http.script_root}/cats/{quote(record.value.name, safe='')}/weights/{weighing.id}"
        answer = SavedResponse(201, path, rev, responses.to_json(weighing))
        writes = [
            # The cat must still be there, and be the same cat: a weight of nobody would be lost.
            CAT.check(record),
            self.weighings(record.value).write(weighing.id, weighing, rev),
            update_card(self.dependencies, record.value, weighing, rev=rev),
            *once.writes(answer, rev),
        ]
        self.dependencies.table.transact(writes, rev)
        return answer

    def _weighing(self, request: RequestContext, body: NewWeighing) -> Weighing:
        at = (body.weighed_at or request.context.now).astimezone(UTC)
        return Weighing(
            id=f"{_compact(at)}-{self.dependencies.new_id()}",
            grams=body.grams,
            weighed_at=at,
            note=body.note,
            by=str(request.context.principal.username),
            recorded=request.context.now,
        )


class WeightItem(_Scales):
    """One weighing."""

    path, tag = "/cats/{name}/weights/{id}", "Cats"

    @operation("Read one weighing", role="staff", answers={200: Weighing})
    def get(self, request: RequestContext, name: str, id: str) -> Response:
        """One weighing; there is no way to change it."""
        weighing = self.weighings(self.cat(request, name).value).get(id) if names.is_valid_id(id) else None
        if weighing is None:
            raise NotFound
        return request.answer(*resolve_authors(request.context, [weighing.value], by="recorded"), rev=weighing.rev)


def _compact(at: datetime) -> str:
    """Return an instant without punctuation, of one width: ids are in the order of time."""
    return keys.timestamp_key(at).replace("-", "").replace(":", "").replace(".", "")
