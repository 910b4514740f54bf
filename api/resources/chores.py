"""What makes to-dos a noun of its own: what they name has to be there, and what recurs is followed by the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from api.domain import care, names, todos, users
from api.domain.errors import Fault, Invalid
from api.domain.kept import Stamp
from api.domain.todos import NewTodo, Todo, TodoBody, TodoView
from api.http.auth import Caller
from api.http.resource import Call
from api.people import USERS
from api.resources.noun import Matches, Noun, Outcome
from api.resources.shelves import KIND as CATS
from api.resources.shelves import TODOS
from api.resources.signatures import signed
from api.store.keys import Span
from api.store.records import Record

FURTHEST = 50
"""How many to-dos a chain of blocking ones may have; nobody plans further."""


class Todos(Noun):
    """The to-dos. All of them are the staff's."""

    kind, rules, new, body, member, chosen = TODOS, todos, NewTodo, TodoBody, "id", False

    def spelt(self, text: str) -> str:
        """An id has one spelling."""
        return text

    def key_fault(self, key: str) -> str | None:
        """What cannot be an id is none."""
        return None if names.is_id(key) else "An id has 1 to 64 URL-safe characters."

    def faults(self, body: NewTodo, before: Todo | None, now: datetime) -> Sequence[Fault]:
        """Dues and recurrences have their rules."""
        changes = todos.faults_of_change(before, body) if isinstance(body, TodoBody) else []
        return [*super().faults(body, before, now), *changes]

    def faults_beside(self, call: Call, key: str | None, before: Todo | None, body: NewTodo) -> Sequence[Fault]:
        """What a to-do names has to be there."""
        return list(_missing(call, before, body, {}))

    def follow(self, call: Call, before: Todo | None, after: Todo | None, stamp: Stamp) -> Outcome:
        """Being done makes the next occurrence, in the same transaction and therefore once."""
        if after is None:
            return Outcome(None)
        walked: dict[str, Record[Todo]] = {}
        if found := list(_missing(call, before, after, walked)):
            raise Invalid(*found)
        following = todos.next_occurrence(before, after) if before else None
        # What was walked to see that nothing waits on itself is still so when this is written.
        checks = [call.services.records(TODOS).check(record) for record in walked.values()]
        return Outcome(after, [(None, following)] if following else [], checks)

    def dressed(self, call: Call, views: Sequence[Any]) -> Sequence[Any]:
        """Whoever has been deleted signs as a former member of staff; what is derived was signed by nobody."""
        theirs = [view for view in views if not care.is_derived(view.id)]
        shown = iter(signed(call, theirs, by="created", done_by="done_at"))
        return [view if care.is_derived(view.id) else next(shown) for view in views]

    def view(self, thing: Todo, sees_all: bool, now: datetime) -> TodoView:
        """All of the staff see the same."""
        return todos.view(thing, now)

    def listing(self, args: Mapping[str, Any], caller: Caller, now: datetime) -> tuple[Sequence[Span], Matches]:
        """Open ones come by their due, done ones the latest first."""
        done = bool(args["done"])
        wanted = {name: args[name] for name in ("kind", "cat") if args[name] is not None}
        if args["assignee"] is not None:
            wanted["assignee"] = caller.username if args["assignee"] == "me" else args["assignee"]
        passes = (lambda todo: all(getattr(todo, name) == value for name, value in wanted.items())) if wanted else None
        return [Span("shelf-by_date", "todos#done" if done else "todos#open", reverse=done)], passes


def _missing(call: Call, before: Todo | None, after: NewTodo, walked: dict[str, Record[Todo]]) -> Iterator[Fault]:
    """Yield what a to-do names that is not there (what it named before was there then), and add what was walked."""
    services = call.services
    cat = names.normalise(after.cat) if after.cat else None
    new_cat = cat and cat != (before and before.cat) and not names.fault(cat)
    if new_cat and services.records(CATS).get(str(cat), consistent=True) is None:
        yield Fault(f"There is no cat named {cat}.", pointer="/cat")
    new_hand = after.assignee is not None and after.assignee != (before and before.assignee)
    if new_hand and not _is_staff(call, str(after.assignee)):
        yield Fault(f"Nobody of the staff is called {after.assignee}.", pointer="/assignee")
    new = set(after.blocked_by) - set(before.blocked_by if before else ())
    there = services.records(TODOS).get_many(new, consistent=True)
    for place, other in enumerate(after.blocked_by):
        if other in new and other not in there:
            yield Fault(f"There is no to-do {other}.", pointer=f"/blockedBy/{place}")
        elif other in new and before and _leads_to(call, before.id, there[other], walked):
            # Nothing waits on a new one yet.
            yield Fault(f"It would wait on itself, or on more than {FURTHEST} others.", pointer=f"/blockedBy/{place}")


def _is_staff(call: Call, username: str) -> bool:
    record = call.services.records(USERS).get(users.spelt(username), consistent=True)
    return record is not None and record.value.active and users.allows(record.value.role, "staff")


def _leads_to(call: Call, key: str, first: Record[Todo], walked: dict[str, Record[Todo]]) -> bool:
    """Say whether a to-do is the one with this key, or waits on it at first or at last hand, or on too many to tell."""
    ahead = {first.value.id: first}
    while ahead:
        walked |= ahead
        if key in ahead or len(walked) > FURTHEST:
            return True
        named = {other for record in ahead.values() for other in record.value.blocked_by}
        ahead = call.services.records(TODOS).get_many(named - walked.keys(), consistent=True)
    return False


CHORES = Todos()
