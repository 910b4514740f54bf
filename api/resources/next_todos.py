"""What to do next, and why: ``/todos/next``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from msgspec import UNSET, UnsetType

from api.domain.entity import ApiStruct, project
from api.domain.todos import TodoView, to_view
from api.domain.urgency import TIERS, Ranked, Ranker, Term, explain_order
from api.http.pagination import LIMIT
from api.http.query_params import QueryParameters, boolean
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.resources.todos import ASSIGNEE
from api.services.todo_candidates import load_candidates
from api.services.todos import name_authors

EXPLAIN = boolean("explain", "Whether to say why each stands where it stands, and why the runner-up lost.")


class Explanation(ApiStruct, frozen=True):
    """Why a to-do stands where it stands."""

    tier: int
    tier_name: str
    reason: str
    terms: tuple[Term, ...]
    """Each value times its coefficient gives its points."""
    sum: float
    """The sum of the points."""


class RunnerUp(ApiStruct, frozen=True):
    """The second, and why it is not the first."""

    id: str
    title: str
    tier: int
    urgency: float
    lost_because: str


class NextTodo(TodoView, frozen=True, kw_only=True):
    """A to-do with its place."""

    tier: int
    """1 goes before 2 and 2 before 3, whatever the points."""
    urgency: float
    """Points within the tier."""
    explanation: Explanation | UnsetType = UNSET
    """If it was asked for."""


class Verdict(ApiStruct, frozen=True):
    """What stands beside the list."""

    runner_up: RunnerUp | None = None
    """Null if no explanation was asked for, or if there is no second."""


class TodoNext(Resource):
    """What to do next."""

    path, tag, needs = "/todos/next", "Todos", ("engine",)

    def __init__(self, engine: Ranker, **given: Any) -> None:
        super().__init__(**given)
        self._engine = engine

    @operation(
        "Find out what to do next",
        role="staff",
        query=QueryParameters(EXPLAIN, ASSIGNEE, LIMIT),
        answers={200: ListOf(NextTodo, Verdict)},
    )
    def get(self, request: RequestContext) -> Response:
        """First what is to be done first. An overdue dose or vet visit is never below anything else.

        Chores that follow from the state of a cat are among them; they go when their cause goes.
        """
        todos, cats = load_candidates(self.dependencies, request.context.now)
        ranked = [one for one in self._engine(todos, cats, request.context.now) if _is_for(request, one)]
        explain = bool(request.args["explain"])
        shown = name_authors(
            request.context, [_shown(request, one, explain) for one in ranked[: request.args["limit"]]]
        )
        body: dict[str, Any] = {"items": shown}
        return request.answer(body | {"runnerUp": _runner_up(ranked) if explain else None})


def _is_for(request: RequestContext, one: Ranked) -> bool:
    wanted = request.args["assignee"]
    return wanted is None or one.todo.assignee == (request.context.principal.username if wanted == "me" else wanted)


def _shown(request: RequestContext, one: Ranked, explain: bool) -> NextTodo:
    why = Explanation(one.tier, TIERS[one.tier].name, one.reason, one.terms, one.urgency) if explain else UNSET
    return project(
        NextTodo, to_view(one.todo, request.context.now), tier=one.tier, urgency=one.urgency, explanation=why
    )


def _runner_up(ranked: Sequence[Ranked]) -> RunnerUp | None:
    if len(ranked) < 2:
        return None
    first, second = ranked[:2]
    return RunnerUp(second.todo.id, second.todo.title, second.tier, second.urgency, explain_order(first, second))
