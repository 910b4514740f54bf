"""What there is to do: ``/todos``, ``/todos/{id}``, ``/todos/{id}/done``."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, get_args

from flask import Response

from api.domain import care_cards, names, todos, users
from api.domain.errors import InvalidState, NotFound
from api.domain.todos import NewTodo, Todo, TodoBody, TodoView
from api.http import preconditions, query_params, responses
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters, boolean, choice, csv
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, RequestContext, operation
from api.http.schemas import ListOf
from api.resources.crud import CollectionResource, EntityResource, ItemResource
from api.services.todo_candidates import load_candidates
from api.services.todos import TODOS, plan_done
from api.store.repository import Stored
from api.store.transaction import retry_on_conflict

FIELDS = csv("fields", TodoView.__struct_encode_fields__, "The members to answer with; all by default.")
ASSIGNEE = query_params.text("assignee", 64, "Whose it is: a username, or 'me'.", users.normalise_username)
LIST = QueryParameters(
    boolean("done", "Whether they are done; open ones, if it is not said."),
    choice("kind", get_args(todos.TodoKind), "What sort they are of."),
    query_params.text("cat", 64, "The name of the cat that they are about.", names.normalise),
    ASSIGNEE,
    FIELDS,
    LIMIT,
    CURSOR,
)


class TodoList(CollectionResource):
    """The list."""

    path, tag, service = "/todos", "Todos", TODOS

    operations: ClassVar = {
        "get": Operation(
            "List what there is to do",
            role="staff",
            query=LIST,
            answers={200: ListOf(TodoView)},
            description="By their due, those without one at the end. Derived chores are in ``/todos/next``.",
        ),
        "post": Operation(
            "Note something to do",
            role="staff",
            body=NewTodo,
            accepts=(JSON, FORM),
            answers={201: TodoView},
            description="Cat, assignee and what it waits on have to be there.",
        ),
    }


class TodoItem(ItemResource):
    """One of them."""

    path, tag, service = "/todos/{id}", "Todos", TODOS

    operations: ClassVar = {
        "get": Operation(
            "Read one",
            role="staff",
            query=QueryParameters(FIELDS),
            answers={200: TodoView},
            description="A derived chore is there as long as its cause.",
        ),
        "put": Operation(
            "Replace one",
            role="staff",
            body=TodoBody,
            accepts=(JSON, FORM),
            answers={200: TodoView},
            description="Every member that is not sent gets its default. It creates nothing: ids are given.",
        ),
        "patch": Operation(
            "Change some of it",
            role="staff",
            body=TodoBody,
            accepts=(MERGE_PATCH,),
            answers={200: TodoView},
            description='A merge patch; ``{"done": true}`` does what ``/done`` does. Needs If-Match.',
        ),
        "delete": Operation(
            "Strike it off",
            role="staff",
            answers={204: None},
            description="It was not done: nothing follows it.",
        ),
    }

    def get(self, request: RequestContext, key: str) -> Response:
        """Respond with a to-do, or with a derived one."""
        if not care_cards.is_derived(key):
            return super().get(request, key)
        (view,) = TODOS.present(request.context, [_derived(request, key)])
        return request.answer(responses.select_fields(view, request.args["fields"]))


def _derived(request: RequestContext, id: str) -> Todo:
    found, _ = load_candidates(request.context.dependencies, request.context.now)
    for todo in found:
        if todo.id == id:
            return todo
    raise NotFound


class TodoDone(EntityResource):
    """One of them is done."""

    path, tag, service, ignores = "/todos/{id}/done", "Todos", TODOS, ("Idempotency-Key",)

    @operation("Do it", role="staff", answers={200: TodoView}, refuses=(409,))
    def post(self, request: RequestContext, id: str) -> Response:
        """What recurs is followed by its next one, named by ``next``. Pressed twice, it is done once."""
        if care_cards.is_derived(id):
            raise InvalidState(f"This is done by mending its cause. {_derived(request, id).notes}")

        def attempt() -> Response:
            done = plan_done(request.context, id, partial(preconditions.check_write, request.http))
            if isinstance(done, Stored):
                return self.respond(request, TODOS.present(request.context, [done.value])[0], done.rev)
            response = self.respond(request, done.view, done.version)
            self.dependencies.table.transact(done.writes, done.version)
            return response

        return retry_on_conflict(attempt)
