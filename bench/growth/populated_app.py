"""A café of some size, open to be measured: the real application on the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.app import create_app
from api.domain.users import Role
from api.services.accounts import ensure_user, issue_token
from api.settings import Settings
from api.store.client import make_client
from api.store.table import Table
from bench.growth.call_recorder import CallRecorder, Cost
from bench.growth.filling import fill
from bench.growth.patterns import Pattern
from bench.growth.population import STAFF, items
from tools.cli import CliError
from tools.local.dynamodb import DynamoDBEmulator
from tools.tables import table_properties

TABLE = "clowder-growth"


class House:
    """A café on a table that has been filled.

    Args:
        url: where the engine listens.
        now: the instant at which the last cat has come.
        table: how the table is used; a broken variant if a test wants to see it found out.
        items: how many items lie in it.
        bytes: how large its file is.
    """

    def __init__(self, url: str, now: datetime, table: type[Table], items: int, bytes: int) -> None:
        self.items, self.bytes = items, bytes
        self._since = self._now = now
        settings = Settings(
            table_name=TABLE, cursor_key="k" * 32, dynamodb_url=url, log_level="ERROR", deadline_seconds=600
        )
        self._boto3 = make_client(settings)
        self._recorder = CallRecorder(self._boto3)
        # The importer is not told what expires.
        expiry = table_properties()["TimeToLiveSpecification"]
        self._boto3.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=expiry)
        kept = table(self._boto3, TABLE)
        ensure_user(kept, STAFF, "staff", None, now - timedelta(days=30))
        token = issue_token(kept, STAFF, now, timedelta(days=30))
        self._headers: dict[Role, dict[str, str]] = {"public": {}, "staff": {"Authorization": f"Bearer {token}"}}
        self._client = create_app(settings, kept, clock=lambda: self._now).test_client(use_cookies=False)

    def close(self) -> None:
        """Hang up."""
        self._boto3.close()

    def path(self, pattern: Pattern) -> str | None:
        """Return where what a pattern measures is found, page by page; None where the list has no such page."""
        self._now = self._since + pattern.later
        path: str | None = pattern.path
        for _ in range(pattern.page - 1):
            path = path and self._get(path, pattern.role).get("next")
        return path

    def once(self, pattern: Pattern, path: str) -> Cost:
        """Send one request, and return what it costs."""
        self._now = self._since + pattern.later
        self._recorder.start()
        answer = self._get(path, pattern.role)
        return self._recorder.cost(returned=len(answer["items"]) if "items" in answer else 1)

    def _get(self, path: str, role: Role) -> dict[str, Any]:
        answer = self._client.get(path, headers=self._headers[role])
        if answer.status_code != HTTPStatus.OK:
            raise CliError(f"Nothing is measured: GET {path} answered {answer.status}: {answer.text.strip()}")
        body: dict[str, Any] = answer.get_json()
        return body


@contextmanager
def house(number: int, table: type[Table] = Table) -> Iterator[House]:
    """Fill a database with so many cats and as many to-dos, open a café on it, and take both away at the end."""
    # Of an instant with microseconds all members show: every instant is spelt in one width.
    now = datetime.now(UTC).replace(microsecond=1)
    with TemporaryDirectory(prefix="clowder-growth-") as name:
        database = Path(name) / "growth.db"
        filled = fill(database, TABLE, items(number, now))
        with (
            DynamoDBEmulator(database) as engine,
            closing(House(engine.url, now, table, filled, database.stat().st_size)) as opened,
        ):
            yield opened
