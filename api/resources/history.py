"""The history of a cat: ``/cats/{name}/history``."""

from __future__ import annotations

from flask import Response

from api.domain import names
from api.domain.cat_views import StaffCat, staff_view
from api.domain.entity import HistoryEntry
from api.domain.errors import NotFound
from api.http import query_params
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.services.authors import resolve_authors
from api.services.mappings import CAT

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
        key = names.normalise(name)
        if names.name_error(key):
            raise NotFound
        return self._version_at(request, key) if request.args["at"] else self._versions(request, key)

    def _version_at(self, request: RequestContext, key: str) -> Response:
        at = request.args["at"]
        cat = CAT.version_at(self.dependencies.table, key, at)
        if cat is None:
            raise NotFound
        return request.json(staff_view(cat, at.astimezone(self.dependencies.zone).date()))

    def _versions(self, request: RequestContext, key: str) -> Response:
        paginator = request.paginator()
        page = CAT.history(self.dependencies.table, key, paginator.position, paginator.limit)
        if not page.items and paginator.position is None:
            raise NotFound
        body, link = paginator.page_body(resolve_authors(request.context, page.items, by="at"), page.position)
        return request.json(body, headers=link)
