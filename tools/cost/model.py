"""Computes what a month costs. Pure, and in decimals: two cents are two cents."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from tools.cost.prices import Price

CENT = Decimal("0.01")
GB = Decimal(1_000_000_000)
MILLI = Decimal(1000)
SECONDS = 730 * 3600
"""Seconds of a month, as AWS counts its hours."""
MOST = 10**9
"""Requests a month that nobody has."""


class Item(Struct, frozen=True):
    """So many units of something."""

    what: str
    price: Price
    quantity: Decimal

    @property
    def list_price(self) -> Decimal:
        """What they cost, in dollars."""
        return self.quantity * self.price.usd

    @property
    def beyond_free(self) -> Decimal:
        """What they cost if nothing else of the account uses what is always free, in dollars."""
        return max(self.quantity - self.price.free, Decimal(0)) * self.price.usd


class Average(Struct, frozen=True, kw_only=True):
    """What a request takes, on average."""

    billed_ms: Decimal
    read: Decimal
    """Read request units."""
    written: Decimal
    """Write request units."""
    sent_bytes: Decimal
    log_bytes: Decimal


class Stage(Struct, frozen=True, kw_only=True):
    """What a stage has, whether anybody calls or not."""

    name: str
    alarms: int
    """Metrics that its alarms name."""
    queries: int
    """Queries for metrics that its alarms make. What they ask for is sent only when DynamoDB fails: one metric each."""
    metrics: int
    """Custom metrics, of the log's lines and of its filters."""
    dashboards: int
    keys: int
    traced: bool
    """Whether X-Ray records requests."""
    log_days: int
    backups: Decimal
    """Full copies of the table that are kept."""


class Month(Struct, frozen=True, kw_only=True):
    """What happens in a month."""

    requests: int
    cold_share: Decimal
    """Which part of the requests waits for a cold start."""
    init_ms: Decimal
    """What a cold start takes."""
    stored_gb: Decimal
    packages_gb: Decimal


def average(parts: Iterable[tuple[int, Average]]) -> Average:
    """Return the average of kinds of requests, each with its share in a hundred."""
    told = list(parts)
    if sum(percent for percent, _ in told) != 100:
        raise ValueError("The shares are not a hundred together.")
    return Average(**{
        field: sum((getattr(one, field) * percent for percent, one in told), Decimal(0)) / 100
        for field in Average.__struct_fields__
    })  # fmt: skip


def bill(stage: Stage, month: Month, request: Average, prices: Mapping[str, Price]) -> list[Item]:
    """Return what a month of a stage consists of, the function having 1 GB of memory."""
    requests = Decimal(month.requests)
    seconds = requests * (request.billed_ms + month.cold_share * month.init_ms) / MILLI
    logged = requests * request.log_bytes / GB
    # A custom metric is paid for the hours in which it is sent: nobody calls, nothing is sent.
    metrics = stage.metrics if month.requests else 0
    quantities = (
        ("Lambda, requests", "lambda_request", requests),
        ("Lambda, time", "lambda_second", seconds),
        ("HTTP API", "gateway_request", requests),
        ("DynamoDB, reads", "table_read", requests * request.read),
        ("DynamoDB, writes", "table_write", requests * request.written),
        ("DynamoDB, storage", "table_storage", month.stored_gb),
        ("DynamoDB, point-in-time recovery", "point_in_time", month.stored_gb),
        ("DynamoDB, backups", "backup", month.stored_gb * stage.backups),
        ("CloudWatch, log written", "log_ingest", logged),
        ("CloudWatch, log kept", "log_storage", logged * stage.log_days / 30),
        ("CloudWatch, custom metrics", "metric", Decimal(metrics)),
        ("CloudWatch, alarms", "alarm", Decimal(stage.alarms)),
        ("CloudWatch, alarms that ask", "query", Decimal(stage.queries)),
        ("CloudWatch, dashboard", "dashboard", Decimal(stage.dashboards)),
        ("KMS, key of the alarms' topic", "key", Decimal(stage.keys)),
        ("X-Ray", "trace", traces(month.requests) if stage.traced else Decimal(0)),
        ("S3, packages", "bucket_storage", month.packages_gb),
        ("Data to the internet", "transfer", requests * request.sent_bytes / GB),
    )
    return [Item(what, prices[name], quantity) for what, name, quantity in quantities]


def traces(requests: int) -> Decimal:
    """Return how many of a month's requests X-Ray records, at most: one each second, and 5 % of the others.

    That is its own rule, which for Lambda cannot be changed; of requests that come close together it records fewer.
    https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
    """
    always = min(requests, SECONDS)
    return always + (requests - always) * Decimal("0.05")


def servers(hours: Decimal, prices: Mapping[str, Price]) -> dict[str, list[Item]]:
    """Return what servers that are always on cost a month, without traffic, logs and a second one."""
    disk = Item("disk of 8 GB", prices["disk"], Decimal(8))
    address = Item("public address", prices["address_hour"], hours)
    return {
        "The smallest server: EC2 t4g.nano": [Item("instance", prices["nano_hour"], hours), disk, address],
        "A usual server: Fargate behind a load balancer": [
            Item("0.25 vCPU", prices["fargate_cpu_hour"], hours / 4),
            Item("0.5 GB", prices["fargate_gb_hour"], hours / 2),
            Item("load balancer", prices["balancer_hour"], hours),
            # The balancer stands in two zones, and the task has an address to fetch its image by.
            Item("three public addresses", prices["address_hour"], hours * 3),
        ],
    }


def reaches(target: Decimal, cost: Callable[[int], Decimal]) -> int:
    """Return with how many requests a month something costs as much as something else.

    Args:
        target: what that costs, in dollars.
        cost: what a month with so many requests costs; never less for more of them.
    """
    return bisect_left(range(MOST), target, key=cost)


def total(items: Iterable[Item], *, free: bool = False) -> Decimal:
    """Return what items cost together, in dollars: all of them, or those beyond what is free."""
    return sum((item.beyond_free if free else item.list_price for item in items), Decimal(0))


def dollars(amount: Decimal) -> str:
    """Write an amount in dollars and cents; what is more than nothing and less than half a cent as such."""
    rounded = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return "< 0.01" if amount > 0 and rounded == 0 else f"{rounded:,.2f}"
