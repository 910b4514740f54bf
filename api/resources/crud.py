"""CRUD resources: parse, check preconditions and respond. The use cases are in the service of the entity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec
from flask import Response
from msgspec.structs import replace

from api.context import Context
from api.domain.due_dates import DAY
from api.domain.entity import Action
from api.domain.errors import NotFound
from api.http import responses
from api.http.idempotency import SavedResponse
from api.http.preconditions import check_post, check_write
from api.http.query_params import Parameter, csv
from api.http.request_body import check_content_type, merge_patch
from api.http.resource import RequestContext, Resource
from api.http.responses import TEXT
from api.http.validation import convert_body, without_nulls
from api.services.entity_service import EntityService, Submitted
from api.store.keys import Key
from api.store.paginator import Before
from api.store.transaction import Write, retry_on_conflict

MakeBody = Callable[[RequestContext, str, Any], Submitted[Any]]


def fields_parameter(view: type[msgspec.Struct]) -> Parameter:
    """Declare ``fields``: the fields of the view that the response has."""
    text = "Names of members, separated by commas. The response has only these."
    return csv("fields", view.__struct_encode_fields__, text, changes_type=True)


class EntityResource(Resource, abstract=True):
    """A resource of an entity."""

    service: ClassVar[EntityService[Any, Any, Any, Any, Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "service"):
            cls.full_access_role, cls.always_private = cls.service.full_access_role, cls.service.always_private

    def prefetch(self, **path: str) -> Sequence[Key]:
        """Return the key of the entity in the path."""
        keys = [self.service.normalise_key(text) for text in path.values()]
        return [self.service.repository.item_key(key) for key in keys if not self.service.key_error(key)]

    def respond(self, request: RequestContext, view: Any, rev: str, status: int = 200, **headers: str) -> Response:
        """Respond with an entity, or with the selected fields of it."""
        if self.aliases:
            headers |= self.content_location(request, view)
        if fields := request.args.get("fields"):
            view = responses.select_fields(view, fields)
        context = request.context
        if request.wants_page:
            return request.page(view, private=context.private, headers=headers)
        # A hidden change must not change the tag of the public view, so this tag depends on the bytes only.
        tag_rev = None if self.service.has_public_view and not context.full_access else rev
        return responses.make_response(
            request.http, responses.to_json(view), status=status, rev=tag_rev, private=context.private, headers=headers
        )

    def content_location(self, request: RequestContext, entity: Any) -> dict[str, str]:
        """Return the Content-Location of a response at an alias: the URL without it (RFC 9110, section 8.7)."""
        if not self.is_alias(request):
            return {}
        url = self.location(request, str(getattr(entity, self.service.key_field)))
        query = request.http.query_string.decode("ascii", "replace")
        return {"Content-Location": f"{url}?{query}" if query else url}

    def is_alias(self, request: RequestContext) -> bool:
        """Return whether the URL of a request is an alias."""
        rule = request.http.url_rule
        return rule is not None and not rule.rule.startswith(self.path.partition("{")[0])

    def location(self, request: RequestContext, key: str) -> str:
        """Return the URL of an entity."""
        return f"{request.http.script_root}/{self.service.repository.collection}/{quote(key, safe='')}"


class CollectionResource(EntityResource, abstract=True):
    """The collection: ``/cats``."""

    saves_body: ClassVar[bool] = True
    """Whether an Idempotency-Key saves the body. Otherwise ``restore`` builds it for a replay."""

    def to_text(self, entities: Sequence[Any]) -> str:
        """Return a page as plain text. Only resources that produce text need it."""
        raise NotImplementedError

    def restore(self, request: RequestContext, saved: SavedResponse) -> SavedResponse:
        """Return a saved response with its body. Only resources that do not save bodies need it."""
        raise NotImplementedError

    def count(self, request: RequestContext) -> None:
        """Count the creation of an entity, which is not a replay. Only resources with a rate limit need it."""

    def get(self, request: RequestContext) -> Response:
        """Respond with a page of the entities that the caller may see."""
        if request.args.get("updatedSince"):
            from api.resources.changes import respond_with_changes  # few requests need it

            return respond_with_changes(self.service, request)
        paginator, private, fields = request.paginator(), request.context.private, request.args.get("fields")
        page = self.service.list_page(request.context, request.args, paginator.start, paginator.limit)
        after = paginator.position
        before = page.before if after is None else Before(after, inclusive=True)
        body, link = paginator.page_body((), page.position, before)
        headers = responses.list_headers(request.context, link)
        if request.media == TEXT:
            return request.text(self.to_text(page.items), private=private, headers=headers)
        items = [responses.select_fields(view, fields) for view in self.service.present(request.context, page.items)]
        return request.json(body | {"items": items}, private=private, headers=headers)

    def post(self, request: RequestContext) -> Response:
        """Create an entity with a new key, once for each Idempotency-Key."""
        check_content_type(request.http, request.operation.accepts)
        check_post(request.http)

        def plan() -> tuple[SavedResponse, Sequence[Write]]:
            self.count(request)
            data, is_form = request.body
            view = request.operation.responses[201]
            body = Submitted(*convert_body(data, self.service.create_type, view, text=is_form))
            planned = self.service.plan_create(request.context, body)
            location = self.location(request, planned.key)
            return SavedResponse(201, location, planned.rev, responses.to_json(planned.view)), planned.writes

        return request.create(plan, None if self.saves_body else partial(self.restore, request))


class ItemResource(EntityResource, abstract=True):
    """One entity: ``/cats/{name}``."""

    def to_text(self, entity: Any) -> str:
        """Return an entity as plain text. Only resources that produce text need it."""
        raise NotImplementedError

    def get(self, request: RequestContext, key: str) -> Response:
        """Respond with an entity that the caller may see."""
        context = request.context
        _, record = self.service.find(context, key, consistent=context.private, as_sent=True)
        if record is None:
            raise NotFound
        if request.media == TEXT:
            headers = self.content_location(request, record.value)
            return request.text(self.to_text(record.value), rev=record.rev, private=context.private, headers=headers)
        view = self.service.present(context, [record.value])[0]
        return self.respond(
            request, self.page_of(request, record.value, view) if request.wants_page else view, record.rev
        )

    def page_of(self, _request: RequestContext, _entity: Any, view: Any) -> Any:
        """Return what the page of an entity shows: its view. A page that shows more reads it here."""
        return view

    def put(self, request: RequestContext, key: str) -> Response:
        """Create or replace an entity."""
        check_content_type(request.http, request.operation.accepts)
        return retry_on_conflict(lambda: self._save(request, key, "replaced", self._replacement))

    def patch(self, request: RequestContext, key: str) -> Response:
        """Apply a merge patch (RFC 7396). With ``If-None-Match: *``, create the entity."""
        check_content_type(request.http, request.operation.accepts)
        return retry_on_conflict(lambda: self._save(request, key, "patched", self._merged))

    def delete(self, request: RequestContext, key: str) -> Response:
        """Delete an entity. Its history stays."""

        def attempt() -> Response:
            plan = self.service.plan_delete(request.context, key, partial(check_write, request.http))
            self.dependencies.table.transact(plan.writes, plan.rev)
            if plan.deletion:
                from api.services.photo_files import finish_deletion  # few requests need it

                finish_deletion(self.dependencies, plan.deletion)
            return responses.no_content()

        return retry_on_conflict(attempt)

    def _save(self, request: RequestContext, key: str, action: Action, make_body: MakeBody) -> Response:
        allowed = request.context.full_access or not self.service.put_create_needs_full_access
        creatable = allowed and self.service.allocate_key is None
        precondition = partial(check_write, request.http, creatable=creatable)
        plan = self.service.plan_save(request.context, key, precondition, partial(make_body, request), action)
        # The response is built before the commit, so that nothing can fail after it.
        if plan.created:
            response = self.respond(request, plan.view, plan.rev, 201, Location=self.location(request, plan.key))
        else:
            response = self.respond(request, plan.view, plan.rev)
        self.dependencies.table.transact(plan.writes, plan.rev)
        return response

    def _replacement(self, request: RequestContext, _key: str, before: Any) -> Submitted[Any]:
        data, is_form = request.body
        return self._submitted(request, data, before, text=is_form)

    def _merged(self, request: RequestContext, key: str, before: Any) -> Submitted[Any]:
        service = self.service
        target = msgspec.to_builtins(service.to_body(before) if before else service.replace_type())
        with_key = {service.key_field: key} if service.key_field else {}
        merged = merge_patch(with_key | target, request.body[0])
        merged = without_nulls(merged, service.replace_type)
        return self._submitted(request, merged, before)

    def _submitted(
        self, request: RequestContext, data: dict[str, Any], before: Any, *, text: bool = False
    ) -> Submitted[Any]:
        view, current = request.operation.responses[200], self._views(request.context, before) if before else None
        return Submitted(*convert_body(data, self.service.replace_type, view, current=current, text=text))

    def _views(self, context: Context, entity: Any) -> Iterator[Any]:
        """Yield the views of an entity: now, a day ago, and when its version was made.

        Some members depend on the time. A client may send back what it got before such a member changed.
        """
        for at in (context.now, context.now - DAY, entity.updated):
            yield from self.service.present(replace(context, now=at), [entity])
