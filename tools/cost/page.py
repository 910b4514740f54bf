"""Writes docs/cost.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from string import Template

from tools.cost import mix, model, stages
from tools.cost.measure import Measured, Taken
from tools.cost.model import Average, Item, Month, dollars, total
from tools.cost.prices import Price

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"
TEMPLATE = Path(__file__).with_name("page.md")
STAGES = ("dev", "production")
Bills = dict[int, list[Item]]
"""What a month consists of, by the number of its requests."""
WIDEST = 60
"""A column is not made wider than that for the sake of its longest cell."""
COLUMNS = {0: "idle", 10_000: "10,000 requests", 10_000_000: "10 million requests"}


def page(measured: Measured, prices: Mapping[str, Price]) -> str:
    """Return the page."""
    request, init, months = _average(measured), _init(measured), bills(measured, prices)
    servers, production = model.servers(mix.HOURS, prices), stages.read("production")

    def cost(number: int, *, free: bool) -> Decimal:
        return total(model.bill(production, _month(number, init), request, prices), free=free)

    costs = partial(cost, free=False), partial(cost, free=True)
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        summary=summary(months, servers),
        servers="\n".join(_server(name, items, *costs) for name, items in servers.items()),
        dev=_items(months["dev"]),
        production=_items(months["production"]),
        date=measured.date,
        python=measured.python,
        machine=measured.machine,
        load=f"{measured.load:.1f}",
        init=f"{measured.init_cpu_ms:,.0f}",
        requests=_requests(measured),
        slowness=f"{1 / mix.SLOWNESS:.2f}",
        slower=f"{mix.SLOWNESS:.2f}",
        call=mix.CALL_MS,
        billed=f"{request.billed_ms:.0f}",
        billed_init=f"{init:,.0f}",
        stored=", ".join(f"{gb} GB ({COLUMNS[number]})" for number, gb in mix.STORED_GB.items()),
        platform=f"{mix.PLATFORM_LOG_BYTES:,}",
        prices=_prices(prices.values()),
        unconfirmed=_unconfirmed(prices.values()),
    )


def bills(measured: Measured, prices: Mapping[str, Price]) -> dict[str, Bills]:
    """Return what the months of each kind of stage consist of."""
    request, init = _average(measured), _init(measured)
    return {
        name: {number: model.bill(stages.read(name), _month(number, init), request, prices) for number in COLUMNS}
        for name in STAGES
    }


def summary(kinds: Mapping[str, Bills], servers: Mapping[str, Sequence[Item]]) -> str:
    """Return the table of what each kind of stage costs altogether, beside servers."""
    rows: list[tuple[str, ...]] = []
    for name, months in kinds.items():
        rows.append((f"`{name}`, list price", *(dollars(total(items)) for items in months.values())))
        rows.append(
            (f"`{name}`, beyond what is free", *(dollars(total(items, free=True)) for items in months.values()))
        )
    rows += [(f"{name}", *[dollars(total(items))] * len(COLUMNS)) for name, items in servers.items()]
    return _table(("", *COLUMNS.values()), rows)


def _average(measured: Measured) -> Average:
    """Return what a request takes on Lambda, over the mix."""
    return model.average((request.percent, _on_lambda(measured.requests[request.name])) for request in mix.MIX)


def _init(measured: Measured) -> Decimal:
    """Return how long a start takes on Lambda, in ms."""
    return Decimal(str(measured.init_cpu_ms)) * mix.SLOWNESS


def _on_lambda(taken: Taken) -> Average:
    return Average(
        billed_ms=Decimal(str(taken.cpu_ms)) * mix.SLOWNESS + Decimal(str(taken.calls)) * mix.CALL_MS,
        read=Decimal(str(taken.read)),
        written=Decimal(str(taken.written)),
        sent_bytes=Decimal(str(taken.sent_bytes)),
        log_bytes=Decimal(str(taken.log_bytes)) + mix.PLATFORM_LOG_BYTES,
    )


def _month(requests: int, init: Decimal) -> Month:
    return Month(
        requests=requests,
        cold_share=mix.COLD_SHARE.get(requests, mix.SELDOM),
        init_ms=init,
        stored_gb=mix.STORED_GB.get(requests, mix.STORED_GB[0]),
        packages_gb=mix.KEPT_PACKAGES_GB,
    )


def _server(name: str, items: Sequence[Item], *costs: Callable[[int], Decimal]) -> str:
    parts = ", ".join(f"{item.what} {dollars(item.list_price)}" for item in items)
    listed, beyond = (model.reaches(total(items), cost) // 10_000 * 10_000 for cost in costs)
    crossing = f"at {listed:,} requests a month by its list price, at {beyond:,} beyond what is free"
    return f"- {name}: {dollars(total(items))} ({parts}).\n  `production` costs as much {crossing}."


def _items(bills: Bills) -> str:
    months = list(bills.values())
    rows = [(items[0].what, *(dollars(item.list_price) for item in items)) for items in zip(*months, strict=True)]
    return _table(("", *COLUMNS.values()), [row for row in rows if set(row[1:]) != {"0.00"}])


def _requests(measured: Measured) -> str:
    rows = []
    for request in mix.MIX:
        taken = measured.requests[request.name]
        units = f"{taken.read:g} read" + (f", {taken.written:g} written" if taken.written else "")
        rows.append((f"`{request.name}`", f"{request.percent} %", f"{taken.cpu_ms:.1f}", f"{taken.calls:g}", units,
                     f"{taken.sent_bytes:,.0f}", f"{taken.log_bytes:,.0f}"))  # fmt: skip
    return _table(("request", "share", "CPU, ms", "calls", "capacity units", "bytes sent", "bytes logged"), rows)


def _prices(prices: Iterable[Price]) -> str:
    rows = [
        (price.name.replace("_", " ") + ("" if price.confirmed else " \\*"), f"[{price.unit}]({price.source})",
         f"{price.usd.normalize():f}",
         f"{price.free.normalize():,f}" if price.free else "", str(price.published or ""), str(price.read))
        for price in prices
    ]  # fmt: skip
    return _table(("", "one", "dollars", "free a month", "published", "read"), rows)


def _unconfirmed(prices: Iterable[Price]) -> str:
    told = [f"- {price.name.replace('_', ' ')}: {price.note}" for price in prices if not price.confirmed]
    return "\\* Not confirmed by a copy of AWS's own list for this region:\n\n" + "\n".join(told)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; all columns but the first are numbers, and stand on the right."""
    lines = [head, *rows]
    widths = [min(WIDEST, max(len(line[at]) for line in lines)) for at in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_row(line, widths) for line in (head, rule, *lines[1:]))


def _row(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (f"{cell:{'>' if at else '<'}{widths[at]}}" for at, cell in enumerate(line))
    return f"| {' | '.join([first, *others])} |"
