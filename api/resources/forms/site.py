"""The form of the site."""

from __future__ import annotations

from msgspec.structs import replace

from api.domain.site import KEY
from api.http.forms import Submission
from api.http.resource import RequestContext
from api.resources.forms.entity import EntityForm
from api.services.site import SITE, forget_site
from api.web.forms.site import SECTIONS

ENTITY = EntityForm(service=SITE, name="the café", sections=SECTIONS, role="owner", only_key=KEY)


def _save(request: RequestContext, key: str | None, sent: Submission) -> str:
    """Save the site, which the next page then shows."""
    try:
        return ENTITY.save(request, key, sent)
    finally:
        forget_site(request.context.dependencies)


FORM = replace(ENTITY.form(), save=_save)
