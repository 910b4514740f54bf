"""The care card of a cat: what weighings and dates say that the cat needs, stored beside the cat.

It is written when she changes or is weighed, so that her chores are derived without reading her or her weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from api.domain.adoption_blockers import next_vaccination_due
from api.domain.cats import Cat
from api.domain.due_dates import FIRST, format_utc, midnight
from api.domain.entity import first_version
from api.domain.todos import Todo
from api.domain.weights import Alarm

GONE: frozenset[str] = frozenset({"adopted", "transferred", "reclaimed", "deceased"})
"""In every other status a cat is in our care."""
HELD: frozenset[str] = frozenset({"hold", "quarantine"})
"""The statuses that ``holdUntil`` ends."""
WEIGH_EVERY = timedelta(days=30)
PREFIX = "derived-"
AUTHOR = "clowder"
"""Who makes what nobody made."""


class CareCard(Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """The card of one cat."""

    cat: str
    uid: str
    in_care: bool
    born: date | None = None
    """The birth date, which decides between the alarm for kittens and the one for adults."""
    since: datetime
    """When she was written down; she is weighed within a month of that."""
    vaccinations: tuple[tuple[str, date], ...] = ()
    """Each kind that is due some day, with the day."""
    hold_until: date | None = None
    """Only while she is on hold or in quarantine."""
    weighed: datetime | None = None
    """Her newest weighing."""
    alarm: Alarm | None = None
    """What was wrong with the trend at that weighing."""


def card_from_cat(cat: Cat) -> CareCard:
    """Return the card that follows from the cat alone, without weighings. While it stays equal, so does the card."""
    kinds = sorted({shot.type for shot in cat.vaccinations})
    dues = [(kind, next_vaccination_due([shot for shot in cat.vaccinations if shot.type == kind])) for kind in kinds]
    return CareCard(
        cat=cat.name,
        uid=cat.uid,
        in_care=cat.status not in GONE,
        born=cat.birth_date,
        since=cat.created,
        vaccinations=tuple((kind, day) for kind, day in dues if day is not None),
        hold_until=cat.hold_until if cat.status in HELD else None,
    )


def update_card(cat: Cat, before: CareCard | None) -> CareCard:
    """Return the card of a cat.

    Args:
        cat: the cat as she is now.
        before: the card that is kept under her name; of another cat of that name, nothing is taken over.
    """
    if before is None or before.uid != cat.uid:
        return card_from_cat(cat)
    return replace(card_from_cat(cat), weighed=before.weighed, alarm=before.alarm)


def with_latest_weighing(card: CareCard, at: datetime, alarm: Alarm | None) -> CareCard:
    """Return a card after a weighing.

    Args:
        card: the card before.
        at: the instant of her newest weighing, whichever was entered last.
        alarm: what is wrong with the trend up to it.
    """
    return replace(card, weighed=at, alarm=alarm)


def is_derived(id: str) -> bool:
    """Say whether an id is that of a derived chore: none is kept under it."""
    return id.startswith(PREFIX)


def next_visible_at(card: CareCard) -> datetime | None:
    """Return when the first of her chores appears, or has appeared; None if she is not in our care."""
    return min((chore.created for chore in _chores(card)), default=None)


def derived_todos(card: CareCard, now: datetime) -> list[Todo]:
    """Return what she needs at an instant: open to-dos that go when their cause goes, each under one id for good."""
    return [chore for chore in _chores(card) if chore.created <= now]


def _chores(card: CareCard) -> Iterator[Todo]:
    """Yield all that she needs now and later; each is created when its cause begins."""
    if not card.in_care:
        return
    name = card.cat
    for kind, day in card.vaccinations:
        title, notes = f"Vaccinate {name}: {kind}", f"Vaccinate her and set givenOn of {kind}."
        yield _chore(card, "vaccination-due", kind, midnight(day), kind="vet", due=_day(day), title=title, notes=notes)
    if card.weighed is not None and card.alarm is not None:
        title, notes = f"Take {name} to the vet: {card.alarm.code}", f"{card.alarm.detail} A sound weight clears this."
        # Due at that very weighing: it is overdue from the start.
        at = format_utc(max(FIRST, card.weighed))
        yield _chore(card, "weight-alarm", "", card.weighed, kind="vet", due=at, title=title, notes=notes)
    again = max(card.weighed or card.since, card.since) + WEIGH_EVERY
    title, notes = f"Weigh {name}", f"Weigh her: she has not been weighed for {WEIGH_EVERY.days} days."
    yield _chore(card, "weigh", "", again, due=_day(again.astimezone(UTC).date()), title=title, notes=notes)
    if (ends := card.hold_until) is not None:
        title, notes = f"End the hold of {name}", "Her hold has ended: set another status, or a later holdUntil."
        yield _chore(card, "hold-ended", "", midnight(ends), due=_day(ends), title=title, notes=notes)


def _chore(card: CareCard, code: str, about: str, begins: datetime, **told: Any) -> Todo:
    cause = f"{card.uid}#{about}" if about else card.uid
    digest = sha256(cause.encode()).hexdigest()[:16]
    return Todo(id=f"{PREFIX}{code}-{digest}", cat=card.cat, by=AUTHOR, **told, **first_version(begins))


def _day(day: date) -> str:
    """Return a day as a due; what is written of a cat may reach further back than any due does."""
    return max(day, FIRST.date()).isoformat()
