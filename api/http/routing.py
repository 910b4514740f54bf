"""Routing: paths are decoded by segment, a static route answers every method itself, and rules are compiled late.

``/todos/{id}`` matches ``/todos/next`` too, which is a static route without DELETE. A DELETE of it is 405, not the
deletion of a to-do with the id "next".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Request, Response, request
from jinja2 import BaseLoader, ModuleLoader
from werkzeug.exceptions import BadHost, MethodNotAllowed
from werkzeug.routing import IntegerConverter, Rule

from api.domain.errors import FieldError
from api.http import problem_types
from api.http.problems import ProblemError
from api.http.request_body import MERGE_PATCH
from api.http.response_headers import allow_header

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""The methods of all routes together."""


class LazyRule(Rule):
    """A rule that compiles its URL builder when it builds a URL.

    Werkzeug compiles two functions for each rule, which takes most of the time of ``create_app``. Clowder builds its
    links itself, because they begin with the stage.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_builder = super()._compile_builder

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return compile_builder(append_unknown)(rule, **values)

        return build


class NumberConverter(IntegerConverter):
    """A path variable that is a positive integer in ASCII digits, without leading zeros."""

    regex = "[1-9][0-9]{0,11}"


CONVERTERS = {"number": NumberConverter}
"""The converters of path variables, besides those of werkzeug."""


def rule_of(path: str, converters: Mapping[str, str]) -> str:
    """Return the URL rule of werkzeug for a URL template.

    Args:
        path: the template, for example ``/cats/{name}``.
        converters: the names of the converters of its variables, where they are not texts.
    """
    for name, converter in converters.items():
        path = path.replace(f"{{{name}}}", f"<{converter}:{name}>")
    return path.replace("{", "<").replace("}", ">")


COMPILED_TEMPLATES = Path("web", "compiled")
"""The folder of the templates as Python modules, which ``tools/package/templates.py`` adds to the package."""


class App(Flask):
    """Flask with compiled templates, and without async views.

    Flask would check each function of each request for a coroutine.
    """

    url_rule_class = LazyRule

    def create_global_jinja_loader(self) -> BaseLoader:  # type: ignore[override]
        """Return the loader of the templates. Flask calls this for the first page of a process."""
        compiled = Path(self.root_path) / COMPILED_TEMPLATES
        return ModuleLoader(compiled) if compiled.is_dir() else super().create_global_jinja_loader()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function unchanged."""
        return func


def decode_path(target: str, charset: str) -> str:
    """Return the path of a request target in which each segment is decoded by itself (RFC 3986, section 2.2).

    WSGI servers decode the whole path, which makes ``/cats/milo%2Fhistory`` the history of milo. Here, a slash or a
    percent sign in a segment stays encoded, as ``%2F`` or ``%25``. No name and no id contains them.

    Args:
        target: a path with or without a query, or a URL (RFC 9112, section 3.2).
        charset: the encoding of characters that are not percent-encoded.

    Returns:
        The path in the form of PATH_INFO (PEP 3333): its bytes as Latin-1.
    """
    path = target if target.startswith("/") else urlsplit(target).path
    segments = path.partition("?")[0].lstrip("/").encode(charset).split(b"/")
    decoded = [unquote_to_bytes(segment).replace(b"%", b"%25").replace(b"/", b"%2F") for segment in segments]
    return "/" + b"/".join(decoded).decode("latin-1")


def origin(request: Request) -> str:
    """Return the origin of the URL of a request, in ASCII as in the header Origin (RFC 6454, section 6.2).

    Werkzeug's ``host_url`` decodes ``xn--`` names, and raises an exception if that fails.
    """
    return f"{request.scheme}://{request.host.lower()}"


def invalid_host() -> ProblemError:
    """Return the error of an invalid Host header (RFC 9112, section 3.2)."""
    detail = "Host must be the name or the address of a host, with or without a port."
    return ProblemError(problem_types.MALFORMED, detail, errors=[FieldError("invalid_format", detail, header="Host")])


def init_app(app: Flask) -> None:
    """Register the converters, the check of methods on static routes, and the response to OPTIONS."""
    app.url_map.converters.update(CONVERTERS)

    @cache
    def static_paths() -> dict[str, list[str]]:
        return {rule.rule: sorted(rule.methods or ()) for rule in app.url_map.iter_rules() if not rule.arguments}

    @app.before_request
    def check_method() -> Response | None:
        rule = request.url_rule
        if rule is None and request.environ["REQUEST_METHOD"] == "OPTIONS" and request.environ["PATH_INFO"] == "*":
            # It asks about the server (RFC 9110, section 9.3.7).
            return Response(status=204, headers={"Allow": allow_header(METHODS)})
        if rule is None and isinstance(request.routing_exception, BadHost):
            raise invalid_host()
        if (rule is None or rule.arguments) and request.path in static_paths():
            raise MethodNotAllowed(static_paths()[request.path])
        if request.method != "OPTIONS" or rule is None:
            return None
        # This response is built here so that its Allow equals that of a 405.
        methods = rule.methods or set()
        response = Response(status=204, headers={"Allow": allow_header(methods)})
        if "PATCH" in methods:
            response.headers["Accept-Patch"] = MERGE_PATCH
        return response
