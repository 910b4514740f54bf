"""What a month costs, against examples computed by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tools.cost import model
from tools.cost.model import Average, Item, Month, Stage
from tools.cost.prices import Price

D = Decimal
NOTHING = Average(billed_ms=D(0), read=D(0), written=D(0), sent_bytes=D(0), log_bytes=D(0))
BARE = Stage(
    name="bare", alarms=0, queries=0, metrics=0, dashboards=0, keys=0, traced=False, log_days=30, backups=D(0)
)  # fmt: skip
PRICED = {
    "lambda_request": "0.0000002", "lambda_second": "0.0000133334", "gateway_request": "0.00000111",
    "table_read": "0.0000001415", "table_write": "0.000000705", "table_storage": "0.283", "point_in_time": "0.22",
    "backup": "0.11", "log_ingest": "0.57", "log_storage": "0.03", "metric": "0.30", "alarm": "0.10", "query": "0.10",
    "dashboard": "3", "key": "1", "trace": "0.000005", "bucket_storage": "0.023", "transfer": "0.09",
    "nano_hour": "0.0046", "disk": "0.088", "address_hour": "0.005", "fargate_cpu_hour": "0.04048",
    "fargate_gb_hour": "0.004445", "balancer_hour": "0.0252",
}  # fmt: skip


def price(name: str, usd: str, free: str = "0") -> Price:
    day = date(2026, 11, 25)
    return Price(
        name=name, usd=D(usd), unit="one", free=D(free), source="https://aws.amazon.com", published=None, read=day,
        confirmed=True, note="",
    )  # fmt: skip


PRICES = {name: price(name, usd) for name, usd in PRICED.items()}


def month(requests: int, cold: str = "0", init: str = "0", stored: str = "0") -> Month:
    return Month(requests=requests, cold_share=D(cold), init_ms=D(init), stored_gb=D(stored), packages_gb=D(0))


def costs(stage: Stage, of: Month, request: Average = NOTHING) -> dict[str, Decimal]:
    items = model.bill(stage, of, request, PRICES)
    return {item.what: item.list_price for item in items if item.list_price}


def test_a_stage_without_anything_costs_nothing() -> None:
    assert costs(BARE, month(0)) == {}


def test_ten_million_requests_of_twenty_milliseconds() -> None:
    # 10,000,000 x 0.02 s x 1 GB = 200,000 GB-s; x 0.0000133334 = 2.66668
    assert costs(BARE, month(10_000_000), Average(**vars_of(NOTHING) | {"billed_ms": D(20)})) == {
        "Lambda, requests": D("2"),
        "Lambda, time": D("2.66668"),
        "HTTP API": D("11.10"),
    }


def test_cold_starts_are_billed_for_the_requests_that_wait_for_them() -> None:
    # 1,000,000 x 1 % x 0.5 s = 5,000 GB-s; x 0.0000133334 = 0.066667
    assert costs(BARE, month(1_000_000, cold="0.01", init="500"))["Lambda, time"] == D("0.066667")


def test_units_bytes_and_logs() -> None:
    request = Average(billed_ms=D(0), read=D("1.5"), written=D(2), sent_bytes=D(2000), log_bytes=D(1000))
    told = costs(BARE, month(1_000_000), request)
    assert told["DynamoDB, reads"] == D("0.21225")  # 1.5 million x 0.0000001415
    assert told["DynamoDB, writes"] == D("1.41")  # 2 million x 0.000000705
    assert told["Data to the internet"] == D("0.18")  # 2 GB x 0.09
    assert told["CloudWatch, log written"] == D("0.57")  # 1 GB
    assert told["CloudWatch, log kept"] == D("0.03")  # 1 GB for a month


def test_what_stands_there_costs_the_same_whether_anybody_calls() -> None:
    stage = Stage(
        name="full", alarms=7, queries=2, metrics=5, dashboards=1, keys=1, traced=True, log_days=90, backups=D(47)
    )  # fmt: skip
    assert costs(stage, month(0, stored="2")) == {
        "DynamoDB, storage": D("0.566"),
        "DynamoDB, point-in-time recovery": D("0.44"),
        "DynamoDB, backups": D("10.34"),  # 2 GB x 47 x 0.11
        "CloudWatch, alarms": D("0.70"),
        "CloudWatch, alarms that ask": D("0.20"),
        "CloudWatch, dashboard": D("3"),
        "KMS, key of the alarms' topic": D("1"),
    }
    assert costs(stage, month(1))["CloudWatch, custom metrics"] == D("1.50")


@pytest.mark.parametrize(
    ("quantity", "listed", "beyond"),
    [("999999", "0.1999998", "0"), ("1000000", "0.2", "0"), ("1000001", "0.2000002", "0.0000002")],
)
def test_what_is_free_is_taken_off_to_the_last_unit(quantity: str, listed: str, beyond: str) -> None:
    item = Item("requests", price("lambda_request", "0.0000002", free="1000000"), D(quantity))
    assert (item.list_price, item.beyond_free) == (D(listed), D(beyond))


@pytest.mark.parametrize(
    ("requests", "recorded"),
    # A month has 2,628,000 seconds; 2,628,000 + 5 % of 7,372,000 = 2,996,600
    [(0, "0"), (10_000, "10000"), (2_628_000, "2628000"), (10_000_000, "2996600")],
)
def test_one_request_each_second_is_traced_and_a_twentieth_of_the_others(requests: int, recorded: str) -> None:
    assert model.traces(requests) == D(recorded)


def test_three_tenths_are_three_tenths() -> None:
    items = [Item("x", price("x", "0.1"), D(1)), Item("y", price("y", "0.2"), D(1))]
    assert model.total(items) == D("0.3")
    assert 0.1 + 0.2 != 0.3, "as floats they are not"


def test_an_average_is_weighed() -> None:
    cheap, dear = (Average(**vars_of(NOTHING) | {"written": D(units)}) for units in (0, 20))
    assert model.average([(90, cheap), (10, dear)]).written == D(2)


@pytest.mark.parametrize("shares", [(90, 9), (90, 11), ()])
def test_shares_that_are_not_a_hundred_are_refused(shares: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a hundred"):
        model.average([(share, NOTHING) for share in shares])


def test_the_smallest_server() -> None:
    (smallest, usual) = model.servers(D(730), PRICES).values()
    assert model.total(smallest) == D("7.712")  # 3.358 + 0.704 + 3.65
    assert model.total(usual) == D("38.356025")  # 7.3876 + 1.622425 + 18.396 + 10.95


def test_where_a_stage_costs_as_much_as_a_server() -> None:
    def cost(requests: int) -> Decimal:
        return D(2) + min(requests, 100_000) * D("0.00001") + requests * D("0.000005")

    assert model.reaches(D("2.75"), cost) == 50_000
    assert model.reaches(D(4), cost) == 200_000
    assert model.reaches(D(1), cost) == 0


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0", "0.00"), ("0.0049", "< 0.01"), ("0.005", "0.01"), ("2.345", "2.35"), ("1234.5", "1,234.50")],
)
def test_an_amount_is_written_in_dollars_and_cents(amount: str, written: str) -> None:
    assert model.dollars(D(amount)) == written


def vars_of(average: Average) -> dict[str, Decimal]:
    return {name: getattr(average, name) for name in Average.__struct_fields__}
