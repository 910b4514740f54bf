"""Fill every text of every stored document with a hostile text: the texts of a new struct or field too."""

from __future__ import annotations

import json
from typing import Any

from msgspec import inspect

from api.domain.entity import HistoryEntry
from api.domain.weights import Weight
from api.store import keys
from api.store.keys import unmarshal
from tests.support.app import TestApp
from tools.ops.migrate import REPOSITORIES
from tools.tables import scan

HOSTILE = (
    "<script>ran(1)</script>",
    '"><img src=x onerror=ran(1)>',
    "' onmouseover='ran(1)' autofocus onfocus='ran(1)' x='",
    "</title></head><body onload=ran(1)>",
    "</script><script>ran(1)</script>",
    "</textarea></select><svg onload=ran(1)>",
    "<!--<script>",
    "--><svg/onload=ran(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &#60;b&#62; &amp;",
    "]]></style><style>*{display:none}",
    "\\u003cscript\\u003eran(1)",
    "`${ran(1)}`",
    "javascript:ran(1)",
)
"""Texts that would run ``ran``, close an element or be a template, in one place or another."""
ALL = " ".join(HOSTILE)
URL = "javascript:ran(1)//" + ALL
"""All texts, as a URL."""
ENTRIES = {"weights": Weight}
"""The struct of the entries of a list beside an entity."""
KEPT = {
    "name", "username", "id", "uid", "number",  # keys
    "cat", "cats", "bondedWith", "hiddenBonds", "blockedBy", "assignee", "author", "by", "doneBy", "person", "next",  # references
    "member", "changed",  # names of members
    "passwordHash",
    "html",  # made from the body, see Markdown in test_hostile_texts.py
    "currency",
}  # fmt: skip
"""The members that the server writes or checks in every release, so that they never have a hostile text."""
TEXT_NAMES = {"ApiToken", "Site"}
"""Structs whose name is a text and no key."""


def fill(cafe: TestApp, text: str) -> set[str]:
    """Replace the texts of all stored documents, and return the members that have one now: ``Cat.description``."""
    filled = set[str]()
    for typed in scan(cafe.table):
        item = unmarshal(typed)
        collection, entries = str(item["pk"]).split("#")[0], str(item["sk"]).split("#")[0]
        for attribute in {"doc", "entry"} & item.keys():
            struct: Any = HistoryEntry
            if attribute == "doc":
                known = entries in (keys.RECORD, keys.HISTORY)
                struct = REPOSITORIES[collection].type if known else ENTRIES[entries]
            document = _fill(inspect.type_info(struct), json.loads(str(item[attribute])), text, filled)
            typed[attribute] = {"S": json.dumps(document)}
        cafe.table.client.put_item(TableName=cafe.table.name, Item=typed)
    return filled


def _fill(info: Any, value: Any, text: str, filled: set[str]) -> Any:
    """Return a JSON value of a type with the text in place of each text, also of one that is missing."""
    if isinstance(info, inspect.UnionType):
        texts = [each for each in info.types if isinstance(each, inspect.StrType)]
        others = [each for each in info.types if isinstance(each, (inspect.StructType, inspect.VarTupleType))]
        if texts and (value is None or isinstance(value, str)):
            return _fill(texts[0], value, text, filled)
        return value if value is None or not others else _fill(others[0], value, text, filled)
    if isinstance(info, inspect.Metadata):
        return _fill(info.type, value, text, filled)
    if isinstance(info, inspect.StrType):
        return value if info.pattern else text
    if isinstance(info, (inspect.VarTupleType, inspect.ListType)):
        return [_fill(info.item_type, each, text, filled) for each in value or ()]
    if isinstance(info, inspect.StructType) and isinstance(value, dict):
        return value | _fill_struct(info, value, text, filled)
    return value


def _fill_struct(info: inspect.StructType, value: dict[str, Any], text: str, filled: set[str]) -> dict[str, Any]:
    members = {}
    for field in info.fields:
        name = field.encode_name
        if name in KEPT and not (name == "name" and info.cls.__name__ in TEXT_NAMES):
            continue
        found = _fill(field.type, value.get(name), text, filled)
        if found is not None and found != value.get(name):
            members[name] = found
            filled.add(f"{info.cls.__name__}.{name}")
    return members
