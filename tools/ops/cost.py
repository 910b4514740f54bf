"""Compute what a café costs a month on AWS from cost.toml; print the table, write docs/cost.md (``make cost``)."""

from __future__ import annotations

import re
import sys
import tomllib
from bisect import bisect_left
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tools.cli import CliError, echo, run_main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"
BLOCK = re.compile(r"(<!-- begin (\w+) -->\n).*?(?=\n<!-- end -->)", re.S)
GB = 10**9
SECONDS = 730 * 3600  # of a month, as AWS counts
Data = dict[str, Any]


class Item(NamedTuple):
    """Hold a quantity and the price of one unit."""

    what: str
    quantity: Decimal
    usd: Decimal
    free: Decimal

    def cost(self, *, free: bool = False) -> Decimal:
        """Return the dollars for all units, or for those beyond the always free ones."""
        return (max(self.quantity - self.free, Decimal(0)) if free else self.quantity) * self.usd


def read() -> Data:
    """Return cost.toml, its fractions as decimals: a float would round a price."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"), parse_float=Decimal)


def make_item(data: Data, what: str, price: str, quantity: Decimal | int) -> Item:
    """Return an item; raise CliError where cost.toml lacks its price or a member of it."""
    entry = data["prices"].get(price, {})
    if missing := [key for key in ("usd", "unit", "source") if key not in entry]:
        raise CliError(f"tools/ops/cost.toml: the price {price} has no {missing[0]}.")
    return Item(what, Decimal(quantity), Decimal(entry["usd"]), Decimal(entry.get("free", 0)))


def total(items: Iterable[Item], *, free: bool = False) -> Decimal:
    """Return the cost of all items, by list price or beyond what is free."""
    return sum((item.cost(free=free) for item in items), Decimal(0))


def average(data: Data, figure: str) -> Decimal:
    """Return a measured figure of the average request."""
    return sum((Decimal(one[figure]) * one["percent"] for one in data["requests"].values()), Decimal(0)) / 100


def bill(data: Data, stage: Data, month: Data) -> list[Item]:
    """Return the items of a month of a stage."""
    assumed, requests, stored = data["assumed"], month["requests"], month["stored_gb"]
    cpu_ms = average(data, "cpu_ms") + month["cold_share"] * data["measured"]["init_cpu_ms"]
    seconds = requests * (cpu_ms * assumed["cpu_factor"] + average(data, "calls") * assumed["call_ms"]) / 1000
    traced = min(requests, SECONDS) + max(requests - SECONDS, 0) * assumed["traced_share"]
    logged = requests * (average(data, "log_bytes") + assumed["platform_log_bytes"]) / GB
    quantities = (
        ("Lambda, requests", "lambda_request", requests),
        ("Lambda, time", "lambda_second", seconds),
        ("HTTP API", "gateway_request", requests),
        ("DynamoDB, reads", "table_read", requests * average(data, "read")),
        ("DynamoDB, writes", "table_write", requests * average(data, "written")),
        ("DynamoDB, storage", "table_storage", stored),
        ("DynamoDB, point-in-time recovery", "point_in_time", stored),
        ("DynamoDB, backups", "backup", stored * stage["backups"]),
        ("CloudWatch, log written", "log_ingest", logged),
        ("CloudWatch, log stored", "log_storage", logged * stage["log_days"] / 30),
        ("CloudWatch, custom metrics", "metric", stage["metrics"] if requests else 0),  # billed while they are sent
        ("CloudWatch, alarms", "alarm", stage["alarms"]),
        ("CloudWatch, alarms with a query", "query", stage["queries"]),
        ("CloudWatch, dashboard", "dashboard", stage["dashboards"]),
        ("KMS, key of the alarms' topic", "key", stage["keys"]),
        ("X-Ray", "trace", traced * stage["traced"]),
        ("S3, packages", "bucket_storage", assumed["packages_gb"]),
        ("Data to the internet", "transfer", requests * average(data, "sent_bytes") / GB),
    )
    return [make_item(data, *quantity) for quantity in quantities]


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; all columns but the first are aligned right."""
    first, *others = (max(map(len, column)) for column in zip(head, *rows, strict=True))
    rule = ["-" * first, *("-" * (width - 1) + ":" for width in others)]
    lines = ([row[0].ljust(first), *map(str.rjust, row[1:], others)] for row in (head, rule, *rows))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def dollars(amount: Decimal) -> str:
    """Return an amount in dollars and cents."""
    rounded = amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return "< 0.01" if amount > 0 and rounded == 0 else f"{rounded:,.2f}"


def crossing(data: Data, usd: Decimal, *, free: bool) -> str:
    """Return the number of requests with which production costs as much as a server."""
    stage, idle = data["stages"]["production"], data["months"][0]
    found = bisect_left(range(10**9), usd, key=lambda n: total(bill(data, stage, idle | {"requests": n}), free=free))
    return f"{found // 10_000 * 10_000:,}"


def tables(data: Data) -> dict[str, str]:
    """Return the tables of the page by their names."""
    head = ["", *(month["name"] for month in data["months"])]
    made, summary, crossings = {}, [], []
    for name, stage in data["stages"].items():
        months = [bill(data, stage, month) for month in data["months"]]
        summary.append([f"`{name}`, list price", *(dollars(total(month)) for month in months)])
        summary.append([f"`{name}`, beyond what is free", *(dollars(total(month, free=True)) for month in months)])
        items = [[row[0].what, *(dollars(item.cost()) for item in row)] for row in zip(*months, strict=True)]
        made[name] = table(head, [row for row in items if {*row[1:]} != {"0.00"}])
    for name, parts in data["servers"].items():
        usd = total(make_item(data, **part) for part in parts)
        summary.append([name, *[dollars(usd)] * len(data["months"])])
        crossings.append([name, crossing(data, usd, free=False), crossing(data, usd, free=True)])
    made["summary"] = table(head, summary)
    made["crossings"] = table(["", "list price", "beyond what is free"], crossings)
    return made | {"prices": price_table(data)}


def price_table(data: Data) -> str:
    """Return the table of the prices with the addresses of their sources."""
    rows = []
    for name, price in data["prices"].items():
        mark = ", unconfirmed" if "unconfirmed" in price else ""
        amounts = f"{Decimal(price['usd']):f}", f"{price.get('free', 0):,}"
        rows.append([name + mark, *amounts, price["unit"], f"[{price['source']}]"])
    links = (f"[{name}]: {source['url']}" for name, source in data["sources"].items())
    return "\n".join([table(["", "dollars", "free a month", "unit", "source"], rows), "", *links])


def main() -> None:
    """Print the table and write the page."""
    made = tables(read())
    echo(made["summary"])
    page = BLOCK.sub(lambda block: block[1] + made[block[2]], PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(page, encoding="utf-8")
    print("Written: docs/cost.md", file=sys.stderr)


if __name__ == "__main__":
    run_main(main)
