"""The pages of the to-dos: what is next, the list with its filters, and a to-do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.domain import care_cards
from api.domain.cat_views import public_view
from api.domain.cats import Cat
from api.domain.todos import UNDO_TIME, TodoView
from api.web import todo_words, words
from api.web.pages import cats
from api.web.pages.page import Page

REFRESH_SECONDS = 60
SHORTCUTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("All open", ()),
    ("Mine", (("assignee", "me"),)),
    ("Medicine", (("kind", "medicine"),)),
    ("Feeding", (("kind", "feeding"),)),
    ("Done", (("done", "true"),)),
)
"""Links to common filters of the list."""
SORTS = (("due", "Due first"), ("-due", "Due last"))
CAUSES = {
    "vaccination-due": ("Record the vaccination", "cats"),
    "hold-ended": ("Change the status", "cats"),
    "weigh": ("Record the weight", "weights"),
    "weight-alarm": ("Record a new weight", "weights"),
}
"""What ends a derived to-do: the text of a link, and the form of the cat that it opens."""


def next_todos(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the next to-dos."""
    ranked = [_ranked(page, todo, value["cats"]) for todo in value["items"]]
    staying = [(name, text) for name, text in page.arguments if name in ("assignee", "refresh")]
    others = [(name, text) for name, text in staying if name != "refresh"]
    is_fresh = page.value("refresh") == "true"
    shown = page.value("assignee")
    return {
        "first": ranked[0] if ranked else None,
        "others": ranked[1:],
        "more": value["more"],
        "changed": _changed(page, *value["changed"]) if page.value("changed") else None,
        "staying": staying,
        "shortcuts": [
            (page.link("todos", "next"), "For anybody", not shown),
            (page.link_to("/todos/next", [("assignee", "me")]), "Mine", shown in ("me", page.username)),
        ],
        "assignee": shown,
        "refresh": page.link_to("/todos/next", staying) if is_fresh else None,
        "refresh_seconds": REFRESH_SECONDS,
        "toggle_refresh": page.link_to("/todos/next", [*others, *([] if is_fresh else [("refresh", "true")])]),
        "clock": todo_words.moment(page.now, page.now, page.zone).removeprefix("today, "),
        **_links(page),
    }


def todo_list(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the list."""
    is_done = page.value("done") == "true"
    kind = page.value("kind")
    kinds = [*todo_words.KINDS.items(), *([(kind, kind)] if kind and kind not in todo_words.KINDS else [])]
    return {
        "todos": [item(page, todo) for todo in value["items"]],
        "next": value.get("next"),
        "prev": value.get("prev"),
        "is_done": is_done,
        "is_filtered": bool(set(page.selection) - {("done", "true"), ("done", "false")}),
        "shortcuts": page.shortcuts(SHORTCUTS),
        "kinds": [(key, text, key == kind) for key, text in kinds],
        "sorts": [] if is_done else [(key, text, key == page.value("sort")) for key, text in SORTS],
        "cat": page.value("cat"),
        "assignee": page.value("assignee"),
        "hidden": [(name, text) for name, text in page.arguments if name in ("done", "limit")],
        "active": [
            (_filter_text(name, text), page.with_arguments(**{name: None}))
            for name, text in page.arguments
            if name in ("kind", "cat", "assignee")
        ],
        **_links(page),
    }


def todo(page: Page, value: TodoView) -> dict[str, Any]:
    """Return the variables of the page of a to-do."""
    waiting = value.wait_until and not value.done and value.wait_until > page.now
    repeats = todo_words.recurrence(value.recurrence)
    author = None if care_cards.is_derived(value.id) else value.by
    facts = [
        ("Kind", todo_words.KINDS[value.kind]),
        ("Priority", None if value.priority == "normal" else todo_words.PRIORITIES[value.priority]),
        ("For", value.assignee or "anybody"),
        ("Repeats", repeats),
        (
            "Hidden until",
            todo_words.moment(value.wait_until, page.now, page.zone) if waiting and value.wait_until else None,
        ),
        ("Added", author and f"by {author}, {todo_words.moment(value.created, page.now, page.zone)}"),
    ]
    return {
        "todo": item(page, value),
        "facts": [(label, text) for label, text in facts if text],
        "blockers": [page.link("todos", key) for key in value.blocked_by],
        "following": page.link("todos", value.next) if value.next else None,
        "undo": _can_undo(page, value),
        **_links(page),
    }


def item(page: Page, todo: TodoView) -> dict[str, Any]:
    """Return the variables of a to-do in a list."""
    is_derived = care_cards.is_derived(todo.id)
    return {
        "title": todo_words.title(todo),
        "href": page.link("todos", todo.id),
        "form": page.link("forms", "todos", todo.id),
        "kind": todo_words.KINDS[todo.kind],
        "when": _done(page, todo) or todo_words.due(todo, page.now, page.zone) or "No due date",
        "overdue": todo.overdue,
        "repeats": todo_words.recurrence(todo.recurrence),
        "cat": (words.name(todo.cat), page.link("cats", todo.cat)) if todo.cat else None,
        "assignee": _person(page, todo.assignee) if todo.assignee else None,
        "notes": None if is_derived else todo.notes,
        "is_done": todo.done,
        "cause": _cause(page, todo) if is_derived else None,
    }


def _ranked(page: Page, todo: Any, known: Mapping[str, Cat]) -> dict[str, Any]:
    """Return the variables of one of the next to-dos: also its reason, and the portrait of its cat."""
    cat = known.get(todo.cat) if todo.cat else None
    (blocking,) = (term.value for term in todo.explanation.terms if term.name == "blocking")
    return item(page, todo) | {
        "when": todo_words.due(todo, page.now, page.zone) or todo_words.undated(todo, page.now, page.zone),
        "reason": todo_words.reason(todo, todo.tier, int(blocking), cat),
        "card": cats.card(page, public_view(cat, page.today)) if cat else None,
    }


def _changed(page: Page, todo: TodoView | None = None) -> dict[str, Any]:
    """Return what a button has done to a to-do, or why not, and whether the user can undo it.

    It is what is true now, so that a reload is not wrong. Without a to-do, somebody has deleted it.
    """
    if todo is None:
        return {"text": "This to-do does not exist any more."}
    title = todo_words.title(todo)
    shown = item(page, todo) | {"link": (page.link("todos", todo.id), "Open the to-do")}
    if todo.done and page.value("refused") == "undo":
        return shown | _refused(page, todo)
    if not todo.done:
        text = f"“{title}” is open again."
    elif _can_undo(page, todo):
        text = f"Done: “{title}”. You can undo this for a minute."
    else:
        text = f"“{title}” is done already. {_done(page, todo)}."
    return shown | {"text": text, "undo": _can_undo(page, todo)}


def _refused(page: Page, todo: TodoView) -> dict[str, Any]:
    """Return why a to-do could not be undone, and a link to what the user can do instead."""
    title = todo_words.title(todo)
    if todo.next and _can_undo(page, todo):
        text = f"“{title}” stays done, because the next one is done or changed. Delete that one first."
        return {"text": text, "link": (page.link("todos", todo.next), "Open the next one")}
    if todo.done_by == page.username:
        text = f"The minute to undo “{title}” is over. To reopen it, edit it."
    else:
        text = f"“{title}” was done by {todo.done_by}. To reopen it, edit it."
    return {"text": text, "link": (page.link("forms", "todos", todo.id), "Edit the to-do")}


def _can_undo(page: Page, todo: TodoView) -> bool:
    return bool(todo.done_at and todo.done_by == page.username and page.now - todo.done_at <= UNDO_TIME)


def _done(page: Page, todo: TodoView) -> str | None:
    if todo.done_at is None or todo.done_by is None:
        return None
    return f"Done by {_person(page, todo.done_by)}, {todo_words.moment(todo.done_at, page.now, page.zone)}"


def _person(page: Page, username: str) -> str:
    return "you" if username == page.username else username


def _cause(page: Page, todo: TodoView) -> tuple[str, str]:
    """Return the text and the URL of what ends a derived to-do."""
    code = todo.id.removeprefix(care_cards.ID_PREFIX).rpartition("-")[0]
    text, form = CAUSES.get(code, ("See the cat", ""))
    return text, page.link(*(["forms", form] if form else ["cats"]), str(todo.cat))


def _filter_text(name: str, text: str) -> str:
    if name == "kind":
        return " or ".join(todo_words.KINDS.get(part, part) for part in text.split(","))
    return f"About {words.name(text)}" if name == "cat" else f"For {text}"


def _links(page: Page) -> dict[str, str]:
    """Return the variables of all pages of to-dos: the date, and links to the others."""
    return {
        "date": f"{words.DAYS[page.today.weekday()]}, {words.day(page.today)}",
        "all_todos": page.link("todos"),
        "next_todos": page.link("todos", "next"),
        "add": page.link("forms", "todos"),
    }
