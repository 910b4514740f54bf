"""The pages: for each operation, its template and a function from its result to the variables of the template.

A page is another representation of what an operation responds with as JSON. To add one, write the function and the
template, add the line here, and set ``has_page`` in the operation. The function is pure: it reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.web.pages import accounts, cat_staff, cats, form, home, photos, pies, posts, todos
from api.web.pages.page import Page

View = Callable[[Page, Any], dict[str, Any]]

PAGES: Mapping[str, tuple[str, View]] = {
    "getIndex": ("home.html", home.home),
    "getSite": ("site.html", home.visit),
    "listCats": ("cats.html", cats.cat_list),
    "getCat": ("cat.html", cats.cat),
    "listCatHistory": ("history.html", cat_staff.history),
    "listCatWeights": ("weights.html", cat_staff.weights),
    "listPies": ("pies.html", pies.menu),
    "getPie": ("pie.html", pies.pie),
    "listPosts": ("posts.html", posts.post_list),
    "getPost": ("post.html", posts.post),
    "listUsers": ("users.html", accounts.user_list),
    "getUser": ("user.html", accounts.user),
    "listSessions": ("sessions.html", accounts.session_list),
    "listTokens": ("tokens.html", accounts.token_list),
    **{f"list{entity}Photos": ("photos.html", photos.photo_list) for entity in ("Cat", "Pie", "Post", "Site")},
    **{f"get{entity}Photo": ("photo.html", photos.photo) for entity in ("Cat", "Pie", "Post", "Site")},
    "getNextTodos": ("todos_next.html", todos.next_todos),
    "listTodos": ("todos.html", todos.todo_list),
    "getTodo": ("todo.html", todos.todo),
    **dict.fromkeys(("getForm", "sendForm", "getEditForm", "sendEditForm"), ("form.html", form.form)),
}
"""The template and the function of each operation."""


def build_page(operation: str, value: Any, **facts: Any) -> tuple[str, dict[str, Any]]:
    """Return the template of a page, and its variables.

    Args:
        operation: the id of the operation.
        value: what the operation responds with as JSON, before it is encoded.
        facts: the fields of ``Page``.
    """
    template, view = PAGES[operation]
    page = Page(**facts)
    return template, page.common() | view(page, value)
