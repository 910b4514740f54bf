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

PREFIXES: Mapping[tuple[str, ...], str] = {
    **{(collection,): collection for collection in REPOSITORIES},
    ("forms", "cats"): "cats",
    ("forms", "weights"): "cats",
    ("forms", "cat-photos"): "cats",
    ("forms", "pies"): "pies",
    ("forms", "pie-photos"): "pies",
}
"""The collection of a name in a path, by the segments before the name."""


def redirect(dependencies: Dependencies, request: Request, caller: Principal) -> Response | None:
    """Return the redirect to the only page whose URL differs in the case of a name; None if there is none.

    It reads at most the index of names, and only what the caller may see.
    """
    segments = request.path.split("/")[1:]
    prefix = next((prefix for prefix in PREFIXES if (*segments[: len(prefix)],) == prefix), ())
    if not prefix or len(segments) == len(prefix):
        return None
    name, rest = segments[len(prefix)], segments[len(prefix) + 1 :]
    context = Context(dependencies, caller, dependencies.clock(), caller.may("staff"))
    found = find_spellings(context, PREFIXES[prefix], name)
    if len(found) != 1 or found[0] == name:
        return None
    path = "".join(f"/{quote(segment, safe='')}" for segment in (*prefix, found[0], *rest))
    query = request.query_string.decode("latin-1")
    return responses.see_other(request, f"{path}?{query}" if query else path)


def with_cat(request: RequestContext) -> RequestContext:
    """Return a request for the page of a list, with the spelling of the cat of its filter, if there is only one."""
    found = find_spellings(request.context, "cats", request.args["cat"])
    return replace(request, args={**request.args, "cat": found[0]}) if len(found) == 1 else request
