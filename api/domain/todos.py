"""What a to-do is, what may be written of it, when it wants attention, and what follows it when it recurs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from api.domain import names, users
from api.domain.cat_fields import LongText, Name
from api.domain.due_dates import (
    END,
    FIRST,
    Due,
    Recurrence,
    deadline,
    is_date_only,
    is_valid_due,
    next_due,
    normalise_due,
)
from api.domain.entity import (
    ApiStruct,
    Timestamp,
    WriteContext,
    first_version,
    next_version,
    non_default_fields,
    project,
)
from api.domain.errors import FieldError

TodoKind = Literal["medicine", "feeding", "cleaning", "vet", "socialise", "shop", "kitchen", "admin"]
Priority = Literal["low", "normal", "high"]
# That it is not blank is said by faults(): spaces alone are no title either.
Title = Annotated[str, Meta(max_length=200, description="Not blank.", extra_json_schema={"minLength": 1})]
Who = Annotated[str, Meta(min_length=1, max_length=64)]
TodoId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}(?![\s\S])", description="The id of a to-do.")]


class CreateTodo(ApiStruct, frozen=True):
    """The body of ``POST /todos``."""

    title: Title
    kind: TodoKind = "admin"
    cat: Name | None = None
    due: Due | None = None
    priority: Priority = "normal"
    assignee: Who | None = None
    wait_until: Timestamp | None = None
    """Until then it is not offered."""
    blocked_by: Annotated[tuple[TodoId, ...], Meta(max_length=20, description="What has to be done before.")] = ()
    recurrence: Recurrence | None = None
    notes: LongText | None = None


class ReplaceTodo(CreateTodo, frozen=True, kw_only=True):
    """The body of ``PUT /todos/{id}``; an id must equal the path."""

    id: TodoId | UnsetType = UNSET
    done: bool = False


class Todo(CreateTodo, frozen=True, kw_only=True, omit_defaults=True):
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


class TodoView(CreateTodo, frozen=True, kw_only=True):
    """A to-do as it is shown."""

    id: str
    done: bool
    done_at: Timestamp | None
    done_by: str | None
    next: str | None
    by: str
    created: Timestamp
    updated: Timestamp
    version: int
    overdue: bool
    """Derived: it is open, and its due has passed."""


def deadline_of(todo: CreateTodo) -> datetime | None:
    """Return the deadline of a to-do, or None where it has no due."""
    return None if todo.due is None else deadline(todo.due)


def is_overdue(todo: Todo, now: datetime) -> bool:
    """Say whether it is open and its due has passed."""
    at = deadline_of(todo)
    return not todo.done and at is not None and at <= now


def relevant_from(todo: Todo) -> datetime:
    """Return when an open to-do first wants attention: at the end of its wait, else at its deadline, else at once."""
    return todo.wait_until or deadline_of(todo) or todo.created


def to_view(todo: Todo, now: datetime) -> TodoView:
    """Return how a to-do is shown at an instant."""
    return project(TodoView, todo, overdue=is_overdue(todo, now))


def to_body(todo: Todo) -> ReplaceTodo:
    """Return what a client may write of it: the target of a merge patch."""
    return project(ReplaceTodo, todo, id=UNSET)


def validate(body: CreateTodo, now: datetime) -> list[FieldError]:
    """Return every rule that a well-formed body breaks, besides those that its types say."""
    return [*_text_errors(body), *_time_errors(body), *_recurrence_errors(body, now)]


def validate_transition(before: Todo | None, body: ReplaceTodo) -> list[FieldError]:
    """Return what a body breaks of a series: each of it is done once, in the act that makes the one that follows."""
    if before is not None and before.next is not None and not body.done:
        return [FieldError(f"It stays done: the one that follows it, {before.next}, has been made.", pointer="/done")]
    if before is not None and before.done and body.done and body.recurrence not in (None, before.recurrence):
        return [FieldError("It is done already: nothing would follow it.", pointer="/recurrence")]
    if before is None and body.done and body.recurrence is not None:
        return [FieldError("What recurs begins open.", pointer="/done")]
    return []


def _text_errors(body: CreateTodo) -> Iterator[FieldError]:
    # A title that is missing or no text is UNSET here; that has been said.
    if isinstance(body.title, str) and not body.title.strip():
        yield FieldError("Title cannot be blank!", pointer="/title")
    if body.cat is not None and (detail := names.name_error(names.normalise(body.cat))):
        yield FieldError(detail, pointer="/cat")
    for place, key in enumerate(body.blocked_by):
        if key in body.blocked_by[:place]:
            yield FieldError("This to-do is listed twice.", pointer=f"/blockedBy/{place}")


def _time_errors(body: CreateTodo) -> Iterator[FieldError]:
    until = deadline(body.due) if body.due and is_valid_due(body.due) else None
    if body.due and until is None:
        yield FieldError("There is no such day or time in the years 2000 to 2100 (UTC).", pointer="/due")
    if body.wait_until and not FIRST <= body.wait_until < END:
        yield FieldError("This instant is not in the years 2000 to 2100 (UTC).", pointer="/waitUntil")
    elif body.wait_until and until and body.wait_until > until:
        # Or else an overdue dose could be hidden by sending it to sleep.
        yield FieldError("Nothing waits beyond its due.", pointer="/waitUntil")


def _recurrence_errors(body: CreateTodo, now: datetime) -> Iterator[FieldError]:
    if body.recurrence is None:
        return
    if body.due is None:
        yield FieldError("What recurs has a due.", pointer="/recurrence")
    elif body.recurrence.unit == "hours" and is_date_only(body.due):
        yield FieldError("What recurs by hours is due at an instant, not on a day.", pointer="/recurrence/unit")
    elif is_valid_due(body.due) and not _done(body) and next_due(body.due, body.recurrence, now) is None:
        # To do the last one of a series is no fault, or it could never be done.
        yield FieldError("It would be due again only after the year 2100.", pointer="/recurrence/every")


def _done(body: CreateTodo) -> bool:
    return isinstance(body, ReplaceTodo) and body.done


def create(body: CreateTodo, key: str, stamp: WriteContext) -> Todo:
    """Return a new to-do under an id."""
    todo = Todo(**_fields(body), id=key, by=stamp.by, **first_version(stamp.at))
    return replace(todo, done=True, done_at=stamp.at, done_by=stamp.by) if _done(body) else todo


def update(todo: Todo, body: ReplaceTodo, stamp: WriteContext) -> Todo:
    """Return the next version of a to-do, with all that the body tells of it and nothing else.

    One that recurs and has just been done names its next one, by the fresh id of the act.
    """
    after = replace(todo, **_fields(body), **next_version(todo, stamp.at))
    if body.done and not todo.done:
        following = stamp.id if next_due(after.due, after.recurrence, stamp.at) else None
        return replace(after, done=True, done_at=stamp.at, done_by=stamp.by, next=following)
    if todo.done and not body.done:
        return replace(after, done=False, done_at=None, done_by=None)
    return after


def next_occurrence(before: Todo, after: Todo) -> Todo | None:
    """Return the to-do that follows one which has just been done; None if it was done before, or does not recur."""
    if before.done or after.next is None or after.done_at is None:
        return None
    due = next_due(after.due, after.recurrence, after.done_at)
    members: dict[str, Any] = non_default_fields(after, CreateTodo) | {"due": due, "blocked_by": ()}
    if after.wait_until and after.due and due:
        members["wait_until"] = max(FIRST, after.wait_until + (deadline(due) - deadline(after.due)))
    return Todo(**members, id=after.next, by=after.done_by or after.by, **first_version(after.done_at))


def _fields(body: CreateTodo) -> dict[str, Any]:
    return non_default_fields(body, CreateTodo) | {
        "cat": None if body.cat is None else names.normalise(body.cat),
        "assignee": None if body.assignee is None else users.normalise_username(body.assignee),
        "due": None if body.due is None else normalise_due(body.due),
        "wait_until": None if body.wait_until is None else body.wait_until.astimezone(UTC),
    }
