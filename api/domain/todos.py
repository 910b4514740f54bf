"""What a to-do is, what may be written of it, when it wants attention, and what follows it when it recurs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from api.domain import names, users
from api.domain.cat_parts import Name, Note
from api.domain.dues import END, FIRST, Due, Recurrence, deadline, due_again, is_day, possible, spelt
from api.domain.entity import Instant, Part, Stamp, copied, first_version, next_version, told
from api.domain.errors import Fault

TodoKind = Literal["medicine", "feeding", "cleaning", "vet", "socialise", "shop", "kitchen", "admin"]
Priority = Literal["low", "normal", "high"]
# That it is not blank is said by faults(): spaces alone are no title either.
Title = Annotated[str, Meta(max_length=200, description="Not blank.", extra_json_schema={"minLength": 1})]
Who = Annotated[str, Meta(min_length=1, max_length=64)]
TodoId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}(?![\s\S])", description="The id of a to-do.")]


class NewTodo(Part, frozen=True):
    """The body of ``POST /todos``."""

    title: Title
    kind: TodoKind = "admin"
    cat: Name | None = None
    due: Due | None = None
    priority: Priority = "normal"
    assignee: Who | None = None
    wait_until: Instant | None = None
    """Until then it is not offered."""
    blocked_by: Annotated[tuple[TodoId, ...], Meta(max_length=20, description="What has to be done before.")] = ()
    recurrence: Recurrence | None = None
    notes: Note | None = None


class TodoBody(NewTodo, frozen=True, kw_only=True):
    """The body of ``PUT /todos/{id}``; an id must equal the path."""

    id: TodoId | UnsetType = UNSET
    done: bool = False


class Todo(NewTodo, frozen=True, kw_only=True, omit_defaults=True):
    """A to-do as it is kept."""

    id: str
    done: bool = False
    done_at: datetime | None = None
    done_by: str | None = None
    next: str | None = None
    """The id of the one that follows it; made in the act in which this one was done."""
    by: str
    """Who made it; of one that follows another: who did the other."""
    created: datetime
    updated: datetime
    version: int


class TodoView(NewTodo, frozen=True, kw_only=True):
    """A to-do as it is shown."""

    id: str
    done: bool
    done_at: Instant | None
    done_by: str | None
    next: str | None
    by: str
    created: Instant
    updated: Instant
    version: int
    overdue: bool
    """Derived: it is open, and its due has passed."""


def ends(todo: NewTodo) -> datetime | None:
    """Return the deadline of a to-do, or None where it has no due."""
    return None if todo.due is None else deadline(todo.due)


def overdue(todo: Todo, now: datetime) -> bool:
    """Say whether it is open and its due has passed."""
    at = ends(todo)
    return not todo.done and at is not None and at <= now


def wakes(todo: Todo) -> datetime:
    """Return when an open to-do first wants attention: at the end of its wait, else at its deadline, else at once."""
    return todo.wait_until or ends(todo) or todo.created


def view(todo: Todo, now: datetime) -> TodoView:
    """Return how a to-do is shown at an instant."""
    return copied(TodoView, todo, overdue=overdue(todo, now))


def writable(todo: Todo) -> TodoBody:
    """Return what a client may write of it: the target of a merge patch."""
    return copied(TodoBody, todo, id=UNSET)


def faults(body: NewTodo, now: datetime) -> list[Fault]:
    """Return every rule that a well-formed body breaks, besides those that its types say."""
    return [*_word_faults(body), *_time_faults(body), *_recurrence_faults(body, now)]


def faults_of_change(before: Todo | None, body: TodoBody) -> list[Fault]:
    """Return what a body breaks of a series: each of it is done once, in the act that makes the one that follows."""
    if before is not None and before.next is not None and not body.done:
        return [Fault(f"It stays done: the one that follows it, {before.next}, has been made.", pointer="/done")]
    if before is not None and before.done and body.done and body.recurrence not in (None, before.recurrence):
        return [Fault("It is done already: nothing would follow it.", pointer="/recurrence")]
    if before is None and body.done and body.recurrence is not None:
        return [Fault("What recurs begins open.", pointer="/done")]
    return []


def _word_faults(body: NewTodo) -> Iterator[Fault]:
    # A title that is missing or no text is UNSET here; that has been said.
    if isinstance(body.title, str) and not body.title.strip():
        yield Fault("Title cannot be blank!", pointer="/title")
    if body.cat is not None and (detail := names.fault(names.normalise(body.cat))):
        yield Fault(detail, pointer="/cat")
    for place, key in enumerate(body.blocked_by):
        if key in body.blocked_by[:place]:
            yield Fault("This to-do is listed twice.", pointer=f"/blockedBy/{place}")


def _time_faults(body: NewTodo) -> Iterator[Fault]:
    until = deadline(body.due) if body.due and possible(body.due) else None
    if body.due and until is None:
        yield Fault("There is no such day or time in the years 2000 to 2100 (UTC).", pointer="/due")
    if body.wait_until and not FIRST <= body.wait_until < END:
        yield Fault("This instant is not in the years 2000 to 2100 (UTC).", pointer="/waitUntil")
    elif body.wait_until and until and body.wait_until > until:
        # Or else an overdue dose could be hidden by sending it to sleep.
        yield Fault("Nothing waits beyond its due.", pointer="/waitUntil")


def _recurrence_faults(body: NewTodo, now: datetime) -> Iterator[Fault]:
    if body.recurrence is None:
        return
    if body.due is None:
        yield Fault("What recurs has a due.", pointer="/recurrence")
    elif body.recurrence.unit == "hours" and is_day(body.due):
        yield Fault("What recurs by hours is due at an instant, not on a day.", pointer="/recurrence/unit")
    elif possible(body.due) and not _done(body) and due_again(body.due, body.recurrence, now) is None:
        # To do the last one of a series is no fault, or it could never be done.
        yield Fault("It would be due again only after the year 2100.", pointer="/recurrence/every")


def _done(body: NewTodo) -> bool:
    return isinstance(body, TodoBody) and body.done


def create(body: NewTodo, key: str, stamp: Stamp) -> Todo:
    """Return a new to-do under an id."""
    todo = Todo(**_told(body), id=key, by=stamp.by, **first_version(stamp.at))
    return replace(todo, done=True, done_at=stamp.at, done_by=stamp.by) if _done(body) else todo


def revise(todo: Todo, body: TodoBody, stamp: Stamp) -> Todo:
    """Return the next version of a to-do, with all that the body tells of it and nothing else.

    One that recurs and has just been done names its next one, by the fresh id of the act.
    """
    after = replace(todo, **_told(body), **next_version(todo, stamp.at))
    if body.done and not todo.done:
        following = stamp.id if due_again(after.due, after.recurrence, stamp.at) else None
        return replace(after, done=True, done_at=stamp.at, done_by=stamp.by, next=following)
    if todo.done and not body.done:
        return replace(after, done=False, done_at=None, done_by=None)
    return after


def next_occurrence(before: Todo, after: Todo) -> Todo | None:
    """Return the to-do that follows one which has just been done; None if it was done before, or does not recur."""
    if before.done or after.next is None or after.done_at is None:
        return None
    due = due_again(after.due, after.recurrence, after.done_at)
    members: dict[str, Any] = told(after, NewTodo) | {"due": due, "blocked_by": ()}
    if after.wait_until and after.due and due:
        members["wait_until"] = max(FIRST, after.wait_until + (deadline(due) - deadline(after.due)))
    return Todo(**members, id=after.next, by=after.done_by or after.by, **first_version(after.done_at))


def _told(body: NewTodo) -> dict[str, Any]:
    return told(body, NewTodo) | {
        "cat": None if body.cat is None else names.normalise(body.cat),
        "assignee": None if body.assignee is None else users.spelt(body.assignee),
        "due": None if body.due is None else spelt(body.due),
        "wait_until": None if body.wait_until is None else body.wait_until.astimezone(UTC),
    }
