"""The application on the embedded DynamoDB with a given number of cats and to-dos."""

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
from bench.growth.access_patterns import AccessPattern
from bench.growth.bulk_import import import_items
from bench.growth.call_recorder import CallRecorder, Cost
from bench.growth.population import STAFF, generate_items
from tools.cli import CliError
from tools.local.dynamodb import DynamoDBEmulator
from tools.tables import table_properties

TABLE = "clowder-growth"


class PopulatedApp:
    """An application with a client that measures requests.

    Args:
        url: the URL of the emulator.
        now: the time at which the last cat was created.
        table: the class that accesses the table. Tests pass a broken one.
        items: the number of items in the table.
        bytes: the size of the database file.
    """

    def __init__(self, url: str, now: datetime, table: type[Table], items: int, bytes: int) -> None:
        self.items, self.bytes = items, bytes
        self._created_at = self._now = now
        settings = Settings(
            table_name=TABLE, cursor_key="k" * 32, dynamodb_url=url, log_level="ERROR", deadline_seconds=600
        )
        self._boto3 = make_client(settings)
        self._recorder = CallRecorder(self._boto3)
        # The importer does not set the TTL attribute.
        ttl = table_properties()["TimeToLiveSpecification"]
        self._boto3.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=ttl)
        app_table = table(self._boto3, TABLE)
        ensure_user(app_table, STAFF, "staff", None, now - timedelta(days=30))
        token = issue_token(app_table, settings.cursor_key, STAFF, now, timedelta(days=30))
        self._headers: dict[Role, dict[str, str]] = {"public": {}, "staff": {"Authorization": f"Bearer {token}"}}
        self._client = create_app(settings, app_table, clock=lambda: self._now).test_client(use_cookies=False)

    def close(self) -> None:
        """Close the connections."""
        self._boto3.close()

    def find_path(self, pattern: AccessPattern) -> str | None:
        """Follow the links to the page of a pattern and return its path, None if the list has no such page."""
        self._now = self._created_at + pattern.later
        path: str | None = pattern.path
        for _ in range(pattern.page - 1):
            path = path and self._get(path, pattern.role).get("next")
        return path

    def measure_request(self, pattern: AccessPattern, path: str) -> Cost:
        """Send a request and return its cost."""
        self._now = self._created_at + pattern.later
        self._recorder.start()
        body = self._get(path, pattern.role)
        return self._recorder.cost(returned=len(body["items"]) if "items" in body else 1)

    def _get(self, path: str, role: Role) -> dict[str, Any]:
        response = self._client.get(path, headers=self._headers[role])
        if response.status_code != HTTPStatus.OK:
            raise CliError(f"The benchmark has stopped: GET {path} returned {response.status}: {response.text.strip()}")
        body: dict[str, Any] = response.get_json()
        return body


@contextmanager
def create_populated_app(size: int, table: type[Table] = Table) -> Iterator[PopulatedApp]:
    """Create a database with this number of cats and of to-dos, and an application on it. Remove both at the end."""
    # Microseconds that are not zero give all timestamps the same width.
    now = datetime.now(UTC).replace(microsecond=1)
    with TemporaryDirectory(prefix="clowder-growth-") as name:
        database = Path(name) / "growth.db"
        count = import_items(database, TABLE, generate_items(size, now))
        with (
            DynamoDBEmulator(database) as emulator,
            closing(PopulatedApp(emulator.url, now, table, count, database.stat().st_size)) as app,
        ):
            yield app
