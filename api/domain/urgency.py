"""What is to be done next, and why: tiers that nothing outweighs, and within a tier an urgency in points.

The points are those of Taskwarrior: each term is a value times a coefficient, and the urgency is their sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from api.domain.cats import Cat
from api.domain.due_dates import DAY
from api.domain.entity import ApiStruct
from api.domain.todos import Todo, deadline_of

Weight = Annotated[float, Meta(ge=0, le=1000)]
Hours = Annotated[float, Meta(gt=0, le=10_000)]

DIGITS = 4
"""Values, points and sums are rounded to so many, before they are added up: what is shown is what is compared."""
MOST_BLOCKED = 5
YEAR = timedelta(days=365)
NEVER = datetime.max.replace(tzinfo=UTC)
CARE = frozenset({"medicine", "vet"})
HEALTH = CARE | {"feeding"}
"""The kinds that can be in the first two tiers."""
PRIORITIES: dict[str, float] = {"low": 0.0, "normal": 0.5, "high": 1.0}
NEEDS: dict[str, float] = {
    "intake": 1.0, "quarantine": 1.0, "hold": 1.0,
    "available": 0.5, "reserved": 0.5, "trial": 0.5, "foster": 0.5, "resident": 0.25,
}  # fmt: skip
"""How much a cat needs us, by her status; one who has left us, nothing."""


class Tier(Struct, frozen=True):
    """A class of to-dos that all go before those of the next tier."""

    name: str
    reason: str


TIERS: dict[int, Tier] = {
    1: Tier("overdue care", "A dose or a vet visit is overdue: nothing goes before it, and nothing hides it."),
    2: Tier("soon or hungry", "A dose or a vet visit is due soon, or a feeding is overdue."),
    3: Tier("by urgency", "No dose, vet visit or feeding presses: its points decide."),
}


class Coefficients(Struct, frozen=True):
    """How much each term of the urgency weighs. The defaults follow Taskwarrior's where it has the term."""

    due: Weight = 12.0
    """The deadline is near: 0 from ``lead_hours`` before it, 1 when it has passed."""
    late_days: Weight = 1.0
    """For each day that it is overdue."""
    late_days_squared: Weight = 0.1
    """For the square of these days: what is left lying comes up."""
    age: Weight = 2.0
    """How long it has stood on the list: 1 for a year or more."""
    blocking: Weight = 1.6
    """For each open to-do that waits on it, five at most."""
    priority: Weight = 6.0
    """Low 0, normal 0.5, high 1."""
    cat: Weight = 3.0
    """How much its cat needs us, by her status: 1 for one who has just come, or is in quarantine or on hold."""
    assignee: Weight = 1.0
    """1 if nobody is assigned: it needs somebody."""
    soon_hours: Hours = 2.0
    """So long before its deadline a dose or a vet visit goes before everything that is not care."""
    lead_hours: Hours = 168.0
    """So long before a deadline its nearness begins to count."""

    @property
    def lead(self) -> timedelta:
        """``lead_hours`` as a span."""
        return timedelta(hours=self.lead_hours)


class Term(ApiStruct, frozen=True):
    """One part of an urgency; its points are the value times the coefficient."""

    name: str
    value: float
    coefficient: float
    points: float


class Ranked(Struct, frozen=True):
    """A to-do that is offered, and why it stands where it stands."""

    todo: Todo
    tier: int
    urgency: float
    """The sum of the points of its terms."""
    terms: tuple[Term, ...]
    reason: str


Ranker = Callable[[Sequence[Todo], Mapping[str, Cat], datetime], list[Ranked]]
"""Ranks to-dos, given the cats by name and the instant: first what is to be done first."""


def make_ranker(coefficients: Coefficients) -> Ranker:
    """Return an engine with some coefficients.

    It offers the open to-dos that neither wait nor are blocked by an open one among those that it was given;
    but those of the first tier always. Its answer depends on what it is given and not on the order of that.
    """

    def rank(todos: Sequence[Todo], cats: Mapping[str, Cat], now: datetime) -> list[Ranked]:
        # One that was read twice, while it was changed, counts once and as it was last.
        latest = {todo.id: todo for todo in sorted(todos, key=lambda todo: todo.version)}
        opens = {key: todo for key, todo in latest.items() if not todo.done}
        blocks = Counter(key for todo in opens.values() for key in set(todo.blocked_by) if key != todo.id)
        offered = []
        for todo in opens.values():
            tier = _tier(todo, now, coefficients)
            if tier == 1 or not (_waits(todo, now) or opens.keys() & todo.blocked_by):
                terms = _terms(todo, cats, blocks[todo.id], now, coefficients)
                urgency = round(sum(term.points for term in terms), DIGITS)
                offered.append(Ranked(todo, tier, urgency, terms, TIERS[tier].reason))
        return sorted(offered, key=_place)

    return rank


def _waits(todo: Todo, now: datetime) -> bool:
    return todo.wait_until is not None and todo.wait_until > now


def _tier(todo: Todo, now: datetime, coefficients: Coefficients) -> int:
    until = deadline_of(todo)
    if until is None:
        return 3
    if todo.kind in CARE:
        return 1 if until <= now else 2 if until - now <= timedelta(hours=coefficients.soon_hours) else 3
    return 2 if todo.kind == "feeding" and until <= now else 3


def _place(ranked: Ranked) -> tuple[int, float, datetime, datetime, str]:
    todo = ranked.todo
    return ranked.tier, -ranked.urgency, deadline_of(todo) or NEVER, todo.created, todo.id


def _terms(
    todo: Todo, cats: Mapping[str, Cat], blocked: int, now: datetime, coefficients: Coefficients
) -> tuple[Term, ...]:
    until = deadline_of(todo)
    cat = cats.get(todo.cat) if todo.cat is not None else None
    late = 0.0 if until is None else max(0.0, (now - until) / DAY)
    values = {
        "due": 0.0 if until is None else min(1.0, max(0.0, 1 - (until - now) / coefficients.lead)),
        "lateDays": late,
        "lateDaysSquared": late * late,
        "age": min(1.0, max(0.0, (now - todo.created) / YEAR)),
        "blocking": float(min(MOST_BLOCKED, blocked)),
        "priority": PRIORITIES[todo.priority],
        "cat": NEEDS.get(cat.status, 0.0) if cat is not None else 0.0,
        "assignee": 1.0 if todo.assignee is None else 0.0,
    }
    c = coefficients
    weights = (c.due, c.late_days, c.late_days_squared, c.age, c.blocking, c.priority, c.cat, c.assignee)
    return tuple(_term(name, value, weight) for (name, value), weight in zip(values.items(), weights, strict=True))


def _term(name: str, value: float, coefficient: float) -> Term:
    shown = round(value, DIGITS)
    return Term(name, shown, coefficient, round(shown * coefficient, DIGITS))


def explain_order(winner: Ranked, runner_up: Ranked) -> str:
    """Say in one sentence why one of two stands behind the other."""
    ahead, behind = winner.todo, runner_up.todo
    if winner.tier != runner_up.tier:
        first, second = TIERS[winner.tier], TIERS[runner_up.tier]
        return f"It is in tier {runner_up.tier} ({second.name}); tier {winner.tier} ({first.name}) always goes first."
    if winner.urgency != runner_up.urgency:
        pairs = zip(winner.terms, runner_up.terms, strict=True)
        most, least = max(pairs, key=lambda pair: pair[0].points - pair[1].points)
        return (
            f"It has {_number(runner_up.urgency)} points against {_number(winner.urgency)}; the greatest difference "
            f"is in {most.name}: {_number(least.points)} against {_number(most.points)}."
        )
    if deadline_of(ahead) != deadline_of(behind):
        return "It has as many points, and the other is due earlier."
    if ahead.created != behind.created:
        return "It has as many points and the same due, and the other is older."
    return "It has as many points, the same due and the same age; the order of their ids decides."


def _number(value: float) -> str:
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
