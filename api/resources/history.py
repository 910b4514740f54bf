"""The history of a cat: ``/cats/{name}/history`` and its redactions."""

from __future__ import annotations

from flask import Response

from api.domain import names
from api.domain.cat_views import StaffCat, staff_view
from api.domain.due_dates import local_date
from api.domain.entity import HistoryEntry
from api.domain.erasures import Erasure, Redaction, RedactionSummary, validate
from api.domain.errors import NotFound, ValidationFailed
from api.http import query_params, responses
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
from api.store.transaction import retry_on_conflict

AT = query_params.timestamp("at", "Return the version of the cat at this time instead of the list.")


class CatHistory(Resource):
    """The versions of a cat, newest first. They stay after the cat is deleted."""

    path, tag = "/cats/{name}/history", "Cats"

    @operation(
        "List the history of a cat",
        role="staff",
        query=QueryParameters(AT, LIMIT, CURSOR),
        responses={200: ListOf(HistoryEntry) | StaffCat},
    )
    def get(self, request: RequestContext, name: str) -> Response:
        """With ``at``, the response is the version of the cat at that time, or 404 if the cat did not exist."""
        key = _key(name)
        return self._version_at(request, key) if request.args["at"] else self._versions(request, key)

    def _version_at(self, request: RequestContext, key: str) -> Response:
        at = request.args["at"]
        cat = CAT.version_at(self.dependencies.table, key, at)
        if cat is None:
            raise NotFound
        return request.json(staff_view(cat, local_date(at, self.dependencies.settings.zone)))

    def _versions(self, request: RequestContext, key: str) -> Response:
        paginator = request.paginator()
        page = CAT.history(self.dependencies.table, key, paginator.position, paginator.limit)
        if not page.items and paginator.position is None:
            raise NotFound
        items = resolve_authors(request.context, page.items, by=show_username)
        body, link = paginator.page_body(items, page.position)
        return request.json(body, headers=link)


class HistoryRedactions(Resource):
    """The redaction of a member in the history of a cat."""

    path, tag, ignores = "/cats/{name}/history/redactions", "Cats", ("Idempotency-Key", "Prefer")

    @operation(
        "Redact the history of a cat",
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
