"""CloudWatch's metrics, embedded in the line of each request: no call, no agent, no line more.

The embedded metric format: a member ``_aws`` names the namespace, the dimensions and the metrics, and CloudWatch Logs
takes their values from the members of the same line.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

NAMESPACE = "Clowder"
UNITS = {"Latency": "Milliseconds", "Faults": "Count", "ColdStarts": "Count", "Capacity": "Count"}
"""The metrics. Faults are answers of 500 and above; capacity is what DynamoDB consumed, in capacity units."""

Fields = Mapping[str, Any]


def emf_fields(stage: str) -> Callable[[Fields], dict[str, Any]]:
    """Return what makes, of the fields of a request's line, the members that CloudWatch reads besides."""
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Stage"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in UNITS.items()],
    }
    # The same in every line: encoded once.
    directives = msgspec.Raw(msgspec.json.encode([directive]))

    def measure(fields: Fields) -> dict[str, Any]:
        return {
            "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": directives},
            "Stage": stage,
            "Latency": fields["ms"],
            "Faults": int(fields["status"] >= 500),
            "ColdStarts": int(fields["coldStart"]),
            "Capacity": fields["capacity"],
        }

    return measure
