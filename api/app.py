"""Application factory. The only module that may import every layer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask_restful
from flask import Flask, Response, g, request

from api import __version__
from api.context import ANONYMOUS, Dependencies, Principal, new_id, no_bucket, utc_now
from api.domain.errors import NotFound, Unavailable
from api.domain.urgency import make_ranker
from api.http import cookies, deprecation, gateway, problems, request_log, response_headers, routing, static_files
from api.http.negotiation import prefers_html
from api.http.resource import Resource
from api.resources import (
    about,
    cats,
    form_pages,
    history,
    login,
    next_todos,
    photos,
    pies,
    posts,
    sessions,
    site,
    todos,
    tokens,
    users,
    weights,
    wellknown,  # fmt: skip
)
from api.services.sessions import find_callers
from api.settings import Settings
from api.store.table import Table

if TYPE_CHECKING:
    from api.store.bucket import Bucket

NOTICE = re.compile(rb"(?:\A|&)notice=([a-z-]{1,32})(?:&|\Z)")
HERE = Path(__file__).parent
"""The folder of templates and static files, independent of the working directory."""
RESOURCES: tuple[type[Resource], ...] = (
    cats.CatList,
    cats.CatItem,
    cats.CatPortrait,
    history.CatHistory,
    history.CatVersion,
    history.CatAsOf,
    history.HistoryRedactions,
    weights.WeightList,
    weights.WeightItem,
    pies.PieList,
    pies.PieItem,
    posts.PostList,
    posts.PostItem,
    posts.PostFeed,
    *photos.RESOURCES,
    todos.TodoList,
    next_todos.NextTodos,
    todos.TodoItem,
    todos.TodoDone,
    users.UserList,
    users.UserItem,
    users.UserExportItem,
    login.Login,
    login.Logout,
    sessions.SessionList,
    sessions.SessionItem,
    tokens.TokenList,
    tokens.TokenItem,
    site.SiteItem,
    *site.PHOTOS,
    about.Home,
    about.HealthCheck,
    about.OpenApiDocument,
    about.Docs,
    about.Problems,
    about.ProblemItem,
    wellknown.Catalog,
    wellknown.SecurityContact,
)
FORM_RESOURCES: tuple[type[Resource], ...] = (form_pages.NewForm, form_pages.EditForm)
"""The forms of the pages. They are for browsers, so the OpenAPI document does not have them (decision 52)."""


class Api(flask_restful.Api):
    """Flask-RESTful without its error handling, which behaves differently in tests and in production."""

    def error_router(self, original_handler: Callable[[Exception], Response], e: Exception) -> Response:
        """Hand every error to Flask, where ``api.http.problems`` handles it."""
        return original_handler(e)


def _register_resources(api: Api, common: dict[str, Any], extra: dict[str, Any]) -> None:
    """Register the resources with their constructor arguments: the common ones, and those of ``needs``."""
    for resource in (*RESOURCES, *FORM_RESOURCES):
        rules = [routing.rule_of(path, resource.converters) for path in (resource.path, *resource.aliases)]
        arguments = common | {name: extra[name] for name in resource.needs}
        api.add_resource(resource, *rules, endpoint=resource.__name__, resource_class_kwargs=arguments)


def _render_document(url: str) -> bytes:
    from api.http.openapi import document  # only requests for the document need it

    return document.render_document(RESOURCES, url)


def _build_page(*args: Any, **facts: Any) -> tuple[str, dict[str, Any]]:
    from api.web.pages import build_page  # only requests for a page need it

    return build_page(*args, **facts)


def _handle_not_found(dependencies: Dependencies, error: Exception) -> Response:
    """Redirect a browser if the URL has a name in another case. Otherwise, respond to the error."""
    if request.method in ("GET", "HEAD") and prefers_html(request.headers.get("Accept")):
        from api.resources.other_case import redirect  # few requests need it

        with suppress(Unavailable):
            if response := redirect(dependencies, request, g.get("caller", ANONYMOUS)):
                return response
    return problems.handle_error(error)


def make_open_bucket(settings: Settings) -> Callable[[], Bucket]:
    """Return a function that returns the bucket of the settings. It makes the client at the first call."""

    @cache
    def open_bucket() -> Bucket:
        from api.store.bucket import make_bucket  # only requests for photos need it

        return make_bucket(str(settings.photo_bucket), settings.region)

    return open_bucket if settings.photo_bucket else no_bucket


def _render_style(query: Mapping[str, str]) -> bytes | None:
    """Return the style sheet of a look, or None for the one of the defaults, which is the file."""
    from api.web import styles  # only the style sheets of other looks need it

    look = styles.parse_arguments(query)
    return None if look == styles.Look() else styles.render(look)


def _template_globals(dependencies: Dependencies) -> dict[str, Any]:
    """Return what every template may use."""
    from api.services.site import current_site
    from api.web.site import site_variables  # only pages need it

    may_read, base = not g.get("server_failed"), request.script_root
    site = current_site(dependencies, may_read=may_read)
    caller = g.caller if "caller" in g else _find_user(dependencies, may_read=may_read)
    facts = {"base": base, "version": __version__, "caller": caller, "notice": _notice()}
    return facts | site_variables(site, base)


def _find_user(dependencies: Dependencies, *, may_read: bool) -> Principal:
    """Return the user of the session cookie, for the navigation of an error page without a resource: an unknown URL.

    It reads one item, and does not fail.
    """
    cookie = cookies.read_cookie(request, cookies.SESSION) if may_read else None
    if cookie is None:
        return ANONYMOUS
    try:
        now, secret = dependencies.clock(), dependencies.settings.cursor_key
        return find_callers(dependencies.table, secret, cookie, None, (), now)[0] or ANONYMOUS
    except Unavailable:
        return ANONYMOUS


def _notice() -> str | None:
    """Return the text of the notice that a redirect after a form asks for: ``?notice=saved``."""
    match = NOTICE.search(request.query_string)
    if match is None:
        return None
    from api.web.words import NOTICES  # few requests need it

    return NOTICES.get(match[1].decode())


def create_app(
    settings: Settings,
    table: Table,
    clock: Callable[[], datetime] = utc_now,
    new_id: Callable[[], str] = new_id,
    open_bucket: Callable[[], Bucket] | None = None,
) -> Flask:
    """Return the WSGI application.

    Args:
        settings: the configuration.
        table: the DynamoDB table.
        clock: returns the current time; tests pass their own.
        new_id: returns a random id; tests pass their own.
        open_bucket: returns the bucket of the photos; by default, the one of the settings.
    """
    app = routing.App("api", root_path=str(HERE), static_folder=None, template_folder="web/templates")
    app.url_map.merge_slashes = False
    request_log.configure_logging(settings.log_level)
    # Flask calls after_request hooks in reverse order of registration, so that the log line is written last.
    request_log.init_app(app, settings)
    aliases = deprecation.alias_parents((resource.path, resource.aliases) for resource in RESOURCES)
    response_headers.init_app(app, settings, aliases)
    problems.init_app(app)
    routing.init_app(app)
    static_files.init_app(app, HERE / "web" / "static", {"style.css": _render_style})
    dependencies = Dependencies(
        settings,
        table,
        clock,
        new_id,
        document=_render_document,
        build_page=_build_page,
        open_bucket=open_bucket or make_open_bucket(settings),
    )
    app.context_processor(partial(_template_globals, dependencies))
    app.register_error_handler(NotFound, partial(_handle_not_found, dependencies))
    common: dict[str, Any] = {
        "dependencies": dependencies,
        "find_callers": partial(find_callers, table, settings.cursor_key),
    }
    _register_resources(Api(app), common, {"rank": make_ranker(settings.urgency, settings.zone)})
    app.wsgi_app = gateway.PathMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    return app
