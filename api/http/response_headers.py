"""The headers of every response: security, discovery, caching and CORS."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from functools import partial
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from api.http import deprecation
from api.http.deprecation import Deprecation
from api.settings import Settings

VARY = "Accept, Accept-Encoding, Authorization, Cookie"
SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of responses that are not HTML pages."""
HTML_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ANY_ORIGIN = "*"
"""The element of CORS_ORIGINS that lets pages of all origins read what is public."""
PUBLIC_METHODS = "GET, HEAD"
PUBLIC_REQUEST_HEADERS = "If-None-Match, X-Request-Id, traceparent, tracestate, baggage"
"""The request headers that pages of all origins may send with ``*``. Without Authorization, all data is public."""
CORS_METHODS = f"{PUBLIC_METHODS}, POST, PUT, PATCH, DELETE"
CORS_REQUEST_HEADERS = f"Authorization, Content-Type, Idempotency-Key, If-Match, Prefer, {PUBLIC_REQUEST_HEADERS}"
CORS_RESPONSE_HEADERS = (
    "Accept-Patch, Allow, Content-Location, Deprecation, ETag, Idempotent-Replayed, Link, Location, "
    "Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, Sunset, traceparent, WWW-Authenticate, X-Request-Id"
)
"""The response headers that scripts may read, besides those that they always may (Cache-Control, Content-Type, …)."""


def nonce() -> str:
    """Return the nonce in the Content-Security-Policy of this response, which allows the script of its HTML page."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def allow_form_action(url: str) -> None:
    """Allow the forms of this page to send to the origin of a URL, besides that of the page."""
    parts = urlsplit(url)
    g.form_origin = f"{parts.scheme}://{parts.netloc}"


def init_app(app: Flask, settings: Settings, aliases: Mapping[str, tuple[str, Deprecation]]) -> None:
    """Add the headers to every response, also to errors. Answer preflights of unknown paths.

    Args:
        app: the application.
        settings: the configuration.
        aliases: the parents of the deprecated paths (see ``deprecation.alias_parents``).
    """

    @app.after_request
    def finish(response: Response) -> Response:
        if "Allow" in response.headers:
            response.headers["Allow"] = allow_header(response.headers["Allow"].split(","))
        if request.path.rpartition("/")[0] in aliases:
            deprecation.add_headers(response, aliases)
        # A cache replaces the headers of the stored page by those of a 304. So a 304 needs the policy of its page, and
        # has the Content-Type until here.
        headers = (("Content-Security-Policy", _policy(response)), *g.ids.response.items())
        if response.status_code in (204, 304):
            response.headers.pop("Content-Type", None)
        # Nothing else sets these headers, so that extend is right. It is faster than to set each of them.
        response.headers.extend((*headers, *SECURITY, ("Vary", VARY), ("Link", _links(response))))
        if settings.cors_origins:
            _cors(response, settings)
        return response

    if settings.cors_origins:
        app.before_request(partial(_answer_unknown_preflight, settings))


def allow_header(methods: Iterable[str]) -> str:
    """Return the value of an Allow header."""
    return ", ".join(sorted({method.strip() for method in methods}))


def _policy(response: Response) -> str:
    if response.mimetype != "text/html" or response.status_code == 204:
        return API_POLICY
    policy = HTML_POLICY
    if "form_origin" in g:
        policy = policy.replace("form-action 'self'", f"form-action 'self' {g.form_origin}")
    return f"{policy}; connect-src 'self'; script-src 'nonce-{g.nonce}'" if "nonce" in g else policy


def _links(response: Response) -> str:
    """Return the links to the OpenAPI document and the docs (RFC 8631), after the Link header of a list."""
    base, list_links = request.script_root, response.headers.pop("Link", None)
    links = f'<{base}/openapi.json>; rel="service-desc", <{base}/docs>; rel="service-doc"'
    return f"{list_links}, {links}" if list_links else links


def _cors(response: Response, settings: Settings) -> None:
    """Let scripts of other origins read the response (https://fetch.spec.whatwg.org/#http-cors-protocol)."""
    response.vary.add("Origin")
    origin = _allowed_origin(settings)
    if origin is None:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = CORS_RESPONSE_HEADERS
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if _is_preflight():
        public = origin == ANY_ORIGIN
        response.headers["Access-Control-Allow-Methods"] = PUBLIC_METHODS if public else CORS_METHODS
        response.headers["Access-Control-Allow-Headers"] = PUBLIC_REQUEST_HEADERS if public else CORS_REQUEST_HEADERS
        response.headers["Access-Control-Max-Age"] = "600"


def _allowed_origin(settings: Settings) -> str | None:
    """Return the origin whose scripts may read the response, or None.

    It is the origin of the request if it is listed, and with ``*`` in the setting, every origin for a read without
    credentials.
    """
    origin = request.headers.get("Origin")
    if origin is None or (origin in settings.cors_origins and origin != ANY_ORIGIN):
        return origin
    if ANY_ORIGIN not in settings.cors_origins or "Authorization" in request.headers or "Cookie" in request.headers:
        return None
    method = request.headers["Access-Control-Request-Method"] if _is_preflight() else request.method
    # A browser sends a POST even if Access-Control-Allow-Methods lacks it, so that a preflight for it has to fail.
    return ANY_ORIGIN if method in ("GET", "HEAD") else None


def _answer_unknown_preflight(settings: Settings) -> Response | None:
    """Respond to the preflight of an unknown path, so that a script can send its request and read the 404."""
    unknown = request.method == "OPTIONS" and request.url_rule is None
    return Response(status=204) if unknown and _is_preflight() and _allowed_origin(settings) else None


def _is_preflight() -> bool:
    """Return whether the request is a CORS preflight."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
