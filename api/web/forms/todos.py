"""The fields of a to-do."""

from __future__ import annotations

from api.web import todo_words
from api.web.forms.fields import Field, Section

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
                help="It is not among the next to-dos before these are done.",
            ),
            Field(
                name="done",
                label="It is done",
                kind="checkbox",
                only_existing=True,
                help="Without the mark, it is open again, and its next occurrence is deleted.",
            ),
        ),
    ),
)
