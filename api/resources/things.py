"""What every noun that is kept under a key can do: list, create, read, replace, patch, delete.

A noun says in a ``Noun`` what is its own; each of its methods declares who may call it and hands over to here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec
from flask import Response

from api.domain import names
from api.domain.errors import Fault, Invalid, NotFound, Taken
from api.domain.history import Action
from api.http import answers, conditional, pages
from api.http.auth import Caller
from api.http.bodies import merge
from api.http.idempotency import Once, Stored
from api.http.resource import Call, Resource, settle
from api.http.validation import validated
from api.store.keys import Span
from api.store.records import Change, Kind, Record, Records
from api.store.table import Write

Load = Callable[[str], Record[Any] | None]
Matches = Callable[[Any], bool] | None


@dataclass(frozen=True)
class Noun:
    """What is a noun's own; everything else is the same for all of them."""

    kind: Kind[Any]
    member: str
    """The member of a body that is the key."""
    new: type[msgspec.Struct]
    """The body of POST."""
    body: type[msgspec.Struct]
    """The body of PUT, and what a merge patch has to result in."""
    sees_all: Callable[[Caller], bool]
    """Who sees every thing and every member, fresh and privately."""
    visible: Callable[[Any], bool]
    """What everybody else sees."""
    view: Callable[[Any, bool, date], msgspec.Struct]
    writable: Callable[[Any], msgspec.Struct]
    faults: Callable[[Any, date], Sequence[Fault]]
    create: Callable[[Any, str, str, datetime], Any]
    revise: Callable[[Any, Any, datetime], Any]
    follow: Callable[[Any, Any, Load, datetime], tuple[Any, list[tuple[Record[Any], Any]]]]
    """Returns the thing as it is to be kept, and the others that change with it: each before and after."""
    listing: Callable[[Mapping[str, Any], bool, date], tuple[Sequence[Span], Matches]]
    """Returns where a list is read, and which of what stands there belongs to it."""


class NounResource(Resource):
    """What the collection and the single thing have in common."""

    noun: ClassVar[Noun]

    @property
    def records(self) -> Records[Any]:
        """The things of this noun."""
        return self.services.records(self.noun.kind)

    def location(self, call: Call, key: str) -> str:
        """Return the URL of a thing."""
        return f"{call.request.script_root}/{self.noun.kind.noun}/{quote(key, safe='')}"

    def represent(self, call: Call, thing: Any) -> Any:
        """Return a thing as this caller sees it, with the members that they chose."""
        view = self.noun.view(thing, self.noun.sees_all(call.caller), call.now.date())
        return answers.select(view, call.args.get("fields"))

    def show(self, call: Call, thing: Any, rev: str, status: int = 200, **headers: str) -> Response:
        """Answer with one thing."""
        private = self.noun.sees_all(call.caller)
        return call.answer(
            self.represent(call, thing), status=status, rev=rev, private=private, headers=headers
        )

    def check(
        self, call: Call, data: dict[str, Any], struct: type[msgspec.Struct], text: bool, key: str = ""
    ) -> Any:
        """Return what was sent as a struct that keeps every rule; a key in it has to be the one in the URL."""
        body: Any = validated(data, struct, text=text)
        told = getattr(body, self.noun.member)
        name = key or names.normalise(told)
        pointer = f"/{self.noun.member}"
        wrong = names.fault(name)
        found = [Fault(wrong, pointer=pointer)] if wrong else []
        if key and told is not msgspec.UNSET and names.normalise(told) != key:
            found.append(
                Fault(
                    f"The URL says {key}; a {self.noun.member} in the body has to be the same.",
                    pointer=pointer,
                )
            )
        found += self.noun.faults(body, call.now.date())
        if found:
            raise Invalid(*found)
        return body

    def change(
        self, call: Call, before: Record[Any] | None, after: Any, action: Action, rev: str
    ) -> tuple[Any, list[Write]]:
        """Return the thing as it is to be kept, and the writes that carry the change and all that follows from it."""

        def load(key: str) -> Record[Any] | None:
            return self.records.get(key, consistent=True)

        tied, others = self.noun.follow(before.value if before else None, after, load, call.now)
        by = str(call.caller.username)
        at = tied.updated if tied else max(call.now, before.value.updated)  # type: ignore[union-attr]
        changes = [Change(before, tied, action, by, at)]
        changes += [Change(other, changed, "bonded", by, changed.updated) for other, changed in others]
        return tied, [write for one in changes for write in self.records.writes(one, rev)]


class ThingList(NounResource):
    """The collection: ``/<noun>``."""

    def list(self, call: Call) -> Response:
        """Answer with a page of the things that the caller may see."""
        key, request = self.services.settings.cursor_key, call.request
        position = pages.unseal(key, request, call.args["cursor"])
        sees_all = self.noun.sees_all(call.caller)
        spans, matches = self.noun.listing(call.args, sees_all, call.now.date())
        page = self.records.page(spans, position, call.args["limit"], matches)
        next = pages.next_url(key, request, page.position)
        body = pages.envelope([self.represent(call, thing) for thing in page.items], next)
        return call.answer(body, private=sees_all, headers=pages.link(next))

    def add(self, call: Call) -> Response:
        """Create a thing under a free key, once for each Idempotency-Key."""
        call.check_type()
        once = call.once()
        return settle(lambda: self._replayed(call, once.replay() or self._create(call, once)))

    def _create(self, call: Call, once: Once) -> Stored:
        data, form = call.body()
        body = self.check(call, data, self.noun.new, form)
        key = names.normalise(getattr(body, self.noun.member))
        if self.records.get(key, consistent=True):
            raise Taken(f"The {self.noun.member} {key} is taken.")
        rev = self.services.new_id()
        thing, writes = self.change(
            call, None, self.noun.create(body, key, self.services.new_id(), call.now), "created", rev
        )
        answer = Stored(201, self.location(call, key), rev, answers.encoded(self.represent(call, thing)))
        self.services.table.commit([*writes, *once.writes(answer, rev)], rev)
        return answer

    def _replayed(self, call: Call, stored: Stored) -> Response:
        return answers.answer(
            call.request,
            stored.body,
            status=stored.status,
            rev=stored.rev,
            headers={"Location": stored.location},
        )


class Thing(NounResource):
    """One thing: ``/<noun>/{key}``."""

    def read(self, call: Call, name: str) -> Response:
        """Answer with a thing, if the caller may know of it."""
        key = names.normalise(name)
        sees_all = self.noun.sees_all(call.caller)
        record = None if names.fault(key) else self.records.get(key, consistent=sees_all)
        if record is None or not (sees_all or self.noun.visible(record.value)):
            raise NotFound
        return self.show(call, record.value, record.rev)

    def replace(self, call: Call, name: str) -> Response:
        """Create the thing, or put another version in the place of the one that is there."""
        call.check_type()

        def step() -> Response:
            key, before = self._load(call, name)
            data, form = call.body()
            return self._keep(
                call, key, before, self.check(call, data, self.noun.body, form, key), "replaced"
            )

        return settle(step)

    def patch_members(self, call: Call, name: str) -> Response:
        """Change some members (RFC 7396); with ``If-None-Match: *`` create what is not there."""
        call.check_type()

        def step() -> Response:
            key, before = self._load(call, name)
            data, _ = call.body()
            target = msgspec.to_builtins(self.noun.writable(before.value) if before else self.noun.body())
            return self._keep(
                call,
                key,
                before,
                self.check(call, merge(target, data), self.noun.body, False, key),
                "patched",
            )

        return settle(step)

    def remove(self, call: Call, name: str) -> Response:
        """Delete the thing; its history stays."""

        def step() -> Response:
            _, before = self._load(call, name)
            rev = self.services.new_id()
            _, writes = self.change(call, before, None, "deleted", rev)
            self.services.table.commit(writes, rev)
            return answers.no_content()

        return settle(step)

    def _load(self, call: Call, name: str) -> tuple[str, Record[Any] | None]:
        """Return the key and what is there, if its state is the one that the caller means."""
        key = names.normalise(name)
        before = None if names.fault(key) else self.records.get(key, consistent=True)
        conditional.check(call.request, before.rev if before else None)
        return key, before

    def _keep(self, call: Call, key: str, before: Record[Any] | None, body: Any, action: Action) -> Response:
        if before:
            after = self.noun.revise(before.value, body, call.now)
        else:
            after, action = self.noun.create(body, key, self.services.new_id(), call.now), "created"
        rev = self.services.new_id()
        thing, writes = self.change(call, before, after, action, rev)
        self.services.table.commit(writes, rev)
        if before:
            return self.show(call, thing, rev)
        return self.show(call, thing, rev, 201, Location=self.location(call, key))
