"""What makes a noun one of its own, and what all resources of nouns have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec
from flask import Response

from api.domain import names
from api.domain.errors import Fault, Invalid
from api.domain.history import Action
from api.http import answers
from api.http.auth import Caller
from api.http.resource import Call, Resource
from api.http.validation import sifted
from api.store.keys import Span
from api.store.records import Change, Kind, Record, Records
from api.store.table import Write

TICK = timedelta(microseconds=1)
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
        return call.answer(self.represent(call, thing), status=status, rev=rev, private=private, headers=headers)

    def read_body(
        self, call: Call, data: dict[str, Any], struct: type[msgspec.Struct], text: bool, key: str | None = None
    ) -> tuple[Any, list[Fault]]:
        """Return what is sound of a body, and every rule that the rest of it breaks; see ``change``.

        Args:
            call: the request.
            data: what was sent.
            struct: what it has to be.
            text: whether all values are text, as in a form.
            key: the key in the URL, if there is one; a key in the body has to be the same.
        """
        body, found = sifted(data, struct, text=text)
        found += self._key_faults(getattr(body, self.noun.member), key)
        found += self.noun.faults(body, call.now.date())
        return body, found

    def _key_faults(self, told: Any, key: str | None) -> list[Fault]:
        member, pointer = self.noun.member, f"/{self.noun.member}"
        name = names.normalise(told) if isinstance(told, str) else key
        if key is not None and name != key:
            return [Fault(f"The URL says {key}; a {member} in the body has to be the same.", pointer=pointer)]
        wrong = names.fault(name) if name is not None else None
        return [Fault(wrong, pointer=pointer)] if wrong else []

    def change(
        self,
        call: Call,
        before: Record[Any] | None,
        after: Any,
        action: Action,
        rev: str,
        found: Sequence[Fault] = (),
    ) -> tuple[Any, list[Write]]:
        """Return the thing as it is to be kept, and the writes that carry the change and all that follows from it.

        Raises:
            Invalid: with the faults that were found before, and with those that show only beside other things.
        """

        def load(key: str) -> Record[Any] | None:
            return self.records.get(key, consistent=True)

        try:
            tied, others = self.noun.follow(before.value if before else None, after, load, call.now)
        except Invalid as wrong:
            raise Invalid(*found, *wrong.faults) from None
        if found:
            raise Invalid(*found)
        by = str(call.caller.username)
        # What is deleted has a last version: the entry that says so stands behind it.
        at = tied.updated if tied else max(call.now, before.value.updated + TICK)  # type: ignore[union-attr]
        changes = [Change(before, tied, action, by, at)]
        changes += [Change(other, changed, "bonded", by, changed.updated) for other, changed in others]
        return tied, [write for one in changes for write in self.records.writes(one, rev)]
