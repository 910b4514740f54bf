"""The response to ``updatedSince``: the entities that changed, and the keys of those that were deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response

from api.domain.errors import ErrorCode, FieldError
from api.http import problem_types, responses
from api.http.pagination import PAGE_PARAMETERS, UPDATED_SINCE
from api.http.problems import ProblemError
from api.http.resource import RequestContext
from api.http.responses import TEXT
from api.services.changes import OVERLAP, list_changes, started_at
from api.services.entity_service import EntityService
from api.store.changes import RETENTION

NAME = UPDATED_SINCE.name


def respond_with_changes(service: EntityService[Any, Any, Any, Any, Any], request: RequestContext) -> Response:
    """Respond with a page of the changes since a time.

    Raises:
        ProblemError: 400; the time is too long ago or in the future, or there are other parameters.
    """
    paginator, context, fields = request.paginator(), request.context, request.args.get("fields")
    since, started = request.args[NAME], started_at(paginator.position, context.now)
    if error := _error(request, since, started):
        raise ProblemError(problem_types.BAD_QUERY, error.detail, errors=[error])
    changes = list_changes(service, context, since, paginator.position, paginator.limit)
    body, link = paginator.page_body((), changes.position)
    items = [responses.select_fields(view, fields) for view in service.present(context, changes.entities)]
    deleted = [{service.key_field: service.change_key(record.key), "updated": record.at} for record in changes.deleted]
    page = {"items": items, "deleted": deleted, "updatedUntil": started - OVERLAP}
    return request.json(body | page, private=context.private, headers=link)


def _error(request: RequestContext, since: datetime, started: datetime) -> FieldError | None:
    """Return what is wrong with a request, or None."""
    code: ErrorCode = "out_of_range"
    if others := sorted(request.http.args.keys() - PAGE_PARAMETERS - {NAME}):
        code, text = (
            "not_allowed",
            f"cannot be combined with {', '.join(others)}. Select from the list in your program.",
        )
    elif request.media == TEXT:
        code, text = "not_allowed", "needs the media type application/json: plain text cannot show what was deleted."
    elif since < started - RETENTION:
        text = f"must be at most {RETENTION.days} days ago. Changes are stored for that time: list everything again."
    elif since > started + OVERLAP:
        text = "must not be in the future. Send the updatedUntil of your last response."
    else:
        return None
    return FieldError(code, f"{NAME} {text}", parameter=NAME)
