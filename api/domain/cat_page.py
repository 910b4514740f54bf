"""What the page of a cat shows to the staff."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from api.domain.cat_views import StaffCat
from api.domain.entity import HistoryEntry
from api.domain.todos import TodoView
from api.domain.weights import Assessment, Weight

WEIGHTS_SHOWN = 8
"""The number of weighings in the table, with their author. The chart has those of the trend."""


class StaffCatPage(Struct, frozen=True, kw_only=True):
    """A cat with its weights, its last changes and its open to-dos."""

    cat: StaffCat
    weights: Sequence[Weight]
    """The weighings of the trend, newest first. The first ones have their author."""
    assessment: Assessment
    history: Sequence[HistoryEntry]
    """The last versions, newest first."""
    has_more_history: bool
    todos: Sequence[TodoView]
    """The open to-dos of the cat, by due date."""
    has_more_todos: bool
    """Whether there are open to-dos that were not read. They are due later than the others."""
    form_key: str
    """The key of the next weighing: two taps record one weight."""
