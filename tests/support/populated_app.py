"""An application with one item of each resource."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api.app import RESOURCES
from api.resources.crud import CollectionResource
from api.store.table import Table
from tests.support.app import PATCH, Client, TestApp
from tests.support.inspection import items
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import RESOURCE_SPECS

JSON = {"Content-Type": "application/json"}
SERVICES = {resource.path: resource.service for resource in RESOURCES if issubclass(resource, CollectionResource)}
"""The service of each resource, by path."""


class PopulatedApp:
    """An application, an owner, and the URL of one item of each resource. There is a second cat, Ada."""

    def __init__(self, table: Table) -> None:
        self.cafe = TestApp(table)
        self.owner = self.cafe.client("owner")
        assert self.cafe.staff.put("/cats/ada", {}).status_code == 201
        self.paths = {spec.path: spec.create(self.owner, "tom") for spec in RESOURCE_SPECS}
        self._items = items(self.cafe)

    @contextmanager
    def writes_nothing(self) -> Iterator[None]:
        """Assert that nothing was written since the last check. One scan takes half the time of two."""
        yield
        before, self._items = self._items, items(self.cafe)
        assert self._items == before

    def reader(self, spec: ResourceSpec) -> Client:
        """Return a client that may read the resource."""
        return self.cafe.public if spec.public else self.owner

    def send(self, spec: ResourceSpec, method: str, **body: Any) -> Any:
        """Send a body to the collection (POST) or the item (PUT, PATCH)."""
        path = spec.path if method == "POST" else self.paths[spec.path]
        return self.owner.send(method, path, (PATCH if method == "PATCH" else JSON) | {"If-Match": "*"}, **body)
