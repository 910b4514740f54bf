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
from api.http.resource import Call, Resource, operation
from api.http.schemas import ListOf
from api.resources.signatures import signed
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
    def get(self, call: Call, name: str) -> Response:
        """With ``at``, the answer is the cat as she was then; 404 where she was not there."""
        key = names.normalise(name)
        if names.name_error(key):
            raise NotFound
        return self._as_she_was(call, key) if call.args["at"] else self._versions(call, key)

    def _as_she_was(self, call: Call, key: str) -> Response:
        at = call.args["at"]
        cat = CAT.version_at(self.dependencies.table, key, at)
        if cat is None:
            raise NotFound
        return call.answer(staff_view(cat, at.date()))

    def _versions(self, call: Call, key: str) -> Response:
        pager = call.pager()
        page = CAT.history(self.dependencies.table, key, pager.position, pager.limit)
        if not page.items and pager.position is None:
            raise NotFound
        body, link = pager.envelope(signed(call, page.items, by="at"), page.position)
        return call.answer(body, headers=link)
