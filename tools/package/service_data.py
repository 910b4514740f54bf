"""Cuts botocore's service data to what a client of DynamoDB reads. A cold start loads the data.

Other services, other operations and documentation go, and so do the endpoints of other services. The rest is written
as plain JSON, because the zip compresses it, and a start need not decompress it twice. A maintainer of botocore says
that unused folders of its data may be removed (https://github.com/boto/botocore/issues/1629).
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SERVICE = "dynamodb"
FILES = ("service-2", "endpoint-rule-set-1")
"""The files that a client reads: neither paginators nor waiters nor examples."""
OPERATIONS = (
    "BatchGetItem", "GetItem", "Query", "TransactWriteItems",  # api/store/table.py
    "CreateTable", "DescribeTable", "Scan", "UpdateTimeToLive",  # tools/tables.py, in the local image
)  # fmt: skip
"""The operations that are called."""
DOCUMENTATION = "documentation"


def cut(data: Path) -> None:
    """Cut a copy of the folder ``botocore/data``, in place."""
    for path in data.iterdir():
        if path.is_dir() and path.name != SERVICE:
            shutil.rmtree(path)
    *older, newest = sorted((data / SERVICE).iterdir())
    for path in older:
        shutil.rmtree(path)
    contents = {name: _read(newest, name) for name in FILES}
    contents["service-2"] = _with_operations(contents["service-2"])
    shutil.rmtree(newest)
    newest.mkdir()
    for name, content in contents.items():
        _write(newest, name, _without_documentation(content))
    endpoints = _read(data, "endpoints")
    for partition in endpoints["partitions"]:
        partition["services"] = {name: told for name, told in partition["services"].items() if name == SERVICE}
    _write(data, "endpoints", endpoints)


def _with_operations(model: dict[str, Any]) -> dict[str, Any]:
    """Return a model with the operations that are called, and with the shapes that they consist of."""
    operations = {name: model["operations"][name] for name in OPERATIONS}
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
    """Return a model without its texts. A member may have the name "documentation" too, and is no text."""
    if isinstance(model, dict):
        return {
            name: _without_documentation(value)
            for name, value in model.items()
            if name != DOCUMENTATION or not isinstance(value, str)
        }
    return [_without_documentation(value) for value in model] if isinstance(model, list) else model


def _read(folder: Path, name: str) -> Any:
    plain, packed = folder / f"{name}.json", folder / f"{name}.json.gz"
    return json.loads(gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes())


def _write(folder: Path, name: str, content: Any) -> None:
    (folder / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
    (folder / f"{name}.json.gz").unlink(missing_ok=True)
