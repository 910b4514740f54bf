"""To-dos: the entity, its request bodies, its view, validation and recurrence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from api.domain import names
from api.domain.cat_fields import LongText, Name
from api.domain.due_dates import END, START, Due, deadline, is_date_only, is_valid_due, normalise_due
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
from api.domain.recurrence import Occurrence, Recurrence, Series, occurrence_after

TodoKind = Literal["medicine", "feeding", "cleaning", "vet", "socialise", "shop", "kitchen", "admin"]
Priority = Literal["low", "normal", "high"]
# validate rejects blank titles, also those of spaces.
Title = Annotated[str, Meta(max_length=200, description="Not blank.", extra_json_schema={"minLength": 1})]
Assignee = Annotated[str, Meta(min_length=1, max_length=64)]
TodoId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}(?![\s\S])", description="The id of a to-do.")]


UNDO_TIME = timedelta(minutes=1)
"""How long the user who did a to-do can undo it on the page of the next to-dos."""
SAME_ASSIGNEE = "\ud800"
"""The assignee in a body that does not change the assignee. No client can send half of a surrogate pair."""


class CreateTodo(ApiStruct, frozen=True):
    """The body of ``POST /todos``."""

    title: Title
    kind: TodoKind = "admin"
    cat: Name | None = None
    due: Due | None = None
    priority: Priority = "normal"
    assignee: Assignee | None = None
    wait_until: Timestamp | None = None
    """The to-do is hidden from ``/todos/next`` until this time."""
    blocked_by: Annotated[
        tuple[TodoId, ...], Meta(max_length=20, description="The ids of to-dos that must be done first.")
    ] = ()
    recurrence: Recurrence | None = None
    notes: LongText | None = None


class ReplaceTodo(CreateTodo, frozen=True, kw_only=True):
    """The body of ``PUT /todos/{id}``. An id must equal the id in the path."""

    id: TodoId | UnsetType = UNSET
    done: bool = False


class Todo(CreateTodo, frozen=True, kw_only=True, omit_defaults=True):
    """The stored to-do. It refers to users by uid: the assignee, the author, and the user who did it."""

    id: str
    done: bool = False
    done_at: Timestamp | None = None
    done_by: str | None = None
    next: str | None = None
    """The id of the next occurrence, which is created when this to-do is done. It may have been deleted since."""
    by: str
    """The author. The author of a next occurrence is the user who did the one before it."""
    created: Timestamp
    updated: Timestamp
    version: int
    series: Series | None = None
    """The part of the series that ``due`` does not show, until a client changes ``due`` or ``recurrence``."""

    def __post_init__(self) -> None:
        """Reject a due date of another release that no deadline follows from. The lenient reader then reads None."""
        if self.due is not None:
            datetime.fromisoformat(self.due.upper())


class DeletedTodo(ApiStruct, frozen=True):
    """A to-do that was deleted."""

    id: str
    updated: Timestamp
    """The time of the deletion."""


class TodoView(CreateTodo, frozen=True, kw_only=True):
    """A to-do as clients see it."""

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
    """Derived: the to-do is open, and its due date has passed."""


def deadline_of(todo: CreateTodo, zone: tzinfo) -> datetime | None:
    """Return the deadline of a to-do, or None without a due date."""
    return None if todo.due is None else deadline(todo.due, zone)


def is_overdue(todo: Todo, now: datetime, zone: tzinfo) -> bool:
    """Return whether a to-do is open and its due date has passed."""
    at = deadline_of(todo, zone)
    return not todo.done and at is not None and at <= now


def is_late_dose(before: Todo, after: Todo, zone: tzinfo) -> bool:
    """Return whether a change completes a medicine to-do whose due date had passed."""
    if before.kind != "medicine" or before.done or after.done_at is None:
        return False
    return is_overdue(before, after.done_at, zone)


def may_undo(todo: Todo, uid: str, now: datetime) -> bool:
    """Return whether a user has just done a to-do, and can still undo it."""
    return todo.done_by == uid and todo.done_at is not None and now - todo.done_at <= UNDO_TIME


def relevant_from(todo: Todo, zone: tzinfo) -> datetime:
    """Return when an open to-do becomes relevant: at ``waitUntil``, or else at the deadline or the creation."""
    return todo.wait_until or deadline_of(todo, zone) or todo.created


def to_view(todo: Todo, now: datetime, zone: tzinfo) -> TodoView:
    """Return the view of a to-do."""
    return project(TodoView, todo, overdue=is_overdue(todo, now, zone))


def to_body(todo: Todo) -> ReplaceTodo:
    """Return the fields that a client may write: the target of a merge patch."""
    return project(ReplaceTodo, todo, id=UNSET, assignee=todo.assignee and SAME_ASSIGNEE)


def validate(body: CreateTodo, now: datetime, zone: tzinfo) -> list[FieldError]:
    """Return the errors of a body whose types are valid. A required field that already has an error is UNSET."""
    return [*_text_errors(body), *_time_errors(body, zone), *_recurrence_errors(body, now, zone)]


def validate_transition(
    before: Todo | None, body: ReplaceTodo, following: Todo | None = None, zone: tzinfo = UTC
) -> list[FieldError]:
    """Return the errors of a change of ``done`` or of the recurrence. Each to-do has at most one next occurrence.

    Args:
        before: the stored to-do; None if it is created.
        body: the new fields.
        following: the next occurrence of a to-do that is reopened, which is deleted then; None if there is none.
        zone: the time zone of the café.
    """
    if before is not None and following is not None and not _is_untouched(before, following, zone):
        state = "is done" if following.done else "has been changed"
        detail = f"The to-do cannot be reopened: its next occurrence {state}. Delete that one first."
        return [FieldError("contradiction", detail, pointer="/done")]
    if before is not None and before.done and body.done and body.recurrence not in (None, before.recurrence):
        detail = "The recurrence of a done to-do can only be removed."
        return [FieldError("contradiction", detail, pointer="/recurrence")]
    if before is None and body.done and body.recurrence is not None:
        return [FieldError("contradiction", "A recurring to-do cannot be created as done.", pointer="/done")]
    return []


def _text_errors(body: CreateTodo) -> Iterator[FieldError]:
    if isinstance(body.title, str) and (error := names.text_error(body.title, "title")):
        yield error.at("/title")
    if body.cat is not None and (error := names.name_error(names.normalise(body.cat))):
        yield error.at("/cat")
    for index, key in enumerate(body.blocked_by):
        if key in body.blocked_by[:index]:
            yield FieldError("duplicate", "This to-do is listed twice.", pointer=f"/blockedBy/{index}")


def _time_errors(body: CreateTodo, zone: tzinfo) -> Iterator[FieldError]:
    until = deadline(body.due, zone) if body.due and is_valid_due(body.due) else None
    if body.due and until is None:
        detail = "due must be an existing date or time in the years 2000 to 2100 (UTC)."
        yield FieldError("out_of_range", detail, pointer="/due")
    if body.wait_until and not START <= body.wait_until < END:
        yield FieldError("out_of_range", "waitUntil must be in the years 2000 to 2100 (UTC).", pointer="/waitUntil")
    elif body.wait_until and until and body.wait_until > until:
        # Otherwise an overdue dose could be hidden.
        yield FieldError("contradiction", "waitUntil must not be later than due.", pointer="/waitUntil")


def _recurrence_errors(body: CreateTodo, now: datetime, zone: tzinfo) -> Iterator[FieldError]:
    if body.recurrence is None:
        return
    if body.due is None:
        yield FieldError("contradiction", "A recurring to-do needs a due date.", pointer="/recurrence")
    elif body.recurrence.unit == "hours" and is_date_only(body.due):
        detail = "A to-do that recurs by hours needs a due date with a time."
        yield FieldError("contradiction", detail, pointer="/recurrence/unit")
    elif (
        is_valid_due(body.due) and not _is_done(body) and occurrence_after(body.due, body.recurrence, now, zone) is None
    ):
        # A done body is accepted, so that the last occurrence can be done.
        detail = "The next due date would be after the year 2100."
        yield FieldError("out_of_range", detail, pointer="/recurrence/every")


def _is_done(body: CreateTodo) -> bool:
    return isinstance(body, ReplaceTodo) and body.done


def create(body: CreateTodo, key: str, write: WriteContext) -> Todo:
    """Return a new to-do."""
    todo = Todo(**_fields(body, None), id=key, by=write.by, **first_version(write.at))
    return replace(todo, done=True, done_at=write.at, done_by=write.by) if _is_done(body) else todo


def update(todo: Todo, body: ReplaceTodo, write: WriteContext) -> Todo:
    """Return the next version of a to-do. A field that the body does not have gets its default.

    If a recurring to-do becomes done, the id of the write is the id of the next occurrence.
    """
    after = replace(todo, **_fields(body, todo.assignee), **next_version(todo, write.at))
    after = replace(after, series=_series(todo, after))
    if body.done and not todo.done:
        next_id = write.id if _following(after, write.at, write.zone) else None
        return replace(after, done=True, done_at=write.at, done_by=write.by, next=next_id)
    if todo.done and not body.done:
        return replace(after, done=False, done_at=None, done_by=None, next=None)
    return after


def _series(before: Todo, after: Todo) -> Series | None:
    """Return what is still true of the series of a to-do after a change."""
    if before.series is None or (before.due, before.recurrence) != (after.due, after.recurrence):
        return None
    return before.series if before.wait_until == after.wait_until else replace(before.series, lead=None)


def _following(todo: Todo, done_at: datetime, zone: tzinfo) -> Occurrence | None:
    return occurrence_after(todo.due, todo.recurrence, done_at, zone, wait_until=todo.wait_until, series=todo.series)


def next_occurrence(before: Todo, after: Todo, zone: tzinfo) -> Todo | None:
    """Return the next occurrence of a to-do that becomes done; None if it was done before or does not recur."""
    if before.done or after.done_at is None:
        return None
    return _occurrence(after, after.done_at, zone)


def _occurrence(after: Todo, done_at: datetime, zone: tzinfo) -> Todo | None:
    following = _following(after, done_at, zone)
    if following is None or after.next is None:
        return None
    fields: dict[str, Any] = non_default_fields(after, CreateTodo) | {
        "due": following.due,
        "wait_until": following.wait_until,
        "blocked_by": (),
        "series": following.series,
    }
    return Todo(**fields, id=after.next, by=after.done_by or after.by, **first_version(done_at))


def _is_untouched(done: Todo, following: Todo, zone: tzinfo) -> bool:
    """Return whether the next occurrence of a done to-do still is as it was created. It may have been done between."""
    if following.version == 1:
        return True
    created = _occurrence(done, done.done_at, zone) if done.done_at and not following.done else None
    return created is not None and project(CreateTodo, created) == project(CreateTodo, following)


def _fields(body: CreateTodo, assignee: str | None) -> dict[str, Any]:
    return non_default_fields(body, CreateTodo) | {
        "cat": None if body.cat is None else names.normalise(body.cat),
        "assignee": assignee if body.assignee == SAME_ASSIGNEE else body.assignee,
        "due": None if body.due is None else normalise_due(body.due),
        "wait_until": None if body.wait_until is None else body.wait_until.astimezone(UTC),
    }
