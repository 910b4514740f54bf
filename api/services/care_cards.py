"""The weight log of a cat, and the care card that is kept up to date with the cat and the log."""

from __future__ import annotations

from datetime import datetime

from api.context import Dependencies
from api.domain import care_cards, weights
from api.domain.cats import Cat
from api.domain.weights import Alarm, Weighing
from api.services.mappings import CARE_CARD, CAT
from api.store.append_log import AppendLog
from api.store.transaction import UNCONDITIONAL, TransactItem

TREND_SAMPLE = 100
"""How many of the newest weighings the trend is computed from."""


def weight_log(dependencies: Dependencies, cat: Cat) -> AppendLog[Weighing]:
    """Return the weighings of this very cat; an earlier cat of the same name has its own."""
    return AppendLog(dependencies.table, CAT.collection, cat.name, f"weights#{cat.uid}", Weighing)


def latest_assessment(dependencies: Dependencies, cat: Cat, *new: Weighing) -> tuple[datetime, Alarm | None] | None:
    """Return when a cat was last weighed and the alarm of the trend up to then; None if it never was.

    Args:
        dependencies: where to read.
        cat: the cat as it is now.
        new: weighings that are about to be written.
    """
    course = weights.sorted_by_time([*weight_log(dependencies, cat).newest(TREND_SAMPLE), *new])
    if not course:
        return None
    return course[-1].weighed_at, weights.assess(course, cat.birth_date, dependencies.settings.weight_limits).alarm


def card_write(dependencies: Dependencies, before: Cat | None, after: Cat | None, rev: str) -> list[TransactItem]:
    """Return the write that follows a change of a cat; none where nothing on the card changes."""
    if after is None:
        return [TransactItem("Delete", CARE_CARD.item_key(before.name), UNCONDITIONAL)] if before else []
    if before is None:
        # A cat that did not exist has no card; that it is new guards this write.
        return [TransactItem("Put", CARE_CARD.item(care_cards.card_from_cat(after), rev), UNCONDITIONAL)]
    if care_cards.card_from_cat(before) == care_cards.card_from_cat(after):
        return []
    # What is a loss for a cat is worse for a kitten: another birth date is another assessment.
    return [update_card(dependencies, after, assess=before.birth_date != after.birth_date, rev=rev)]


def update_card(dependencies: Dependencies, cat: Cat, *new: Weighing, assess: bool = True, rev: str) -> TransactItem:
    """Return the write of a card, with the weighings that are about to be written."""
    record = CARE_CARD.get(dependencies.table, cat.name, consistent=True)
    card = care_cards.update_card(cat, record.value if record else None)
    if assess and (new or card.weighed) and (found := latest_assessment(dependencies, cat, *new)):
        card = care_cards.with_latest_weighing(card, *found)
    return TransactItem("Put", CARE_CARD.item(card, rev), record.rev if record else None)
