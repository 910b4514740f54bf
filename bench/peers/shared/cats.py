"""Cats as dictionaries: the stored document, the public and the staff view, and the items that a change writes.

All peers share this module, because no framework provides it.
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
"""The fields that a client can write."""
STAFF_FIELDS = ("microchips", "staffNotes", "holdUntil")
INTERNAL_FIELDS = ("uid", "hiddenBonds", "publicVersion", "publicUpdated", "chipsClaimed")
PUBLIC_STATUSES = ("resident", "available", "reserved", "trial")
MAX_AGE_YEARS = 60


class RequestError(Exception):
    """A request error with its status code."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def session_id(secret: str, token: str) -> str:
    """Return the HMAC under which the session of a token is stored."""
    return _base64(hmac.digest(secret.encode(), b"sessions\n" + token.encode(), "sha256"))


def sign_cursor(secret: str, path: str, position: str) -> str:
    """Return the signed cursor of the next page, in the format of itsdangerous's URLSafeSerializer."""
    payload = _base64(json.dumps(position).encode())
    key = hashlib.sha256(f"{path}?signer{secret}".encode()).digest()
    return f"{payload}.{_base64(hmac.digest(key, payload.encode(), 'sha256'))}"


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def is_public(cat: Cat) -> bool:
    """Return whether the cat is visible to the public."""
    return cat.get("status", "intake") in PUBLIC_STATUSES


def view(cat: Cat, staff: bool) -> Cat:
    """Return the staff view or the public view of a cat today."""
    today = datetime.now(UTC).date()
    if staff:
        fields = {name: value for name, value in {**DEFAULTS, **cat}.items() if name not in INTERNAL_FIELDS}
        fields["blockers"] = blockers(fields, today)
    else:
        version, updated = public_version(cat)
        fields = {**public_fields(cat), "version": version, "updated": updated}
    fields |= {"ageGroup": age_group(fields["birthDate"], today), "photos": []}
    return fields


def public_fields(cat: Cat) -> Cat:
    """Return the fields that the public sees, without those of the version."""
    excluded, hidden = (*INTERNAL_FIELDS, *STAFF_FIELDS, "version", "updated"), cat.get("hiddenBonds", [])
    fields = {name: value for name, value in {**DEFAULTS, **cat}.items() if name not in excluded}
    fields["bondedWith"] = [name for name in fields["bondedWith"] if name not in hidden]
    fields["location"] = {name: value for name, value in fields["location"].items() if name != "unit"}
    doses = fields["vaccinations"]
    fields["vaccinations"] = [{name: value for name, value in dose.items() if name != "batch"} for dose in doses]
    return fields


def public_version(cat: Cat) -> tuple[int, str]:
    """Return the number and the time of the last version that the public could see."""
    return cat.get("publicVersion", cat["version"]), cat.get("publicUpdated", cat["updated"])


def age_group(born: str | None, today: date) -> str | None:
    """Return the age group today."""
    day = date.fromisoformat(born) if born else None
    if day is None or day > today:
        return None
    years = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return "baby" if years < 1 else "young" if years < 3 else "adult" if years < 8 else "senior"


def date_errors(cat: Cat) -> list[str]:
    """Return the errors in dates of past events: none may be in the future or before the birth."""
    today = datetime.now(UTC).date()
    texts = {name: cat[name] for name in ("birthDate", "alteredOn", "testedOn")}
    texts |= {f"microchips/{i}/implantedOn": chip["implantedOn"] for i, chip in enumerate(cat["microchips"])}
    texts |= {f"vaccinations/{i}/givenOn": dose["givenOn"] for i, dose in enumerate(cat["vaccinations"])}
    oldest = today - timedelta(days=MAX_AGE_YEARS * 365.25)
    born = date.fromisoformat(cat["birthDate"]) if cat["birthDate"] else oldest
    dates = {name: date.fromisoformat(text) for name, text in texts.items() if text}
    first = max(born, oldest)
    return [f"{name}: must be within the cat's lifetime." for name, day in dates.items() if not first <= day <= today]


def next_version(before: Cat, body: Cat) -> Cat:
    """Return the next version of a cat."""
    fixed = {name: before[name] for name in (*INTERNAL_FIELDS, "name", "created") if name in before}
    updated = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    after = {**fixed, **body, "name": before["name"], "version": before["version"] + 1, "updated": updated}
    version, seen = public_version(before)
    if is_public(after) and public_fields(before) != public_fields(after):
        version, seen = version + 1, updated
    return {**after, "publicVersion": version, "publicUpdated": seen}


def items_to_write(before: Cat, after: Cat, rev: str, by: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the item of the cat and the item of its history entry, which the index of authors has too."""
    defaults = {**DEFAULTS, "publicVersion": after["version"], "publicUpdated": after["updated"]}
    doc = json.dumps({name: value for name, value in after.items() if name not in defaults or value != defaults[name]})
    old, new = {**DEFAULTS, **before}, {**DEFAULTS, **after}
    changed = [name for name in DEFAULTS if old[name] != new[name]]
    entry = {
        "at": after["updated"], "action": "replaced", "by": by, "version": after["version"], "changed": changed,
    }  # fmt: skip
    pk = f"cats#{after['name']}"
    cat = {"pk": pk, "sk": "record", **index_attributes(new), "doc": doc, "rev": rev}
    at = timestamp_key(after["updated"])
    author = {"filter1_key": f"by#{by}", "by_time": f"{at}#{rev}"}
    return cat, {"pk": pk, "sk": f"history#{at}#{rev}", **author, "entry": json.dumps(entry), "doc": doc, "rev": rev}


def index_attributes(cat: Cat) -> dict[str, str]:
    """Return the key attributes of a cat in the secondary indexes."""
    name, audience = cat["name"], "public" if is_public(cat) else "hidden"
    return {
        "list_key": f"cats#{audience}",
        "filter1_key": f"cats#{cat['status']}",
        "filter2_key": f"cats#{audience}#{cat['goodWith']['children']}",
        "by_name": f"{name.casefold()}\x00{name}",
        "by_time": f"{timestamp_key(cat['created'])}#{name}",
        "by_date": f"{cat['birthDate'] or '0000-00-00'}#{name}",
    }


def timestamp_key(timestamp: str) -> str:
    """Return a timestamp in the fixed-width format of the keys."""
    return datetime.fromisoformat(timestamp).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
