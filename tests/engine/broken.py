"""The store as it must not be: each of these tables lacks one guard, and a proof has to see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from api.store.keys import Key
from api.store.table import ConditionFailed, Item, Write, _translated
from tests.engine.house import WatchedTable

CONDITION = ("ConditionExpression", "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure")


class Unchecked(Write):
    """A write without its condition."""


class _Careless(WatchedTable):
    def _transact_item(self, write: Write) -> dict[str, Any]:
        [(kind, item)] = super()._transact_item(write).items()
        dropped = CONDITION if isinstance(write, Unchecked) else ()
        return {kind: {name: value for name, value in item.items() if name not in dropped}}


def _unchecked(writes: Sequence[Write]) -> list[Write]:
    return [Unchecked(one.kind, one.item, one.expected) for one in writes if one.kind != "ConditionCheck"]


class ChecksOnlyBefore(_Careless):
    """Lets a request check what it has read, and then writes whatever is there by now."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write without any condition."""
        super().write(_unchecked(writes), token)


class ChecksOnlyTheFirst(_Careless):
    """Checks the thing that is changed, and not those that change with it."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write with one condition."""
        super().write([writes[0], *_unchecked(writes[1:])], token)


class DoesNotKnowItself(WatchedTable):
    """Takes its own write for somebody else's: it does not ask who wrote what stands in the way."""

    def _transact_item(self, write: Write) -> dict[str, Any]:
        [(kind, item)] = super()._transact_item(write).items()
        del item["ReturnValuesOnConditionCheckFailure"]
        return {kind: item}


class OneByOne(WatchedTable):
    """Writes the items of a change one after the other, each on its condition."""

    halfway: Callable[[], object] = staticmethod(lambda: None)
    """What happens between the first item and the next."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write the first item, then the others."""
        for place, write in enumerate(writes):
            if place == 1:
                self.halfway()
            self._write_one(write)

    def _write_one(self, write: Write) -> None:
        [(kind, item)] = self._transact_item(write).items()
        send = {"Put": self.client.put_item, "Delete": self.client.delete_item}[kind]
        try:
            with _translated():
                send(**item)
        except ClientError as error:
            raise ConditionFailed from error


class KeepsAnswersLater(WatchedTable):
    """Makes the effect of a request first, and keeps the answer under its Idempotency-Key afterwards."""

    halfway: Callable[[], object] = staticmethod(lambda: None)
    """What happens in between."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write in two transactions."""
        later = [write for write in writes if str(write.item["pk"]).startswith("idempotency#")]
        super().write([write for write in writes if write not in later], token)
        if later:
            self.halfway()
            super().write(later, f"{token}-later")


class AnswersTooEarly(WatchedTable):
    """Says that a write is done when the one before it is."""

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self._held: tuple[Sequence[Write], str] | None = None
        self._one = Lock()

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write what was held back, and hold this back."""
        with self._one:
            held, self._held = self._held, (writes, token)
            if held:
                super().write(*held)


class ReadsAnOldCopy(WatchedTable):
    """Answers a second read from memory, as if nobody else could have written."""

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self._copies: dict[str, Item] = {}

    def get(self, key: Key, *, consistent: bool) -> Item | None:
        """Read once."""
        found = self._copies.get(str(key)) or super().get(key, consistent=consistent)
        if found:
            self._copies[str(key)] = found
        return found
