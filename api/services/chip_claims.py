"""Microchips: no number is on two cats. A claim, an item of the table for each number, makes the numbers unique.

The transaction of a cat writes its claims. A cat of an older release has no claims until it is written again or
``tools.ops.migrate`` adds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from api.domain.cats import Cat, ChipClaim, CreateCat
from api.domain.errors import FieldError
from api.services.mappings import CAT, CHIP
from api.store.repository import Repository, Stored, get_together
from api.store.table import Table
from api.store.transaction import TransactItem

T = TypeVar("T")
Claims = Mapping[str, Stored[ChipClaim]]
"""Claims by the numbers of the chips."""


def load_claims(table: Table, before: Cat | None, body: CreateCat | None) -> tuple[Claims, frozenset[str]]:
    """Return the claims of the chips that a change may affect, and the numbers that other cats have.

    There is nothing to read if the cat has claimed its chips and they do not change.

    Raises:
        UnreadableDocument: this release cannot read a claim, or the cat that has it.
    """
    old, new = _numbers(before), _numbers(body)
    if not old | new or _has_its_claims(before, body):
        return {}, frozenset()
    claims = _read(CHIP, table, sorted(old | new))
    others = {
        number: claim.value for number, claim in claims.items() if before is None or claim.value.uid != before.uid
    }
    # A cat that is gone, or has lost the chip in an older release, does not block its number.
    cats = _read(CAT, table, sorted({claim.cat for claim in others.values()})) if others else {}
    return claims, frozenset(
        number
        for number, claim in others.items()
        if (cat := cats.get(claim.cat)) and cat.value.uid == claim.uid and number in _numbers(cat.value)
    )


def validate(before: Cat | None, body: CreateCat, claims: Claims, taken: frozenset[str]) -> Iterator[FieldError]:
    """Yield an error for each new chip that another cat has."""
    for index, chip in enumerate(body.microchips):
        if chip.number in taken - _numbers(before):
            detail = f"The cat {claims[chip.number].value.cat} has the chip {chip.number}."
            yield FieldError("taken", detail, pointer=f"/microchips/{index}/number")


def claim_writes(
    before: Cat | None, after: Cat | None, claims: Claims, taken: frozenset[str], rev: str
) -> list[TransactItem]:
    """Return the writes of new claims, and the deletions of those of removed chips."""
    if _has_its_claims(before, after):
        return []
    old, new = _numbers(before), _numbers(after)
    own = {number for number, claim in claims.items() if before and claim.value.uid == before.uid}
    writes = [CHIP.delete(number, claims[number].rev) for number in sorted(own - new)]
    if after:
        for number in sorted(new - taken - (own & old)):
            claim = ChipClaim(number=number, cat=after.name, uid=after.uid)
            stored = claims.get(number)
            writes.append(CHIP.replace(stored, claim, rev) if stored else CHIP.put(claim, rev, None))
    return writes


def _has_its_claims(before: Cat | None, after: CreateCat | None) -> bool:
    """Return whether a cat has claimed its chips and they do not change."""
    return before is not None and before.chips_claimed and _numbers(before) == _numbers(after)


def _read(repository: Repository[T], table: Table, names: Sequence[str]) -> dict[str, Stored[T]]:
    """Return the entities that exist, by their keys. A claim that is left out would be written as a new one."""
    records = get_together(table, *((repository, name) for name in names))
    return {name: record for name, record in zip(names, records, strict=True) if record}


def _numbers(cat: CreateCat | None) -> frozenset[str]:
    return frozenset(chip.number for chip in cat.microchips) if cat else frozenset()
