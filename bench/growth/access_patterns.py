"""The access patterns to measure: the reads that ``api/store/keys.py`` describes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from api.domain.users import Role
from bench.growth.population import DOSES_DUE, TODOS_DUE, cat_name, todo_id

LUNA = "/cats/" + cat_name(0).replace(" ", "%20")


@dataclass(frozen=True)
class AccessPattern:
    """An access pattern."""

    name: str
    """The name in the output."""
    title: str
    """The title in the report."""
    path: str
    role: Role = "staff"
    page: int = 1
    """The page of the list to measure. The links of the pages before it lead to it."""
    later: timedelta = timedelta()
    """The time between the creation of the last cat and the request."""
    grows_with: str | None = None
    """The reason for which the cost grows, if this is expected."""


PATTERNS = (
    AccessPattern("get_cat", "GET one cat", LUNA, "public"),
    AccessPattern("get_todo", "GET one to-do", f"/todos/{todo_id(0)}"),
    AccessPattern("first_page", "Cats: first page", "/cats", "public"),
    AccessPattern("hundredth_page", "Cats: hundredth page", "/cats", "public", page=100),
    AccessPattern("first_page_staff", "Cats: first page, for the staff", "/cats"),
    AccessPattern("filter_indexed", "Filter with an index", "/cats?status=trial", "public"),
    AccessPattern("filter_unindexed", "Filter without an index", "/cats?breed=siamese&limit=5", "public"),
    AccessPattern("filter_no_match", "Filter without a match", "/cats?goodWith.dogs=yes&limit=5", "public"),
    AccessPattern("history", "History of a cat", f"{LUNA}/history"),
    AccessPattern("history_at", "A cat at a point in time", f"{LUNA}/history?at=2099-01-01T00:00:00Z"),
    AccessPattern("todos_first", "To-dos: first page", "/todos"),
    AccessPattern("todos_hundredth", "To-dos: hundredth page", "/todos", page=100),
    AccessPattern("todos_done", "Done to-dos: first page", "/todos?done=true"),
    AccessPattern("next_todo", "Next to-do", "/todos/next"),
    AccessPattern("next_todo_many_due", "Next to-do, many to-dos due", "/todos/next", later=TODOS_DUE,
                  grows_with="to-dos that are due, up to the oldest 1,000"),
    AccessPattern("next_todo_doses_due", "Next to-do, many doses due", "/todos/next", later=DOSES_DUE,
                  grows_with="doses that are due; all of them are read"),
)  # fmt: skip
