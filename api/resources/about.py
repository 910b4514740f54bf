"""About the API: the index, health, the OpenAPI document, its page, and the problem types."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template
from msgspec import Struct

from api import __version__
from api.domain.errors import NotFound
from api.http import problem_types, response_headers, responses
from api.http.request_body import JSON
from api.http.resource import RequestContext, Resource, operation
from api.http.responses import TEXT
from api.http.schemas import ListOf
from api.services.pies import PIES

HTML = "text/html"
MENU_LENGTH = 100
"""The number of pies in the plain-text menu; ``/pies`` has all of them."""
OPENAPI = "application/vnd.oai.openapi+json"


class Link(Struct):
    """A link of the index."""

    href: str
    title: str
    description: str


class Index(Struct):
    """The index of the API."""

    name: str
    version: str
    links: list[Link]


class Health(Struct):
    """The health of the API."""

    status: str
    version: str


class ProblemTypeView(Struct):
    """A problem type: its URI, and what the client can do."""

    type: str
    status: int | None
    """Null for a type that several statuses have."""
    title: str
    explanation: str


LINKS = (
    Link("/cats", "Cats", "The residents, and the cats that look for a home."),
    Link("/pies", "Pies", "The menu: names, prices, diets and allergens."),
    Link("/posts", "News", "The posts, newest first; /posts.atom is the feed."),
    Link("/todos", "To-dos", "Open and done to-dos of the staff."),
    Link("/todos/next", "Next to-dos", "The to-dos in the order of their urgency; explain=true gives the reasons."),
    Link("/users", "Users", "Register, read and change your profile."),
    Link("/sessions", "Sessions", "Bearer tokens for programs: log in, list, revoke."),
    Link("/tokens", "API tokens", "Tokens for programs that last longer and may do less: create, list, revoke."),
    Link("/site", "Site", "The café: name, address, opening hours and theme."),
    Link("/openapi.json", "OpenAPI document", "Every path, parameter, status and body, for programs."),
    Link("/docs", "API docs", "The OpenAPI document to read and to try, for people."),
    Link("/problems", "Problem types", "What each error means, and what the client can do."),
    Link("/login", "Log in", "Log in with a browser."),
    Link("/health", "Health", "Whether the API runs, and its version."),
)


class PublicResource(Resource):
    """A resource with the same representation for every caller."""

    tag = "About"

    def html_response(self, request: RequestContext, template: str, **context: Any) -> Response:
        """Respond with an HTML page. That of a user is private, because of its navigation."""
        html, private = render_template(template, **context), request.context.principal.username is not None
        return responses.make_response(request.http, html.encode(), private=private, media=f"{HTML}; charset=utf-8")


class Home(PublicResource):
    """The root."""

    path = "/"
    tag_description = "The API itself: index, health, documents and problem types."

    @operation("Get the index", id="getIndex", role="public", produces=(JSON, HTML, TEXT), responses={200: Index})
    def get(self, request: RequestContext) -> Response:
        """As JSON for programs, as the home page of the café for people, and the names of the pies as plain text."""
        if request.media == TEXT:
            menu = PIES.list_first(request.context, {}, MENU_LENGTH)
            return request.text(", ".join(pie.name for pie in menu), private=False)
        if request.media == HTML:
            from api.services.home import home_contents  # only the page needs it

            headers = responses.list_headers(request.context, {})
            return request.page(home_contents(request.context), private=False, headers=headers)
        base = request.http.script_root
        links = [Link(base + link.href, link.title, link.description) for link in LINKS]
        return request.json(Index("Clowder", __version__, links), private=False)


class HealthCheck(PublicResource):
    """The health check."""

    path = "/health"

    @operation("Get the health of the API", id="getHealth", role="public", responses={200: Health})
    def get(self, request: RequestContext) -> Response:
        """The response says that the function runs. It does not call DynamoDB."""
        return request.json(Health("ok", __version__), private=False)


class OpenApiDocument(PublicResource):
    """The OpenAPI document."""

    path = "/openapi.json"

    @operation(
        "Get the OpenAPI document",
        id="getOpenApiDocument",
        role="public",
        produces=(JSON, OPENAPI),
        responses={200: dict},
    )
    def get(self, request: RequestContext) -> Response:
        """The OpenAPI 3.1 document: every path, parameter, body and status."""
        document = self.dependencies.document(request.origin)
        media = f"{OPENAPI};version=3.1" if request.media == OPENAPI else JSON
        return responses.make_response(request.http, document, private=False, media=media)


class Docs(PublicResource):
    """The OpenAPI document as an HTML page."""

    path = "/docs"

    @operation("Get the API docs", id="getDocs", role="public", produces=(HTML,), responses={200: str}, tagged=False)
    def get(self, request: RequestContext) -> Response:
        """An HTML page. It loads nothing from other hosts."""
        html = render_template("docs.html", nonce=response_headers.nonce())
        return responses.no_store_response(html.encode(), media=f"{request.media}; charset=utf-8")


class Problems(PublicResource):
    """The problem types."""

    path = "/problems"

    @operation(
        "List the problem types",
        id="listProblemTypes",
        role="public",
        produces=(JSON, HTML),
        responses={200: ListOf(ProblemTypeView, paged=False)},
    )
    def get(self, request: RequestContext) -> Response:
        """The types of all errors of this API."""
        if request.media == HTML:
            return self.html_response(request, "problem_types.html", kinds=list(problem_types.PROBLEM_TYPES.values()))
        views = [_view(kind, request.http.script_root) for kind in problem_types.PROBLEM_TYPES.values()]
        return request.json({"items": views}, private=False)


class ProblemItem(PublicResource):
    """A problem type. The ``type`` of a problem resolves to it."""

    path = "/problems/{slug}"

    @operation(
        "Get a problem type",
        id="getProblemType",
        role="public",
        produces=(JSON, HTML),
        responses={200: ProblemTypeView},
    )
    def get(self, request: RequestContext, slug: str) -> Response:
        """What the error means, and what the client can do."""
        kind = problem_types.PROBLEM_TYPES.get(slug)
        if kind is None:
            raise NotFound
        if request.media == HTML:
            return self.html_response(request, "problem_type.html", kind=kind)
        return request.json(_view(kind, request.http.script_root), private=False)


def _view(kind: problem_types.ProblemType, base: str) -> ProblemTypeView:
    return ProblemTypeView(f"{base}/problems/{kind.slug}", kind.status or None, kind.title, kind.explanation)
