"""The history of a cat: ``/cats/{name}/history``, its versions and its redactions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from flask import Response

from api.domain import names
from api.domain.cat_views import StaffCat, staff_view
from api.domain.cats import Cat
from api.domain.due_dates import local_date
from api.domain.entity import TIMESTAMP_EXPECTED, HistoryEntry, parse_timestamp
from api.domain.erasures import Erasure, Redaction, RedactionSummary, validate
from api.domain.errors import NotFound, ValidationFailed
from api.http import query_params, responses
from api.http.deprecation import SINCE_0_2, link
from api.http.pagination import CURSOR, LIMIT, page_url, verify_cursor
from api.http.preconditions import check_post
from api.http.query_params import QueryParameters
from api.http.request_body import FORM, JSON, check_content_type
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.http.validation import convert_partial
from api.services.authors import resolve_authors, show_username
from api.services.erasures import RedactionPlan, plan_redaction
from api.services.mappings import CAT
from api.store.keys import timestamp_key
from api.store.repository import Stored
from api.store.transaction import retry_on_conflict

if TYPE_CHECKING:
    from api.store.versions import Versions

AT = query_params.timestamp(
    "at",
    "The response is the cat at this time. Deprecated: use `/cats/{name}/as-of/{at}`.",
    deprecated=SINCE_0_2,
    changes_type=True,
)
VERSION = {"type": "integer", "minimum": 1, "maximum": 10**12 - 1, "description": "The number of the version."}
TIME = {"type": "string", "format": "date-time", "description": "An RFC 3339 timestamp, such as 2026-05-01T12:00:00Z."}


class _HistoryResource(Resource):
    """The base of the resources that read the history."""

    def versions(self, name: str) -> Versions[Cat]:
        """Return the versions of the cats with a name.

        Raises:
            NotFound: no cat can have this name.
        """
        from api.store.versions import Versions  # few requests need it

        return Versions(self.dependencies.table, CAT, _key(name))

    def respond(
        self, request: RequestContext, cat: Stored[Cat] | None, at: datetime | None = None, **options: Any
    ) -> Response:
        """Respond with a version of a cat as it was at a time, by default the time of the version.

        Raises:
            NotFound: there is no such version.
        """
        if cat is None:
            raise NotFound
        today = local_date(at or cat.value.updated, self.dependencies.settings.zone)
        view = staff_view(cat.value, today, request.context.root)
        return request.json(view, **options)


class CatHistory(_HistoryResource):
    """The versions of a cat, newest first. They stay after the cat is deleted."""

    path, tag = "/cats/{name}/history", "Cats"

    @operation(
        "List the history of a cat",
        id="listCatHistory",
        role="staff",
        has_page=True,
        query=QueryParameters(AT, LIMIT, CURSOR),
        responses={200: ListOf(HistoryEntry)},
    )
    def get(self, request: RequestContext, name: str) -> Response:
        """Newest first. The history stays after the cat is deleted."""
        if (at := request.args["at"]) and not request.wants_page:
            found = self.versions(name).at(at)
            path = f"{request.http.script_root}/cats/{quote(_key(name))}/as-of/{timestamp_key(at)}"
            return self.respond(request, found, at, headers={"Link": link(path, "canonical")})
        paginator = request.paginator()
        page = CAT.history(self.dependencies.table, _key(name), paginator.position, paginator.limit)
        if not page.items and paginator.position is None:
            raise NotFound
        items = resolve_authors(request.context, page.items, by=show_username)
        body, next_link = paginator.page_body(items, page.position)
        return request.json(body, private=True, headers=next_link)


class CatVersion(_HistoryResource):
    """A version of a cat."""

    path, tag, keys = "/cats/{name}/history/{version}", "Cats", {"version": VERSION}
    converters: ClassVar = {"version": "number"}

    @operation("Get a version of a cat", id="getCatVersion", role="staff", responses={200: StaffCat})
    def get(self, request: RequestContext, name: str, version: int) -> Response:
        """The cat as it was when the version was written. Only a redaction changes a version.

        After a cat was deleted, another cat may get its name, and its versions begin again at 1. The number is that of
        the newest cat of the name; ``/cats/{name}/as-of/{at}`` finds the versions of earlier ones. A deletion has a
        number in the history, and is a 404 here.
        """
        found = self.versions(name).numbered(version)
        return self.respond(request, found)


class CatAsOf(_HistoryResource):
    """A cat at a time."""

    path, tag, keys = "/cats/{name}/as-of/{at}", "Cats", {"at": TIME}

    @operation("Get a cat at a time", id="getCatAsOf", role="staff", responses={200: StaffCat})
    def get(self, request: RequestContext, name: str, at: str) -> Response:
        """The version of the cat at that time, or 404 if the cat did not exist then. It may have been deleted since."""
        try:
            time = parse_timestamp(at)
        except ValueError:
            raise NotFound(f"The path must end with {TIMESTAMP_EXPECTED}.") from None
        found = self.versions(name).at(time)
        return self.respond(request, found, time)


class HistoryRedactions(Resource):
    """The redaction of a member in the history of a cat."""

    path, tag, ignores = "/cats/{name}/history/redactions", "Cats", ("Idempotency-Key", "Prefer")

    @operation(
        "Redact the history of a cat",
        id="redactCatHistory",
        role="staff",
        query=QueryParameters(CURSOR),
        body=Redaction,
        accepts=(JSON, FORM),
        responses={200: RedactionSummary},
        tagged=False,
    )
    def post(self, request: RequestContext, name: str) -> Response:
        """Remove the values of a member from earlier versions, also of deleted cats with this name.

        The cat itself does not change: clear the member with a PATCH before. The history gets an entry with the author,
        the time, the member and the reason. It is safe to send this again.
        """
        check_content_type(request.http, request.operation.accepts)
        check_post(request.http)
        data, is_form = request.body
        body, errors = convert_partial(data, Redaction, text=is_form)
        if errors := [*errors, *validate(body)]:
            raise ValidationFailed(*errors)
        key, context = _key(name), request.context
        cursor = verify_cursor(self.dependencies.settings.cursor_key, request.http, request.args["cursor"])
        position = cursor if isinstance(cursor, str) else None

        def attempt() -> RedactionPlan:
            write = context.write_context()
            erasure = Erasure(
                id=write.id, at=write.at, cat=key, member=body.member, reason=body.reason.strip(), by=write.by
            )
            plan = plan_redaction(self.dependencies.table, erasure, position)
            self.dependencies.table.transact(plan.writes, plan.rev)
            return plan

        plan = retry_on_conflict(attempt)
        following = plan.position and page_url(self.dependencies.settings.cursor_key, request.http, plan.position)
        return responses.no_store_response(responses.to_json(RedactionSummary(plan.redacted, following)))


def _key(name: str) -> str:
    """Return the key of a cat.

    Raises:
        NotFound: no cat can have this name.
    """
    key = names.normalise(name)
    if names.name_error(key):
        raise NotFound
    return key
