"""A café with a thing of every spec, to which anything may be sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api.services.cats import CATS
from api.services.pies import PIES
from api.services.posts import POSTS
from api.services.todos import TODOS
from api.services.users import USERS
from api.store.table import Table
from tests.support.app import PATCH, Client, TestApp
from tests.support.inspection import items
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import RESOURCE_SPECS

JSON = {"Content-Type": "application/json"}
SERVICES = {f"/{ours.repository.collection}": ours for ours in (CATS, PIES, USERS, POSTS, TODOS)}
"""What serves the requests of each spec, by its path."""


class PopulatedApp:
    """A café, its owner, who may do everything, and the URL of one thing of each noun; of cats there is one more."""

    def __init__(self, table: Table) -> None:
        self.cafe = TestApp(table)
        self.owner = self.cafe.client("owner")
        assert self.cafe.staff.put("/cats/ada", {}).status_code == 201
        self.paths = {spec.path: spec.create(self.owner, "tom") for spec in RESOURCE_SPECS}
        self._seen = items(self.cafe)

    @contextmanager
    def writes_nothing(self) -> Iterator[None]:
        """Check that nothing has been written since the last look: that takes half the time of two looks."""
        yield
        before, self._seen = self._seen, items(self.cafe)
        assert self._seen == before

    def reader(self, spec: ResourceSpec) -> Client:
        """Return somebody who may read."""
        return self.cafe.public if spec.public else self.owner

    def send(self, spec: ResourceSpec, method: str, **body: Any) -> Any:
        """Send a body to where a method writes."""
        path = spec.path if method == "POST" else self.paths[spec.path]
        return self.owner.send(method, path, (PATCH if method == "PATCH" else JSON) | {"If-Match": "*"}, **body)
