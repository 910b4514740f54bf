"""The next to-dos, ranked by urgency, with reasons: ``/todos/next``."""

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

EXPLAIN = boolean("explain", "Whether to explain the ranking of each to-do and of the runner-up.")


class Explanation(ApiStruct, frozen=True):
    """The reasons for the rank of a to-do."""

    tier: int
    tier_name: str
    reason: str
    terms: tuple[Term, ...]
    """Points are a value times its coefficient."""
    sum: float
    """The sum of the points."""


class RunnerUp(ApiStruct, frozen=True):
    """The second to-do, and why it is not the first."""

    id: str
    title: str
    tier: int
    urgency: float
    lost_because: str


class RankedTodo(TodoView, frozen=True, kw_only=True):
    """A to-do with its rank."""

    tier: int
    """Tier 1 comes before tier 2, independent of the urgency."""
    urgency: float
    """Points within the tier."""
    explanation: Explanation | UnsetType = UNSET
    """Present with ``explain=true``."""


class RankingSummary(ApiStruct, frozen=True):
    """The members of the list besides its items."""

    runner_up: RunnerUp | None = None
    """Null without ``explain=true``, or without a second to-do."""


class NextTodos(Resource):
    """The next to-dos."""

    path, tag, name, needs = "/todos/next", "Todos", "TodoNext", ("rank",)

    def __init__(self, rank: Ranker, **common: Any) -> None:
        super().__init__(**common)
        self._rank = rank

    @operation(
        "List the next to-dos",
        role="staff",
        query=QueryParameters(EXPLAIN, ASSIGNEE, LIMIT),
        answers={200: ListOf(RankedTodo, RankingSummary)},
    )
    def get(self, request: RequestContext) -> Response:
        """In the order of their urgency. An overdue dose or vet visit always comes first.

        Derived to-dos, which follow from the state of a cat, are in the list until their cause is gone.
        """
        todos, cats = load_candidates(self.dependencies, request.context.now)
        ranked = [one for one in self._rank(todos, cats, request.context.now) if _is_for(request, one)]
        explain = bool(request.args["explain"])
        shown = name_authors(
            request.context, [_shown(request, one, explain) for one in ranked[: request.args["limit"]]]
        )
        body: dict[str, Any] = {"items": shown}
        return request.json(body | {"runnerUp": _runner_up(ranked) if explain else None})


def _is_for(request: RequestContext, one: Ranked) -> bool:
    wanted = request.args["assignee"]
    return wanted is None or one.todo.assignee == (request.context.principal.username if wanted == "me" else wanted)


def _shown(request: RequestContext, one: Ranked, explain: bool) -> RankedTodo:
    why = Explanation(one.tier, TIERS[one.tier].name, one.reason, one.terms, one.urgency) if explain else UNSET
    return project(
        RankedTodo, to_view(one.todo, request.context.now), tier=one.tier, urgency=one.urgency, explanation=why
    )


def _runner_up(ranked: Sequence[Ranked]) -> RunnerUp | None:
    if len(ranked) < 2:
        return None
    first, second = ranked[:2]
    return RunnerUp(second.todo.id, second.todo.title, second.tier, second.urgency, explain_order(first, second))
