"""Reduces the service data of botocore to the data that the clients of DynamoDB and S3 read. A start loads the data.

The data and endpoints of other services, unused operations and documentation are removed. The rest is written as plain
JSON: the zip compresses it, so a cold start need not decompress it twice. A maintainer of botocore says that unused
folders of its data may be removed (https://github.com/boto/botocore/issues/1629).
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILES = ("service-2", "service-2.sdk-extras", "endpoint-rule-set-1")
"""The files that a client reads, if a service has them. Paginators, waiters and examples are not needed."""
OPERATIONS = {
    "dynamodb": (
        "BatchGetItem", "GetItem", "Query", "TransactWriteItems", "UpdateItem",  # api/store/table.py
        "CreateTable", "DescribeTable", "Scan", "UpdateTimeToLive",  # tools/tables.py, in the local image
    ),
    "s3": (
        "DeleteObjects", "GetObject", "PutObject",  # api/store/bucket.py
        "CreateBucket",  # generate_presigned_post takes its endpoint
    ),
}  # fmt: skip
"""The operations that the code calls, by service."""
DOCUMENTATION = "documentation"


def cut(data: Path) -> None:
    """Reduce a copy of the folder ``botocore/data`` in place."""
    for path in data.iterdir():
        if path.is_dir() and path.name not in OPERATIONS:
            shutil.rmtree(path)
    for service, operations in OPERATIONS.items():
        _cut_service(data / service, operations)
    endpoints = _read(data, "endpoints")
    for partition in endpoints["partitions"]:
        partition["services"] = {key: value for key, value in partition["services"].items() if key in OPERATIONS}
    _write(data, "endpoints", endpoints)


def _cut_service(folder: Path, operations: tuple[str, ...]) -> None:
    *older, newest = sorted(folder.iterdir())
    for path in older:
        shutil.rmtree(path)
    contents = {name: _read(newest, name) for name in FILES if any(newest.glob(f"{name}.json*"))}
    contents["service-2"] = _with_operations(contents["service-2"], operations)
    shutil.rmtree(newest)
    newest.mkdir()
    for name, content in contents.items():
        # botocore reads the documentation of these parameters.
        parameters = {key: content[key] for key in ("clientContextParams",) if key in content}
        _write(newest, name, _without_documentation(content) | parameters)


def _with_operations(model: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return a model with the operations of some names and the shapes that they use."""
    operations = {name: model["operations"][name] for name in names}
    shapes: dict[str, Any] = {}
    missing = set(_shape_names(operations))
    while missing:
        name = missing.pop()
        shapes[name] = model["shapes"][name]
        missing |= set(_shape_names(shapes[name])) - shapes.keys()
    return model | {"operations": operations, "shapes": dict(sorted(shapes.items()))}


def _shape_names(model: Any) -> Iterator[str]:
    """Yield the names of the shapes that a part of a model refers to."""
    if isinstance(model, dict):
        if isinstance(model.get("shape"), str):
            yield model["shape"]
        model = list(model.values())
    if isinstance(model, list):
        for value in model:
            yield from _shape_names(value)


def _without_documentation(model: Any) -> Any:
    """Return a model without documentation strings. A member that is named "documentation" is not removed."""
    if isinstance(model, dict):
        return {
            name: _without_documentation(value)
            for name, value in model.items()
            if name != DOCUMENTATION or not isinstance(value, str)
        }
    return [_without_documentation(value) for value in model] if isinstance(model, list) else model


def _read(folder: Path, name: str) -> Any:
    plain, compressed = folder / f"{name}.json", folder / f"{name}.json.gz"
    return json.loads(gzip.decompress(compressed.read_bytes()) if compressed.exists() else plain.read_bytes())


def _write(folder: Path, name: str, content: Any) -> None:
    path = folder / f"{name}.json"
    # A new file, because the old one may be a hard link into the cache of uv.
    for old in (path, path.with_suffix(".json.gz")):
        old.unlink(missing_ok=True)
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
