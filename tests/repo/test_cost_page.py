"""The cost model: free tier, the tables of docs/cost.md, and the data in cost.toml."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from api.domain.entity import BusinessMetric
from api.http import metrics
from tools.cli import CliError
from tools.ops import cost

D = Decimal
ROOT = Path(__file__).resolve().parents[2]
SERVICE = yaml.safe_load((ROOT / "serverless.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("quantity", "list_price", "with_free_tier"),
    [("999999", "0.1999998", "0"), ("1000000", "0.2", "0"), ("1000001", "0.2000002", "0.0000002")],
)
def test_free_tier_is_subtracted_from_the_quantity(quantity: str, list_price: str, with_free_tier: str) -> None:
    item = cost.CostItem("requests", D(quantity), D("0.0000002"), D(1_000_000))
    assert (item.cost(), item.cost(free_tier=True)) == (D(list_price), D(with_free_tier))


@pytest.mark.parametrize("missing", ["usd", "unit", "source"])
def test_price_without_a_member_is_an_error(missing: str) -> None:
    data = cost.load_data()
    del data["prices"]["transfer"][missing]
    with pytest.raises(CliError, match=f"the price transfer has no {missing}"):
        cost.tables(data)


def test_missing_price_is_an_error() -> None:
    data = cost.load_data()
    del data["prices"]["nano_hour"]
    with pytest.raises(CliError, match="the price nano_hour has no usd"):
        cost.tables(data)


def test_costs_of_ten_million_requests_in_a_month() -> None:
    data = cost.load_data()
    data["requests"] = {
        "GET /": {"percent": 100, "cpu_ms": 0, "calls": 2, "read": D("1.5"), "written": 2, "sent_bytes": 2000,
                  "log_bytes": 0},
    }  # fmt: skip
    month = {"requests": 10_000_000, "cold_share": 0, "stored_gb": 2, "photos": 1000, "photos_gb": 10}
    data["assumed"] |= {"photo_seconds": 4, "photo_read_share": D("0.2"), "photo_file_bytes": 50_000}
    costs = {item.title: item.cost() for item in cost.monthly_items(data, data["stages"]["production"], month)}
    assert costs["Lambda, time"] == D("2.66668")  # 200,000 GB-s x 0.0000133334
    assert costs["DynamoDB, reads"] == D("2.1225")  # 15 million x 0.0000001415
    assert costs["DynamoDB, writes"] == D("14.1")  # 20 million x 0.000000705
    assert costs["DynamoDB, backups"] == D("10.34")  # 2 GB x 47 x 0.11
    assert costs["CloudWatch, log storage"] == D("0.9")  # 10 GB x 3 months x 0.03
    assert costs["Lambda, photos"] == 4000 * D(1769) / 1024 * D("0.0000133334")  # of 1,769 MB
    assert costs["S3, photos"] == D("0.23")  # 10 GB x 0.023
    assert costs["S3, writes of photos"] == D("0.02")  # 1000 uploads and 3000 files x 0.000005
    assert costs["S3, reads of photos"] == D("0.8004")  # (1000 uploads + 2 million) x 0.0000004
    assert costs["Data transfer to the internet"] == D("10.8")  # (20 GB + 100 GB) x 0.09


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("0.0049", "< 0.01"), ("0.005", "0.01"), ("2.345", "2.35"), ("1234.5", "1,234.50")],
)
def test_amount_is_formatted_in_dollars_and_cents(amount: str, text: str) -> None:
    assert cost.dollars(D(amount)) == text


def test_make_cost_prints_the_summary_and_writes_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, copy = cost.PAGE.read_text(encoding="utf-8"), tmp_path / "cost.md"
    copy.write_text(page, encoding="utf-8")
    monkeypatch.setattr(cost, "PAGE", copy)
    cost.main()
    assert copy.read_text(encoding="utf-8") == page, "run make cost"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in capsys.readouterr().out.splitlines()]
    assert rows[2:] == [
        ["`dev`, list price", "3.05", "6.20", "56.46"],
        ["`dev`, with free tier", "0.03", "0.05", "34.73"],
        ["`production`, list price", "5.97", "9.12", "65.36"],
        ["`production`, with free tier", "1.94", "1.97", "42.63"],
        ["The smallest server: EC2 t4g.nano", "7.71", "7.71", "7.71"],
        ["A usual server: Fargate behind a load balancer", "38.36", "38.36", "38.36"],
    ]


def test_page_has_all_tables_and_the_figures_of_cost_toml() -> None:
    data, page = cost.load_data(), cost.PAGE.read_text(encoding="utf-8")
    assert {name for _, name in cost.BLOCK.findall(page)} == cost.tables(data).keys()
    assumed, measured = data["assumed"], data["measured"]
    request_ms = cost.average(data, "cpu_ms") * assumed["cpu_factor"] + cost.average(data, "calls") * assumed["call_ms"]
    for text in (
        f"measured on {measured['date']} with {measured['python']}",
        f"Read on {data['prices_read']}",
        f"takes {assumed['cpu_factor']:.2f} times as long; a call to DynamoDB takes {assumed['call_ms']} ms",
        f"bills {request_ms:.0f} ms for the average request",
        f"{measured['init_cpu_ms'] * assumed['cpu_factor']:.0f} ms more for a cold start",
        f"add {assumed['platform_log_bytes']:,} bytes",
        f"the photo function runs {assumed['photo_seconds']} s for each",
        f"reads a file of a photo, of {assumed['photo_file_bytes']:,} bytes",
    ):
        assert text in page


def test_every_price_has_an_aws_source_and_every_source_is_used() -> None:
    data = cost.load_data()
    assert {price["source"] for price in data["prices"].values()} == data["sources"].keys()
    for source in data["sources"].values():
        assert source["url"].startswith(("https://aws.amazon.com/", "https://pricing.us-east-1.amazonaws.com/"))
        assert source.get("published", data["prices_read"]) <= data["prices_read"]
    assert all(price["usd"] > 0 for price in data["prices"].values())
    members = {"usd", "unit", "free", "source", "unconfirmed"}
    assert all(price.keys() <= members for price in data["prices"].values())


def test_request_percentages_sum_to_100_with_90_reads() -> None:
    shares = {name: request["percent"] for name, request in cost.load_data()["requests"].items()}
    assert sum(shares.values()) == 100
    assert sum(share for name, share in shares.items() if name.startswith("GET ")) == 90


@pytest.mark.parametrize("name", ["dev", "production"])
def test_stage_resources_equal_those_of_the_templates(name: str) -> None:
    params = SERVICE["params"]["default"] | SERVICE["params"][name]
    alarms, plans = resources("alarms", "CloudWatch::Alarm"), resources("backups", "Backup::BackupPlan")
    parts = [part for alarm in alarms for part in alarm.get("Metrics", [{"MetricStat": {}}])]
    days = {rule["RuleName"]: rule["Lifecycle"]["DeleteAfterDays"] for rule in plans[0]["BackupPlan"]["BackupPlanRule"]}
    has_alarms, has_backups = params["alarms"] == "true", params["backups"] == "true"
    assert cost.load_data()["stages"][name] == {
        "alarms": has_alarms * sum("MetricStat" in part for part in parts),
        "queries": has_alarms * sum("SELECT" in str(part.get("Expression")) for part in parts),
        "metrics": len(metrics.UNITS) + len(get_args(BusinessMetric)) + len(resources("alarms", "Logs::MetricFilter")),
        "dashboards": len(resources("dashboard", "CloudWatch::Dashboard")),
        "keys": has_alarms * len(resources("alarms", "KMS::Key")),
        "log_days": params["logDays"],
        "backups": has_backups * (days["daily"] + days["monthly"] // 30),
    }


def test_function_memory_is_that_of_the_cost_model() -> None:
    memory = SERVICE["provider"]["memorySize"]
    assert memory == 1024
    # The cost model takes the factor for the memory of the photo function too.
    photos = yaml.safe_load((ROOT / "infra" / "function-zip.yml").read_text(encoding="utf-8"))["photos"]
    assert cost.load_data()["assumed"]["cpu_factor"] == D(photos["memorySize"]) / memory


def resources(file: str, resource_type: str) -> list[dict[str, Any]]:
    template = yaml.safe_load((ROOT / "infra" / f"{file}.yml").read_text(encoding="utf-8"))
    return [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == f"AWS::{resource_type}"
    ]
