"""Application factory. The only module that may import every layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import flask_restful
from flask import Flask, Request, Response, request

from api import __version__
from api.context import Dependencies, Prefetched, Principal, new_id, utc_now
from api.domain.sessions import Session
from api.domain.urgency import make_ranker
from api.http import gateway, openapi, problems, request_log, response_headers, routing, static_files
from api.http.authentication import authenticate
from api.http.resource import Authenticate, Resource
from api.resources import (
    about,
    cats,
    history,
    login,
    next_todos,
    pies,
    posts,
    sessions,
    todos,
    users,
    weights,
    wellknown,  # fmt: skip
)
from api.services.sessions import find_sessions
from api.settings import Settings
from api.store.keys import Key
from api.store.table import Table

HERE = Path(__file__).parent
"""Templates and static files are found from wherever this is started."""
RESOURCES: tuple[type[Resource], ...] = (
    cats.CatList,
    cats.CatItem,
    history.CatHistory,
    weights.WeightList,
    weights.WeightItem,
    pies.PieList,
    pies.PieItem,
    posts.PostList,
    posts.PostItem,
    posts.PostFeed,
    todos.TodoList,
    next_todos.TodoNext,
    todos.TodoItem,
    todos.TodoDone,
    users.UserList,
    users.UserItem,
    login.Login,
    login.Logout,
    sessions.SessionList,
    sessions.SessionItem,
    about.Home,
    about.HealthCheck,
    about.Document,
    about.Docs,
    about.Problems,
    about.ProblemItem,
    wellknown.Catalog,
    wellknown.SecurityContact,
)


class App(Flask):
    """Flask without coroutines. Flask would look for one in each of our functions at each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


class Api(flask_restful.Api):
    """Flask-RESTful without its error handling, which works in tests and answers 500 in production."""

    def error_router(self, original_handler: Callable[[Exception], Response], e: Exception) -> Response:
        """Give every error back to Flask, where ``api.http.problems`` answers it."""
        return original_handler(e)


def _register_resources(api: Api, given: dict[str, Any], more: dict[str, Any]) -> None:
    """Add the resources: all are given the same, and some what they need besides."""
    for resource in RESOURCES:
        rules = [path.replace("{", "<").replace("}", ">") for path in (resource.path, *resource.aliases)]
        needs = given | {name: more[name] for name in resource.needs}
        api.add_resource(resource, *rules, endpoint=resource.__name__, resource_class_kwargs=needs)


def authenticator(dependencies: Dependencies) -> Authenticate:
    """Return the function that authenticates requests, and reads other items in the same round trip."""

    def find_principal(request: Request, now: datetime, wanted: Sequence[Key]) -> tuple[Principal, Prefetched]:
        prefetched: Prefetched = {}

        def find(tokens: Sequence[str]) -> dict[str, Session]:
            sessions, items = find_sessions(dependencies.table, tokens, wanted)
            prefetched.update(items)
            return sessions

        return authenticate(request, now, find), prefetched

    return find_principal


def create_app(
    settings: Settings,
    table: Table,
    clock: Callable[[], datetime] = utc_now,
    new_id: Callable[[], str] = new_id,
) -> Flask:
    """Return the café as a WSGI application.

    Args:
        settings: what the operator decides.
        table: where everything is kept.
        clock: tells the instant; tests give their own.
        new_id: makes random ids; tests give their own.
    """
    app = App("api", root_path=str(HERE), static_folder=None, template_folder="web/templates")
    app.url_map.merge_slashes = False
    app.url_rule_class = routing.LazyRule
    request_log.configure_logging(settings.log_level)
    # The last to be registered sees an answer first: the log line is written when all is done.
    request_log.init_app(app, settings)
    response_headers.init_app(app, settings)
    problems.init_app(app)
    routing.init_app(app)
    static_files.init_app(app, HERE / "web" / "static")
    app.context_processor(lambda: {"base": request.script_root, "version": __version__})
    dependencies = Dependencies(
        settings, table, clock, new_id, document=cache(lambda: openapi.build_document(RESOURCES))
    )
    given: dict[str, Any] = {"dependencies": dependencies, "authenticate": authenticator(dependencies)}
    _register_resources(Api(app), given, {"engine": make_ranker(settings.urgency)})
    app.wsgi_app = gateway.StripStagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    return app
