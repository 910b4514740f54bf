"""The HTTP half of every entity: parse, negotiate, check preconditions, respond. The use cases are in its service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec
from flask import Response

from api.domain.entity import Action
from api.domain.errors import NotFound
from api.http import request_body, responses
from api.http.idempotency import IdempotentRequest, SavedResponse
from api.http.preconditions import check_post, check_write
from api.http.request_body import merge_patch
from api.http.resource import RequestContext, Resource
from api.http.responses import TEXT
from api.http.validation import convert_partial
from api.services.entity_service import EntityService, Submitted
from api.store.keys import Key
from api.store.transaction import retry_on_conflict

MakeBody = Callable[[RequestContext, str, Any], Submitted[Any]]


class EntityResource(Resource, abstract=True):
    """A resource of an entity."""

    service: ClassVar[EntityService[Any, Any, Any, Any, Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "service"):
            cls.full_access_role, cls.always_private = cls.service.full_access_role, cls.service.always_private

    def prefetch(self, **path: str) -> Sequence[Key]:
        """Return the key of the entity that the path names."""
        named = [self.service.normalise_key(text) for text in path.values()]
        return [self.service.repository.item_key(key) for key in named if not self.service.key_error(key)]

    def respond(self, request: RequestContext, view: Any, version: str, status: int = 200, **headers: str) -> Response:
        """Respond with one entity, or with the fields of it that the caller chose."""
        if fields := request.args.get("fields"):
            view = responses.select_fields(view, fields)
        private = request.context.private
        return responses.make_response(
            request.http, responses.to_json(view), status=status, rev=version, private=private, headers=headers
        )

    def location(self, request: RequestContext, key: str) -> str:
        """Return the URL of an entity."""
        return f"{request.http.script_root}/{self.service.repository.collection}/{quote(key, safe='')}"


class CollectionResource(EntityResource, abstract=True):
    """The collection: ``/cats``."""

    def to_text(self, entities: Sequence[Any]) -> str:
        """Return a page as plain text, for the resources that produce it."""
        raise NotImplementedError

    def get(self, request: RequestContext) -> Response:
        """Respond with a page of the entities that the caller may see."""
        pager, private, fields = request.pager(), request.context.private, request.args.get("fields")
        page = self.service.list_page(request.context, request.args, pager.position, pager.limit)
        body, link = pager.envelope((), page.position)
        if request.media == TEXT:
            return request.say(self.to_text(page.items), private=private, headers=link)
        items = [responses.select_fields(view, fields) for view in self.service.present(request.context, page.items)]
        return request.answer(body | {"items": items}, private=private, headers=link)

    def post(self, request: RequestContext) -> Response:
        """Create an entity under a free key, once for each Idempotency-Key."""
        request_body.check_content_type(request.http, request.operation.accepts)
        check_post(request.http)
        once = request.once()
        return request.created(retry_on_conflict(lambda: once.replay() or self._create(request, once)))

    def _create(self, request: RequestContext, once: IdempotentRequest) -> SavedResponse:
        data, is_form = request_body.parse_body(request.http)
        plan = self.service.plan_create(
            request.context, Submitted(*convert_partial(data, self.service.create_type, text=is_form))
        )
        stored = SavedResponse(201, self.location(request, plan.key), plan.version, responses.to_json(plan.view))
        self.dependencies.table.transact([*plan.writes, *once.writes(stored, plan.version)], plan.version)
        return stored


class ItemResource(EntityResource, abstract=True):
    """One entity: ``/cats/{name}``."""

    def to_text(self, entity: Any) -> str:
        """Return an entity as plain text, for the resources that produce it."""
        raise NotImplementedError

    def get(self, request: RequestContext, key: str) -> Response:
        """Respond with an entity, if the caller may know of it."""
        context = request.context
        _, record = self.service.find(context, key, consistent=context.private)
        if record is None:
            raise NotFound
        if request.media == TEXT:
            return request.say(self.to_text(record.value), rev=record.rev, private=context.private)
        return self.respond(request, self.service.present(context, [record.value])[0], record.rev)

    def put(self, request: RequestContext, key: str) -> Response:
        """Create the entity, or replace it."""
        request_body.check_content_type(request.http, request.operation.accepts)  # 415 comes before every condition
        return retry_on_conflict(lambda: self._save(request, key, "replaced", self._replacement))

    def patch(self, request: RequestContext, key: str) -> Response:
        """Change some fields (RFC 7396); with ``If-None-Match: *`` create what does not exist."""
        request_body.check_content_type(request.http, request.operation.accepts)
        return retry_on_conflict(lambda: self._save(request, key, "patched", self._merged))

    def delete(self, request: RequestContext, key: str) -> Response:
        """Delete the entity; its history stays, where it has one."""

        def attempt() -> Response:
            plan = self.service.plan_delete(request.context, key, partial(check_write, request.http))
            self.dependencies.table.transact(plan.writes, plan.version)
            return responses.no_content()

        return retry_on_conflict(attempt)

    def _save(self, request: RequestContext, key: str, action: Action, make_body: MakeBody) -> Response:
        role = self.service.put_creates_role
        creatable = role is not None and request.context.principal.may(role)
        precondition = partial(check_write, request.http, creatable=creatable)
        plan = self.service.plan_save(request.context, key, precondition, partial(make_body, request), action)
        # The response is built before the commit, so that nothing can fail after it.
        if plan.created:
            response = self.respond(request, plan.view, plan.version, 201, Location=self.location(request, plan.key))
        else:
            response = self.respond(request, plan.view, plan.version)
        self.dependencies.table.transact(plan.writes, plan.version)
        return response

    def _replacement(self, request: RequestContext, _key: str, _before: Any) -> Submitted[Any]:
        data, is_form = request_body.parse_body(request.http)
        return Submitted(*convert_partial(data, self.service.replace_type, text=is_form))

    def _merged(self, request: RequestContext, key: str, before: Any) -> Submitted[Any]:
        service = self.service
        target = msgspec.to_builtins(service.to_body(before) if before else service.replace_type())
        merged = merge_patch({service.key_field: key, **target}, request_body.parse_body(request.http)[0])
        return Submitted(*convert_partial(merged, service.replace_type))
