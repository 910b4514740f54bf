"""What every peer knows of the café, as plain dictionaries: how a cat is kept, how she looks, what a change writes.

No framework helps with this, so it is the same for all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from typing import Any

from blockers import blockers

Cat = dict[str, Any]

DEFAULTS: Cat = {
    "sex": "unknown", "birthDate": None, "birthDateExact": False,
    "breed": {"primary": None, "secondary": None, "mixed": False},
    "colors": {"primary": None, "secondary": None, "tertiary": None},
    "pattern": None, "coat": None, "altered": "unknown", "alteredOn": None, "microchips": [],
    "fiv": "unknown", "felv": "unknown", "testedOn": None, "vaccinations": [],
    "goodWith": {"cats": "unknown", "dogs": "unknown", "children": "unknown"},
    "specialNeeds": {"has": False, "note": None, "diet": None}, "bondedWith": [], "status": "intake",
    "location": {"area": None, "unit": None, "onFloor": False}, "adoptionFee": None, "description": None,
    "staffNotes": None, "holdUntil": None,
}  # fmt: skip
"""What a client may write of a cat."""
STAFF_ONLY = ("staffNotes", "holdUntil")
KEPT_ONLY = ("uid", "hiddenBonds")
PUBLIC_STATUSES = ("resident", "available", "reserved", "trial")
OLDEST_YEARS = 60


class Refused(Exception):
    """The request is answered with a status of refusal."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def token_id(token: str) -> str:
    """Return what is kept of a token."""
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def cursor(secret: str, path: str, position: str) -> str:
    """Return where the next page of a list begins, signed."""
    mac = hmac.digest(secret.encode(), f"{path}?\n{position}".encode(), "sha256")[:16]
    return urlsafe_b64encode(mac + position.encode()).rstrip(b"=").decode()


def is_public(cat: Cat) -> bool:
    """Say whether the public may know of her."""
    return cat.get("status", "intake") in PUBLIC_STATUSES


def view(cat: Cat, staff: bool) -> Cat:
    """Return a cat as the staff or the public sees her today."""
    today = datetime.now(UTC).date()
    left_out = KEPT_ONLY if staff else KEPT_ONLY + STAFF_ONLY
    shown = {name: value for name, value in {**DEFAULTS, **cat}.items() if name not in left_out}
    shown["ageGroup"] = age_group(shown["birthDate"], today)
    if staff:
        shown["blockers"] = blockers(shown, today)
    else:
        hidden = cat.get("hiddenBonds", [])
        shown["bondedWith"] = [name for name in shown["bondedWith"] if name not in hidden]
    return shown


def age_group(born: str | None, today: date) -> str | None:
    """Return her age group today."""
    day = date.fromisoformat(born) if born else None
    if day is None or day > today:
        return None
    years = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return "baby" if years < 1 else "young" if years < 3 else "adult" if years < 8 else "senior"


def date_faults(cat: Cat) -> list[str]:
    """Return what is wrong with what has happened: it did not in the future, nor before she was born."""
    today = datetime.now(UTC).date()
    told = {name: cat[name] for name in ("birthDate", "alteredOn", "testedOn")}
    told |= {f"microchips/{i}/implantedOn": chip["implantedOn"] for i, chip in enumerate(cat["microchips"])}
    told |= {f"vaccinations/{i}/givenOn": shot["givenOn"] for i, shot in enumerate(cat["vaccinations"])}
    oldest = today - timedelta(days=OLDEST_YEARS * 365.25)
    born = date.fromisoformat(cat["birthDate"]) if cat["birthDate"] else oldest
    days = {name: date.fromisoformat(day) for name, day in told.items() if day}
    return [f"{name}: not in her lifetime." for name, day in days.items() if not max(born, oldest) <= day <= today]


def revised(before: Cat, body: Cat) -> Cat:
    """Return the next version of a cat."""
    own = {name: before[name] for name in (*KEPT_ONLY, "name", "created") if name in before}
    return {**own, **body, "name": before["name"], "version": before["version"] + 1, "updated": told(datetime.now(UTC))}


def items(before: Cat, after: Cat, rev: str, by: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a change puts into the table: the cat, and the entry in her history."""
    doc = json.dumps({name: value for name, value in after.items() if name not in DEFAULTS or value != DEFAULTS[name]})
    old, new = {**DEFAULTS, **before}, {**DEFAULTS, **after}
    changed = [name for name in DEFAULTS if old[name] != new[name]]
    entry = {
        "at": after["updated"], "action": "replaced", "by": by, "version": after["version"], "changed": changed,
    }  # fmt: skip
    pk = f"cats#{after['name']}"
    cat = {"pk": pk, "sk": "record", **places(new), "doc": doc, "rev": rev}
    history = {"pk": pk, "sk": f"history#{instant(after['updated'])}#{rev}", "entry": json.dumps(entry), "doc": doc}
    return cat, {**history, "rev": rev}


def places(cat: Cat) -> dict[str, str]:
    """Return where in the indexes a cat stands."""
    name, audience = cat["name"], "public" if is_public(cat) else "hidden"
    return {
        "list_key": f"cats#{audience}",
        "filter1_key": f"cats#{cat['status']}",
        "filter2_key": f"cats#{audience}#{cat['goodWith']['children']}",
        "by_name": f"{name.casefold()}\x00{name}",
        "by_time": f"{instant(cat['created'])}#{name}",
        "by_date": f"{cat['birthDate'] or '0000-00-00'}#{name}",
    }


def told(at: datetime) -> str:
    """Return an instant as JSON has it."""
    return at.isoformat().replace("+00:00", "Z")


def instant(at: str) -> str:
    """Return an instant as the keys have it."""
    return datetime.fromisoformat(at).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
