"""CloudWatch metrics in the log line of each request: no API call and no agent.

The embedded metric format: the member ``_aws`` names the namespace, the dimensions and the metrics. CloudWatch Logs
takes their values from the other members of the line.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

NAMESPACE = "Clowder"
UNITS = {
    "Latency": "Milliseconds", "Faults": "Count", "ColdStarts": "Count", "Capacity": "Count",
    "Unauthenticated": "Count", "RateLimited": "Count",
}  # fmt: skip
"""The metrics of every request. Faults are responses of status 500 and above, Unauthenticated those of 401 and
RateLimited those of 429; Capacity is in capacity units of DynamoDB. A line also has the business metrics of the writes
of its request (``BusinessMetric``)."""

Fields = Mapping[str, Any]


def emf_fields(stage: str) -> Callable[[Fields, Mapping[str, int]], dict[str, Any]]:
    """Return a function that returns the metric members for the fields of a log line and its business metrics."""
    # Nearly all lines have no business metrics. Their directives are the same, so they are encoded once.
    common = msgspec.Raw(msgspec.json.encode(_directives(UNITS)))

    def measure(fields: Fields, counts: Mapping[str, int]) -> dict[str, Any]:
        directives = _directives(UNITS | dict.fromkeys(counts, "Count")) if counts else common
        return {
            "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": directives},
            "Stage": stage,
            **counts,
            "Latency": fields["ms"],
            "Faults": int(fields["status"] >= 500),
            "ColdStarts": int(fields["coldStart"]),
            "Capacity": fields["capacity"],
            "Unauthenticated": int(fields["status"] == 401),
            "RateLimited": int(fields["status"] == 429),
        }

    return measure


def _directives(units: Mapping[str, str]) -> list[dict[str, Any]]:
    metrics = [{"Name": name, "Unit": unit} for name, unit in units.items()]
    return [{"Namespace": NAMESPACE, "Dimensions": [["Stage"]], "Metrics": metrics}]
