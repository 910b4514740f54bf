"""Measure a page and print the result as a line of JSON. Its log lines have the capacity units of each request.

Run this script in a fresh process. Only the deployed files are on its path.

page_worker.py <entry> <event.json> <requests>
"""

from __future__ import annotations

import base64
import gzip
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any


def measure(entry: str, event: dict[str, Any], requests: int) -> dict[str, float]:
    """Return the bytes of a page, and the milliseconds of CPU of the first request and of later ones."""
    module, _, name = entry.partition(".")
    handler = getattr(importlib.import_module(module), name)
    start = time.process_time_ns()
    response = handler(event, None)
    first = time.process_time_ns() - start
    if response["statusCode"] != 200:
        sys.exit(f"Unexpected response: {response}")
    start = time.process_time_ns()
    for _ in range(requests):
        handler(event, None)
    warm = (time.process_time_ns() - start) / requests
    is_compressed = response["isBase64Encoded"]
    body = base64.b64decode(response["body"]) if is_compressed else response["body"].encode()
    html = gzip.decompress(body) if is_compressed else body
    return {"first_ms": first / 1e6, "warm_ms": warm / 1e6, "html": len(html), "sent": len(gzip.compress(html, 6))}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")), int(sys.argv[3]))))
