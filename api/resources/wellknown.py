"""Well-known URIs (RFC 8615): the API catalog and the security contact."""

from __future__ import annotations

from datetime import timedelta

from flask import Response

from api.http import responses
from api.http.request_body import JSON
from api.http.resource import RequestContext, operation
from api.resources.about import HTML, PublicResource

LINKSET = "application/linkset+json"


class Catalog(PublicResource):
    """The API catalog of the host (RFC 9727)."""

    path = "/.well-known/api-catalog"

    @operation(
        "Get the API catalog", id="getApiCatalog", role="public", produces=(LINKSET, JSON), responses={200: dict}
    )
    def get(self, request: RequestContext) -> Response:
        """A linkset (RFC 9264) with this API."""
        origin = request.origin
        api = {
            "anchor": f"{origin}/",
            "service-desc": [{"href": f"{origin}/openapi.json", "type": JSON}],
            "service-doc": [{"href": f"{origin}/docs", "type": HTML}],
            "status": [{"href": f"{origin}/health", "type": JSON}],
        }
        media = f'{LINKSET}; profile="https://www.rfc-editor.org/info/rfc9727"' if request.media == LINKSET else JSON
        headers = {"Link": f'<{origin}{self.path}>; rel="api-catalog"'}
        return request.json({"linkset": [api]}, private=False, media=media, headers=headers)


class SecurityContact(PublicResource):
    """The security contact (RFC 9116)."""

    path = "/.well-known/security.txt"

    @operation(
        "Get the security contact",
        id="getSecurityContact",
        role="public",
        produces=("text/plain",),
        responses={200: str},
    )
    def get(self, request: RequestContext) -> Response:
        """Where to report a vulnerability. It expires on the first day of a month, in six to seven months."""
        month = (request.context.now + timedelta(days=214)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        origin = request.origin
        lines = [
            f"Contact: {self.dependencies.settings.security_contact}",
            f"Expires: {month.strftime('%Y-%m-%dT%H:%M:%SZ')}",
            "Preferred-Languages: en",
            f"Canonical: {origin}/.well-known/security.txt",
        ]
        text = "".join(f"{line}\n" for line in lines)
        return responses.make_response(request.http, text.encode(), private=False, media="text/plain; charset=utf-8")
