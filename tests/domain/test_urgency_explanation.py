"""Why one to-do stands behind another, in a sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.domain.urgency import Coefficients, explain_order, make_ranker
from tests.support.factories import NOON, todo

RANK = make_ranker(Coefficients())
PAST = "2026-11-22T11:59:59Z"
LATER = NOON + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"kind": "vet", "due": PAST}, {"priority": "high"},
         "It is in tier 3 (by urgency); tier 1 (overdue care) always goes first."),
        ({"priority": "high"}, {"assignee": "ann"},
         "It has 3 points against 7; the greatest difference is in priority: 3 against 6."),
        ({"due": PAST, "assignee": "ann", "priority": "high"}, {"due": PAST},
         "It has 16 points against 18; the greatest difference is in priority: 3 against 6."),
        ({"due": "2026-12-29"}, {"due": "2026-12-30"}, "It has as many points, and the other is due earlier."),
        ({"due": "2026-12-29"}, {}, "It has as many points, and the other is due earlier."),
        ({"created": NOON}, {"created": LATER},
         "It has as many points and the same due, and the other is older."),
        ({"due": "2026-12-29"}, {"due": "2026-12-30T00:00:00Z"},
         "It has as many points, the same due and the same age; the order of their ids decides."),
    ],
)  # fmt: skip
def test_it_says_why_one_stands_behind_another(first: dict[str, Any], second: dict[str, Any], told: str) -> None:
    winner, loser = RANK([todo("b", **second), todo("a", **first)], {}, NOON)
    assert (winner.todo.id, loser.todo.id) == ("a", "b")
    assert explain_order(winner, loser) == told
