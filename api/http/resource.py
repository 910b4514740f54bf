"""Resources and operations: every request is authenticated, authorised and negotiated here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar, TypeVar

import flask_restful
import msgspec
from flask import Request, Response, after_this_request, g, request

from api.context import Context, Dependencies
from api.domain.users import Role
from api.http import cookies, csrf, deprecation, preconditions, problem_types, request_body, responses
from api.http.authentication import FindCallers, authenticate
from api.http.deprecation import Deprecation
from api.http.idempotency import HEADER as IDEMPOTENCY_KEY
from api.http.idempotency import REPLAYED, IdempotentRequest, SavedResponse
from api.http.negotiation import choose
from api.http.pagination import Paginator
from api.http.problems import ProblemError
from api.http.query_params import QueryParameters
from api.http.routing import invalid_host, origin
from api.store.keys import Key
from api.store.transaction import Write

M = TypeVar("M", bound=Callable[..., Response])

METHODS = ("get", "post", "put", "patch", "delete")

NO_QUERY = QueryParameters()
HTML = "text/html"
PAGE_TYPES = frozenset({HTML, "application/atom+xml"})
"""The media types of pages and feeds. Other sites and mail programs add parameters to their links (utm_source)."""


class Operation(msgspec.Struct, frozen=True):
    """The declaration of a method of a resource. It serves requests, and the OpenAPI document is built from it."""

    summary: str
    """A verb and an object: "List cats"."""
    id: str
    """The operationId, unique in the API: ``listCats``. Generated clients name their functions after it."""
    role: Role
    """The least role that may call the method."""
    responses: Mapping[int, Any]
    """The type of the body for each successful status; None for no body."""
    query: QueryParameters = NO_QUERY
    body: type[msgspec.Struct] | None = None
    accepts: tuple[str, ...] = ()
    """The media types of the request body."""
    produces: tuple[str, ...] = (request_body.JSON,)
    has_page: bool = False
    """Whether ``text/html`` is a representation too: a page that ``api/web/pages`` builds from the same result. The
    OpenAPI document does not have it (decision 50)."""
    ignores_accept: bool = False
    """Whether the response has its media type also for a client that does not accept it (RFC 9110, section 12.5.1)."""
    tagged: bool = True
    """Whether responses have an entity tag."""
    needs_session: bool = False
    """Whether a caller with an API token is refused."""
    uses_caller: bool = True
    """Whether the response depends on the caller. Generated clients send no token if it does not."""
    error_statuses: tuple[int, ...] = ()
    """Error statuses besides those that follow from the other fields."""
    description: str | None = None
    """The description in the OpenAPI document; by default, the docstring of the method."""
    offers: tuple[str, ...] = ()
    """All media types of the response, derived: a page is the last one, so that ``*/*`` does not get it."""

    def __post_init__(self) -> None:
        """Derive the offers."""
        msgspec.structs.force_setattr(self, "offers", (*self.produces, HTML) if self.has_page else self.produces)


def operation(summary: str, **declared: Any) -> Callable[[M], M]:
    """Declare the operation of a method (see ``Operation``)."""

    def mark(method: M) -> M:
        method.operation = Operation(summary, **declared)  # type: ignore[attr-defined]
        return method

    return mark


class RequestContext(msgspec.Struct, frozen=True, dict=True):
    """One request: its operation, its context, its arguments and the negotiated media type."""

    operation: Operation
    context: Context
    args: Mapping[str, Any]
    media: str
    """The negotiated media type of the response."""
    http: Request
    wants_page: bool = False
    """Whether the response is the page of the operation."""

    @property
    def origin(self) -> str:
        """The URL of the API, without a slash at its end.

        Raises:
            ProblemError: 400; the Host header is invalid (RFC 9112, section 3.2).
        """
        if not self.http.host:  # Werkzeug's value for an invalid header
            raise invalid_host()
        return origin(self.http) + self.http.script_root

    @cached_property
    def body(self) -> tuple[dict[str, Any], bool]:
        """The parsed body, and whether it is a form (see ``request_body.parse_body``). It is parsed once."""
        return request_body.parse_body(self.http)

    def paginator(self) -> Paginator:
        """Return the paginator of a list."""
        return Paginator(self.context.dependencies.settings.cursor_key, self.http, self.args)

    def create(
        self,
        plan: Callable[[], tuple[SavedResponse, Sequence[Write]]],
        restore: Callable[[SavedResponse], SavedResponse] | None = None,
    ) -> Response:
        """Create something, once for each Idempotency-Key, and respond with it.

        Args:
            plan: returns the response and the writes; it is called again after a lost race.
            restore: returns a saved response with its body; None if the body is saved.
        """
        key = self.http.headers.get(IDEMPOTENCY_KEY)
        saved = self.run_once(key, lambda: self.body, plan, saves_body=restore is None)
        headers = {"Location": saved.location} | ({REPLAYED: "true"} if saved.replayed else {})
        if restore and not saved.body:
            saved = restore(saved)
        return responses.make_response(self.http, saved.body, status=saved.status, rev=saved.rev, headers=headers)

    def run_once(
        self,
        key: str | None,
        parse: Callable[[], tuple[dict[str, Any], bool]],
        plan: Callable[[], tuple[SavedResponse, Sequence[Write]]],
        *,
        saves_body: bool,
    ) -> SavedResponse:
        """Make the writes of a plan once for each key (see ``IdempotentRequest``)."""
        context, table = self.context, self.context.dependencies.table
        secret = context.dependencies.settings.cursor_key
        request = IdempotentRequest(self.http, key, parse, table, context.principal.uid, context.now, secret)
        return request.run(plan, saves_body=saves_body)

    def page(self, value: Any, *, private: bool, headers: Mapping[str, str] | None = None) -> Response:
        """Respond with the page of a value: the one of the operation in ``api/web/pages``."""
        from api.http.pages import page_response  # requests for JSON do not need it

        return page_response(
            self.context, self.http, self.operation.id, value, origin=self.origin, private=private, headers=headers
        )

    def json(self, value: Any, **options: Any) -> Response:
        """Respond with a value as JSON (see ``responses.make_response``), or with its page."""
        if self.wants_page:
            return self.page(value, private=options.get("private", True), headers=options.get("headers"))
        return responses.make_response(self.http, responses.to_json(value), **options)

    def text(self, text: str, **options: Any) -> Response:
        """Respond with plain text."""
        return responses.make_response(self.http, text.encode(), media=f"{responses.TEXT}; charset=utf-8", **options)


class Resource(flask_restful.Resource):
    """A resource. Each method needs an operation; a class with an undeclared method raises TypeError."""

    path: ClassVar[str]
    """URL template (RFC 6570 level 1): ``/cats/{name}``."""
    aliases: ClassVar[Mapping[str, Deprecation]] = {}
    """Other URL templates of the resource, each with its deprecation; links use ``path``."""
    converters: ClassVar[Mapping[str, str]] = {}
    """Converters of path variables (see ``routing.CONVERTERS``); by default, any text without a slash."""
    keys: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """JSON Schemas of path variables that differ from ``PATH_SCHEMAS`` in ``api/http/openapi/operations.py``."""
    tag: ClassVar[str]
    """The tag in the OpenAPI document."""
    tag_description: ClassVar[str] = ""
    """The description of the tag. One resource of the tag has it."""
    needs: ClassVar[tuple[str, ...]] = ()
    """The names of the arguments of the constructor besides the common ones."""
    ignores: ClassVar[tuple[str, ...]] = ()
    """General request headers that the resource ignores."""
    operations: ClassVar[dict[str, Operation]] = {}
    """The operation of each method: a table for inherited methods, or the decorator ``operation``."""
    full_access_role: ClassVar[Role] = "staff"
    always_private: ClassVar[bool] = False
    init_every_request: ClassVar[bool] = False

    def __init__(self, dependencies: Dependencies, find_callers: FindCallers) -> None:
        self.dependencies = dependencies
        self._find_callers = find_callers

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if abstract:
            return
        methods = {name: getattr(cls, name) for name in METHODS if hasattr(cls, name)}
        marked = {name: method.operation for name, method in methods.items() if hasattr(method, "operation")}
        declared = {**cls.__dict__.get("operations", {}), **marked}
        if undeclared := [name for name in methods if name in cls.__dict__ and name not in declared]:
            raise TypeError(f"{cls.__name__}.{undeclared[0]} declares no operation.")
        # An inherited method that is not declared does not exist here.
        cls.operations = {name: declared[name] for name in methods if name in declared}
        cls.methods = {name.upper() for name in cls.operations}

    def prefetch(self, **path: str) -> Sequence[Key]:  # noqa: ARG002 - subclasses use it
        """Return the keys of the entities in the path. They are read together with the session."""
        return ()

    def dispatch_request(self, **path: Any) -> Response:
        """Authenticate, authorise and negotiate, parse the query, and call the method."""
        name = "get" if request.method == "HEAD" else request.method.lower()
        operation = self.operations[name]
        if operation.query.deprecated:
            deprecation.add_parameter_headers(operation.query.deprecated)
        now = self.dependencies.clock()
        caller, prefetched = authenticate(request, now, self._find_callers, partial(self.prefetch, **path))
        g.caller = caller
        caller.require(operation.role)
        if operation.needs_session:
            caller.require_session()
        device = None
        if request.method in csrf.UNSAFE:
            device = cookies.read_cookie(request, cookies.DEVICE)
            if caller.browser:
                csrf.check_same_origin(request)
        preconditions.check_syntax(request.environ)
        media = choose(request.headers.get("Accept"), operation.offers)
        if media is None and not operation.ignores_accept:
            raise _not_acceptable(operation.offers)
        private = (full := caller.may(self.full_access_role)) or self.always_private
        remote, root = request.remote_addr, request.environ.get("SCRIPT_NAME", "")
        context = Context(self.dependencies, caller, now, full, private, remote, device, prefetched, root=root)
        if 429 in operation.error_statuses:
            after_this_request(partial(responses.add_quota, context))
        ignore_unknown = name == "get" and not PAGE_TYPES.isdisjoint(operation.produces)
        wants_page = operation.has_page and media == HTML
        arguments = operation.query.parse(request, ignore_unknown=ignore_unknown, is_page=wants_page)
        call = RequestContext(operation, context, arguments, media or operation.produces[0], request, wants_page)
        response: Response = getattr(self, name)(call, *path.values())
        return response


def _not_acceptable(available: Sequence[str]) -> ProblemError:
    detail = f"This resource is available as {', '.join(available)}."
    return ProblemError(problem_types.NOT_ACCEPTABLE, detail, extra={"available": list(available)})
