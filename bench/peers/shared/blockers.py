"""Why a cat is not up for adoption, for the staff: the same words as Clowder has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

Cat = dict[str, Any]

BY_STATUS = {
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


def blockers(cat: Cat, today: date) -> list[dict[str, str]]:
    """Return the reasons against her adoption today."""
    return [{"code": code, "detail": detail, "clearedBy": clears} for code, detail, clears in _reasons(cat, today)]


def _reasons(cat: Cat, today: date) -> Iterator[tuple[str, str, str]]:
    status, born = cat["status"], cat["birthDate"]
    if status in BY_STATUS:
        yield (f"status-{status}", *BY_STATUS[status])
    if born and today < (ready := date.fromisoformat(born) + timedelta(weeks=8)):
        yield "too-young", "She is younger than 8 weeks.", f"Wait until {ready}."
    for virus in ("fiv", "felv"):
        if cat[virus] == "unknown":
            yield f"{virus}-untested", f"Her {virus.upper()} status is unknown.", f"Test her and set {virus}."
    yield from _vaccinations(cat["vaccinations"], today)
    if cat["altered"] != "yes":
        yield "not-altered", "She is not known to be neutered.", "Neuter her and set altered to yes."
    if not cat["microchips"]:
        yield "no-microchip", "She has no microchip.", "Chip her and add it to microchips."


def _vaccinations(shots: list[dict[str, Any]], today: date) -> Iterator[tuple[str, str, str]]:
    if not any(shot["givenOn"] for shot in shots):
        yield "not-vaccinated", "No vaccination is recorded.", "Vaccinate her and add it to vaccinations."
    for kind in dict.fromkeys(shot["type"] for shot in shots):
        of_kind = [shot for shot in shots if shot["type"] == kind]
        dues = [shot["dueOn"] for shot in of_kind if shot["dueOn"] and not shot["givenOn"]]
        dues += sorted(shot["expiresOn"] for shot in of_kind if shot["expiresOn"] and shot["givenOn"])[-1:]
        if dues and min(dues) <= today.isoformat():
            detail = f"Her {kind} vaccination has been due since {min(dues)}."
            yield "vaccination-due", detail, f"Vaccinate her and set givenOn of {kind}."
