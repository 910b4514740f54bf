"""The rules of HTTP that every request passes: authentication, role, negotiation, query parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import flask_restful
import msgspec
from flask import Request, Response, g, request

from api.context import Context, Dependencies, Prefetched, Principal
from api.domain.users import Role
from api.http import csrf, preconditions, problem_types, request_body, responses
from api.http.idempotency import IdempotentRequest, SavedResponse
from api.http.negotiation import choose
from api.http.pagination import Paginator
from api.http.problems import ProblemError
from api.http.query_params import QueryParameters
from api.store.keys import Key

M = TypeVar("M", bound=Callable[..., Response])

Authenticate = Callable[[Request, datetime, Sequence[Key]], tuple[Principal, Prefetched]]
"""Returns the caller of a request, and the items of some keys if a session was read: all in one round trip."""

METHODS = ("get", "post", "put", "patch", "delete")

NO_QUERY = QueryParameters()


class Operation(msgspec.Struct, frozen=True):
    """What a method of a resource takes and gives. It is what serves requests, and what the docs are made of."""

    summary: str
    role: Role
    """The least role that may call it."""
    answers: Mapping[int, Any]
    """The type of the body for each status of success; None for no body."""
    query: QueryParameters = NO_QUERY
    body: type[msgspec.Struct] | None = None
    accepts: tuple[str, ...] = ()
    """Media types of the body."""
    produces: tuple[str, ...] = (request_body.JSON,)
    tagged: bool = True
    """Whether the answer has an entity tag; not if it is good this once."""
    refuses: tuple[int, ...] = ()
    """Statuses of refusal besides those that follow from the rest."""
    description: str | None = None
    """For the docs; the docstring of the method, if it is not given."""


def operation(summary: str, **declared: Any) -> Callable[[M], M]:
    """Declare what a method takes and gives (see ``Operation``)."""

    def mark(method: M) -> M:
        method.operation = Operation(summary, **declared)  # type: ignore[attr-defined]
        return method

    return mark


class RequestContext(msgspec.Struct, frozen=True):
    """One request: its operation, its context (who, when, with which access), and what was negotiated."""

    operation: Operation
    context: Context
    args: Mapping[str, Any]
    media: str
    """The media type that the caller gets, of those that the operation produces."""
    http: Request

    def check_type(self) -> None:
        """Refuse a body of a wrong type; 415 comes before every condition."""
        request_body.check_content_type(self.http, self.operation.accepts)

    def body(self) -> tuple[dict[str, Any], bool]:
        """Return what was sent, and whether it came as a form."""
        return request_body.parse_body(self.http)

    def once(self) -> IdempotentRequest:
        """Return what is known of the Idempotency-Key."""
        context, dependencies = self.context, self.context.dependencies
        secret = dependencies.settings.cursor_key
        return IdempotentRequest(self.http, dependencies.table, context.principal.username, context.now, secret)

    def pager(self) -> Paginator:
        """Return where the caller is in the list."""
        return Paginator(self.context.dependencies.settings.cursor_key, self.http, self.args)

    def created(self, stored: SavedResponse) -> Response:
        """Answer with what was created now, or when the same request came before."""
        where = {"Location": stored.location}
        return responses.make_response(self.http, stored.body, status=stored.status, rev=stored.rev, headers=where)

    def check_collection(self) -> None:
        """Let a POST pass if the collection is in the state that the caller means."""
        preconditions.check_post(self.http)

    def answer(self, value: Any, **how: Any) -> Response:
        """Respond with a value as JSON (see ``responses.make_response``)."""
        return responses.make_response(self.http, responses.to_json(value), **how)

    def say(self, text: str, **how: Any) -> Response:
        """Answer with plain text."""
        return responses.make_response(self.http, text.encode(), media=f"{responses.TEXT}; charset=utf-8", **how)


class Resource(flask_restful.Resource):
    """Something with a URL. A method without an ``operation`` does not exist: the class cannot even be made."""

    path: ClassVar[str]
    """URL template (RFC 6570 level 1): ``/cats/{name}``."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other URL templates that lead here; the representations name the first."""
    keys: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """JSON Schemas of variables of the path, where the document's own do not fit."""
    tag: ClassVar[str]
    """The group that it stands in, in the docs."""
    needs: ClassVar[tuple[str, ...]] = ()
    """The names of what its constructor is given besides the services."""
    ignores: ClassVar[tuple[str, ...]] = ()
    """Headers of the general rules that mean nothing here."""
    operations: ClassVar[dict[str, Operation]] = {}
    """What each method takes and gives. Given as a table where the methods are inherited, else by ``operation``."""
    full_access_role: ClassVar[Role] = "staff"
    always_private: ClassVar[bool] = False
    init_every_request: ClassVar[bool] = False

    def __init__(self, dependencies: Dependencies, authenticate: Authenticate) -> None:
        self.dependencies = dependencies
        self._authenticate = authenticate

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if abstract:
            return
        methods = {name: getattr(cls, name) for name in METHODS if hasattr(cls, name)}
        marked = {name: method.operation for name, method in methods.items() if hasattr(method, "operation")}
        declared = {**cls.__dict__.get("operations", {}), **marked}
        if undeclared := [name for name in methods if name in cls.__dict__ and name not in declared]:
            raise TypeError(f"{cls.__name__}.{undeclared[0]} declares no operation: who may call it?")
        # An inherited method that is not declared does not exist here.
        cls.operations = {name: declared[name] for name in methods if name in declared}
        cls.methods = {name.upper() for name in cls.operations}

    def prefetch(self, **path: str) -> Sequence[Key]:  # noqa: ARG002 - for those that override it
        """Return the keys of the entities that the path names, to be read together with the caller's session."""
        return ()

    def dispatch_request(self, **path: Any) -> Response:
        """Authorise, negotiate, read the arguments, and hand over to the method."""
        name = "get" if request.method == "HEAD" else request.method.lower()
        declared = self.operations[name]
        now = self.dependencies.clock()
        caller, prefetched = self._authenticate(request, now, self.prefetch(**path))
        g.caller = caller
        caller.require(declared.role)
        if caller.browser and request.method in csrf.UNSAFE:
            csrf.check_csrf(request, self.dependencies.settings.cursor_key)
        media = choose(request.headers.get("Accept"), declared.produces)
        if media is None:
            raise ProblemError(
                problem_types.NOT_ACCEPTABLE,
                f"This can be had as {', '.join(declared.produces)}.",
                extra={"available": list(declared.produces)},
            )
        full = caller.may(self.full_access_role)
        private = full or self.always_private
        context = Context(self.dependencies, caller, now, full, private, request.remote_addr, prefetched)
        call = RequestContext(declared, context, declared.query.read(request), media, request)
        response: Response = getattr(self, name)(call, *path.values())
        return response
