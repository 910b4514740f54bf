"""Compute from scale.toml and cost.toml what breaks first under load, and write docs/scale.md (``make scale``)."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from html import escape
from math import log10
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tools.cli import echo, run_main
from tools.ops import cost

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "scale.md"
CHART = PAGE.with_suffix(".svg")
FACTORS = (1, 10, 100, 1000)
"""The loads of the page, as multiples of the load of a café."""
WIDTH, LEFT, ROW, TOP = 760, 330, 24, 40
"""The sizes in the chart, in pixels."""
ANY = "any request"


class Limit(NamedTuple):
    """A limit, in requests per second."""

    name: str
    cause: str
    rate: float


def load_data() -> dict[str, Any]:
    """Load scale.toml."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def peak(data: Mapping[str, Any]) -> float:
    """Return the requests per second of a café in its busiest time."""
    load = data["load"]
    return float(load["requests"] / load["open_hours"] / 3600 * load["peak"])


def limits(data: Mapping[str, Any]) -> list[Limit]:
    """Return all limits, the lowest first."""
    known = data["limits"]
    found = [Limit(ANY, f"`rate` of `{stage}`", rate) for stage, rate in _stage_rates().items()]
    for name, units in data["requests"].items():
        for kind, unit in (("read", "read"), ("written", "write")):
            if count := units.get(kind):
                cause = f"{count:g} {unit} unit{'s' if count != 1 else ''} in one partition"
                found.append(Limit(name, cause, known[f"partition_{unit}"] / count))
    for name, seconds in ((ANY, _seconds()), ("POST /sessions", _seconds("POST /sessions"))):
        for account in ("new_account", "account"):
            cause = f"{known[account]:,} executions of {seconds * 1000:.0f} ms"
            found.append(Limit(name, cause, known[account] / seconds))
    found.append(Limit(ANY, "the gateway", known["gateway"]))
    return sorted(found, key=lambda limit: limit.rate)


def _stage_rates() -> dict[str, float]:
    params = yaml.safe_load((ROOT / "serverless.yml").read_text(encoding="utf-8"))["params"]
    return {"dev": params["default"]["rate"], "production": params["production"]["rate"]}


def _seconds(name: str | None = None) -> float:
    """Return the duration of a type of request in Lambda without a cold start, or of the average request."""
    data = cost.load_data()
    figures = {key: data["requests"][name][key] if name else cost.average(data, key) for key in ("cpu_ms", "calls")}
    assumed = data["assumed"]
    milliseconds = figures["cpu_ms"] * Decimal(assumed["cpu_factor"]) + figures["calls"] * assumed["call_ms"]
    return float(milliseconds) / 1000


def tables(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the tables of the page by name."""
    base, found = peak(data), limits(data)
    rows = [[_name(limit), limit.cause, _round(limit.rate), _round(limit.rate / base)] for limit in found]
    return {
        "limits": cost.table(["requests", "limit", "per second", "times the café"], rows),
        "loads": "\n".join(_load(found, factor, base * factor) for factor in FACTORS),
    }


def _name(limit: Limit) -> str:
    """Return the name with the request as code."""
    request, comma, rest = limit.name.partition(", ")
    return ANY if request == ANY else f"`{request}`{comma}{rest}"


def _label(limit: Limit) -> str:
    """Return the name of a limit in the chart."""
    cause = limit.cause.replace("`", "")
    return cause if limit.name == ANY else limit.name if "in one partition" in cause else f"{limit.name}, {cause}"


def _load(found: list[Limit], factor: int, rate: float) -> str:
    """Return a line of a list: a load, and what breaks."""
    broken = [
        limit.cause if limit.name == ANY else f"{_name(limit)} ({limit.cause})" for limit in found if limit.rate < rate
    ]
    return f"- **{factor:,} times**, {_round(rate)} requests per second: {'; '.join(broken) or 'nothing breaks'}."


def _round(number: float) -> str:
    """Return a number with two significant digits."""
    return f"{number:.2g}" if number < 10 else f"{float(f'{number:.2g}'):,.0f}"


def chart(data: Mapping[str, Any]) -> str:
    """Return the limits on a logarithmic axis, with a line for each load."""
    found, base = limits(data), peak(data)
    low, high = log10(base / 2), log10(found[-1].rate * 5)
    height = TOP + ROW * len(found) + 10

    def x(rate: float) -> str:
        return f"{LEFT + (log10(rate) - low) / (high - low) * (WIDTH - LEFT - 20):.1f}"

    lines = [
        f'<line x1="{x(base * factor)}" x2="{x(base * factor)}" y1="{TOP - 10}" y2="{height}" stroke="#b35900"/>'
        f'<text x="{x(base * factor)}" y="{TOP - 16}" text-anchor="middle">{factor:,}×</text>'
        for factor in FACTORS
    ]
    dots = [_row(limit, x(limit.rate), TOP + ROW * row) for row, limit in enumerate(found)]
    title = "Requests per second at which each limit is reached, and the loads of a café times 1 to 1,000"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" '
            'font-family="sans-serif" font-size="12">',
            f'<title>{title}</title><rect width="100%" height="100%" fill="#fff"/>',
            *lines,
            *dots,
            "</svg>\n",
        )
    )


def _row(limit: Limit, x: str, top: int) -> str:
    """Return the row of a limit: its label, and a dot at its rate."""
    return (
        f'<text x="{LEFT - 10}" y="{top + 12}" text-anchor="end">{escape(_label(limit))}</text>'
        f'<line x1="{LEFT}" x2="{x}" y1="{top + 8}" y2="{top + 8}" stroke="#bbb"/>'
        f'<circle cx="{x}" cy="{top + 8}" r="4" fill="#0b5cad"><title>{escape(limit.cause)}</title></circle>'
        f'<text x="{float(x) + 8:.1f}" y="{top + 12}">{_round(limit.rate)}/s</text>'
    )


def page(data: Mapping[str, Any]) -> str:
    """Return the page with the present tables."""
    contents = tables(data)
    return cost.BLOCK.sub(lambda block: block[1] + contents[block[2]], PAGE.read_text(encoding="utf-8"))


def main() -> None:
    """Print what breaks at each load, and write the page and the chart."""
    data = load_data()
    echo(tables(data)["loads"])
    PAGE.write_text(page(data), encoding="utf-8")
    CHART.write_text(chart(data), encoding="utf-8")
    print("Written: docs/scale.md, docs/scale.svg", file=sys.stderr)


if __name__ == "__main__":
    run_main(main)
