"""docs/scale.md and its chart are what tools/ops/scale.py computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.plugin import call
from tools.ops import scale


def test_make_scale_writes_the_page_and_the_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = {name: getattr(scale, name).read_text(encoding="utf-8") for name in ("PAGE", "CHART")}
    for name, text in written.items():
        monkeypatch.setattr(scale, name, tmp_path / name)
        (tmp_path / name).write_text(text.replace("read units in one partition", "read units"), encoding="utf-8")
    scale.main()
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in written} == written, "run make scale"


def test_limits_are_sorted_and_follow_from_the_units() -> None:
    data = scale.load_data()
    limits = scale.limits(data)
    assert [limit.rate for limit in limits] == sorted(limit.rate for limit in limits)
    rates = {limit.name: limit.rate for limit in limits}
    assert rates["GET /cats"] == 1200  # 3,000 / 2.5
    assert rates["PATCH /cats/luna"] == 250  # 1,000 / 4
    assert [limit.name for limit in limits if limit.rate < 13] == [
        "any request",
        "GET /todos/next, 5,000 doses overdue",
    ]


def test_a_load_names_the_limits_below_it() -> None:
    data = scale.load_data()
    lines = scale.tables(data)["loads"].splitlines()
    assert [line.endswith("nothing breaks.") for line in lines] == [True, True, False, False]
    assert "245.5 read units in one partition" in lines[-1]


def test_the_warning_of_the_plugin_has_the_duration_of_the_average_request() -> None:
    seconds = call("concurrency", "REQUEST_SECONDS")
    assert f"10 executions of {seconds * 1000:.0f} ms" in {limit.cause for limit in scale.limits(scale.load_data())}
