"""Deprecation: the headers Deprecation (RFC 9745), Sunset (RFC 8594) and Link on responses of what is deprecated.

``docs/versioning.md`` has the policy. Each deprecation is declared once: for a path in ``Resource.aliases``, for a
query parameter in ``Parameter.deprecated``. The OpenAPI document is built from the same declarations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from functools import partial
from urllib.parse import quote

from flask import Response, after_this_request, request
from msgspec import Struct
from werkzeug.http import http_date

MAX_TARGET = 1000
"""The longest target of a canonical link, in characters. API Gateway limits the headers of a response to 10,240 bytes,
and the path of a request can be as long. No name of an existing entity comes near to this length."""


class Deprecation(Struct, frozen=True):
    """The dates of a deprecation. Each date begins at midnight UTC."""

    since: date
    sunset: date
    """The day from which a release may remove what is deprecated."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the dates: a Date of Structured Fields (RFC 9651), and an HTTP date (RFC 9110)."""
        since = datetime.combine(self.since, time(), UTC)
        return {"Deprecation": f"@{since.timestamp():.0f}", "Sunset": http_date(self.sunset)}


SINCE_0_2 = Deprecation(since=date(2026, 11, 28), sunset=date(2027, 9, 1))
"""What version 0.2.0 deprecates."""


def add_parameter_headers(deprecated: Mapping[str, Deprecation]) -> None:
    """Add the headers to the response if the request has a deprecated query parameter."""
    if sent := deprecated.keys() & request.args.keys():
        after_this_request(partial(_add_headers, deprecation=deprecated[min(sent)]))


def link(target: str, relation: str) -> str:
    """Return a link for the Link header (RFC 8288)."""
    return f'<{target}>; rel="{relation}"'


def alias_parents(paths: Iterable[tuple[str, Mapping[str, Deprecation]]]) -> dict[str, tuple[str, Deprecation]]:
    """Return the parent of each alias, with the parent of its path and the deprecation: ``/user`` for ``/users``.

    Args:
        paths: the URL template of each resource, and its aliases. They have the same last segment, a variable.
    """
    return {
        alias.rpartition("/")[0]: (path.rpartition("/")[0], deprecation)
        for path, aliases in paths
        for alias, deprecation in aliases.items()
    }


def add_headers(response: Response, parents: Mapping[str, tuple[str, Deprecation]]) -> None:
    """Add the headers to the response to a request with a deprecated path, also to an error.

    Args:
        response: the response.
        parents: the parents of the aliases. A 405 has no URL rule, so that the path of the request decides.
    """
    parent, _, key = request.path.rpartition("/")
    if key:
        canonical_parent, deprecation = parents[parent]
        # A percent sign in the path is that of an encoded slash or percent sign (``routing.decode_path``).
        _add_headers(response, deprecation, f"{request.script_root}{canonical_parent}/{quote(key, safe='%')}")


def _add_headers(response: Response, deprecation: Deprecation, canonical: str = "") -> Response:
    response.headers.update(deprecation.headers)
    links = [response.headers["Link"]] if "Link" in response.headers else []
    if canonical and len(canonical) <= MAX_TARGET:
        links.append(link(canonical, "canonical"))
    links.append(f'{link(f"{request.script_root}/docs", "deprecation")}; type="text/html"')
    response.headers["Link"] = ", ".join(links)
    return response
