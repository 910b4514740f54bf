"""The form of a to-do, and the buttons that do it and undo it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace

from api.context import Context
from api.domain.errors import InvalidState, NotFound
from api.domain.todos import ReplaceTodo, Todo, TodoView
from api.http.forms import DELETE, SAVE, Submission
from api.http.resource import RequestContext
from api.resources.forms.entity import EntityForm
from api.resources.forms.form import Form
from api.resources.next_todos import CHANGED, REFRESH, REFUSED
from api.resources.todos import ASSIGNEE, LIST
from api.services.entity_service import Plan
from api.services.todos import TODOS, plan_done, plan_undo
from api.store.repository import Stored
from api.store.transaction import retry_on_conflict
from api.web.forms.fields import Section
from api.web.forms.todos import with_blockers

MAX_READ = 100
"""The open to-dos that are read for a form, by due date. No index has the to-dos of a cat."""
OPEN: Mapping[str, Any] = {parameter.name: parameter.default for parameter in LIST.parameters}
"""The arguments of the list of open to-dos."""
ACTIONS: Mapping[str, Callable[[Context, str], Plan[TodoView] | Stored[Todo]]] = {
    "done": lambda context, key: plan_done(context, key, lambda _rev: None),
    "undo": plan_undo,
}
"""The buttons "Done" and "Undo" of the pages. They hold for every version of a to-do, and change no other member."""
PREFILLED = ("title", "kind", "cat", "assignee")
"""The members of a new to-do that the URL of the form may contain."""
STAYING = (ASSIGNEE.name, REFRESH)
"""The arguments of the page of the next to-dos that stay after a button."""


class TodoForm(EntityForm, frozen=True, kw_only=True):
    """The form of a to-do, with its buttons."""

    def form(self) -> Form:
        """Return the form with its functions and its buttons."""
        return replace(super().form(), actions=(SAVE, DELETE, *ACTIONS))

    def new_body(self, request: RequestContext) -> dict[str, Any]:
        """Return a new to-do, with what the URL says: ``/forms/todos?cat=luna``."""
        given = {name: text for name in PREFILLED if (text := request.http.args.get(name))}
        return {**msgspec.to_builtins(ReplaceTodo(title="")), **given}

    def body_of(self, request: RequestContext, entity: Todo) -> dict[str, Any]:
        """Return a to-do with the username of its assignee."""
        (view,) = self.service.present(request.context, [entity])
        return dict(msgspec.to_builtins(replace(TODOS.to_body(entity), assignee=view.assignee)))

    def shown_sections(self, request: RequestContext, key: str | None, body: dict[str, Any]) -> tuple[Section, ...]:
        """Return the sections with the titles of the blockers, and of other to-dos that may become blockers."""
        context, chosen = request.context, body["blockedBy"]
        blockers = TODOS.repository.get_many(context.dependencies.table, chosen, consistent=True)
        found = [blockers[blocker].value for blocker in chosen if blocker in blockers]
        found += TODOS.list_first(context, OPEN, MAX_READ)
        others = [todo for todo in found if todo.id != key]
        return with_blockers(self.sections, chosen, others, body["cat"] or "", context.dependencies.settings.zone)

    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a body without a recurrence, if neither its interval nor its unit is given."""
        recurrence = body.get("recurrence") or {}
        return body if recurrence.keys() & {"every", "unit"} else {**body, "recurrence": None}

    def save(self, request: RequestContext, key: str | None, sent: Submission) -> str:
        """Save the form; or do a to-do, or undo it, and return the path of the next to-dos."""
        if key is None or sent.action not in ACTIONS:
            return super().save(request, key, sent)
        context, plan_action = request.context, ACTIONS[sent.action]

        def attempt() -> None:
            plan = plan_action(context, key)
            if isinstance(plan, Plan):
                context.dependencies.table.transact(plan.writes, plan.rev)

        arguments = [(name, sent.texts[name][0]) for name in STAYING if name in sent.texts]
        try:
            retry_on_conflict(attempt)
        except NotFound:
            pass  # somebody has deleted it, or it follows from the data of a cat: the page finds no such to-do
        except InvalidState:
            arguments.append((REFUSED, sent.action))
        return f"/todos/next?{urlencode([*arguments, (CHANGED, key)])}"
