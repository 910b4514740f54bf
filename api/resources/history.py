"""Who changed a cat, what and when: ``/cats/{name}/history``."""

from __future__ import annotations

from flask import Response

from api.domain import names
from api.domain.cat_views import StaffCat, staff_view
from api.domain.entity import Entry
from api.domain.errors import NotFound
from api.http import query_params
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.services.authors import resolve_authors
from api.services.mappings import CAT

AT = query_params.timestamp("at", "Answer with the cat as she was at this instant, instead of the list.")


class CatHistory(Resource):
    """The versions of a cat, newest first. They outlive her."""

    path, tag = "/cats/{name}/history", "Cats"

    @operation(
        "Read her history",
        role="staff",
        query=QueryParameters(AT, LIMIT, CURSOR),
        answers={200: ListOf(Entry) | StaffCat},
    )
    def get(self, request: RequestContext, name: str) -> Response:
        """With ``at``, the answer is the cat as she was then; 404 where she was not there."""
        key = names.normalise(name)
        if names.name_error(key):
            raise NotFound
        return self._as_she_was(request, key) if request.args["at"] else self._versions(request, key)

    def _as_she_was(self, request: RequestContext, key: str) -> Response:
        at = request.args["at"]
        cat = CAT.version_at(self.dependencies.table, key, at)
        if cat is None:
            raise NotFound
        return request.answer(staff_view(cat, at.date()))

    def _versions(self, request: RequestContext, key: str) -> Response:
        pager = request.pager()
        page = CAT.history(self.dependencies.table, key, pager.position, pager.limit)
        if not page.items and pager.position is None:
            raise NotFound
        body, link = pager.envelope(resolve_authors(request.context, page.items, by="at"), page.position)
        return request.answer(body, headers=link)
