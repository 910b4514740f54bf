"""The application on a real DynamoDB emulator, with hooks around each write."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from werkzeug.test import TestResponse

from api.settings import Settings
from api.store import keys
from api.store.client import make_client
from api.store.table import Table
from api.store.transaction import Increment, Write
from tests.support.app import CURSOR_KEY, Client, FakeClock, TestApp
from tests.support.concurrency import Rendezvous, run_concurrently
from tools.tables import create_table, scan

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_LIMIT = 100


class InstrumentedTable(Table):
    """A table with hooks before and after each write."""

    rendezvous: Rendezvous | None = None
    """Where writers wait for each other before they write."""
    before_write: Callable[[], object] | None = None
    """Called once, between the reads of the next request that writes and its write."""
    after_write: Callable[[], object] | None = None
    """Called once, after the next write is committed and before the caller learns of it."""

    def transact(self, writes: Sequence[Write], token: str) -> None:
        """Write, and call the hooks. Counted attempts are not such a write."""
        if all(isinstance(write, Increment) for write in writes):
            self.write(writes, token)
            return
        if self.rendezvous:
            self.rendezvous.arrive()
        hook, self.before_write = self.before_write, None
        if hook:
            hook()
        self.write(writes, token)
        self.run_after_write()

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write; mutants override this method."""
        super().transact(writes, token)

    def run_after_write(self) -> None:
        """Call the hook after a write."""
        hook, self.after_write = self.after_write, None
        if hook:
            hook()


class EngineApp(TestApp):
    """The application on a DynamoDB emulator.

    Its clock stands still at the present, because the emulator deletes expired items by the clock of the machine.
    """

    table: InstrumentedTable

    def __init__(self, table: InstrumentedTable, url: str) -> None:
        self.url = url
        # These tests are not about the deadline; they have to pass on a slow machine, too.
        super().__init__(table, FakeClock(datetime.now(UTC)), deadline_seconds=600)

    def close(self) -> None:
        """Close the connections to the emulator."""
        self.table.client.close()

    def clients(self, number: int) -> list[Client]:
        """Return several clients with staff tokens."""
        return [self.staff for _ in range(number)]

    def race(self, *calls: Callable[[], TestResponse]) -> list[TestResponse]:
        """Send requests that have all read before any of them writes, and return the responses."""
        self.table.rendezvous = rendezvous = Rendezvous(len(calls))
        try:
            return run_concurrently(calls, rendezvous)
        finally:
            self.table.rendezvous = None

    def items(self, name: str) -> list[dict[str, Any]]:
        """Return all items in the partition of a cat, as DynamoDB stores them."""
        response = self.table.client.query(
            TableName=self.table.name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": keys.partition_key("cats", name)}},
            ConsistentRead=True,
        )
        return list(response["Items"])

    def count_items(self, name: str) -> Counter[str]:
        """Count the items in the partition of a cat by type: record, history, weights."""
        return Counter(item["sk"]["S"].partition("#")[0] for item in self.items(name))

    def stored(self, collection: str) -> dict[str, dict[str, Any]]:
        """Return all stored entities of a collection by their keys."""
        items = [item for item in scan(self.table) if item["pk"]["S"].startswith(f"{collection}#")]
        return {
            item["pk"]["S"].partition("#")[2]: json.loads(item["doc"]["S"])
            for item in items
            if item["sk"]["S"] == keys.RECORD
        }

    def versions(self, name: str) -> list[int]:
        """Return the versions in the history of a cat, newest first."""
        response = self.staff.get(f"/cats/{name}/history?limit={MAX_LIMIT}")
        return [entry["version"] for entry in response.get_json()["items"]] if response.status_code == 200 else []


MakeEngineApp = Callable[..., EngineApp]


def create_engine_app(
    url: str,
    name: str,
    table: type[InstrumentedTable] = InstrumentedTable,
    pause: Callable[[float], None] = time.sleep,
) -> EngineApp:
    """Create the application on a new table of an emulator, with the client of production.

    Args:
        url: the endpoint of the emulator.
        name: the name of the table.
        table: the class of the table; a mutant if a test has to fail.
        pause: waits between attempts.
    """
    client = _client(url)
    create_table(client, name)
    return EngineApp(table(client, name, capacity="INDEXES", pause=pause), url)


@cache
def _client(url: str) -> DynamoDBClient:
    """Return the client of an emulator. All its tables share it, because creating a client takes longer than a test."""
    return make_client(Settings(table_name="unused", cursor_key=CURSOR_KEY, dynamodb_url=url))


def statuses(responses: Sequence[TestResponse]) -> Counter[int]:
    """Count the responses by status."""
    return Counter(response.status_code for response in responses)
