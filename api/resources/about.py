"""What the API says of itself: the index, liveness, its document, its problem types, its contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template
from msgspec import Struct
from msgspec.structs import astuple

from api import __version__
from api.domain.errors import NotFound
from api.http import problem_types, response_headers, responses
from api.http.request_body import JSON
from api.http.resource import RequestContext, Resource, operation
from api.http.responses import TEXT
from api.http.schemas import ListOf
from api.services.pies import PIES

HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json"


class Link(Struct):
    """Something that is to be found here."""

    href: str
    title: str
    description: str


class Index(Struct):
    """Where everything is."""

    name: str
    version: str
    links: list[Link]


class Health(Struct):
    """Alive."""

    status: str
    version: str


class ProblemType(Struct):
    """One kind of problem: its type URI, and what to do about it."""

    type: str
    status: int | None
    """None where every status of its kind can be meant."""
    title: str
    explanation: str


LINKS = (
    Link("/cats", "Cats", "The herd: who lives here, and who looks for a home."),
    Link("/pies", "Pies", "The menu: what there is, what it costs, what is in it."),
    Link("/posts", "News", "What has happened, newest first; /posts.atom is the feed."),
    Link("/todos", "To-dos", "Everything that is to be done, and what has been done."),
    Link("/todos/next", "What to do next", "The staff's chores in order; with explain=true it says why."),
    Link("/users", "People", "Profiles: register, read and change your own."),
    Link("/sessions", "Sessions", "Bearer tokens for programs: log in, list, revoke."),
    Link("/openapi.json", "OpenAPI document", "Every path, argument, status and body, for programs."),
    Link("/docs", "API docs", "The same to read and to try, for people."),
    Link("/problems", "Problem types", "What an error means, and what to do about it."),
    Link("/login", "Sign in", "For people with a browser."),
    Link("/health", "Health", "Whether this is alive, and its version."),
)


class PublicResource(Resource):
    """Says the same to everybody."""

    tag = "About"

    def page(self, request: RequestContext, template: str, **context: Any) -> Response:
        """Answer with a page for people."""
        html = render_template(template, **context)
        return responses.make_response(request.http, html.encode(), private=False, media=f"{HTML}; charset=utf-8")

    def said(
        self, request: RequestContext, value: Any, media: str = JSON, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Answer with a document for programs."""
        return request.answer(value, private=False, media=media, headers=headers)


class Home(PublicResource):
    """The root."""

    path = "/"

    @operation("Find your way", role="public", produces=(JSON, HTML, TEXT), answers={200: Index})
    def get(self, request: RequestContext) -> Response:
        """Answer with an index for programs, a page for people, or, as plain text, with the pies."""
        if request.media == TEXT:
            menu = PIES.list_page(request.context, {}, None, 100)
            return request.say(", ".join(pie.name for pie in menu.items), private=False)
        base = request.http.script_root
        links = [Link(base + link.href, link.title, link.description) for link in LINKS]
        if request.media == HTML:
            return self.page(
                request,
                "index.html",
                links=[astuple(link) for link in links],
                origin=request.http.host_url.rstrip("/") + base,
            )
        return self.said(request, Index("Clowder", __version__, links))


class HealthCheck(PublicResource):
    """Liveness."""

    path = "/health"

    @operation("Say whether this is alive", role="public", answers={200: Health})
    def get(self, request: RequestContext) -> Response:
        """Answer without asking the store: alive is not the same as well."""
        return self.said(request, Health("ok", __version__))


class Document(PublicResource):
    """The OpenAPI document."""

    path = "/openapi.json"

    @operation("Read this document", role="public", produces=(JSON, OPENAPI), answers={200: dict})
    def get(self, request: RequestContext) -> Response:
        """The document that describes all that can be done here."""
        made = self.dependencies.document()
        media = f"{OPENAPI};version=3.1" if request.media == OPENAPI else JSON
        base: Mapping[str, Any] = {"servers": [{"url": request.http.script_root or "/"}]}
        return self.said(request, {**made, **base}, media)


class Docs(PublicResource):
    """The document as a page."""

    path = "/docs"

    @operation("Read and try the API", role="public", produces=(HTML,), answers={200: str}, tagged=False)
    def get(self, request: RequestContext) -> Response:
        """Answer with a page; all that it needs comes from here."""
        html = render_template("docs.html", nonce=response_headers.nonce())
        return responses.no_store_response(html.encode(), media=f"{request.media}; charset=utf-8")


class Problems(PublicResource):
    """All problem types."""

    path = "/problems"

    @operation("List the problem types", role="public", produces=(JSON, HTML), answers={200: ListOf(ProblemType)})
    def get(self, request: RequestContext) -> Response:
        """Every kind of error that this API answers with."""
        if request.media == HTML:
            return self.page(request, "problem_types.html", kinds=list(problem_types.PROBLEM_TYPES.values()))
        return self.said(
            request, {"items": [_type(kind, request.http.script_root) for kind in problem_types.PROBLEM_TYPES.values()]}
        )


class ProblemItem(PublicResource):
    """One problem type: where the ``type`` of a problem resolves to."""

    path = "/problems/{slug}"

    @operation("Explain a problem type", role="public", produces=(JSON, HTML), answers={200: ProblemType})
    def get(self, request: RequestContext, slug: str) -> Response:
        """What it means, and what to do about it."""
        kind = problem_types.PROBLEM_TYPES.get(slug)
        if kind is None:
            raise NotFound
        if request.media == HTML:
            return self.page(request, "problem_type.html", kind=kind)
        return self.said(request, _type(kind, request.http.script_root))


def _type(kind: problem_types.ProblemType, base: str) -> ProblemType:
    return ProblemType(f"{base}/problems/{kind.slug}", kind.status or None, kind.title, kind.explanation)
