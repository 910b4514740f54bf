"""Compute the monthly AWS cost from cost.toml, print the summary and write docs/cost.md (``make cost``)."""

from __future__ import annotations

import re
import sys
import tomllib
from bisect import bisect_left
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from api.domain.photos import WIDTHS
from tools.cli import CliError, echo, run_main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"
BLOCK = re.compile(r"(<!-- begin (\w+) -->\n).*?(?=\n<!-- end -->)", re.S)
GB = 10**9
Data = dict[str, Any]


class CostItem(NamedTuple):
    """A quantity and its price."""

    title: str
    quantity: Decimal
    usd: Decimal
    free: Decimal

    def cost(self, *, free_tier: bool = False) -> Decimal:
        """Return the cost in dollars, at list price or less the free tier."""
        return (max(self.quantity - self.free, Decimal(0)) if free_tier else self.quantity) * self.usd


def load_data() -> Data:
    """Load cost.toml. Fractions become decimals, because a float would round prices."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"), parse_float=Decimal)


def make_item(data: Data, title: str, price: str, quantity: Decimal | int) -> CostItem:
    """Return a cost item. Raise CliError if cost.toml lacks the price or one of its members."""
    entry = data["prices"].get(price, {})
    if missing := [key for key in ("usd", "unit", "source") if key not in entry]:
        raise CliError(f"tools/ops/cost.toml: the price {price} has no {missing[0]}.")
    return CostItem(title, Decimal(quantity), Decimal(entry["usd"]), Decimal(entry.get("free", 0)))


def total(items: Iterable[CostItem], *, free_tier: bool = False) -> Decimal:
    """Return the total cost, at list price or less the free tier."""
    return sum((item.cost(free_tier=free_tier) for item in items), Decimal(0))


def average(data: Data, figure: str) -> Decimal:
    """Return the weighted average of a measured figure over all requests."""
    return sum((Decimal(entry[figure]) * entry["percent"] for entry in data["requests"].values()), Decimal(0)) / 100


def monthly_items(data: Data, stage: Data, month: Data) -> list[CostItem]:
    """Return the cost items of a stage in a month."""
    assumed, requests, stored = data["assumed"], month["requests"], month["stored_gb"]
    cpu_ms = average(data, "cpu_ms") + month["cold_share"] * data["measured"]["init_cpu_ms"]
    seconds = requests * (cpu_ms * assumed["cpu_factor"] + average(data, "calls") * assumed["call_ms"]) / 1000
    logged = requests * (average(data, "log_bytes") + assumed["platform_log_bytes"]) / GB
    photos, reads = month["photos"], requests * assumed["photo_read_share"]
    sent = requests * average(data, "sent_bytes") + reads * assumed["photo_file_bytes"]
    quantities = (
        ("Lambda, requests", "lambda_request", requests),
        ("Lambda, time", "lambda_second", seconds),
        ("Lambda, photos", "lambda_second", photos * assumed["photo_seconds"] * assumed["cpu_factor"]),  # of 1,769 MB
        ("HTTP API", "gateway_request", requests),
        ("DynamoDB, reads", "table_read", requests * average(data, "read")),
        ("DynamoDB, writes", "table_write", requests * average(data, "written")),
        ("DynamoDB, storage", "table_storage", stored),
        ("DynamoDB, point-in-time recovery", "point_in_time", stored),
        ("DynamoDB, backups", "backup", stored * stage["backups"]),
        ("CloudWatch, log ingestion", "log_ingest", logged),
        ("CloudWatch, log storage", "log_storage", logged * stage["log_days"] / 30),
        ("CloudWatch, custom metrics", "metric", stage["metrics"] if requests else 0),  # billed while they are sent
        ("CloudWatch, alarms", "alarm", stage["alarms"]),
        ("CloudWatch, alarms with a query", "query", stage["queries"]),
        ("CloudWatch, dashboard", "dashboard", stage["dashboards"]),
        ("KMS, key of the alarms' topic", "key", stage["keys"]),
        ("S3, packages", "bucket_storage", assumed["packages_gb"]),
        ("S3, photos", "bucket_storage", month["photos_gb"]),
        ("S3, writes of photos", "bucket_put", photos * (1 + len(WIDTHS))),
        ("S3, reads of photos", "bucket_get", photos + reads),
        ("Data transfer to the internet", "transfer", sent / GB),
    )
    return [make_item(data, *quantity) for quantity in quantities]


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table. All columns except the first are right-aligned."""
    first, *others = (max(map(len, column)) for column in zip(head, *rows, strict=True))
    rule = ["-" * first, *("-" * (width - 1) + ":" for width in others)]
    lines = ([row[0].ljust(first), *map(str.rjust, row[1:], others)] for row in (head, rule, *rows))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def dollars(amount: Decimal) -> str:
    """Return an amount in dollars and cents."""
    rounded = amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return "< 0.01" if amount > 0 and rounded == 0 else f"{rounded:,.2f}"


def break_even(data: Data, usd: Decimal, *, free_tier: bool) -> str:
    """Return the number of requests at which production costs as much as a server."""
    stage, idle = data["stages"]["production"], data["months"][0]
    requests = bisect_left(
        range(10**9), usd, key=lambda n: total(monthly_items(data, stage, idle | {"requests": n}), free_tier=free_tier)
    )
    return f"{requests // 10_000 * 10_000:,}"


def tables(data: Data) -> dict[str, str]:
    """Return the tables of the page by name."""
    head = ["", *(month["name"] for month in data["months"])]
    result, summary, break_evens = {}, [], []
    for name, stage in data["stages"].items():
        months = [monthly_items(data, stage, month) for month in data["months"]]
        summary.append([f"`{name}`, list price", *(dollars(total(month)) for month in months)])
        summary.append([f"`{name}`, with free tier", *(dollars(total(month, free_tier=True)) for month in months)])
        rows = [[row[0].title, *(dollars(item.cost()) for item in row)] for row in zip(*months, strict=True)]
        result[name] = table(head, [row for row in rows if {*row[1:]} != {"0.00"}])
    for name, parts in data["servers"].items():
        usd = total(make_item(data, **part) for part in parts)
        summary.append([name, *[dollars(usd)] * len(data["months"])])
        break_evens.append([name, *(break_even(data, usd, free_tier=free_tier) for free_tier in (False, True))])
    result |= {"summary": table(head, summary), "prices": price_table(data)}
    return result | {"break_even": table(["", "list price", "with free tier"], break_evens)}


def price_table(data: Data) -> str:
    """Return the table of the prices with links to their sources."""
    rows = []
    for name, price in data["prices"].items():
        title = f"{name}, unconfirmed" if "unconfirmed" in price else name
        usd, free = f"{Decimal(price['usd']):f}", f"{price.get('free', 0):,}"
        rows.append([title, usd, free, price["unit"], f"[{price['source']}]"])
    links = [f"[{name}]: {source['url']}" for name, source in data["sources"].items()]
    return "\n".join([table(["", "dollars", "free per month", "unit", "source"], rows), "", *links])


def main() -> None:
    """Print the summary and write the page."""
    contents = tables(load_data())
    echo(contents["summary"])
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda block: block[1] + contents[block[2]], text), encoding="utf-8")
    print("Written: docs/cost.md", file=sys.stderr)


if __name__ == "__main__":
    run_main(main)
