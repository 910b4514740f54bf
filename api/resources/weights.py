"""Weights: ``/cats/{name}/weights``."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from flask import Response
from msgspec.structs import replace

from api.domain import names, weights
from api.domain.cats import Cat
from api.domain.errors import NotFound
from api.domain.weights import Assessment, CreateWeight, Weight
from api.http import responses
from api.http.idempotency import SavedResponse
from api.http.pagination import CURSOR, LIMIT
from api.http.preconditions import check_post
from api.http.query_params import QueryParameters
from api.http.request_body import FORM, JSON, check_content_type
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.http.validation import convert_body
from api.services.authors import resolve_authors, show_username
from api.services.care_cards import TREND_SAMPLE, weight_log
from api.services.entity_service import Submitted
from api.services.mappings import CAT
from api.services.weights import plan_weighing
from api.store.append_log import AppendLog
from api.store.keys import Key
from api.store.repository import Stored
from api.store.transaction import TransactItem


class _WeightResource(Resource):
    """The base of the weight resources."""

    def prefetch(self, **path: str) -> Sequence[Key]:
        """Return the key of the cat."""
        key = names.normalise(path["name"])
        return () if names.name_error(key) else (CAT.item_key(key),)

    def cat(self, request: RequestContext, name: str) -> Stored[Cat]:
        """Return a cat by name.

        Raises:
            NotFound: there is no such cat.
        """
        key = names.normalise(name)
        record = None if names.name_error(key) else request.context.get(CAT, key)
        if record is None:
            raise NotFound
        return record

    def log(self, request: RequestContext, name: str) -> tuple[Cat, AppendLog[Weight]]:
        """Return a cat by name and its weights, which stay after the cat is deleted, as its history does.

        Raises:
            NotFound: no cat ever had this name.
        """
        key = names.normalise(name)
        record = None if names.name_error(key) else request.context.get(CAT, key) or self._deleted(key)
        if record is None:
            raise NotFound
        return record.value, weight_log(self.dependencies, record.value)

    def _deleted(self, key: str) -> Stored[Cat] | None:
        from api.store.versions import Versions  # few requests need it

        return Versions(self.dependencies.table, CAT, key).last()


class WeightList(_WeightResource):
    """The weights of a cat, newest first. They cannot be changed."""

    path, tag = "/cats/{name}/weights", "Cats"

    @operation(
        "List the weights of a cat",
        id="listCatWeights",
        role="staff",
        has_page=True,
        query=QueryParameters(LIMIT, CURSOR),
        responses={200: ListOf(Weight, Assessment)},
    )
    def get(self, request: RequestContext, name: str) -> Response:
        """With the trend, and an alarm if a kitten gains too little or an adult loses too much.

        The weights stay after the cat is deleted, until another cat has its name.
        """
        (cat, log), paginator = self.log(request, name), request.paginator()
        page = log.page(paginator.position, paginator.limit)
        items = resolve_authors(request.context, page.items, by=show_username)
        is_complete = paginator.position is None and page.position is None
        sample = page.items if is_complete else log.newest(TREND_SAMPLE, consistent=False)
        limits, zone = self.dependencies.settings.weight_limits, self.dependencies.settings.zone
        assessment = weights.assess(sample, cat.birth_date, limits, zone)
        body, link = paginator.page_body(items, page.position)
        return request.json(body | {"trend": assessment.trend, "alarm": assessment.alarm}, headers=link)

    @operation(
        "Record the weight of a cat",
        id="recordCatWeight",
        role="staff",
        body=CreateWeight,
        accepts=(JSON, FORM),
        responses={201: Weight},
    )
    def post(self, request: RequestContext, name: str) -> Response:
        """Record a weight, now or at a time in the past. With an Idempotency-Key it is safe to send this again."""
        check_content_type(request.http, request.operation.accepts)

        def plan() -> tuple[SavedResponse, Sequence[TransactItem]]:
            cat = self.cat(request, name)
            check_post(request.http)  # a missing cat is 404, whatever the preconditions are (RFC 9110, section 13.2.1)
            data, is_form = request.body
            submitted = Submitted(*convert_body(data, CreateWeight, Weight, text=is_form))
            weighing, rev, writes = plan_weighing(request.context, cat, submitted)
            location = f"{request.http.script_root}/cats/{quote(cat.value.name, safe='')}/weights/{weighing.id}"
            view = replace(weighing, by=str(request.context.principal.username))
            return SavedResponse(201, location, rev, responses.to_json(view)), writes

        return request.create(plan)


class WeightItem(_WeightResource):
    """A weighing."""

    path, tag = "/cats/{name}/weights/{id}", "Cats"

    @operation("Get a weight of a cat", id="getCatWeight", role="staff", responses={200: Weight})
    def get(self, request: RequestContext, name: str, id: str) -> Response:
        """A weighing cannot be changed."""
        _, log = self.log(request, name)
        weighing = log.get(id) if names.is_valid_id(id) else None
        if weighing is None:
            raise NotFound
        return request.json(*resolve_authors(request.context, [weighing.value], by=show_username), rev=weighing.rev)
