"""Fill every text of every stored document with a hostile text: the texts of a new struct or field too.

``tests/store/test_golden.py`` shows that there is a document of every struct.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, inspect

from api.domain import markdown
from api.domain.entity import HistoryEntry
from api.domain.posts import Post
from api.domain.weights import Weight
from api.store.keys import HISTORY, RECORD, unmarshal
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
TEXTS = (ALL, " ".join((*HOSTILE[5:], *HOSTILE)), " ".join((*HOSTILE[10:], *HOSTILE)), f"javascript:ran(1)//{ALL}")
"""All texts together, in other orders for places that show only the beginning, and as a URL."""
ENTRIES = {"weights": Weight}
"""The struct of the entries of a list beside an entity."""
UNCHANGED = {
    # keys and references
    "name", "username", "id", "uid", "number", "key", "entity", "files", "cat", "cats", "bondedWith", "hiddenBonds",
    "blockedBy", "assignee", "author", "by", "doneBy", "person", "next",
    "member", "changed",  # names of members
    "passwordHash",
    "html",  # made from the body
}  # fmt: skip
"""The members that the server writes or checks in every release, so that they never have a hostile text."""
NAMED = {"ApiToken", "Site"}
"""Structs whose name is a text and no key."""


def fill(cafe: TestApp, text: str, *, code_block: bool = True) -> set[str]:
    """Replace the texts of all stored documents, and return the members that have one now: ``Cat.description``.

    Args:
        cafe: the application.
        text: the text.
        code_block: whether the text is in a code block of the body of a post, so that no part of it is Markdown.
    """
    filled = set[str]()
    for typed in scan(cafe.table):
        for attribute, struct in documents(typed):
            document = _fill(inspect.type_info(struct), json.loads(typed[attribute]["S"]), text, filled)
            if struct is Post:
                document["body"] = f"    {text}" if code_block else text
                document["html"] = markdown.to_html(document["body"])
            typed[attribute] = {"S": json.dumps(document)}
        cafe.table.client.put_item(TableName=cafe.table.name, Item=typed)
    return filled


def documents(typed: dict[str, Any]) -> Iterator[tuple[str, type[Struct]]]:
    """Yield the attributes of an item that are documents, each with its struct."""
    item = unmarshal(typed)
    collection, entries = str(item["pk"]).split("#")[0], str(item["sk"]).split("#")[0]
    if "entry" in item:
        yield "entry", HistoryEntry
    if "doc" in item:
        yield "doc", REPOSITORIES[collection].type if entries in (RECORD, HISTORY) else ENTRIES[entries]


def _plain(info: Any) -> Any:
    return _plain(info.type) if isinstance(info, inspect.Metadata) else info


def _is_text(struct: inspect.StructType, field: inspect.Field) -> bool:
    """Return whether a member is a text, or a list of texts, that is replaced."""
    name, info = field.encode_name, _plain(field.type)
    if name in UNCHANGED and not (name == "name" and struct.cls.__name__ in NAMED):
        return False
    types = [_plain(each) for each in getattr(info, "types", (info,))]
    types += [_plain(each.item_type) for each in types if isinstance(each, inspect.VarTupleType)]
    return any(isinstance(each, inspect.StrType) and not each.pattern for each in types)


def _fill(info: Any, value: Any, text: str, filled: set[str]) -> Any:
    """Return a JSON value of a type with the text in place of each text, also of one that is missing."""
    info = _plain(info)
    if isinstance(info, inspect.UnionType):
        types = [_plain(each) for each in info.types]
        kind = (
            inspect.StrType if value is None or isinstance(value, str) else (inspect.StructType, inspect.VarTupleType)
        )
        chosen = next((each for each in types if isinstance(each, kind)), None)
        return _fill(chosen, value, text, filled) if chosen else value
    if isinstance(info, inspect.StrType):
        return value if info.pattern else text
    if isinstance(info, inspect.VarTupleType) and value:
        return [_fill(info.item_type, each, text, filled) for each in value]
    if isinstance(info, inspect.TupleType) and value:
        return [_fill(each, member, text, filled) for each, member in zip(info.item_types, value, strict=True)]
    if isinstance(info, inspect.StructType) and isinstance(value, dict):
        return value | _fill_members(info, value, text, filled)
    return value


def _fill_members(info: inspect.StructType, value: dict[str, Any], text: str, filled: set[str]) -> dict[str, Any]:
    members = {}
    for field in info.fields:
        name, is_text = field.encode_name, _is_text(info, field)
        if name in UNCHANGED and not is_text:
            continue
        before = value.get(name)
        if name not in value and not is_text:
            continue
        found = _fill(field.type, before, text, filled)
        if found is not None:
            members[name] = found
        if is_text and found:
            filled.add(f"{info.cls.__name__}.{name}")
    return members
