"""The form that records the weight of a cat: ``/forms/weights/{name}``."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from api.domain import names
from api.domain.cats import Cat
from api.domain.errors import NotFound, ValidationFailed
from api.domain.weights import CreateWeight
from api.http.forms import SAVE, Submission, run_once, with_notice
from api.http.idempotency import SavedResponse
from api.http.resource import RequestContext
from api.resources.forms.entity import submitted
from api.resources.forms.form import Form
from api.services.care_cards import weight_log
from api.services.mappings import CAT
from api.services.weights import plan_weighing
from api.store.repository import Stored
from api.store.transaction import Write
from api.web import words
from api.web.forms import fields
from api.web.forms.field import Question
from api.web.forms.weights import CONFIRMED, WEIGHT_SECTIONS, question
from api.web.pages.form import FormPage

COMPARED = 20
"""The number of newest weighings among which the last one before a new weight is looked for."""


def load(request: RequestContext, key: str | None) -> FormPage:
    """Return an empty form for a cat.

    Raises:
        NotFound: there is no such cat.
    """
    name, dependencies = _cat(request, key).value.name, request.context.dependencies
    return FormPage(
        title=f"Record the weight of {words.name(name)}",
        submit="Record the weight",
        back=("cats", name),
        sections=WEIGHT_SECTIONS,
        texts={},
        is_new=True,
        key=dependencies.new_id(),
    )


def save(request: RequestContext, key: str | None, sent: Submission) -> str:
    """Record a weight, and return the URL of the chart on the page of the cat."""

    def plan() -> tuple[SavedResponse, Sequence[Write]]:
        cat, shown = _cat(request, key), fields.all_fields(WEIGHT_SECTIONS, is_new=True)
        body = submitted(request, [field for field in shown if not field.is_question], sent, {}, CreateWeight)
        if not body.errors and not sent.texts.get(CONFIRMED.name):
            _ask(request, cat.value, body.body)
        _, rev, writes = plan_weighing(request.context, cat, body)
        return SavedResponse(303, f"/cats/{quote(cat.value.name, safe='')}", rev, b""), writes

    saved = run_once(request, sent, plan)
    return f"{with_notice(saved.location, 'weighed')}#weight"


def _ask(request: RequestContext, cat: Cat, weight: CreateWeight) -> None:
    """Ask about a weight that is far from the last one.

    Raises:
        ValidationFailed: the user must confirm it.
    """
    weighings = weight_log(request.context.dependencies, cat).newest(COMPARED, consistent=True)
    at = weight.weighed_at or request.context.now
    if text := question(weight.grams, at, cat.birth_date, weighings):
        raise ValidationFailed(Question("out_of_range", text, pointer="/grams"))


def _cat(request: RequestContext, key: str | None) -> Stored[Cat]:
    name = names.normalise(key or "")
    record = None if names.name_error(name) else request.context.get(CAT, name)
    if record is None:
        raise NotFound
    return record


FORM = Form(role="staff", load=load, save=save, actions=(SAVE,))
