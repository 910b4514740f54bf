"""The reasons against the adoption of a cat, with the codes of Clowder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

Cat = dict[str, Any]

BY_STATUS = {
    "intake": ("The cat has just arrived.", "Finish the intake check, then set status to available."),
    "quarantine": ("The cat is in quarantine.", "End the quarantine, then set status to available."),
    "hold": ("The cat is on hold.", "Wait for the hold to end, then set status to available."),
    "resident": ("The cat lives here.", "Set status to available if the cat should get another home."),
    "reserved": ("The cat is reserved for an adopter.", "Set status to available if the reservation ends."),
    "trial": ("The cat is on trial in a home.", "Set status to available if the cat comes back."),
    "foster": ("The cat is in foster care.", "Set status to available when the cat is back."),
    "adopted": ("The cat has been adopted.", "Nothing: the cat has a home."),
    "transferred": ("The cat was transferred to another rescue.", "Nothing: the cat is in their care."),
    "reclaimed": ("The owner has reclaimed the cat.", "Nothing: the cat has a home."),
    "deceased": ("The cat has died.", "Nothing."),
}


def blockers(cat: Cat, today: date) -> list[dict[str, str]]:
    """Return the reasons against an adoption today."""
    return [{"code": code, "detail": detail, "clearedBy": clears} for code, detail, clears in _reasons(cat, today)]


def _reasons(cat: Cat, today: date) -> Iterator[tuple[str, str, str]]:
    status, born = cat["status"], cat["birthDate"]
    if status in BY_STATUS:
        yield (f"status-{status}", *BY_STATUS[status])
    if born and today < (ready := date.fromisoformat(born) + timedelta(weeks=8)):
        yield "too-young", "The cat is younger than 8 weeks.", f"Wait until {ready}."
    for virus in ("fiv", "felv"):
        if cat[virus] == "unknown":
            yield f"{virus}-untested", f"The {virus.upper()} status is unknown.", f"Test the cat and set {virus}."
    yield from _vaccination_reasons(cat["vaccinations"], today)
    if cat["altered"] != "yes":
        yield "not-altered", "The cat is not known to be neutered.", "Neuter the cat and set altered to yes."
    if not cat["microchips"]:
        yield "no-microchip", "The cat has no microchip.", "Implant a microchip and add it to microchips."


def _vaccination_reasons(vaccinations: list[dict[str, Any]], today: date) -> Iterator[tuple[str, str, str]]:
    if not any(vaccination["givenOn"] for vaccination in vaccinations):
        yield "not-vaccinated", "No vaccination is recorded.", "Vaccinate the cat and add it to vaccinations."
    for name in dict.fromkeys(vaccination["type"] for vaccination in vaccinations):
        same_type = [vaccination for vaccination in vaccinations if vaccination["type"] == name]
        dates = [dose["dueOn"] for dose in same_type if dose["dueOn"] and not dose["givenOn"]]
        dates += sorted(dose["expiresOn"] for dose in same_type if dose["expiresOn"] and dose["givenOn"])[-1:]
        if dates and min(dates) <= today.isoformat():
            detail = f"The {name} vaccination has been due since {min(dates)}."
            yield "vaccination-due", detail, f"Vaccinate the cat and set givenOn of {name}."
