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
"""The metrics. Faults are responses of status 500 and above, Unauthenticated those of 401 and RateLimited those of 429;
Capacity is in capacity units of DynamoDB."""

Fields = Mapping[str, Any]


def emf_fields(stage: str) -> Callable[[Fields], dict[str, Any]]:
    """Return a function that returns the metric members for the fields of a log line."""
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Stage"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in UNITS.items()],
    }
    # The directive is the same in every line, so it is encoded once.
    directives = msgspec.Raw(msgspec.json.encode([directive]))

    def measure(fields: Fields) -> dict[str, Any]:
        return {
            "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": directives},
            "Stage": stage,
            "Latency": fields["ms"],
            "Faults": int(fields["status"] >= 500),
            "ColdStarts": int(fields["coldStart"]),
            "Capacity": fields["capacity"],
            "Unauthenticated": int(fields["status"] == 401),
            "RateLimited": int(fields["status"] == 429),
        }

    return measure
