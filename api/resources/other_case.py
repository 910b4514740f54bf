"""Pages whose URL has a name in another case: a browser that opens ``/cats/Milo`` is redirected to ``/cats/milo``.

Programs get 404, because names are case-sensitive.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from flask import Request, Response
from msgspec.structs import replace

from api.context import Context, Dependencies, Principal
from api.http import responses
from api.http.resource import RequestContext
from api.services.other_case import REPOSITORIES, find_spellings

FORMS: Mapping[str, str] = {
    "cats": "cats", "weights": "cats", "cat-photos": "cats", "pies": "pies", "pie-photos": "pies",
}  # fmt: skip
"""The collection of the key of each form."""


def redirect(dependencies: Dependencies, request: Request, caller: Principal) -> Response | None:
    """Return the redirect to the only page whose URL differs in the case of a name; None if there is none."""
    segments = request.path.split("/")
    at = 3 if segments[1] == "forms" else 2
    collection = FORMS.get(segments[2], "") if at == 3 else segments[1]
    if len(segments) <= at or collection not in REPOSITORIES:
        return None
    context = Context(dependencies, caller, dependencies.clock(), caller.may("staff"))
    found = find_spellings(context, collection, segments[at])
    if len(found) != 1 or found[0] == segments[at]:
        return None
    path = "/".join(quote(segment, safe="") for segment in (*segments[:at], found[0], *segments[at + 1 :]))
    query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    response = responses.no_content()
    response.status_code, response.location = 303, f"{request.script_root}{path}{query}"
    return response


def with_cat(request: RequestContext) -> RequestContext:
    """Return a request for the page of a list, with the spelling of the cat of its filter, if there is only one."""
    found = find_spellings(request.context, "cats", request.args["cat"])
    return replace(request, args={**request.args, "cat": found[0]}) if len(found) == 1 else request
