"""What is measured: the access patterns that read, as ``api/store/keys.py`` has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from api.domain.users import Role
from bench.growth.population import DOSES_DUE, ERRANDS_DUE, cat_name, todo_id

LUNA = "/cats/" + cat_name(0).replace(" ", "%20")


@dataclass(frozen=True)
class Pattern:
    """One access pattern."""

    name: str
    """One word, for the terminal."""
    says: str
    """What people call it."""
    path: str
    role: Role = "staff"
    page: int = 1
    """Which page of a list is measured; those before it lead there."""
    later: timedelta = timedelta()
    """How long after the last cat came."""
    grows_with: str | None = None
    """What has to be read for it, however much that is."""


PATTERNS = (
    Pattern("get_cat", "GET one cat", LUNA, "public"),
    Pattern("get_todo", "GET one to-do", f"/todos/{todo_id(0)}"),
    Pattern("first_page", "Cats: first page", "/cats", "public"),
    Pattern("hundredth_page", "Cats: hundredth page", "/cats", "public", page=100),
    Pattern("first_page_staff", "Cats: first page, for the staff", "/cats"),
    Pattern("filter_place", "Filter with an index", "/cats?status=trial", "public"),
    Pattern("filter_search", "Filter without an index", "/cats?breed=siamese&limit=5", "public"),
    Pattern("filter_nothing", "Filter that finds nothing", "/cats?goodWith.dogs=yes&limit=5", "public"),
    Pattern("history", "History of a cat", f"{LUNA}/history"),
    Pattern("history_at", "A cat at an instant", f"{LUNA}/history?at=2099-01-01T00:00:00Z"),
    Pattern("todos_first", "To-dos: first page", "/todos"),
    Pattern("todos_hundredth", "To-dos: hundredth page", "/todos", page=100),
    Pattern("todos_done", "Done to-dos: first page", "/todos?done=true"),
    Pattern("next_todo", "Next to-do", "/todos/next"),
    Pattern("next_of_errands", "Next to-do, errands due", "/todos/next", later=ERRANDS_DUE,
            grows_with="errands that are due, up to the oldest 1,000"),
    Pattern("next_of_doses", "Next to-do, doses due", "/todos/next", later=DOSES_DUE,
            grows_with="doses that are due; none may lie hidden"),
)  # fmt: skip
