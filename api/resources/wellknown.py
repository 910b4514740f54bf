"""What anybody looks for at a fixed address (RFC 8615): the catalogue of APIs, the contact for security."""

from __future__ import annotations

from datetime import timedelta

from flask import Response

from api.http import responses
from api.http.request_body import JSON
from api.http.resource import RequestContext, operation
from api.resources.about import HTML, PublicResource

LINKSET = "application/linkset+json"


class Catalog(PublicResource):
    """The catalogue of the APIs of this host (RFC 9727)."""

    path = "/.well-known/api-catalog"

    @operation("Find the APIs of this host", role="public", produces=(LINKSET, JSON), answers={200: dict})
    def get(self, request: RequestContext) -> Response:
        """A linkset (RFC 9264) with one API: this one."""
        origin = request.http.host_url.rstrip("/") + request.http.script_root
        api = {
            "anchor": f"{origin}/",
            "service-desc": [{"href": f"{origin}/openapi.json", "type": JSON}],
            "service-doc": [{"href": f"{origin}/docs", "type": HTML}],
            "status": [{"href": f"{origin}/health", "type": JSON}],
        }
        media = f'{LINKSET}; profile="https://www.rfc-editor.org/info/rfc9727"' if request.media == LINKSET else JSON
        own = {"Link": f'<{origin}{self.path}>; rel="api-catalog"'}
        return self.said(request, {"linkset": [api]}, media, own)


class SecurityContact(PublicResource):
    """Where to report a vulnerability (RFC 9116)."""

    path = "/.well-known/security.txt"

    @operation("Find whom to tell of a vulnerability", role="public", produces=("text/plain",), answers={200: str})
    def get(self, request: RequestContext) -> Response:
        """The contact that the operator of this café has set; good for more than half a year, and less than one."""
        month = (request.context.now + timedelta(days=214)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        origin = request.http.host_url.rstrip("/") + request.http.script_root
        lines = [
            f"Contact: {self.dependencies.settings.security_contact}",
            f"Expires: {month.strftime('%Y-%m-%dT%H:%M:%SZ')}",
            "Preferred-Languages: en",
            f"Canonical: {origin}/.well-known/security.txt",
        ]
        text = "".join(f"{line}\n" for line in lines)
        return responses.make_response(request.http, text.encode(), private=False, media="text/plain; charset=utf-8")
