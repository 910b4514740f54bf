"""The forms of the site: its settings, and its logo."""

from __future__ import annotations

from functools import partial

from flask import Response
from msgspec.structs import replace

from api.domain.site import KEY
from api.http.forms import Submission
from api.http.resource import RequestContext
from api.resources.forms import photos
from api.resources.forms.entity import EntityForm
from api.resources.forms.form import Form
from api.services.site import SITE, forget_site
from api.web.forms.site import SECTIONS
from api.web.pages.form import FormPage

ENTITY = EntityForm(service=SITE, name="the café", sections=SECTIONS, role="owner", only_key=KEY)


def _load(request: RequestContext, key: str | None) -> FormPage:
    """Return the form of the settings, with a link to the logo."""
    return replace(ENTITY.load(request, key), more=(("Change the logo", ("site", "photos")),))


def _save(form: Form, request: RequestContext, key: str | None, sent: Submission) -> str | Response:
    """Save a form, after which the next page shows the change."""
    try:
        return form.save(request, key, sent)
    finally:
        forget_site(request.context.dependencies)


FORMS = {
    name: replace(form, save=partial(_save, form))
    for name, form in {
        "site": replace(ENTITY.form(), load=_load),
        **{name: photos.FORMS[name] for name in ("site-photos", "site-photo")},
    }.items()
}
"""``site`` changes the settings. The others are forms of photos, which they replace in the table of forms."""
