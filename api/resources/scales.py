"""What the scales say of a cat: her weighings, and what is wrong with their course."""

from __future__ import annotations

from datetime import datetime

from api.domain import weights
from api.domain.cats import Cat
from api.domain.weights import Alarm, Weighing
from api.http.services import Services
from api.resources.shelves import KIND
from api.store.entries import Entries

JUDGED = 100
"""How many of the newest weighings the trend is made from."""


def weighings(services: Services, cat: Cat) -> Entries[Weighing]:
    """Return the weighings of this very cat; another one of her name before her had her own."""
    return Entries(services.table, KIND.noun, cat.name, f"weights#{cat.uid}", Weighing)


def verdict(services: Services, cat: Cat, *just_now: Weighing) -> tuple[datetime, Alarm | None] | None:
    """Return when she was weighed last and what is wrong with the trend by then; None if she never was.

    Args:
        services: where to read.
        cat: the cat as she is now.
        just_now: weighings that are about to be written.
    """
    course = weights.in_order([*weighings(services, cat).newest(JUDGED), *just_now])
    if not course:
        return None
    return course[-1].weighed_at, weights.assess(course, cat.birth_date, services.settings.weight_limits).alarm
