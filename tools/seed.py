"""Brings the sample's cats into the café, through the API itself: the sample obeys every rule that visitors' cats do.

``sample/cats.json`` is a list of cats as ``PUT /cats/{name}`` takes them, each with her name, and with ``weights``
as pairs of days ago and grams. A date is ``{"daysAgo": n}`` (``{"inDays": n}`` if it lies ahead), so that the kittens
stay kittens. A cat names only those above her as ``bondedWith``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask

from tools.problem import Problem

SAMPLE = Path(__file__).with_name("sample") / "cats.json"


def seed(app: Flask, token: str, today: date) -> None:
    """Put the sample's cats where there are none of their names; safe to repeat on the same day.

    Args:
        app: the service.
        token: a bearer token of somebody who may write cats.
        today: what the sample's dates are counted from.
    """
    with _quiet():
        for place, cat in enumerate(sample(today)):
            weights = cat.pop("weights", [])
            path = f"/cats/{quote(cat['name'])}"
            _send(app, token, "PUT", path, cat, {"If-None-Match": "*"})
            for turn, (days_ago, grams) in enumerate(weights):
                weighing = {"grams": grams, "weighedAt": f"{today - timedelta(days=days_ago)}T09:00:00Z"}
                _send(app, token, "POST", f"{path}/weights", weighing, {"Idempotency-Key": f"sample-{place}-{turn}"})


def sample(today: date) -> list[dict[str, Any]]:
    """Return the sample's cats with their dates counted from a day."""
    told = SAMPLE.read_text(encoding="utf-8")
    cats: list[dict[str, Any]] = json.loads(told, object_hook=lambda members: _dated(members, today))
    return cats


def _dated(told: dict[str, Any], today: date) -> dict[str, Any] | str:
    """Turn ``{"daysAgo": n}`` into a date and leave every other object as it is."""
    match told:
        case {"daysAgo": int(days)}:
            return (today - timedelta(days=days)).isoformat()
        case {"inDays": int(days)}:
            return (today + timedelta(days=days)).isoformat()
        case _:
            return told


def _send(app: Flask, token: str, method: str, path: str, body: object, headers: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {token}", **headers}
    answer = app.test_client().open(path, method=method, json=body, headers=headers)
    # A cat who is there already is what an earlier, interrupted start has left.
    if answer.status_code >= HTTPStatus.BAD_REQUEST and answer.status_code != HTTPStatus.PRECONDITION_FAILED:
        raise Problem(f"The sample is not written: {method} {path} answered {answer.status}: {answer.text.strip()}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the sample's requests out of the log."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
