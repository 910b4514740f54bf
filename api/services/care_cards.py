"""The weight log of a cat, and its care card, which follows the cat and the log."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from api.context import Dependencies
from api.domain import care_cards, weights
from api.domain.cats import Cat
from api.domain.weights import Alarm, Weight
from api.services.mappings import CARE_CARD, CAT
from api.store.append_log import AppendLog
from api.store.transaction import UNCONDITIONAL, TransactItem

TREND_SAMPLE = 100
"""The number of the newest weighings in the trend."""


def weight_log(dependencies: Dependencies, cat: Cat) -> AppendLog[Weight]:
    """Return the weight log of a cat. An earlier cat of the same name has a log of its own."""
    return AppendLog(dependencies.table, CAT.collection, cat.name, f"weights#{cat.uid}", Weight)


def latest_assessment(dependencies: Dependencies, cat: Cat, *new: Weight) -> tuple[datetime, Alarm | None] | None:
    """Return the time of the last weighing and the alarm of the trend; None for a cat without weighings.

    Args:
        dependencies: the table and the settings.
        cat: the cat.
        new: weighings of the same transaction.
    """
    course = weights.sorted_by_time([*weight_log(dependencies, cat).newest(TREND_SAMPLE, consistent=True), *new])
    if not course:
        return None
    limits, zone = dependencies.settings.weight_limits, dependencies.settings.zone
    return course[-1].weighed_at, weights.assess(course, cat.birth_date, limits, zone).alarm


def card_write(dependencies: Dependencies, before: Cat | None, after: Cat | None, rev: str) -> list[TransactItem]:
    """Return the write of the care card after a change of the cat; none if the card does not change."""
    if after is None:
        return [CARE_CARD.delete(before.name, UNCONDITIONAL)] if before else []
    if before is None:
        # A new cat has no card. The condition on the cat guards this write.
        return [CARE_CARD.put(care_cards.card_from_cat(after), rev, UNCONDITIONAL)]
    if care_cards.card_from_cat(before) == care_cards.card_from_cat(after):
        return []
    # The assessment depends on the birth date: kittens have other limits than adults.
    return [update_card(dependencies, after, assess=before.birth_date != after.birth_date, rev=rev)]


def update_card(dependencies: Dependencies, cat: Cat, *new: Weight, assess: bool = True, rev: str) -> TransactItem:
    """Return the write of a care card, with the weighings of the same transaction."""
    record = CARE_CARD.get(dependencies.table, cat.name, consistent=True)
    card = care_cards.update_card(cat, record.value if record else None)
    if assess and (new or card.weighed) and (latest := latest_assessment(dependencies, cat, *new)):
        card = replace(card, weighed=latest[0], alarm=latest[1])
    return CARE_CARD.replace(record, card, rev) if record else CARE_CARD.put(card, rev, None)
