"""The site: ``/site``, and its logo: ``/site/photos``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from flask import Response
from flask import request as http_request

from api.domain.site import KEY, ReplaceSite, SiteView
from api.http.csrf import UNSAFE
from api.http.query_params import QueryParameters
from api.http.request_body import MERGE_PATCH
from api.http.resource import Operation, RequestContext
from api.resources.crud import ItemResource, fields_parameter
from api.resources.photos import PhotoResource, photo_resources
from api.services.site import SITE, forget_site

if TYPE_CHECKING:
    from api.services.albums import Found


class SiteItem(ItemResource):
    """The site. There is one, which is never created or deleted, and it has no key."""

    path, tag, service = "/site", "Site", SITE
    tag_description = "The café as its pages show it: name, address, opening hours and theme."

    operations: ClassVar = {
        "get": Operation(
            "Get the site",
            id="getSite",
            role="public",
            has_page=True,
            query=QueryParameters(fields_parameter(SiteView)),
            responses={200: SiteView},
            description=(
                "Until the owner changes it, it has the defaults, and its version is 0. The photos of the site change "
                "its logo."
            ),
        ),
        "patch": Operation(
            "Update the site",
            id="updateSite",
            role="owner",
            body=ReplaceSite,
            accepts=(MERGE_PATCH,),
            responses={200: SiteView},
            description=(
                "A merge patch: null gives a member its default, arrays are replaced. Needs If-Match. Pages show the "
                "change within a few seconds."
            ),
        ),
    }

    def dispatch_request(self, **path: Any) -> Response:
        """Handle a request for the key that the path does not have."""
        return super().dispatch_request(**path, key=KEY)

    def patch(self, request: RequestContext, key: str) -> Response:
        """Apply a merge patch (RFC 7396), after which the pages of this process show the change."""
        try:
            return super().patch(request, key)
        finally:
            forget_site(self.dependencies)


class SiteAlbum(PhotoResource, abstract=True):
    """A resource of the only photo of the site: the logo, which every page shows."""

    def dispatch_request(self, **path: Any) -> Response:
        """Handle a request for the key that the path does not have. After a write, pages read the site again."""
        try:
            return super().dispatch_request(key=KEY, **path)
        finally:
            if http_request.method in UNSAFE:
                forget_site(self.dependencies)

    def find(self, request: RequestContext, key: str) -> Found:
        """Return the photos of the site. A page of the owner reads the site again for a logo of the photo function."""
        if request.wants_page and request.context.full_access:
            forget_site(self.dependencies)
        return super().find(request, key)


PHOTOS = photo_resources("the site", "/site/photos", role="owner", mixins=(SiteAlbum,))
