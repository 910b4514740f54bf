"""The weights of a cat: record a weight, which also updates the care card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from msgspec.structs import replace

from api.context import Context
from api.domain import weights
from api.domain.cats import Cat
from api.domain.errors import ValidationFailed
from api.domain.weights import CreateWeight, Weight
from api.services.care_cards import update_card, weight_log
from api.services.entity_service import Submitted
from api.services.mappings import CAT
from api.store import keys
from api.store.repository import Stored
from api.store.transaction import TransactItem


def plan_weighing(
    context: Context, cat: Stored[Cat], submitted: Submitted[CreateWeight]
) -> tuple[Weight, str, Sequence[TransactItem]]:
    """Return a new weighing, the id of its write, and the writes of the transaction.

    Raises:
        ValidationFailed: the body is invalid.
    """
    body, dependencies = submitted.body, context.dependencies
    if errors := [
        *submitted.errors,
        *weights.validate(body, context.now, cat.value.birth_date, dependencies.settings.zone),
    ]:
        raise ValidationFailed(*errors)
    weighing, rev = _new_weighing(context, body), dependencies.new_id()
    index_attributes = keys.author_index(weighing.by, weighing.recorded, weighing.id)
    appended = weight_log(dependencies, cat.value).write(weighing.id, weighing, rev, index_attributes)
    writes = [
        CAT.check(cat),  # the weight must not be lost with a cat that is deleted at the same time
        replace(appended, metric="Weighings"),
        update_card(dependencies, cat.value, weighing, rev=rev),
    ]
    return weighing, rev, writes


def _new_weighing(context: Context, body: CreateWeight) -> Weight:
    at = (body.weighed_at or context.now).astimezone(UTC)
    # A fixed width and no punctuation: ids sort by time.
    timestamp = keys.timestamp_key(at).translate(str.maketrans("", "", "-:."))
    return Weight(
        id=f"{timestamp}-{context.dependencies.new_id()}",
        grams=body.grams,
        weighed_at=at,
        note=body.note,
        by=context.principal.uid,
        recorded=context.now,
    )
