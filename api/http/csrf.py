"""Cross-site request forgery: a browser sends its cookies by itself, also with requests that other sites make.

The headers Sec-Fetch-Site and Origin say which site made a request. Scripts cannot set them. Go's
net/http.CrossOriginProtection and Datasette check them in the same way.

https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header, RFC 6454 (section 7)
"""

from __future__ import annotations

from flask import Request

from api.domain.errors import Forbidden
from api.http.routing import origin

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
OWN_SITES = ("same-origin", "none")
"""A page of this origin made the request, or the user did, without a page."""
MESSAGE = "Another site sent this request, or the browser does not say which. Send it from a page of this site."


def check_same_origin(request: Request) -> None:
    """Check that no other origin made a request that has a cookie or sets one.

    An older browser sends no Sec-Fetch-Site, and no browser sends it over http to another machine. Then Origin must be
    the origin of the request.

    Raises:
        Forbidden: another origin made the request, or neither header is there.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if (site not in OWN_SITES) if site is not None else (request.headers.get("Origin") != origin(request)):
        raise Forbidden(MESSAGE)
