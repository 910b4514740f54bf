"""The table of the forms."""

from __future__ import annotations

from collections.abc import Mapping

from api.resources.forms import accounts, site, weights
from api.resources.forms import photos as photo_forms
from api.resources.forms.entity import EntityForm
from api.resources.forms.form import Form
from api.resources.forms.todos import TodoForm
from api.services.cats import CATS
from api.services.pies import PIES
from api.services.posts import POSTS
from api.services.todos import TODOS
from api.web.forms import cats, pies, posts, todos

FORMS: Mapping[str, Form] = {
    "cats": EntityForm(service=CATS, title_field="name", name="the cat", sections=cats.SECTIONS).form(),
    "weights": weights.FORM,
    "pies": EntityForm(service=PIES, title_field="public_name", name="the pie", sections=pies.SECTIONS).form(),
    "posts": EntityForm(service=POSTS, title_field="title", name="the post", sections=posts.SECTIONS).form(),
    **accounts.FORMS,
    **photo_forms.FORMS,
    **site.FORMS,
    "todos": TodoForm(service=TODOS, title_field="title", name="the to-do", sections=todos.SECTIONS).form(),
}
"""Each form by its name in the URL. Each form declares its role."""
