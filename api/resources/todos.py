"""What there is to do: ``/todos``, ``/todos/{id}``, ``/todos/{id}/done``."""

from __future__ import annotations

from typing import get_args

from flask import Response
from msgspec.structs import replace

from api.domain import care, names, todos, users
from api.domain.errors import NotFound, WrongState
from api.domain.todos import NewTodo, Todo, TodoBody, TodoView
from api.http import conditional, queries
from api.http.bodies import FORM, JSON, MERGE_PATCH
from api.http.pages import CURSOR, LIMIT
from api.http.queries import Query, choice, flag, several
from api.http.resource import Call, operation
from api.http.schemas import ListOf
from api.resources.attention import agenda
from api.resources.chores import CHORES
from api.resources.things import Thing, ThingList
from api.store.write import settle

FIELDS = several("fields", TodoView.__struct_encode_fields__, "The members to answer with; all by default.")
ASSIGNEE = queries.text("assignee", 64, "Whose it is: a username, or 'me'.", users.spelt)
LIST = Query(
    flag("done", "Whether they are done; open ones, if it is not said."),
    choice("kind", get_args(todos.TodoKind), "What sort they are of."),
    queries.text("cat", 64, "The name of the cat that they are about.", names.normalise),
    ASSIGNEE,
    FIELDS,
    LIMIT,
    CURSOR,
)


class TodoList(ThingList):
    """The list."""

    path, tag, noun = "/todos", "Todos", CHORES

    @operation("List what there is to do", role="staff", query=LIST, answers={200: ListOf(TodoView)})
    def get(self, call: Call) -> Response:
        """By their due, those without one at the end. Derived chores are in ``/todos/next``."""
        return self.list(call)

    @operation("Note something to do", role="staff", body=NewTodo, accepts=(JSON, FORM), answers={201: TodoView})
    def post(self, call: Call) -> Response:
        """Cat, assignee and what it waits on have to be there."""
        return self.add(call)


class TodoItem(Thing):
    """One of them."""

    path, tag, noun = "/todos/{id}", "Todos", CHORES

    @operation("Read one", role="staff", query=Query(FIELDS), answers={200: TodoView})
    def get(self, call: Call, id: str) -> Response:
        """A derived chore is there as long as its cause."""
        if not care.is_derived(id):
            return self.read(call, id)
        return call.answer(self.represent(call, [_derived(call, id)])[0])

    @operation("Replace one", role="staff", body=TodoBody, accepts=(JSON, FORM), answers={200: TodoView})
    def put(self, call: Call, id: str) -> Response:
        """Every member that is not sent gets its default. It creates nothing: ids are given."""
        return self.replace(call, id)

    @operation("Change some of it", role="staff", body=TodoBody, accepts=(MERGE_PATCH,), answers={200: TodoView})
    def patch(self, call: Call, id: str) -> Response:
        """A merge patch; ``{"done": true}`` does what ``/done`` does. Needs If-Match."""
        return self.patch_members(call, id)

    @operation("Strike it off", role="staff", answers={204: None})
    def delete(self, call: Call, id: str) -> Response:
        """It was not done: nothing follows it."""
        return self.remove(call, id)


def _derived(call: Call, id: str) -> Todo:
    found, _ = agenda(call.services, call.now)
    for todo in found:
        if todo.id == id:
            return todo
    raise NotFound


class TodoDone(Thing):
    """One of them is done."""

    path, tag, noun, ignores = "/todos/{id}/done", "Todos", CHORES, ("Idempotency-Key",)

    @operation("Do it", role="staff", answers={200: TodoView}, refuses=(409,))
    def post(self, call: Call, id: str) -> Response:
        """What recurs is followed by its next one, named by ``next``. Pressed twice, it is done once."""
        if care.is_derived(id):
            raise WrongState(f"This is done by mending its cause. {_derived(call, id).notes}")

        def step() -> Response:
            before = self._get(call, id)
            conditional.check(call.request, before.rev if before else None)
            if before is None:
                raise NotFound
            if before.value.done:
                return self.show(call, before.value, before.rev)
            body, stamp = replace(self.noun.writable(before.value), done=True), call.stamp()
            after = self.noun.revise(before.value, body, stamp)
            thing, writes = self.change(call, before, after, "patched", stamp)
            answer = self.show(call, thing, stamp.id)
            self.services.table.commit(writes, stamp.id)
            return answer

        return settle(step)
