"""The largest entity of each kind fits into an item of DynamoDB, also as the saved response of a POST."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from api.domain.cat_fields import Microchip, SpecialNeeds, Vaccination
from api.domain.cats import Cat
from api.domain.markdown import MAX_HTML_BYTES
from api.domain.pies import Pie
from api.domain.posts import Post
from api.domain.sessions import MAX_SESSIONS, Session, UserSessions
from api.domain.todos import Todo
from api.domain.tokens import MAX_TOKENS, ApiToken, UserTokens
from api.domain.users import User
from api.services.mappings import CAT, PIE, POST, TODO, USER, USER_SESSIONS, USER_TOKENS
from api.store.transaction import MAX_ITEM_BYTES, item_size

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TIMES: dict[str, Any] = {"created": NOW, "updated": NOW, "version": 1}
NAME, SHORT, LONG = "\U00020000" * 64, "\x01" * 64, "\x01" * 4000
"""A letter has at most four bytes, and a control character six in JSON."""
LINK = '<a href="x" rel="nofollow noopener noreferrer">x</a>'
HTML = "\x01" * 20_000 + LINK * ((MAX_HTML_BYTES - 20_000) // len(LINK))
SESSION = Session(id="x" * 43, username=NAME, role="member", created=NOW, expires=NOW + timedelta(hours=1))
TOKEN = ApiToken(id="x" * 43, name=SHORT, role="member", created=NOW, expires=NOW, last_used=NOW)
LARGEST: dict[str, tuple[Any, Any]] = {
    "cat": (CAT, Cat(
        name=NAME, uid="x", description=LONG, staff_notes=LONG, special_needs=SpecialNeeds(note=LONG, diet=LONG),
        microchips=(Microchip("1" * 15),) * 5, vaccinations=(Vaccination(SHORT, NOW, NOW, NOW, SHORT),) * 50,
        bonded_with=(NAME,) * 10, hidden_bonds=(NAME,) * 10, pattern=SHORT, **TIMES,
    )),
    "pie": (PIE, Pie(name=NAME, public_name=SHORT, description=LONG, **TIMES)),
    "post": (POST, Post(title="\x01" * 200, body="\x01" * 20_000, html=HTML, cats=(NAME,) * 20, id=10**12 - 1,
                        author=NAME, published_at=NOW, **TIMES)),
    "to-do": (TODO, Todo(id="x" * 64, title="\x01" * 200, notes=LONG, cat=NAME, assignee=NAME,
                         blocked_by=("x" * 64,) * 20, by=NAME, **TIMES)),
    "user": (USER, User(username=NAME, role="member", display_name=SHORT, about=LONG, email="x" * 254, **TIMES)),
    "token list": (USER_TOKENS, UserTokens(username=NAME, uid=NAME, tokens=(TOKEN,) * MAX_TOKENS)),
    "session list": (USER_SESSIONS, UserSessions(username=NAME, sessions=(SESSION,) * MAX_SESSIONS)),
}  # fmt: skip


@pytest.mark.parametrize("kind", LARGEST)
def test_largest_entity_fits_into_an_item(kind: str) -> None:
    repository, entity = LARGEST[kind]
    size = item_size(repository.item(entity, "x" * 16))
    view = len(msgspec.json.encode(entity)) + 10_000  # a view has more members, and the item other attributes
    assert max(size, view) < MAX_ITEM_BYTES
