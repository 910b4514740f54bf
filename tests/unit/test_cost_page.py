"""docs/cost.md is what the tool writes, and stands on prices that have a source."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tools.cost import measure, mix, model, page, prices, stages
from tools.deploy import service
from tools.problem import Problem

GOOD = '[x]\nusd = "0.1"\nunit = "one"\nsource = "https://aws.amazon.com/x"\nread = 2026-11-25\nconfirmed = true\n'


def test_the_page_is_what_make_cost_writes() -> None:
    written = page.page(measure.load(), prices.read())
    assert page.PAGE.read_text(encoding="utf-8") == written, "run make cost"


def test_every_price_is_complete_used_and_has_a_source_of_aws() -> None:
    told = prices.read()
    items = page.bills(measure.load(), told)["production"][0]
    servers = [item for items in model.servers(mix.HOURS, told).values() for item in items]
    assert {item.price.name for item in [*items, *servers]} == told.keys()
    for price in told.values():
        host = price.source.split("/")[2]
        assert host in ("aws.amazon.com", "pricing.us-east-1.amazonaws.com")
        assert price.usd > 0
        assert price.published is None or price.published <= price.read


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('usd = "0.1"\n', "", "no usd"),
        ('"0.1"', "0.1", "no number in quotation marks"),
        ('"0.1"', '"ten"', "no number in quotation marks"),
        ('"0.1"', '"-1"', "no number in quotation marks"),
        ('source = "https://aws.amazon.com/x"\n', "", "no source"),
        ("https://aws.amazon.com/x", "somebody said so", "no address"),
        ("read = 2026-11-25\n", "", "no read"),
        ("2026-11-25", '"yesterday"', "a date that is none"),
        ("confirmed = true", "confirmed = false", "no note"),
        ("confirmed = true", 'confirmed = true\nuds = "1"', "uds"),
    ],
)
def test_a_price_that_lacks_something_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert prices.read(file)["x"].usd
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(Problem, match=f"The price x .*{told}"):
        prices.read(file)


def test_each_kind_of_request_was_measured_and_nine_of_ten_read() -> None:
    assert measure.load().requests.keys() == {request.name for request in mix.MIX}
    assert sum(request.percent for request in mix.MIX if request.method == "GET") == 90


def test_the_function_has_the_memory_that_is_computed_with() -> None:
    assert yaml.safe_load(service.FILE.read_text(encoding="utf-8"))["provider"]["memorySize"] == 1024


def test_only_production_has_what_wakes_somebody_up() -> None:
    dev, production = stages.read("dev"), stages.read("production")
    assert (dev.alarms, dev.queries, dev.keys, dev.backups) == (0, 0, 0, 0)
    assert min(production.alarms, production.queries, production.keys, production.backups) > 0
    assert production.log_days > dev.log_days
