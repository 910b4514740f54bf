"""How cats are kept, who sees them, where they are listed, and what follows from a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from api.domain import bonds, care, cats
from api.domain.cat_filters import FILTERS, matcher
from api.domain.cat_views import PublicCat, public_view, staff_view
from api.domain.cats import Cat, CatBody, NewCat
from api.domain.errors import Fault, Invalid
from api.domain.kept import Stamp
from api.http.auth import Caller
from api.http.resource import Call
from api.resources.noun import Matches, Noun, Outcome
from api.resources.scales import verdict
from api.resources.shelves import CARE, KIND
from api.store import keys
from api.store.keys import LAST, Span
from api.store.write import ANYTHING, Write


class Cats(Noun):
    """The cats."""

    kind, rules, new, body = KIND, cats, NewCat, CatBody

    def visible(self, thing: Cat, caller: Caller, now: datetime) -> bool:
        """The public may know of some."""
        return cats.is_public(thing)

    def view(self, thing: Cat, sees_all: bool, now: datetime) -> PublicCat:
        """The staff sees more of her."""
        return (staff_view if sees_all else public_view)(thing, now.date())

    def faults_beside(self, call: Call, key: str | None, before: Cat | None, body: NewCat) -> Sequence[Fault]:
        """A bond needs somebody on its other side."""
        stamp = call.stamp()
        after = self.revise(before, body, stamp) if before else self.create(body, key or "", stamp)
        try:
            self.follow(call, before, after, stamp)
        except Invalid as wrong:
            return wrong.faults
        return ()

    def follow(self, call: Call, before: Cat | None, after: Cat | None, stamp: Stamp) -> Outcome:
        """Keep each bond the same on both sides, and her care card as she is."""
        records = call.services.records(KIND)
        concerned = sorted(bonds.concerned(before, after))
        partners = {name: found for name in concerned if (found := records.get(name, consistent=True))}
        tied, changed = bonds.tie(before, after, {name: record.value for name, record in partners.items()}, stamp.at)
        return Outcome(tied, [(partners[cat.name], cat) for cat in changed], _card(call, before, tied, stamp))

    def listing(self, args: Mapping[str, Any], caller: Caller, now: datetime) -> tuple[Sequence[Span], Matches]:
        """Choose the index in which most of the filters are a place and not a search."""
        sees_all, today = self.sees_all(caller), now.date()
        wanted = {name: args[name] for name in FILTERS if args[name] is not None}
        if not sees_all and wanted.get("status", "available") not in cats.PUBLIC_STATUSES:
            return [], None
        sort = args["sort"] or ("age" if wanted.keys() == {"ageGroup"} else "name")
        order = {"name": "by_name", "newest": "by_time", "age": "by_date"}[sort]
        index, partitions = _place(wanted, sort, ("public", "hidden") if sees_all else ("public",))
        low, high = _bounds(wanted, sort, today)
        spans = [Span(f"{index}-{order}", partition, low, high, reverse=sort != "name") for partition in partitions]
        return spans, matcher(wanted, sees_all, today)


def _card(call: Call, before: Cat | None, after: Cat | None, stamp: Stamp) -> list[Write]:
    """Return the write that keeps her care card; none where nothing of it changes."""
    cards = call.services.records(CARE)
    if after is None:
        return [Write("Delete", keys.record(CARE.noun, before.name), ANYTHING)] if before else []
    if before is None:
        # There is no card of somebody who was not there; that she is new guards this write.
        return [Write("Put", cards.item(care.facts(after), stamp.id), ANYTHING)]
    if care.facts(before) == care.facts(after):
        return []
    record = cards.get(after.name, consistent=True)
    card = care.care_of(after, record.value if record else None)
    if card.weighed and before.birth_date != after.birth_date and (found := verdict(call.services, after)):
        card = care.weighed(card, *found)  # what is a loss for a cat is worse for a kitten
    return [Write("Put", cards.item(card, stamp.id), record.rev if record else None)]


def _place(wanted: dict[str, Any], sort: str, shelves: Sequence[str]) -> tuple[str, list[str]]:
    """Take out of the filters the one that has an index of its own, and return the index and where in it they are."""
    if "status" in wanted and sort != "age":
        return "facet1", [f"cats#{wanted.pop('status')}"]
    if "goodWith.children" in wanted and sort != "age":
        children = wanted.pop("goodWith.children")
        return "facet2", [f"cats#{shelf}#{children}" for shelf in shelves]
    return "shelf", [f"cats#{shelf}" for shelf in shelves]


def _bounds(wanted: dict[str, Any], sort: str, today: date) -> tuple[str, str]:
    """Take out of the filters the one that is a run of neighbours in this order, and return its bounds."""
    if sort == "name" and "name" in wanted:
        prefix = wanted.pop("name")
        return prefix or keys.FIRST, prefix + LAST
    if sort == "age" and "ageGroup" in wanted:
        first, last = cats.born_between(wanted.pop("ageGroup"), today)
        return f"{first}#", f"{last}#{LAST}"
    return keys.FIRST, LAST


CATS = Cats()
