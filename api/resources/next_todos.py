"""The next to-dos, ranked by urgency, with reasons: ``/todos/next``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from msgspec import UNSET, UnsetType

from api.context import Context
from api.domain.cats import Cat
from api.domain.entity import ApiStruct, project
from api.domain.todos import TodoView, to_view
from api.domain.urgency import TIERS, Ranked, Ranker, Term, explain_order
from api.http.pagination import LIMIT
from api.http.query_params import QueryParameters, boolean
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.resources.todos import ASSIGNEE
from api.services.todo_candidates import load_candidates
from api.services.todos import TODOS, name_authors, wanted_assignee

EXPLAIN = boolean("explain", "Whether to explain the ranking of each to-do and of the runner-up.")

CHANGED, REFUSED, REFRESH = "changed", "refused", "refresh"
"""Arguments of the page: the id of a to-do whose button was pressed, the button if it was refused, and whether the page
loads itself again."""


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

    path, tag, needs = "/todos/next", "Todos", ("rank",)

    def __init__(self, rank: Ranker, **common: Any) -> None:
        super().__init__(**common)
        self._rank = rank

    @operation(
        "Get the next to-dos",
        id="getNextTodos",
        role="staff",
        has_page=True,
        query=QueryParameters(EXPLAIN, ASSIGNEE, LIMIT, of_page=(CHANGED, REFUSED, REFRESH)),
        responses={200: ListOf(RankedTodo, RankingSummary, paged=False)},
    )
    def get(self, request: RequestContext) -> Response:
        """In the order of their urgency. An overdue dose or vet visit always comes first.

        Derived to-dos, which follow from the state of a cat, are in the list until their cause is gone.
        """
        todos, cats = load_candidates(self.dependencies, request.context.now)
        context, explain = request.context, bool(request.args["explain"])
        ranking = self._rank(todos, cats, context.now)
        if request.args["assignee"] is not None:
            assignee = wanted_assignee(context, request.args)
            ranking = [ranked for ranked in ranking if assignee and ranked.todo.assignee == assignee]
        views = [_view(ranked, context, explain or request.wants_page) for ranked in ranking[: request.args["limit"]]]
        if request.wants_page:
            return _page(request, views, cats, len(ranking) - len(views))
        items = name_authors(context, views)
        return request.json({"items": items, "runnerUp": _runner_up(ranking) if explain else None})


def _page(request: RequestContext, views: Sequence[RankedTodo], cats: Mapping[str, Cat], more: int) -> Response:
    """Respond with the page. It also shows the to-do whose button was pressed."""
    context = request.context
    _, record = TODOS.find(context, request.http.args.get(CHANGED, ""), consistent=True)
    changed = [to_view(record.value, context.now, context.dependencies.settings.zone)] if record else []
    items = name_authors(context, [*views, *changed])
    value = {"items": items[: len(views)], "changed": items[len(views) :], "cats": cats, "more": more}
    return request.page(value, private=True)


def _view(ranked: Ranked, context: Context, explain: bool) -> RankedTodo:
    tier, urgency = ranked.tier, ranked.urgency
    explanation = Explanation(tier, TIERS[tier].name, ranked.reason, ranked.terms, urgency) if explain else UNSET
    view = to_view(ranked.todo, context.now, context.dependencies.settings.zone)
    return project(RankedTodo, view, tier=tier, urgency=urgency, explanation=explanation)


def _runner_up(ranking: Sequence[Ranked]) -> RunnerUp | None:
    if len(ranking) < 2:
        return None
    first, second = ranking[:2]
    return RunnerUp(second.todo.id, second.todo.title, second.tier, second.urgency, explain_order(first, second))
