"""The fields of a to-do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from msgspec.structs import replace

from api.domain.entity import TICK
from api.domain.todos import Todo, deadline_of
from api.web import todo_words, words
from api.web.forms.field import Options
from api.web.forms.fields import Field, Section

MAX_CHOICES = 30
"""The open to-dos that a form offers as blockers: those of the same cat, and those that are due first."""
FIRST_CHOICES = 5
"""The most to-dos to wait for that are shown at first, besides those that are chosen."""

SECTIONS = (
    Section(
        "",
        (
            Field(name="title", label="What to do", required=True, attributes={"maxlength": 200}),
            Field(name="kind", label="Kind", kind="select", options=tuple(todo_words.KINDS.items())),
            Field(
                name="cat",
                label="Cat",
                kind="cat",
                help="The name of the cat, if it is about one.",
                attributes={"maxlength": 64},
            ),
            Field(
                name="notes",
                label="Notes",
                kind="textarea",
                help="For example the dose, and where to find it.",
            ),
        ),
    ),
    Section(
        "When",
        (
            Field(
                name="due",
                label="Due",
                kind="due",
                help="Without a time, it is due until the end of the day. It may have no due date.",
            ),
            Field(name="recurrence.every", label="Repeat every", kind="number", help="Empty: it is done once."),
            Field(
                name="recurrence.unit",
                label="Unit",
                kind="select",
                options=(("", "It does not repeat"), *todo_words.UNITS.items()),
            ),
            Field(
                name="recurrence.from",
                label="Count the next time from",
                kind="select",
                options=(("due", "The due date"), ("done", "The time when it is done")),
            ),
            Field(
                name="waitUntil",
                label="Hide until",
                kind="datetime",
                help="Until then, it is not among the next to-dos. An overdue dose is always shown.",
            ),
        ),
    ),
    Section(
        "Who and in which order",
        (
            Field(
                name="assignee",
                label="For",
                help="The username of a member of the staff. Empty: for anybody.",
                attributes={"maxlength": 64, "autocapitalize": "none", "spellcheck": "false"},
            ),
            Field(name="priority", label="Priority", kind="select", options=tuple(todo_words.PRIORITIES.items())),
            Field(
                name="blockedBy",
                label="Wait for",
                kind="checkboxes",
                unknown="A to-do that is not open any more",
                help="It is not among the next to-dos before these are done.",
            ),
            Field(
                name="done",
                label="It is done",
                kind="checkbox",
                only_existing=True,
                help="Without the tick, it is open again, and its next occurrence is deleted.",
            ),
        ),
    ),
)


def with_blockers(
    sections: Iterable[Section], chosen: Sequence[str], todos: Iterable[Todo], cat: str, zone: tzinfo
) -> tuple[Section, ...]:
    """Return sections with the to-dos that this one may wait for: those that are chosen, and those of its cat first.

    Args:
        sections: the sections of the form.
        chosen: the ids of the blockers.
        todos: these blockers, as far as they exist, and open to-dos.
        cat: the cat of the to-do; empty without one.
        zone: the time zone of the café.
    """
    known = {todo.id: todo for todo in todos}
    others = [todo for todo in known.values() if todo.id not in chosen]
    if cat:
        others.sort(key=lambda todo: (todo.cat or "").casefold() != cat.casefold())
    keys = [*chosen, *(todo.id for todo in others[:MAX_CHOICES])]
    texts = {key: _choice(known[key], zone) if key in known else "A deleted to-do" for key in keys}
    first = len(chosen) + FIRST_CHOICES
    return tuple(
        replace(section, fields=tuple(_with_options(field, tuple(texts.items()), first) for field in section.fields))
        for section in sections
    )


def _with_options(field: Field, options: Options, first: int) -> Field:
    return replace(field, options=options, first=first) if field.name == "blockedBy" else field


def _choice(todo: Todo, zone: tzinfo) -> str:
    """Return the text of a to-do: "Buy pills (Milo, 3 May 2026)"."""
    at = deadline_of(todo, zone)
    has_cat = todo.cat and todo.cat.casefold() not in todo.title.casefold()
    more = [words.name(todo.cat or "") if has_cat else "", words.local_day(at - TICK, zone) if at else ""]
    return f"{todo.title} ({', '.join(filter(None, more))})" if any(more) else todo.title
