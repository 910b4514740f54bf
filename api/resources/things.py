"""What every noun that is kept under a key can do: list, create, read, replace, patch, delete.

A noun says in a ``Noun`` what is its own; each of its methods declares who may call it and hands over to here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from flask import Response

from api.domain.errors import NotFound, Taken
from api.domain.history import Action
from api.http import answers, conditional
from api.http.bodies import merge
from api.http.idempotency import Once, Stored
from api.http.resource import Call
from api.resources.changes import NounResource
from api.store import keys
from api.store.keys import Key
from api.store.records import Record
from api.store.write import settle


class ThingList(NounResource):
    """The collection: ``/<noun>``."""

    def list(self, call: Call) -> Response:
        """Answer with a page of the things that the caller may see."""
        pager = call.pager()
        spans, matches = self.noun.listing(call.args, call.caller, call.now)
        page = self.records.page(spans, pager.position, pager.limit, matches)
        body, link = pager.envelope((), page.position)
        private = self.noun.private(call.caller)
        if call.media == answers.TEXT:
            return call.say(", ".join(map(self.noun.word, page.items)), private=private, headers=link)
        return call.answer(body | {"items": self.represent(call, page.items)}, private=private, headers=link)

    def add(self, call: Call) -> Response:
        """Create a thing under a free key, once for each Idempotency-Key."""
        call.check_type()
        call.check_collection()
        once = call.once()
        return settle(lambda: call.created(once.replay() or self._create(call, once)))

    def _create(self, call: Call, once: Once) -> Stored:
        data, form = call.body()
        body = self.read_body(call, data, self.noun.new, form)
        stamp = call.stamp()
        key, claims = (self._free_key(body), ()) if self.noun.chosen else self.noun.allot(call, stamp)
        after = self.noun.create(body, key, stamp)
        thing, writes = self.change(call, None, after, "created", stamp)
        (view,) = self.represent(call, [thing])
        answer = Stored(201, self.location(call, key), stamp.id, answers.encoded(view))
        self.services.table.commit([*writes, *claims, *once.writes(answer, stamp.id)], stamp.id)
        return answer

    def _free_key(self, body: Any) -> str:
        key = self.noun.spelt(getattr(body, self.noun.member))
        if self.records.get(key, consistent=True):
            raise Taken(f"The {self.noun.member} {key} is taken.")
        return key


class Thing(NounResource):
    """One thing: ``/<noun>/{key}``."""

    def prefetch(self, **path: str) -> Sequence[Key]:
        """Return the key of the thing that the path names."""
        key = self.noun.spelt(*path.values())
        return () if self.noun.key_fault(key) else (keys.record(self.noun.kind.noun, key),)

    def _get(self, call: Call, key: str, *, consistent: bool = True) -> Record[Any] | None:
        """Return the thing of a key, None if there is none; a key that breaks the rules has none."""
        return None if self.noun.key_fault(key) else call.get(self.noun.kind, key, consistent=consistent)

    def read(self, call: Call, name: str) -> Response:
        """Answer with a thing, if the caller may know of it."""
        key = self.noun.spelt(name)
        private = self.noun.private(call.caller)
        record = self._get(call, key, consistent=private)
        if record is None or not self.knows(call, record.value):
            raise NotFound
        if call.media == answers.TEXT:
            return call.say(self.noun.line(record.value), rev=record.rev, private=private)
        return self.show(call, record.value, record.rev)

    def replace(self, call: Call, name: str) -> Response:
        """Create the thing, or put another version in the place of the one that is there."""
        call.check_type()

        def step() -> Response:
            key, before = self._load(call, name)
            data, form = call.body()
            body = self.read_body(call, data, self.noun.body, form, key, before)
            return self._keep(call, key, before, body, "replaced")

        return settle(step)

    def patch_members(self, call: Call, name: str) -> Response:
        """Change some members (RFC 7396); with ``If-None-Match: *`` create what is not there."""
        call.check_type()

        def step() -> Response:
            key, before = self._load(call, name)
            data, _ = call.body()
            target = msgspec.to_builtins(self.noun.writable(before.value) if before else self.noun.body())
            merged = merge({self.noun.member: self.noun.told(key), **target}, data)
            body = self.read_body(call, merged, self.noun.body, False, key, before)
            return self._keep(call, key, before, body, "patched")

        return settle(step)

    def remove(self, call: Call, name: str) -> Response:
        """Delete the thing; its history stays, where it has one."""

        def step() -> Response:
            _, before = self._load(call, name)
            stamp = call.stamp()
            _, writes = self.change(call, before, None, "deleted", stamp)
            self.services.table.commit(writes, stamp.id)
            return answers.no_content()

        return settle(step)

    def _load(self, call: Call, name: str) -> tuple[str, Record[Any] | None]:
        """Return the key and what is there, if its state is the one that the caller means."""
        key = self.noun.spelt(name)
        before = self._get(call, key)
        if before and not self.knows(call, before.value):
            before = None
        conditional.check(call.request, before.rev if before else None, self.noun.creates(call.caller))
        return key, before

    def _keep(self, call: Call, key: str, before: Record[Any] | None, body: Any, action: Action) -> Response:
        stamp = call.stamp()
        if before:
            after = self.noun.revise(before.value, body, stamp)
        else:
            after, action = self.noun.create(body, key, stamp), "created"
        thing, writes = self.change(call, before, after, action, stamp)
        # The answer reads who signed. It is made first: nothing may fail behind the effect.
        if before:
            answer = self.show(call, thing, stamp.id)
        else:
            answer = self.show(call, thing, stamp.id, 201, Location=self.location(call, key))
        self.services.table.commit(writes, stamp.id)
        return answer
