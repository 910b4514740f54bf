"""Write the items of a table again whose index attributes, expiry or derived items are not those of this release.

Usage: ``python -m tools.ops.migrate --table NAME --time-zone ZONE [--region REGION] [--apply] [--from POSITION]
[--rate N]``

Without ``--apply`` it is a dry run. An entity keeps its document and its version: only the attributes beside the
document are computed again, by the ``Repository`` of the entity. Each write is conditional on the version that was
read, so that a concurrent change is never lost; after a lost race the item is read again. A second run finds nothing.
"""

from __future__ import annotations

import argparse
import binascii
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from api.context import Dependencies
from api.domain.cats import Cat
from api.domain.users import FirstOwner
from api.services import mappings
from api.services.care_cards import update_card
from api.services.chip_claims import claim_writes, load_claims
from api.services.mappings import CARE_CARD, CAT, FIRST_OWNER
from api.store.client import open_table
from api.store.documents import UnreadableDocument
from api.store.keys import RECORD, Item, marshal, unmarshal
from api.store.repository import Repository, Stored
from api.store.transaction import TransactItem, retry_on_conflict
from tools.cli import CliError, echo, run_main
from tools.region import add_region_option
from tools.tables import has_current_indexes, table_exists, table_settings, time_zone

PAGE = 250
EXAMPLES = 10
TypedItem = dict[str, dict[str, Any]]
"""An item in DynamoDB's format."""

REPOSITORIES: dict[str, Repository[Any]] = {
    repository.collection: repository for repository in vars(mappings).values() if isinstance(repository, Repository)
}

Derivation = Callable[[Dependencies, Stored[Any], str], Sequence[TransactItem]]
"""Return the writes of the items that follow from an entity and are missing. The last argument is their ``rev``."""


def missing_care_card(dependencies: Dependencies, cat: Stored[Cat], rev: str) -> Sequence[TransactItem]:
    """Return the write of the care card of a cat that has none. Release 0.1.0 had no care cards."""
    if CARE_CARD.get(dependencies.table, cat.value.name, consistent=True):
        return []
    return [update_card(dependencies, cat.value, rev=rev)]


def missing_chip_claims(dependencies: Dependencies, cat: Stored[Cat], rev: str) -> Sequence[TransactItem]:
    """Return the writes of the claims that the chips of a cat lack, except those of chips that another cat has.

    Releases before claims have written none, and keep the mark of a cat that has its claims when its chips change.
    """
    unclaimed = replace(cat.value, chips_claimed=False)
    return claim_writes(unclaimed, unclaimed, *load_claims(dependencies.table, unclaimed, unclaimed), rev)


DERIVATIONS: Mapping[str, Sequence[Derivation]] = {CAT.collection: [missing_care_card, missing_chip_claims]}
"""The derivations of each collection."""


def _first_owner_0_1_0(item: Item) -> Item:
    """Return the record of the first owner with a document. In release 0.1.0 it was an attribute."""
    if "doc" in item or "username" not in item:
        return item
    return FIRST_OWNER.item(FirstOwner(username=str(item["username"])), str(item["rev"]))


CONVERSIONS: Mapping[str, Callable[[Item], Item]] = {FIRST_OWNER.collection: _first_owner_0_1_0}
"""The functions that return an item of an earlier release in the form of today, by collection."""


class Report(Struct):
    """What a run has found."""

    entities: int = 0
    differing: int = 0
    unreadable: int = 0


class Migration:
    """A run over a table.

    Args:
        dependencies: the table and the settings.
        apply: whether to write.
        rate: the most items to read in a second.
        page: the number of items of a page.
    """

    def __init__(self, dependencies: Dependencies, *, apply: bool, rate: float, page: int = PAGE) -> None:
        self._dependencies, self._table = dependencies, dependencies.table
        self._client: Any = dependencies.table.client
        self._apply, self._rate, self._page = apply, rate, page
        self.report = Report()

    def run(self, position: str | None = None) -> Report:
        """Migrate all items after a position, and print the progress with the position of the next page."""
        for page, following in self._pages(position):
            started = time.monotonic()
            for item in page:
                self._migrate(item)
            report, verb = self.report, "written" if self._apply else "to write"
            resume = f" To continue from here: --from {following}" if following else ""
            echo(f"{report.entities} entities read, {report.differing} {verb}.{resume}")
            if following:
                time.sleep(max(0.0, len(page) / self._rate - (time.monotonic() - started)))
        return self.report

    def _pages(self, position: str | None) -> Iterator[tuple[list[TypedItem], str | None]]:
        """Yield pages of items, each with the position after it."""
        request: dict[str, Any] = {"TableName": self._table.name, "ConsistentRead": True, "Limit": self._page}
        while True:
            start = {"ExclusiveStartKey": marshal(parse_position(position))} if position else {}
            response = self._client.scan(**request, **start)
            last = response.get("LastEvaluatedKey")
            position = format_position(unmarshal(last)) if last else None
            yield list(response["Items"]), position
            if position is None:
                return

    def _migrate(self, item: TypedItem) -> None:
        """Migrate an item, if it is an entity. After a lost race, do it again with the item as it is then."""
        if item["sk"]["S"] != RECORD or item["pk"]["S"].partition("#")[0] not in REPOSITORIES:
            return
        self.report.entities += 1
        versions = self._versions(item)
        try:
            if retry_on_conflict(lambda: self._write(next(versions))):
                self.report.differing += 1
        except UnreadableDocument as error:
            self.report.unreadable += 1
            self._example(self.report.unreadable, str(error))

    def _versions(self, item: TypedItem) -> Iterator[TypedItem | None]:
        """Yield the item as it was scanned, and then as it is."""
        yield item
        key = {"pk": item["pk"], "sk": item["sk"]}
        while True:
            yield self._client.get_item(TableName=self._table.name, Key=key, ConsistentRead=True).get("Item")

    def _write(self, item: TypedItem | None) -> bool:
        """Write an item again if it differs, and return whether it does."""
        rev = self._dependencies.new_id()
        writes = plan(self._dependencies, item, rev) if item else []
        if not item or not writes:
            return False
        self._example(self.report.differing + 1, f"{item['pk']['S']}: {', '.join(_differences(item, writes))}")
        if self._apply:
            self._table.transact(writes, rev)
        return True

    def _example(self, number: int, line: str) -> None:
        if number <= EXAMPLES:
            echo(f"  {line}")


def plan(dependencies: Dependencies, typed: TypedItem, rev: str) -> list[TransactItem]:
    """Return the writes that give an entity the items of this release; none if it has them.

    Raises:
        UnreadableDocument: this release cannot read the entity.
    """
    collection = typed["pk"]["S"].partition("#")[0]
    repository = REPOSITORIES[collection]
    item = unmarshal(typed)
    if convert := CONVERSIONS.get(collection):
        item = convert(item)
    stored = repository.read(item)
    derived = [write for derive in DERIVATIONS.get(collection, ()) for write in derive(dependencies, stored, rev)]
    current: Item = {
        **repository.item(stored.value, stored.rev, dependencies.settings.zone),
        "pk": item["pk"],
        "doc": item["doc"],
    }
    if marshal(current) != typed:
        return [TransactItem("Put", current, stored.rev), *derived]
    return [repository.check(stored), *derived] if derived else []


def _differences(typed: TypedItem, writes: Sequence[TransactItem]) -> list[str]:
    """Return the names of the attributes that differ, and the keys of the items that are missing."""
    new = marshal(writes[0].item) if writes[0].kind == "Put" else typed
    names = [name for name in sorted(new.keys() | typed.keys()) if new.get(name) != typed.get(name)]
    return [*names, *(f"{write.item['pk']} is missing" for write in writes[1:])]


def format_position(key: Mapping[str, Any]) -> str:
    """Return the key of an item as an argument of the command line."""
    return urlsafe_b64encode(json.dumps([key["pk"], key["sk"]]).encode()).decode()


def parse_position(text: str) -> Item:
    """Return the key of a position.

    Raises:
        ValueError: it is no position.
    """
    pk, sk = json.loads(urlsafe_b64decode(text.encode()))
    return {"pk": str(pk), "sk": str(sk)}


def _position(text: str) -> str:
    try:
        parse_position(text)
    except (ValueError, TypeError, binascii.Error) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a position that an earlier run has printed") from error
    return text


def main() -> None:
    """Migrate a table, and print what was written or what would be."""
    arguments = _arguments()
    settings = table_settings(arguments.table, arguments.region, arguments.time_zone)
    table = open_table(settings)
    if not table_exists(table.client, table.name):
        raise CliError(f"There is no table called {table.name} in {settings.region}.")
    if not has_current_indexes(table.client, table.name):
        raise CliError(f"The indexes of {table.name} are not those of infra/table.yml. Deploy this release first.")
    report = Migration(Dependencies(settings, table), apply=arguments.apply, rate=arguments.rate).run(arguments.start)
    if report.unreadable:
        raise CliError(
            f"{report.unreadable} entities are unreadable and were not changed. Did a newer release write them?"
        )
    if arguments.apply:
        echo(f"{table.name} is migrated: {report.differing} of {report.entities} entities were written.")
    else:
        echo(f"{report.differing} of {report.entities} entities differ. Nothing was written: run it with --apply.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.ops.migrate", description="Migrate the items of a table.")
    parser.add_argument("--table", required=True, help="the table: the output TableName of the stack")
    parser.add_argument("--time-zone", required=True, type=time_zone, help="TIME_ZONE of the stage")
    add_region_option(parser)
    parser.add_argument("--apply", action="store_true", help="write; the default is a dry run")
    parser.add_argument("--from", dest="start", type=_position, help="the position at which an earlier run ended")
    parser.add_argument("--rate", type=_rate, default=500.0, help="the most items a second; default: %(default)s")
    return parser.parse_args()


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate < float("inf"):
        raise ValueError(text)
    return rate


if __name__ == "__main__":
    run_main(main)
