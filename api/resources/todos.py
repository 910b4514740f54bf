"""To-dos: ``/todos``, ``/todos/{id}`` and ``/todos/{id}/done``."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, get_args

from flask import Response

from api.domain import care_cards, names, todos, users
from api.domain.errors import FieldError, InvalidState, NotFound
from api.domain.todos import CreateTodo, DeletedTodo, ReplaceTodo, Todo, TodoView
from api.http import preconditions, problem_types, query_params, responses
from api.http.pagination import CURSOR, LIMIT, UPDATED_SINCE
from api.http.problems import ProblemError
from api.http.query_params import QueryParameters, boolean, choice, csv
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, RequestContext, operation
from api.http.schemas import ListOf
from api.resources.crud import CollectionResource, EntityResource, ItemResource, fields_parameter
from api.services.todo_candidates import load_candidates
from api.services.todos import TODOS, plan_done
from api.store.repository import Stored
from api.store.transaction import retry_on_conflict

FIELDS = fields_parameter(TodoView)
ASSIGNEE = query_params.text("assignee", 64, "The username of the assignee, or 'me'.", users.normalise_username)
LIST = QueryParameters(
    boolean("done", "Whether the to-dos are done; by default, open to-dos."),
    csv("kind", get_args(todos.TodoKind), "The kind."),
    query_params.text("cat", 64, "The name of the cat.", names.normalise),
    ASSIGNEE,
    FIELDS,
    LIMIT,
    CURSOR,
    UPDATED_SINCE,
    choice(
        "sort",
        ("due", "-due"),
        "The order of open to-dos; a minus means descending. To-dos without a due date are the latest. Default: due.",
    ),
)


class TodoList(CollectionResource):
    """The to-dos."""

    path, tag, service = "/todos", "Todos", TODOS
    tag_description = "The to-dos of the staff, and which of them are next."

    operations: ClassVar = {
        "get": Operation(
            "List to-dos",
            id="listTodos",
            role="staff",
            has_page=True,
            query=LIST,
            responses={200: ListOf(TodoView, has_previous=True, deleted=DeletedTodo)},
            description="By due date; to-dos without a due date come last. Derived to-dos are in ``/todos/next``.",
        ),
        "post": Operation(
            "Create a to-do",
            id="createTodo",
            role="staff",
            body=CreateTodo,
            accepts=(JSON, FORM),
            responses={201: TodoView},
            description="The cat, the assignee and the blocking to-dos must exist.",
        ),
    }

    def get(self, request: RequestContext) -> Response:
        """Respond with a page of open to-dos or of done ones."""
        if request.args["done"] and request.args["sort"]:
            detail = "sort cannot be combined with done=true: done to-dos have one order, the last one first."
            error = FieldError("not_allowed", detail, parameter="sort")
            raise ProblemError(problem_types.BAD_QUERY, detail, errors=[error])
        if request.wants_page and request.args["cat"]:
            from api.resources.other_case import with_cat  # few requests need it

            request = with_cat(request)
        return super().get(request)


class TodoItem(ItemResource):
    """A to-do."""

    path, tag, service = "/todos/{id}", "Todos", TODOS

    operations: ClassVar = {
        "get": Operation(
            "Get a to-do",
            id="getTodo",
            role="staff",
            has_page=True,
            query=QueryParameters(FIELDS),
            responses={200: TodoView},
            description="A derived to-do exists as long as its cause.",
        ),
        "put": Operation(
            "Replace a to-do",
            id="replaceTodo",
            role="staff",
            body=ReplaceTodo,
            accepts=(JSON, FORM),
            responses={200: TodoView},
            description="A field that is not sent gets its default. PUT does not create to-dos.",
        ),
        "patch": Operation(
            "Update a to-do",
            id="updateTodo",
            role="staff",
            body=ReplaceTodo,
            accepts=(MERGE_PATCH,),
            responses={200: TodoView},
            description='A merge patch; ``{"done": true}`` does what ``/done`` does. Needs If-Match.',
        ),
        "delete": Operation(
            "Delete a to-do",
            id="deleteTodo",
            role="staff",
            responses={204: None},
            description="A recurring to-do gets no next occurrence.",
        ),
    }

    def get(self, request: RequestContext, key: str) -> Response:
        """Respond with a to-do, or with a derived one."""
        if not care_cards.is_derived(key):
            return super().get(request, key)
        (view,) = TODOS.present(request.context, [_derived(request, key)])
        return request.json(responses.select_fields(view, request.args["fields"]), private=True)


def _derived(request: RequestContext, id: str) -> Todo:
    todos, _ = load_candidates(request.context.dependencies, request.context.now)
    for todo in todos:
        if todo.id == id:
            return todo
    raise NotFound


class TodoDone(EntityResource):
    """The completion of a to-do."""

    path, tag, service, ignores = "/todos/{id}/done", "Todos", TODOS, ("Idempotency-Key",)

    @operation("Complete a to-do", id="completeTodo", role="staff", responses={200: TodoView}, error_statuses=(409,))
    def post(self, request: RequestContext, id: str) -> Response:
        """A recurring to-do gets a next occurrence, whose id is in ``next``. A second request changes nothing."""
        if care_cards.is_derived(id):
            raise InvalidState(f"A derived to-do is done when its cause is gone. {_derived(request, id).notes}")

        def attempt() -> Response:
            plan = plan_done(request.context, id, partial(preconditions.check_write, request.http))
            if isinstance(plan, Stored):
                return self.respond(request, TODOS.present(request.context, [plan.value])[0], plan.rev)
            response = self.respond(request, plan.view, plan.rev)
            self.dependencies.table.transact(plan.writes, plan.rev)
            return response

        return retry_on_conflict(attempt)
