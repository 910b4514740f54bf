"""Care cards: the data of a cat from which its to-dos are derived.

A card is stored when the cat is changed or weighed, so that no cat and no weight is read to derive the to-dos.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from api.domain.adoption_blockers import next_vaccination_due
from api.domain.cats import Cat
from api.domain.due_dates import START, format_utc, local_date, midnight
from api.domain.entity import ApiStruct, Timestamp, first_version
from api.domain.todos import Todo
from api.domain.weights import Alarm

OUT_OF_CARE: frozenset[str] = frozenset({"adopted", "transferred", "reclaimed", "deceased"})
"""The statuses of cats that need no care any more."""
ON_HOLD: frozenset[str] = frozenset({"hold", "quarantine"})
"""The statuses that end on ``holdUntil``."""
WEIGH_EVERY = timedelta(days=30)
ID_PREFIX = "derived-"
AUTHOR = "clowder"
"""The author of derived to-dos."""


class CareCard(ApiStruct, frozen=True, omit_defaults=True, kw_only=True):
    """The care card of a cat."""

    cat: str
    uid: str
    in_care: bool
    born: date | None = None
    """The birth date. The weight alarm has other limits for kittens than for adults."""
    since: Timestamp
    """When the cat was created. The first weighing is due a month later."""
    vaccinations: tuple[tuple[str, date], ...] = ()
    """The types of vaccination that have a due date, with the date."""
    hold_until: date | None = None
    """Only of a cat on hold or in quarantine."""
    weighed: Timestamp | None = None
    """The time of the last weighing."""
    alarm: Alarm | None = None
    """The alarm of the last weighing."""


def card_from_cat(cat: Cat) -> CareCard:
    """Return the card of a cat without weighings."""
    types = sorted({shot.type for shot in cat.vaccinations})
    dues = [(name, next_vaccination_due([shot for shot in cat.vaccinations if shot.type == name])) for name in types]
    return CareCard(
        cat=cat.name,
        uid=cat.uid,
        in_care=cat.status not in OUT_OF_CARE,
        born=cat.birth_date,
        since=cat.created,
        vaccinations=tuple((name, day) for name, day in dues if day is not None),
        hold_until=cat.hold_until if cat.status in ON_HOLD else None,
    )


def update_card(cat: Cat, before: CareCard | None) -> CareCard:
    """Return the card of a cat, with the weighing of its stored card.

    Args:
        cat: the cat.
        before: the stored card. The card of an earlier cat of the same name is ignored.
    """
    if before is None or before.uid != cat.uid:
        return card_from_cat(cat)
    return replace(card_from_cat(cat), weighed=before.weighed, alarm=before.alarm)


def is_derived(id: str) -> bool:
    """Return whether an id is the id of a derived to-do, which is not stored."""
    return id.startswith(ID_PREFIX)


def next_visible_at(card: CareCard) -> datetime | None:
    """Return when the first derived to-do of a card appears or has appeared, if the café is in UTC.

    None if the cat is not in care.
    """
    return min((todo.created for todo in _all_todos(card, UTC)), default=None)


def derived_todos(card: CareCard, now: datetime, zone: tzinfo) -> list[Todo]:
    """Return the derived to-dos of a card at a time. They are open until their cause is gone, and have stable ids."""
    return [todo for todo in _all_todos(card, zone) if todo.created <= now]


def _all_todos(card: CareCard, zone: tzinfo) -> Iterator[Todo]:
    """Yield the present and future to-dos of a card; ``created`` is the time at which the cause begins."""
    if not card.in_care:
        return
    name = card.cat
    for vaccine, day in card.vaccinations:
        title, notes = f"Vaccinate {name}: {vaccine}", f"Vaccinate the cat and set givenOn of {vaccine}."
        begins, due = midnight(day, zone), _due_date(day)
        yield _derived_todo(card, "vaccination-due", vaccine, begins, kind="vet", due=due, title=title, notes=notes)
    if card.weighed is not None and card.alarm is not None:
        title = f"Take {name} to the vet: {card.alarm.code.replace('-', ' ')}"
        notes = f"{card.alarm.detail} A new weight without an alarm clears this."
        # It is due at the time of the weighing, so that it is overdue from the start.
        at = format_utc(max(START, card.weighed))
        yield _derived_todo(card, "weight-alarm", "", card.weighed, kind="vet", due=at, title=title, notes=notes)
    again = max(card.weighed or card.since, card.since) + WEIGH_EVERY
    title, notes = f"Weigh {name}", f"The cat has not been weighed for {WEIGH_EVERY.days} days."
    due = _due_date(local_date(again, zone))
    yield _derived_todo(card, "weigh", "", again, due=due, title=title, notes=notes)
    if (ends := card.hold_until) is not None:
        title, notes = f"End the hold of {name}", f"Its last day is {ends}. Set another status or a later holdUntil."
        begins, due = midnight(ends, zone), _due_date(ends)
        yield _derived_todo(card, "hold-ended", "", begins, due=due, title=title, notes=notes)


def _derived_todo(card: CareCard, code: str, vaccine: str, begins: datetime, **fields: Any) -> Todo:
    cause = f"{card.uid}#{vaccine}" if vaccine else card.uid
    digest = sha256(cause.encode()).hexdigest()[:16]
    return Todo(id=f"{ID_PREFIX}{code}-{digest}", cat=card.cat, by=AUTHOR, **fields, **first_version(begins))


def _due_date(day: date) -> str:
    """Return a date as a due date. A date of a cat may be before the year 2000, a due date may not."""
    return max(day, START.date()).isoformat()
