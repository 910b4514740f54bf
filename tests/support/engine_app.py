"""A café on the real engine, with a door between reading and writing that a test can watch."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from werkzeug.test import TestResponse

from api.settings import Settings
from api.store import keys
from api.store.client import make_client
from api.store.table import Table
from api.store.transaction import Increment, Write
from tests.support.app import Client, FakeClock, TestApp
from tests.support.concurrency import Rendezvous, run_concurrently
from tools.tables import create_table, scan

MAX_LIMIT = 100


class InstrumentedTable(Table):
    """The table as it is, but a test can stand before a write and behind it."""

    meeting: Rendezvous | None = None
    """Where writers meet before they write."""
    before_write: Callable[[], object] | None = None
    """What happens, once, between what the next request to write has read and what it writes."""
    after_effect: Callable[[], object] | None = None
    """What happens, once, when the next effect is in the store and nobody has been told yet."""

    def transact(self, writes: Sequence[Write], token: str) -> None:
        """Write, with what the test wants to happen before and after. Counted attempts are not such a write."""
        if all(isinstance(write, Increment) for write in writes):
            self.write(writes, token)
            return
        if self.meeting:
            self.meeting.arrive()
        happening, self.before_write = self.before_write, None
        if happening:
            happening()
        self.write(writes, token)
        self.happened()

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write; a broken variant does it in another way."""
        super().transact(writes, token)

    def happened(self) -> None:
        """Let happen what the test wants to happen after an effect."""
        happening, self.after_effect = self.after_effect, None
        if happening:
            happening()


class EngineApp(TestApp):
    """A café on the real engine.

    Its clock stands still at the present: the engine's own clock runs, and forgets what has expired.
    """

    table: InstrumentedTable

    def __init__(self, table: InstrumentedTable, url: str) -> None:
        self.url = url
        # No test here is about the deadline: a slow machine has to prove the same.
        super().__init__(table, FakeClock(datetime.now(UTC)), deadline_seconds=600)

    def close(self) -> None:
        """Hang up."""
        self.table.client.close()

    def clients(self, number: int) -> list[Client]:
        """Return some of the staff."""
        return [self.staff for _ in range(number)]

    def race(self, *acts: Callable[[], TestResponse]) -> list[TestResponse]:
        """Send requests that have all read before one of them writes, and return their answers."""
        self.table.meeting = meeting = Rendezvous(len(acts))
        try:
            return run_concurrently(acts, meeting)
        finally:
            self.table.meeting = None

    def items(self, name: str) -> list[dict[str, Any]]:
        """Return all that lies in the partition of a cat, as the engine has it."""
        response = self.table.client.query(
            TableName=self.table.name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": keys.partition_key("cats", name)}},
            ConsistentRead=True,
        )
        return list(response["Items"])

    def count_items(self, name: str) -> Counter[str]:
        """Return how many items of each sort lie in the partition of a cat: record, history, weights."""
        return Counter(item["sk"]["S"].partition("#")[0] for item in self.items(name))

    def stored(self, collection: str) -> dict[str, dict[str, Any]]:
        """Return all things of a collection as the engine has them, by their keys."""
        items = [item for item in scan(self.table) if item["pk"]["S"].startswith(f"{collection}#")]
        return {
            item["pk"]["S"].partition("#")[2]: json.loads(item["doc"]["S"])
            for item in items
            if item["sk"]["S"] == keys.RECORD
        }

    def versions(self, name: str) -> list[int]:
        """Return the versions that the history of a cat tells of, newest first."""
        answer = self.staff.get(f"/cats/{name}/history?limit={MAX_LIMIT}")
        return [entry["version"] for entry in answer.get_json()["items"]] if answer.status_code == 200 else []


MakeEngineApp = Callable[..., EngineApp]


def create_engine_app(
    url: str,
    name: str,
    table: type[InstrumentedTable] = InstrumentedTable,
    pause: Callable[[float], None] = time.sleep,
) -> EngineApp:
    """Open a café on a new table of an engine, with the client that serves in production.

    Args:
        url: where the engine listens.
        name: the name of the table.
        table: how it is used; a broken variant if the test wants to see it fail.
        pause: waits between tries.
    """
    settings = Settings(table_name=name, cursor_key="k" * 32, dynamodb_url=url)
    client = make_client(settings)
    create_table(client, name)
    return EngineApp(table(client, name, capacity="INDEXES", pause=pause), url)


def statuses(answers: Sequence[TestResponse]) -> Counter[int]:
    """Return how many answers have each status."""
    return Counter(answer.status_code for answer in answers)
