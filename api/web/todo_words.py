"""Words for people about to-dos: when they are due, how they repeat, and why they are next. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, tzinfo

from api.domain.care_cards import is_derived
from api.domain.cats import Cat
from api.domain.due_dates import deadline, is_date_only, local_date, to_local
from api.domain.recurrence import Recurrence
from api.domain.todos import TodoView
from api.web import words

KINDS = {
    "medicine": "Medicine", "feeding": "Feeding", "cleaning": "Cleaning", "vet": "Vet", "socialise": "Company",
    "shop": "Shopping", "kitchen": "Kitchen", "admin": "Other work",
}  # fmt: skip
PRIORITIES = {"low": "Low", "normal": "Normal", "high": "High"}
UNITS = {
    "hours": "Hours",
    "days": "Days",
    "weekdays": "Weekdays, Monday to Friday",
    "weeks": "Weeks",
    "months": "Months",
}
FIRST = {
    (1, "medicine"): "An overdue dose comes before everything else",
    (1, "vet"): "An overdue vet visit comes before everything else",
    (2, "medicine"): "A dose that is due soon comes before other work",
    (2, "vet"): "A vet visit that is due soon comes before other work",
    (2, "feeding"): "An overdue feeding comes before other work",
}
"""Why a to-do is in the first or the second tier, by tier and kind."""
STATUSES = {"intake": "{} has just arrived", "quarantine": "{} is in quarantine", "hold": "{} is on hold"}


def title(todo: TodoView) -> str:
    """Return the title of a to-do. The name of the cat in a derived title gets a capital, as on other pages."""
    if todo.cat is None or not is_derived(todo.id):
        return todo.title
    return todo.title.replace(f" {todo.cat}", f" {words.name(todo.cat)}", 1)


def due(todo: TodoView, now: datetime, zone: tzinfo) -> str | None:
    """Return when a to-do is due: "Overdue since yesterday", "Due on Friday, 9:00". None without a due date."""
    if todo.due is None:
        return None
    today = local_date(now, zone)
    if is_date_only(todo.due):
        day, clock = date.fromisoformat(todo.due), ""
    else:
        local = to_local(deadline(todo.due, zone), zone)
        day, clock = local.date(), _clock(local)
    if todo.overdue:
        return f"Overdue since {clock if clock and day == today else _join(_day(day, today), clock)}"
    on = "" if abs((day - today).days) <= 1 else "on "
    return f"{'It was due' if todo.done else 'Due'} {on}{_join(_day(day, today), clock)}"


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return a time: "today, 9:00", "yesterday, 9:00", "3 May 2026, 9:00"."""
    local = to_local(at, zone)
    return _join(_day(local.date(), local_date(now, zone)), _clock(local))


def recurrence(value: Recurrence | None) -> str | None:
    """Return how a to-do repeats: "Every day", "Every 8 hours, from the time when it is done". None if it does not."""
    if value is None:
        return None
    every = value.unit.removesuffix("s") if value.every == 1 else f"{value.every} {value.unit}"
    return f"Every {every}{', from the time when it is done' if value.from_ == 'done' else ''}"


def undated(todo: TodoView, now: datetime, zone: tzinfo) -> str:
    """Return since when a to-do without a due date is open: "No due date, open since Friday"."""
    return f"No due date, open since {_day(local_date(todo.created, zone), local_date(now, zone))}"


def reason(todo: TodoView, tier: int, blocking: int, cat: Cat | None) -> str | None:
    """Return what besides the due date puts a to-do where it is among the next to-dos, in a sentence without its stop.

    Args:
        todo: the to-do.
        tier: its tier.
        blocking: the number of open to-dos that wait for it.
        cat: its cat; None without one.
    """
    return words.sentence("; ".join(_clauses(todo, tier, blocking, cat))) or None


def _clauses(todo: TodoView, tier: int, blocking: int, cat: Cat | None) -> Iterator[str]:
    if text := FIRST.get((tier, todo.kind)):
        yield text
    if todo.priority == "high":
        yield "high priority"
    if cat is not None and (text := STATUSES.get(cat.status)):
        yield text.format(words.name(cat.name))
    if blocking:
        yield f"{words.count(blocking, 'other to-do')} {'waits' if blocking == 1 else 'wait'} for it"


def _day(day: date, today: date) -> str:
    """Return a day: "yesterday", "today", "tomorrow", "Friday" for a day within a week, or the date."""
    distance = (day - today).days
    near: Mapping[int, str] = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    return near.get(distance) or (words.DAYS[day.weekday()] if abs(distance) < 7 else words.day(day))


def _clock(local: datetime) -> str:
    return f"{local.hour}:{local.minute:02}"


def _join(day: str, clock: str) -> str:
    return f"{day}, {clock}" if clock else day
