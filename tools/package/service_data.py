"""Cuts AWS's service data, of which botocore reads a part at every start, to what our services need.

The data of all services have 29 MB, and their endpoints alone more than one, of which a client takes a few lines. What
is left is written plainly: the zip packs it, and a start need not unpack it twice.
"""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

SERVICES = ("dynamodb",)
"""The services that are called."""
READ = ("service-2", "endpoint-rule-set-1")
"""What a client reads of a service: neither paginators nor waiters nor examples."""
TOLD = "documentation"


def cut(data: Path) -> None:
    """Cut a copy of ``botocore/data``."""
    for place in data.iterdir():
        if place.is_dir() and place.name not in SERVICES:
            shutil.rmtree(place)
    for service in SERVICES:
        *older, newest = sorted((data / service).iterdir())
        for place in older:
            shutil.rmtree(place)
        _cut_service(newest)
    endpoints = data / "endpoints.json"
    _write(endpoints, _of_ours(json.loads(endpoints.read_bytes())))


def _cut_service(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        name = file.name.partition(".")[0]
        if name in READ:
            content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            _write(folder / f"{name}.json", _without_words(json.loads(content)))
        if file.name != f"{name}.json" or name not in READ:
            file.unlink()


def _of_ours(endpoints: dict[str, Any]) -> dict[str, Any]:
    """Return the endpoints of all partitions, for our services alone."""
    partitions = [
        partition | {"services": {name: told for name, told in partition["services"].items() if name in SERVICES}}
        for partition in endpoints["partitions"]
    ]
    return endpoints | {"partitions": partitions}


def _without_words(model: Any) -> Any:
    """Return a model without what it tells people."""
    if isinstance(model, dict):
        # A member may be called so too; then it is no text.
        return {key: _without_words(value) for key, value in model.items() if key != TOLD or not isinstance(value, str)}
    return [_without_words(value) for value in model] if isinstance(model, list) else model


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
