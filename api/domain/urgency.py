"""The ranking of to-dos: first by tier, and within a tier by urgency.

The urgency follows Taskwarrior: it is the sum of terms, and each term is a value times a coefficient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated

from msgspec import Meta, Struct

from api.domain.cats import Cat
from api.domain.due_dates import DAY
from api.domain.entity import ApiStruct
from api.domain.todos import Todo, deadline_of

Weight = Annotated[float, Meta(ge=0, le=1000)]
Hours = Annotated[float, Meta(gt=0, le=10_000)]

DIGITS = 4
"""Values, points and sums are rounded before they are added, so that the shown numbers are the compared ones."""
MAX_BLOCKED = 5
YEAR = timedelta(days=365)
NEVER = datetime.max.replace(tzinfo=UTC)
MEDICAL = frozenset({"medicine", "vet"})
HEALTH = MEDICAL | {"feeding"}
"""The kinds of to-dos that can be in the first two tiers."""
PRIORITIES: dict[str, float] = {"low": 0.0, "normal": 0.5, "high": 1.0}
STATUS_VALUES: dict[str, float] = {
    "intake": 1.0, "quarantine": 1.0, "hold": 1.0,
    "available": 0.5, "reserved": 0.5, "trial": 0.5, "foster": 0.5, "resident": 0.25,
}  # fmt: skip
"""The value of the term ``cat`` by the status of the cat. It is 0 for all other statuses."""


class Tier(Struct, frozen=True):
    """A class of to-dos. All of them come before those of the next tier."""

    name: str
    reason: str


TIERS: dict[int, Tier] = {
    1: Tier("overdue care", "A dose or a vet visit is overdue. It comes first, even if it waits or is blocked."),
    2: Tier("care due soon or feeding overdue", "A dose or a vet visit is due soon, or a feeding is overdue."),
    3: Tier("by urgency", "No dose, vet visit or feeding is urgent. The points decide."),
}


class Coefficients(Struct, frozen=True):
    """The coefficients of the urgency. The defaults are those of Taskwarrior where it has the same term."""

    due: Weight = 12.0
    """The value rises from 0 to 1 in the ``lead_hours`` before the deadline."""
    late_days: Weight = 1.0
    """The value is the number of days overdue."""
    late_days_squared: Weight = 0.1
    """The value is the square of the days overdue."""
    age: Weight = 2.0
    """The value rises from 0 to 1 in the first year after the creation."""
    blocking: Weight = 1.6
    """The value is the number of open to-dos that the to-do blocks, at most 5."""
    priority: Weight = 6.0
    """The value is 0 for low, 0.5 for normal and 1 for high."""
    cat: Weight = 3.0
    """The value depends on the status of the cat; it is 1 for intake, quarantine and hold."""
    assignee: Weight = 1.0
    """The value is 1 without an assignee."""
    soon_hours: Hours = 2.0
    """A dose or a vet visit is in tier 2 from this time before its deadline."""
    lead_hours: Hours = 168.0
    """The value of ``due`` is above 0 from this time before the deadline."""

    @property
    def lead(self) -> timedelta:
        """``lead_hours`` as a timedelta."""
        return timedelta(hours=self.lead_hours)


class Term(ApiStruct, frozen=True):
    """One term of the urgency. Its points are the value times the coefficient."""

    name: str
    value: float
    coefficient: float
    points: float


class Ranked(Struct, frozen=True):
    """A to-do with its rank."""

    todo: Todo
    tier: int
    urgency: float
    """The sum of the points of its terms."""
    terms: tuple[Term, ...]
    reason: str
    deadline: datetime
    """``NEVER`` without a due date."""


Ranker = Callable[[Sequence[Todo], Mapping[str, Cat], datetime], list[Ranked]]
"""Return to-dos in the order of their rank, given the cats by name and the time."""


def make_ranker(coefficients: Coefficients, zone: tzinfo) -> Ranker:
    """Return a ranking function for a café in a time zone.

    It ranks the open to-dos of the first tier, and those of the other tiers that neither wait nor are blocked by an
    open to-do of the input. The result does not depend on the order of the input.
    """

    def rank(todos: Sequence[Todo], cats: Mapping[str, Cat], now: datetime) -> list[Ranked]:
        # A to-do that changed while it was read may be in the input twice. Its latest version counts.
        latest = {todo.id: todo for todo in sorted(todos, key=lambda todo: todo.version)}
        open_todos = {key: todo for key, todo in latest.items() if not todo.done}
        blocked = Counter(key for todo in open_todos.values() for key in set(todo.blocked_by) if key != todo.id)
        ranked = []
        for todo in open_todos.values():
            until = deadline_of(todo, zone) or NEVER
            tier = _tier(todo, until, now, coefficients)
            if tier == 1 or not (_is_waiting(todo, now) or open_todos.keys() & todo.blocked_by):
                terms = _terms(todo, until, cats, blocked[todo.id], now, coefficients)
                urgency = round(sum(term.points for term in terms), DIGITS)
                ranked.append(Ranked(todo, tier, urgency, terms, TIERS[tier].reason, until))
        return sorted(ranked, key=_sort_key)

    return rank


def _is_waiting(todo: Todo, now: datetime) -> bool:
    return todo.wait_until is not None and todo.wait_until > now


def _tier(todo: Todo, until: datetime, now: datetime, coefficients: Coefficients) -> int:
    if todo.kind in MEDICAL:
        return 1 if until <= now else 2 if until - now <= timedelta(hours=coefficients.soon_hours) else 3
    return 2 if todo.kind == "feeding" and until <= now else 3


def _sort_key(ranked: Ranked) -> tuple[int, float, datetime, datetime, str]:
    todo = ranked.todo
    return ranked.tier, -ranked.urgency, ranked.deadline, todo.created, todo.id


def _terms(
    todo: Todo, until: datetime, cats: Mapping[str, Cat], blocked: int, now: datetime, coefficients: Coefficients
) -> tuple[Term, ...]:
    cat = cats.get(todo.cat) if todo.cat is not None else None
    late = max(0.0, (now - until) / DAY)
    values = {
        "due": min(1.0, max(0.0, 1 - (until - now) / coefficients.lead)),
        "lateDays": late,
        "lateDaysSquared": late * late,
        "age": min(1.0, max(0.0, (now - todo.created) / YEAR)),
        "blocking": float(min(MAX_BLOCKED, blocked)),
        "priority": PRIORITIES[todo.priority],
        "cat": STATUS_VALUES.get(cat.status, 0.0) if cat is not None else 0.0,
        "assignee": 1.0 if todo.assignee is None else 0.0,
    }
    c = coefficients
    weights = (c.due, c.late_days, c.late_days_squared, c.age, c.blocking, c.priority, c.cat, c.assignee)
    return tuple(_term(name, value, weight) for (name, value), weight in zip(values.items(), weights, strict=True))


def _term(name: str, value: float, coefficient: float) -> Term:
    rounded = round(value, DIGITS)
    return Term(name, rounded, coefficient, round(rounded * coefficient, DIGITS))


def explain_order(winner: Ranked, runner_up: Ranked) -> str:
    """Return a sentence that says why the second of two ranked to-dos is not the first."""
    first_todo, second_todo = winner.todo, runner_up.todo
    if winner.tier != runner_up.tier:
        first, second = TIERS[winner.tier], TIERS[runner_up.tier]
        return f"It is in tier {runner_up.tier} ({second.name}); tier {winner.tier} ({first.name}) always goes first."
    if winner.urgency != runner_up.urgency:
        pairs = zip(winner.terms, runner_up.terms, strict=True)
        winner_term, runner_up_term = max(pairs, key=lambda pair: pair[0].points - pair[1].points)
        return (
            f"It has {_number(runner_up.urgency)} points against {_number(winner.urgency)}; the greatest difference "
            f"is in {winner_term.name}: {_number(runner_up_term.points)} against {_number(winner_term.points)}."
        )
    if winner.deadline != runner_up.deadline:
        return "The points are equal; the first to-do is due earlier."
    if first_todo.created != second_todo.created:
        return "The points and due dates are equal; the first to-do is older."
    return "The points, due dates and ages are equal; the order of the ids decides."


def _number(value: float) -> str:
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
