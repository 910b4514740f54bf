"""Why a cat is not up for adoption, and what clears each reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from api.domain.cat_fields import Vaccination
from api.domain.cats import Cat
from api.domain.entity import ApiStruct

WEANED = timedelta(weeks=8)
"""Kittens stay with their mother for at least that long (the usual legal minimum)."""

_BY_STATUS: dict[str, tuple[str, str]] = {
    "intake": ("She has just come in.", "Finish the intake check, then set status to available."),
    "quarantine": ("She is in quarantine.", "End the quarantine, then set status to available."),
    "hold": ("She is on hold.", "Wait for the hold to end, then set status to available."),
    "resident": ("She lives here.", "Set status to available if she is to have another home."),
    "reserved": ("She is reserved for somebody.", "Set status to available if the reservation ends."),
    "trial": ("She is on trial in a home.", "Set status to available if she comes back."),
    "foster": ("She is in foster care.", "Set status to available when she is back."),
    "adopted": ("She has been adopted.", "Nothing: she has a home."),
    "transferred": ("She has gone to another rescue.", "Nothing: she is in their care."),
    "reclaimed": ("Her owner has reclaimed her.", "Nothing: she has a home."),
    "deceased": ("She has died.", "Nothing."),
}


class Blocker(ApiStruct, frozen=True):
    """One reason against an adoption."""

    code: str
    detail: str
    cleared_by: str


def blockers(cat: Cat, today: date) -> tuple[Blocker, ...]:
    """Return the reasons against her adoption today, the weightiest first; none means that she can go."""
    return tuple(Blocker(code=code, detail=detail, cleared_by=clears) for code, detail, clears in _reasons(cat, today))


def _reasons(cat: Cat, today: date) -> Iterator[tuple[str, str, str]]:
    if cat.status in _BY_STATUS:
        yield (f"status-{cat.status}", *_BY_STATUS[cat.status])
    if cat.birth_date is not None and today < cat.birth_date + WEANED:
        ready = cat.birth_date + WEANED
        yield "too-young", "She is younger than 8 weeks.", f"Wait until {ready.isoformat()}."
    for virus in ("fiv", "felv"):
        if getattr(cat, virus) == "unknown":
            yield f"{virus}-untested", f"Her {virus.upper()} status is unknown.", f"Test her and set {virus}."
    yield from _vaccination_reasons(cat, today)
    if cat.altered != "yes":
        yield "not-altered", "She is not known to be neutered.", "Neuter her and set altered to yes."
    if not cat.microchips:
        yield "no-microchip", "She has no microchip.", "Chip her and add it to microchips."


def _vaccination_reasons(cat: Cat, today: date) -> Iterator[tuple[str, str, str]]:
    if not any(shot.given_on for shot in cat.vaccinations):
        yield "not-vaccinated", "No vaccination is recorded.", "Vaccinate her and add it to vaccinations."
    for kind in dict.fromkeys(shot.type for shot in cat.vaccinations):
        due = next_vaccination_due([shot for shot in cat.vaccinations if shot.type == kind])
        if due is not None and due <= today:
            yield (
                "vaccination-due",
                f"Her {kind} vaccination has been due since {due.isoformat()}.",
                f"Vaccinate her and set givenOn of {kind}.",
            )


def next_vaccination_due(shots: list[Vaccination]) -> date | None:
    """Return when a kind of vaccination is due next, from all its entries, or None.

    Args:
        shots: the entries of one kind, in any order.
    """
    open_shots = [shot.due_on for shot in shots if shot.due_on and not shot.given_on]
    expiries = [shot.expires_on for shot in shots if shot.expires_on and shot.given_on]
    candidates = open_shots + ([max(expiries)] if expiries else [])
    return min(candidates, default=None)
