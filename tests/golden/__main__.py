"""Write the golden items of the current release: ``python -m tests.golden``."""

from __future__ import annotations

import json

from tests.conftest import new_table
from tests.support import golden
from tests.support.app import TestApp
from tests.support.inspection import items


def main() -> None:
    """Create an item of every kind on moto, and write all items."""
    with new_table() as table:
        cafe = TestApp(table)
        golden.populate(cafe)
        text = json.dumps(items(cafe), indent=1, ensure_ascii=False, sort_keys=True)
    (golden.FOLDER / f"{golden.CURRENT}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
