"""What the collection and the single thing have in common: bodies are read, changes written, things shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec
from flask import Response

from api.domain.errors import Fault, Invalid
from api.domain.history import Action
from api.domain.kept import TICK, Stamp
from api.http import answers
from api.http.resource import Call, Resource
from api.http.validation import blank, sifted
from api.resources.noun import Noun
from api.store.records import Change, Record, Records
from api.store.write import Write


class NounResource(Resource):
    """The resources of a noun."""

    noun: ClassVar[Noun]

    @property
    def records(self) -> Records[Any]:
        """The things of this noun."""
        return self.services.records(self.noun.kind)

    def location(self, call: Call, key: str) -> str:
        """Return the URL of a thing."""
        return f"{call.request.script_root}/{self.noun.kind.noun}/{quote(key, safe='')}"

    def knows(self, call: Call, thing: Any) -> bool:
        """Say whether the caller may know of a thing; to others it is as if it were not there."""
        return self.noun.sees_all(call.caller) or self.noun.visible(thing, call.caller, call.now)

    def represent(self, call: Call, things: Sequence[Any]) -> list[Any]:
        """Return things as this caller sees them, with the members that they chose."""
        sees_all, fields = self.noun.sees_all(call.caller), call.args.get("fields")
        views = self.noun.dressed(call, [self.noun.view(thing, sees_all, call.now) for thing in things])
        return [answers.select(view, fields) for view in views]

    def show(self, call: Call, thing: Any, rev: str, status: int = 200, **headers: str) -> Response:
        """Answer with one thing."""
        (view,) = self.represent(call, [thing])
        return call.answer(view, status=status, rev=rev, private=self.noun.private(call.caller), headers=headers)

    def read_body(
        self,
        call: Call,
        data: dict[str, Any],
        struct: type[msgspec.Struct],
        text: bool,
        key: str | None = None,
        before: Record[Any] | None = None,
    ) -> Any:
        """Return a body as a struct.

        Args:
            call: the request.
            data: what was sent.
            struct: what it has to be.
            text: whether all values are text, as in a form.
            key: the key in the URL, if there is one; a key in the body has to be the same.
            before: the thing that is to be changed, if it is there.

        Raises:
            Invalid: with every rule that it breaks, of types and of the noun, alone and beside other things.
        """
        body, found = sifted(data, struct, text=text)
        there = before.value if before else None
        self.noun.permit(call, there, body)
        found += self._key_faults(body, key)
        found += self.noun.faults(body, there, call.now)
        if found:
            raise Invalid(*found, *self.noun.faults_beside(call, key, there, body))
        return body

    def _key_faults(self, body: Any, key: str | None) -> list[Fault]:
        if key is None and not self.noun.chosen:
            return []
        member, pointer = self.noun.member, f"/{self.noun.member}"
        told = getattr(body, member)
        name = key if told is msgspec.UNSET or told is None else self.noun.spelt(str(told))
        if key is not None and name != key:
            return [Fault(f"The URL says {key}; a {member} in the body has to be the same.", pointer=pointer)]
        wrong = blank(member) if name == "" else self.noun.key_fault(name) if name is not None else None
        return [Fault(wrong, pointer=pointer)] if wrong else []

    def change(
        self,
        call: Call,
        before: Record[Any] | None,
        after: Any,
        action: Action,
        stamp: Stamp,
    ) -> tuple[Any, list[Write]]:
        """Return the thing as it is to be kept, and the writes that carry the change and all that follows from it.

        Raises:
            Invalid: with the faults that show only beside other things.
        """
        outcome = self.noun.follow(call, before.value if before else None, after, stamp)
        tied = outcome.thing
        # What is deleted has a last version: the entry that says so stands behind it.
        at = tied.updated if tied else max(stamp.at, before.value.updated + TICK)  # type: ignore[union-attr]
        changes = [Change(before, tied, action, stamp.by, at)]
        changes += [Change(other, changed, "bonded", stamp.by, changed.updated) for other, changed in outcome.others]
        return tied, [write for one in changes for write in self.records.writes(one, stamp.id)] + list(outcome.writes)
