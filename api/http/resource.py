"""The way of a request through the rules of HTTP, the same for every noun."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import flask_restful
import msgspec
from flask import Request, Response, g, request

from api.domain.kept import Stamp
from api.domain.users import Role
from api.http import answers, bodies, conditional, cookies, kinds
from api.http.auth import Caller, require
from api.http.errors import Refusal
from api.http.idempotency import Once, Stored
from api.http.negotiation import choose
from api.http.pages import Pager
from api.http.queries import Query
from api.http.services import Services
from api.store import keys
from api.store.keys import Key
from api.store.records import Kind, Record
from api.store.write import Item

S = TypeVar("S", bound=msgspec.Struct)
M = TypeVar("M", bound=Callable[..., Response])

Prefetched = dict[str, Item | None]
"""Items that were read together with the caller's session, by their partition keys; None for one that is missing."""
Authenticate = Callable[[Request, Sequence[Key]], tuple[Caller, Prefetched]]
"""Returns the caller of a request, and the items of some keys if a session was read: all in one round trip."""

METHODS = ("get", "post", "put", "patch", "delete")

NO_QUERY = Query()


class Operation(msgspec.Struct, frozen=True):
    """What a method of a resource takes and gives. It is what serves requests, and what the docs are made of."""

    summary: str
    role: Role
    """The least role that may call it."""
    answers: Mapping[int, Any]
    """The type of the body for each status of success; None for no body."""
    query: Query = NO_QUERY
    body: type[msgspec.Struct] | None = None
    accepts: tuple[str, ...] = ()
    """Media types of the body."""
    produces: tuple[str, ...] = (bodies.JSON,)
    tagged: bool = True
    """Whether the answer has an entity tag; not if it is good this once."""
    refuses: tuple[int, ...] = ()
    """Statuses of refusal besides those that follow from the rest."""


def operation(summary: str, **declared: Any) -> Callable[[M], M]:
    """Declare what a method takes and gives (see ``Operation``)."""

    def mark(method: M) -> M:
        method.operation = Operation(summary, **declared)  # type: ignore[attr-defined]
        return method

    return mark


class Call(msgspec.Struct, frozen=True, dict=True):
    """One request on its way: who, when, with what."""

    operation: Operation
    services: Services
    caller: Caller
    args: Mapping[str, Any]
    media: str
    """The media type that the caller gets, of those that the operation produces."""
    request: Request
    prefetched: Prefetched

    @cached_property
    def now(self) -> Any:
        """The instant of the request, in UTC."""
        return self.services.clock()

    def get(self, kind: Kind[S], key: str, *, consistent: bool = True) -> Record[S] | None:
        """Return an entity, or None. A prefetched one is used once: to read it again is to read its present state."""
        records = self.services.records(kind)
        partition = keys.partition(kind.noun, key)
        if partition not in self.prefetched:
            return records.get(key, consistent=consistent)
        item = self.prefetched.pop(partition)
        return records.read(item) if item else None

    def check_type(self) -> None:
        """Refuse a body of a wrong type; 415 comes before every condition."""
        bodies.check_type(self.request, self.operation.accepts)

    def body(self) -> tuple[dict[str, Any], bool]:
        """Return what was sent, and whether it came as a form."""
        return bodies.read(self.request, self.operation.accepts)

    def once(self) -> Once:
        """Return what is known of the Idempotency-Key."""
        secret = self.services.settings.cursor_key
        return Once(self.request, self.services.table, self.caller.username, self.now, secret)

    def pager(self) -> Pager:
        """Return where the caller is in the list."""
        return Pager(self.services.settings.cursor_key, self.request, self.args)

    def created(self, stored: Stored) -> Response:
        """Answer with what was created now, or when the same request came before."""
        where = {"Location": stored.location}
        return answers.answer(self.request, stored.body, status=stored.status, rev=stored.rev, headers=where)

    def check_collection(self) -> None:
        """Let a POST pass if the collection is in the state that the caller means."""
        conditional.check_collection(self.request)

    def stamp(self) -> Stamp:
        """Return who acts now, with a fresh id for what they make."""
        return Stamp(self.services.new_id(), self.caller.username or "", self.now)

    def answer(self, value: Any, **how: Any) -> Response:
        """Answer with a value as JSON (see ``answers.answer``)."""
        return answers.answer(self.request, answers.encoded(value), **how)

    def say(self, text: str, **how: Any) -> Response:
        """Answer with plain text."""
        return answers.answer(self.request, text.encode(), media=f"{answers.TEXT}; charset=utf-8", **how)


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

    def __init__(self, services: Services, authenticate: Authenticate) -> None:
        self.services = services
        self._authenticate = authenticate

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        found = {name: getattr(cls, name) for name in METHODS if hasattr(cls, name)}
        undeclared = [name for name, method in found.items() if not hasattr(method, "operation")]
        if undeclared:
            raise TypeError(f"{cls.__name__}.{undeclared[0]} declares no operation: who may call it?")
        cls.operations = {name: method.operation for name, method in found.items()}

    def prefetch(self, **path: str) -> Sequence[Key]:  # noqa: ARG002 - for those that override it
        """Return the keys of the entities that the path names, to be read together with the caller's session."""
        return ()

    def dispatch_request(self, **path: Any) -> Response:
        """Authorise, negotiate, read the arguments, and hand over to the method."""
        name = "get" if request.method == "HEAD" else request.method.lower()
        declared = self.operations[name]
        caller, prefetched = self._authenticate(request, self.prefetch(**path))
        g.caller = caller
        require(caller, declared.role)
        if caller.browser and request.method in cookies.UNSAFE:
            cookies.check_form(request, self.services.settings.cursor_key)
        media = choose(request.headers.get("Accept"), declared.produces)
        if media is None:
            raise Refusal(
                kinds.NOT_ACCEPTABLE,
                f"This can be had as {', '.join(declared.produces)}.",
                extra={"available": list(declared.produces)},
            )
        call = Call(declared, self.services, caller, declared.query.read(request), media, request, prefetched)
        response: Response = getattr(self, name)(call, **path)
        return response
