"""Validation does no I/O: everything that a rule needs is read before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from api.services.entity_service import EntityService
from api.store.table import Table
from tests.support.app import TestApp
from tests.support.populated_app import SERVICES
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource

Service = EntityService[Any, Any, Any, Any, Any]


@contextmanager
def calls_in_validation(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Record the calls to DynamoDB that a service makes while it validates."""
    validate, call = service.validate, Table._call
    validating, calls = False, list[str]()

    def recording_validate(*arguments: Any) -> list[Any]:
        nonlocal validating
        validating = True
        try:
            return list(validate(*arguments))
        finally:
            validating = False

    def recording_call(table: Table, operation: Any, *arguments: Any) -> Any:
        if validating:
            calls.append(operation.__name__)
        return call(table, operation, *arguments)

    monkeypatch.setattr(Table, "_call", recording_call)
    msgspec.structs.force_setattr(service, "validate", recording_validate)
    try:
        yield calls
    finally:
        msgspec.structs.force_setattr(service, "validate", validate)


@every_resource
def test_validation_makes_no_calls_to_dynamodb(
    cafe: TestApp, spec: ResourceSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    with calls_in_validation(SERVICES[spec.path], monkeypatch) as calls:
        spec.create(spec.writer_client(cafe))
    assert calls == []


def test_validation_that_reads_is_detected(cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    service = SERVICES["/cats"]
    validate = service.validate

    def reading_validate(context: Any, *arguments: Any) -> list[Any]:
        service.repository.get(context.dependencies.table, "milo", consistent=True)
        return list(validate(context, *arguments))

    msgspec.structs.force_setattr(service, "validate", reading_validate)
    try:
        with calls_in_validation(service, monkeypatch) as calls:
            assert cafe.staff.put("/cats/luna", {}).status_code == 201
    finally:
        msgspec.structs.force_setattr(service, "validate", validate)
    assert calls == ["get_item"]
