"""What every noun that is kept under a key can do: list, create, read, replace, patch, delete.

A noun says in a ``Noun`` what is its own; each of its methods declares who may call it and hands over to here.
"""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response

from api.domain import names
from api.domain.errors import Fault, NotFound, Taken
from api.domain.history import Action
from api.http import answers, conditional
from api.http.bodies import merge
from api.http.idempotency import Once, Stored
from api.http.resource import Call, settle
from api.resources.noun import NounResource
from api.store.records import Record


class ThingList(NounResource):
    """The collection: ``/<noun>``."""

    def list(self, call: Call) -> Response:
        """Answer with a page of the things that the caller may see."""
        pager = call.pager()
        sees_all = self.noun.sees_all(call.caller)
        spans, matches = self.noun.listing(call.args, sees_all, call.now.date())
        page = self.records.page(spans, pager.position, pager.limit, matches)
        body, link = pager.envelope([self.represent(call, thing) for thing in page.items], page.position)
        return call.answer(body, private=sees_all, headers=link)

    def add(self, call: Call) -> Response:
        """Create a thing under a free key, once for each Idempotency-Key."""
        call.check_type()
        call.check_collection()
        once = call.once()
        return settle(lambda: call.created(once.replay() or self._create(call, once)))

    def _create(self, call: Call, once: Once) -> Stored:
        data, form = call.body()
        body, found = self.read_body(call, data, self.noun.new, form)
        told = getattr(body, self.noun.member)
        key = names.normalise(told) if isinstance(told, str) else ""
        if not found and self.records.get(key, consistent=True):
            raise Taken(f"The {self.noun.member} {key} is taken.")
        rev = self.services.new_id()
        after = self.noun.create(body, key, self.services.new_id(), call.now)
        thing, writes = self.change(call, None, after, "created", rev, found)
        answer = Stored(201, self.location(call, key), rev, answers.encoded(self.represent(call, thing)))
        self.services.table.commit([*writes, *once.writes(answer, rev)], rev)
        return answer


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
            body, found = self.read_body(call, data, self.noun.body, form, key)
            return self._keep(call, key, before, body, found, "replaced")

        return settle(step)

    def patch_members(self, call: Call, name: str) -> Response:
        """Change some members (RFC 7396); with ``If-None-Match: *`` create what is not there."""
        call.check_type()

        def step() -> Response:
            key, before = self._load(call, name)
            data, _ = call.body()
            target = msgspec.to_builtins(self.noun.writable(before.value) if before else self.noun.body())
            merged = merge({self.noun.member: key, **target}, data)
            body, found = self.read_body(call, merged, self.noun.body, False, key)
            return self._keep(call, key, before, body, found, "patched")

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

    def _keep(
        self, call: Call, key: str, before: Record[Any] | None, body: Any, found: list[Fault], action: Action
    ) -> Response:
        if before:
            after = self.noun.revise(before.value, body, call.now)
        else:
            after, action = self.noun.create(body, key, self.services.new_id(), call.now), "created"
        rev = self.services.new_id()
        thing, writes = self.change(call, before, after, action, rev, found)
        self.services.table.commit(writes, rev)
        if before:
            return self.show(call, thing, rev)
        return self.show(call, thing, rev, 201, Location=self.location(call, key))
