"""Adoption blockers: the reasons why a cat cannot be adopted now, and how to clear each of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from api.domain.cat_fields import Vaccination
from api.domain.cats import Cat
from api.domain.entity import ApiStruct

MIN_AGE = timedelta(weeks=8)
"""Kittens stay with their mother for at least 8 weeks (the usual legal minimum)."""

_STATUS_REASONS: dict[str, tuple[str, str]] = {
    "intake": ("The intake check is not finished.", "Finish the intake check, then set status to available."),
    "quarantine": ("The cat is in quarantine.", "End the quarantine, then set status to available."),
    "hold": ("The cat is on hold.", "Wait for the hold to end, then set status to available."),
    "resident": ("The cat is a resident.", "Set status to available if the cat may be adopted."),
    "reserved": ("The cat is reserved.", "Set status to available if the reservation ends."),
    "trial": ("The cat is on a trial adoption.", "Set status to available if the cat comes back."),
    "foster": ("The cat is in foster care.", "Set status to available when the cat is back."),
    "adopted": ("The cat has been adopted.", "Nothing to do: the cat has a home."),
    "transferred": ("The cat was transferred to another rescue.", "Nothing to do: the cat is in their care."),
    "reclaimed": ("The owner has reclaimed the cat.", "Nothing to do: the cat has a home."),
    "deceased": ("The cat has died.", "Nothing to do."),
}


class Blocker(ApiStruct, frozen=True):
    """A reason why a cat cannot be adopted now."""

    code: str
    detail: str
    cleared_by: str
    """The change that clears the blocker."""


def blockers(cat: Cat, today: date) -> tuple[Blocker, ...]:
    """Return the reasons why a cat cannot be adopted today, the most important first."""
    return tuple(
        Blocker(code=code, detail=detail, cleared_by=cleared_by) for code, detail, cleared_by in _reasons(cat, today)
    )


def _reasons(cat: Cat, today: date) -> Iterator[tuple[str, str, str]]:
    if cat.status in _STATUS_REASONS:
        yield (f"status-{cat.status}", *_STATUS_REASONS[cat.status])
    if cat.birth_date is not None and today < cat.birth_date + MIN_AGE:
        ready = cat.birth_date + MIN_AGE
        yield "too-young", "The cat is younger than 8 weeks.", f"Wait until {ready.isoformat()}."
    for virus in ("fiv", "felv"):
        if getattr(cat, virus) == "unknown":
            yield f"{virus}-untested", f"The {virus.upper()} status is unknown.", f"Test the cat and set {virus}."
    yield from _vaccination_reasons(cat, today)
    if cat.altered != "yes":
        yield "not-altered", "The cat is not known to be neutered.", "Neuter the cat and set altered to yes."
    if not cat.microchips:
        yield "no-microchip", "The cat has no microchip.", "Implant a microchip and add it to microchips."


def _vaccination_reasons(cat: Cat, today: date) -> Iterator[tuple[str, str, str]]:
    if not any(shot.given_on for shot in cat.vaccinations):
        yield (
            "not-vaccinated",
            "No vaccination is recorded.",
            "Vaccinate the cat and add it to vaccinations.",
        )
    for name in dict.fromkeys(shot.type for shot in cat.vaccinations):
        due = next_vaccination_due([shot for shot in cat.vaccinations if shot.type == name])
        if due is not None and due <= today:
            yield (
                "vaccination-due",
                f"The {name} vaccination has been due since {due.isoformat()}.",
                f"Vaccinate the cat and set givenOn of {name}.",
            )


def next_vaccination_due(shots: list[Vaccination]) -> date | None:
    """Return the date on which a type of vaccination is due next, or None.

    Args:
        shots: the vaccinations of one type, in any order.
    """
    open_shots = [shot.due_on for shot in shots if shot.due_on and not shot.given_on]
    expiries = [shot.expires_on for shot in shots if shot.expires_on and shot.given_on]
    candidates = open_shots + ([max(expiries)] if expiries else [])
    return min(candidates, default=None)
