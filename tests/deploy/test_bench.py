"""make bench works, whatever it finds: no number is asserted here, only that there is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import profiles, report
from bench.rounds import play
from bench.stage import BARE, OURS, ROOT, Stage, stage
from tools.problem import Problem


@pytest.fixture(scope="module")
def ready() -> Iterator[Stage]:
    """An engine with the sample café, as make bench has it."""
    with stage() as made:
        yield made


def test_one_run_fills_the_whole_page(ready: Stage) -> None:
    rows = play(ready, rounds=2, requests=3)
    page = report.page(
        rows, 0.0, profiles.steps(ready, runs=1), profiles.imports(ready, runs=1), profiles.warm(ready, requests=3)
    )
    assert all(value > 0 for row in rows for value in (*row.ours, *row.bare))
    assert report.comparison(rows) in page
    assert all(name in page for name in ("boto3", "werkzeug", "make the DynamoDB client", "at most 0.80"))
    assert "$" not in page
    assert str(ROOT) not in page


@pytest.mark.parametrize("module", [OURS, BARE])
def test_an_answer_that_is_not_the_cat_is_no_measurement(ready: Stage, module: str) -> None:
    right = ready.event.read_text(encoding="utf-8")
    ready.event.write_text(right.replace("/cats/luna", "/cats/nobody"), encoding="utf-8")
    try:
        with pytest.raises(Problem, match="The answer is not the cat"):
            ready.measure("cold", module)
    finally:
        ready.event.write_text(right, encoding="utf-8")
