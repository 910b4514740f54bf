"""The part of the page of a cat that only the staff sees: blockers, weights, to-dos and the last changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.domain.adoption_blockers import MIN_AGE, Blocker
from api.domain.cat_page import WEIGHTS_SHOWN, StaffCatPage
from api.domain.cat_views import StaffCat
from api.domain.entity import HistoryEntry
from api.domain.todos import TodoView
from api.domain.weights import Assessment, Weight
from api.web import todo_words, words
from api.web.forms.weights import WEIGHT_SECTIONS
from api.web.pages.form import FormPage, form
from api.web.pages.page import Page
from api.web.weight_chart import draw_weights

CLEARED_BY = {
    "fiv-untested": ("Test for FIV, and record the result", "fiv"),
    "felv-untested": ("Test for FeLV, and record the result", "felv"),
    "not-vaccinated": ("Vaccinate the cat, and record it", "vaccinations"),
    "vaccination-due": ("Vaccinate the cat, and record the day", "vaccinations"),
    "not-altered": ("Spay or neuter the cat, and record it", "altered"),
    "no-microchip": ("Implant a microchip, and record its number", "microchips"),
}
"""What clears each blocker, and the field of the form where it is recorded."""
MEMBERS = {
    "name": "name", "sex": "sex", "birthDate": "birth date", "birthDateExact": "birth date", "breed": "breed",
    "colors": "colours", "pattern": "pattern", "coat": "coat", "altered": "spaying or neutering",
    "alteredOn": "spaying or neutering", "fiv": "FIV test", "felv": "FeLV test", "testedOn": "day of the tests",
    "vaccinations": "vaccinations", "goodWith": "company", "specialNeeds": "special needs", "bondedWith": "bonds",
    "status": "status", "location": "place", "adoptionFee": "adoption fee", "description": "description",
    "microchips": "microchips", "staffNotes": "notes of the staff", "holdUntil": "end of the hold",
    "photos": "photos",
}  # fmt: skip
"""The members of a cat in words, for the history."""


def staff(page: Page, value: StaffCatPage) -> dict[str, Any]:
    """Return the variables of the part for the staff."""
    cat = value.cat
    return {
        "edit": page.link("forms", "cats", cat.name),
        "notes": cat.staff_notes,
        "facts": _facts(cat),
        "blockers": [_blocker(page, cat, blocker) for blocker in cat.blockers],
        **_weights(page, value),
        "todos": [_todo(page, todo) for todo in value.todos],
        "add_todo": page.link_to("/forms/todos", [("cat", cat.name)]),
        "all_todos": page.link_to("/todos", [("cat", cat.name)]) if value.has_more_todos else None,
        "history": [history_entry(page, entry) for entry in value.history],
        "all_history": page.link("cats", cat.name, "history") if value.has_more_history else None,
    }


def _facts(cat: StaffCat) -> list[tuple[str, str]]:
    chips = words.join([chip.number for chip in cat.microchips])
    until = words.day(cat.hold_until) if cat.hold_until else None
    facts = [("Unit or family", cat.location.unit), ("Hold until", until), ("Microchip", chips)]
    return [(label, text) for label, text in facts if text]


def _blocker(page: Page, cat: StaffCat, blocker: Blocker) -> dict[str, Any]:
    """Return a blocker, what clears it, and the link to the field or to nothing."""
    text, field = CLEARED_BY.get(blocker.code, (blocker.cleared_by.rstrip("."), None))
    if blocker.code == "too-young" and cat.birth_date:
        text = f"Wait until {words.day(cat.birth_date + MIN_AGE)}"
    elif blocker.code.startswith("status-") and "set status to available" in text.lower():
        text = text.replace("status to available", f"the status to “{words.STATUSES['available']}”")
        field = "status"
    href = f"{page.link('forms', 'cats', cat.name)}#{field}" if field else None
    return {"detail": blocker.detail, "text": text, "href": href}


def _weights(page: Page, value: StaffCatPage) -> dict[str, Any]:
    newest, assessment, zone = value.weights, value.assessment, page.zone
    rows = _weighings(page, newest)
    empty = FormPage(title="", submit="", back=(), sections=WEIGHT_SECTIONS, texts={}, is_new=True)
    ((_, (weight, *others)),) = form(page, empty)["sections"]
    return {
        "chart": draw_weights(newest, assessment, zone),
        "latest": words.weight(newest[0].grams) if newest else None,
        "trend": _trend(assessment),
        "alarm": assessment.alarm.detail if assessment.alarm else None,
        "weights": rows[:WEIGHTS_SHOWN],
        "all_weights": page.link("cats", value.cat.name, "weights") if len(rows) > WEIGHTS_SHOWN else None,
        "record": page.link("forms", "weights", value.cat.name),
        "form_key": value.form_key,
        "weight_field": weight,
        "other_fields": others,
    }


def weights(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the page of all weights. The trend and the alarm are about the newest ones."""
    name, items = page.path.split("/")[2], value["items"]
    assessment = Assessment() if page.value("cursor") else Assessment(value["trend"], value["alarm"])
    return {
        "cat": words.name(name),
        "back": page.link("cats", name),
        "record": page.link("forms", "weights", name),
        "chart": draw_weights(items, assessment, page.zone),
        "trend": _trend(assessment),
        "alarm": assessment.alarm.detail if assessment.alarm else None,
        "weights": _weighings(page, items),
        "next": value.get("next"),
        "prev": value.get("prev"),
    }


def _trend(assessment: Assessment) -> str | None:
    """Return the trend in words: "+120 g (+3.1 %) in 30 days"."""
    trend = assessment.trend
    if trend is None:
        return None
    days = round(trend.days)
    span = words.count(days, "day") if days else "less than a day"
    return f"{_signed(round(trend.grams_per_day * trend.days))} g ({_signed(round(trend.percent, 1))} %) in {span}"


def _weighings(page: Page, newest: Sequence[Weight]) -> list[dict[str, Any]]:
    """Return the rows of a table, each with the change since the row below."""
    return [_weighing(page, weighing, before) for weighing, before in zip(newest, [*newest[1:], None], strict=False)]


def _weighing(page: Page, weighing: Weight, before: Weight | None) -> dict[str, Any]:
    return {
        "at": words.sentence(todo_words.moment(weighing.weighed_at, page.now, page.zone)),
        "weight": words.weight(weighing.grams),
        "change": f"{_signed(weighing.grams - before.grams)} g" if before else "",
        "note": weighing.note or "",
        "by": weighing.by,
    }


def _signed(number: float) -> str:
    """Return a number with its sign. U+2212 is as wide as the plus."""
    return f"{number:+g}".replace("-", "−") if number else "±0"


def _todo(page: Page, todo: TodoView) -> dict[str, Any]:
    return {
        "title": todo_words.title(todo),
        "href": page.link("todos", todo.id),
        "when": todo_words.due(todo, page.now, page.zone) or "No due date",
        "overdue": todo.overdue,
        "assignee": todo.assignee,
    }


def history(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the page of a history."""
    name = page.path.split("/")[2]
    return {
        "cat": words.name(name),
        "back": page.link("cats", name),
        "entries": [history_entry(page, entry) for entry in value["items"]],
        "next": value.get("next"),
    }


def history_entry(page: Page, entry: HistoryEntry) -> dict[str, str]:
    """Return a line of the history in words."""
    return {
        "text": _change(entry),
        "by": entry.by,
        "at": words.sentence(todo_words.moment(entry.at, page.now, page.zone)),
    }


def _change(entry: HistoryEntry) -> str:
    if entry.action == "created":
        return "Added the cat"
    if entry.action == "deleted":
        return "Deleted the cat"
    if entry.action == "redacted":
        member = _members([str(entry.member)])
        return f"Removed earlier values: {member}. Reason: {entry.reason}"
    if entry.action == "bonded":
        return "Changed the bonds, at the other cat"
    return f"Changed: {_members(entry.changed)}" if entry.changed else "Saved without a change"


def _members(names: Sequence[str]) -> str:
    """Return members in words, each once. Another release may have members that this one does not know."""
    return words.join(list(dict.fromkeys(MEMBERS.get(name, name) for name in names)))
