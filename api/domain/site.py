"""The site: the café as its pages show it. There is exactly one, which exists from the start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from api.domain.cat_fields import ShortText
from api.domain.entity import (
    ApiStruct,
    Timestamp,
    WriteContext,
    next_version,
    non_default_fields,
    project,
)
from api.domain.errors import FieldError
from api.domain.names import text_error
from api.domain.photos import Photo, PhotoView, photo_views
from api.domain.users import EMAIL

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEY = "site"
"""The key of the site."""

Theme = Literal["bakery", "garden", "harbour"]
THEMES: tuple[Theme, ...] = get_args(Theme)
FontStack = Literal["system", "oldStyle", "humanist", "rounded", "slab"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

COLOR = "#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})"
LINE = r"(?=.*\S)[^\x00-\x1f\x7f\x85\u2028\u2029]+"
TELEPHONE = r"\+?[0-9(][0-9 ()./-]{3,30}"
TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
"""The formats of texts. ``validate`` checks them, because each pattern in ``Meta`` is compiled at every start."""


def _text(pattern: str, max_length: int, description: str, example: str) -> Meta:
    schema = {"pattern": f"^{pattern}$"}
    return Meta(max_length=max_length, description=description, examples=[example], extra_json_schema=schema)


Line = Annotated[str, _text(LINE, 200, "One line, not blank.", "7 Lantern Lane")]
Color = Annotated[str, _text(COLOR, 7, "A colour in hexadecimal digits.", "#9a4310")]
Telephone = Annotated[
    str,
    _text(
        TELEPHONE,
        32,
        "Digits, with a + at the start and with spaces, brackets, dots and hyphens between them.",
        "+44 117 496 0123",
    ),
]
ContactEmail = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=EMAIL,
        description="An e-mail address. Everyone sees it.",
        examples=["hello@example.org"],
    ),
]
TimeOfDay = Annotated[str, _text(TIME, 5, "Hours and minutes of 24 hours.", "09:00")]


class TimeSpan(ApiStruct, frozen=True):
    """A span of opening hours on one day."""

    opens: TimeOfDay
    closes: TimeOfDay
    """Later than ``opens``. For midnight, write 23:59, and the rest to the next day."""


Spans = Annotated[tuple[TimeSpan, ...], Meta(max_length=6)]


class OpeningHours(ApiStruct, frozen=True):
    """The spans of each weekday, in the time zone of the café. A day without a span is closed."""

    monday: Spans = ()
    tuesday: Spans = ()
    wednesday: Spans = ()
    thursday: Spans = ()
    friday: Spans = ()
    saturday: Spans = ()
    sunday: Spans = ()


class ReplaceSite(ApiStruct, frozen=True):
    """The members of the site that the owner writes. Each has a default."""

    name: ShortText = "Clowder"
    tagline: Line = "Pie, coffee, and cats who would like to come home with you."
    address: Annotated[tuple[Line, ...], Meta(max_length=8, description="The lines of the address.")] = ()
    opening_hours: OpeningHours = OpeningHours()
    """If all days are closed, the pages say that the hours are not published."""
    opening_hours_note: Line | None = None
    """A sentence about exceptions: "Closed on public holidays."."""
    email: ContactEmail | None = None
    telephone: Telephone | None = None
    theme: Theme = "bakery"
    """The colours and shapes of the pages. Each theme is light and dark, as the reader's system is."""
    accent_color: Color | None = None
    """The colour of links and buttons. The pages use a darker or lighter shade of it where its contrast is too low.
    Null means the colour of the theme."""
    font_stack: FontStack | None = None
    """Fonts that systems have. Null means those of the theme."""


class Site(ReplaceSite, frozen=True, kw_only=True, omit_defaults=True):
    """The stored site."""

    photos: tuple[Photo, ...] = ()
    """The logo, if it is not the drawn one: at most one photo."""
    created: datetime = EPOCH
    """Always the same, because the site exists from the start."""
    updated: datetime
    version: int


class SiteView(ReplaceSite, frozen=True, kw_only=True):
    """The site as clients see it."""

    logo: PhotoView | None
    """The logo of the café; null for the drawn one. The photos of the site change it."""
    time_zone: str
    """The time zone of the opening hours, in the IANA database. It is a setting of the deployment."""
    updated: Timestamp | None
    """Null if the site has never been changed."""
    version: int
    """0 if the site has never been changed."""


DEFAULT = Site(updated=EPOCH, version=0)
"""The site before its first change."""


def update(site: Site, body: ReplaceSite, write: WriteContext) -> Site:
    """Return the next version of the site."""
    return msgspec.structs.replace(site, **_fields(body), **next_version(site, write.at))


def _fields(body: ReplaceSite) -> dict[str, Any]:
    """Return the fields of a body. The spans of a day are in order, and a colour has six small digits."""
    days = {day: tuple(sorted(getattr(body.opening_hours, day), key=lambda span: span.opens)) for day in WEEKDAYS}
    color = body.accent_color and body.accent_color.lower()
    if color and len(color) == len("#abc"):
        color = "#" + "".join(digit * 2 for digit in color[1:])
    changed = {"opening_hours": OpeningHours(**days), "accent_color": color}
    return non_default_fields(msgspec.structs.replace(body, **changed), ReplaceSite)


def to_body(site: Site) -> ReplaceSite:
    """Return the fields that the owner may write: the target of a merge patch."""
    return project(ReplaceSite, site)


def to_view(site: Site, time_zone: str, root: str) -> SiteView:
    """Return the site as clients see it."""
    updated = site.updated if site.version else None
    return project(SiteView, site, logo=logo_of(site, root), time_zone=time_zone, updated=updated)


def logo_of(site: Site, root: str) -> PhotoView | None:
    """Return the logo that the owner has uploaded.

    Args:
        site: the site.
        root: the path before the paths of the API.
    """
    return next(iter(photo_views(site.photos, KEY, root)), None)


def validate(body: ReplaceSite) -> Iterator[FieldError]:
    """Yield the errors of a body whose types are valid."""
    lines = {"tagline": body.tagline, "openingHoursNote": body.opening_hours_note}
    lines |= {f"address/{index}": line for index, line in enumerate(body.address)}
    for member, line in lines.items():
        if line is not None:
            yield from _line_errors(line, f"/{member}")
    if body.accent_color is not None and not re.fullmatch(COLOR, body.accent_color):
        detail = "accentColor must be # with three or six hexadecimal digits, such as #a41 or #9a4310."
        yield FieldError("invalid_format", detail, pointer="/accentColor")
    if body.telephone is not None and not re.fullmatch(TELEPHONE, body.telephone):
        detail = "telephone must have digits, such as +44 117 496 0123."
        yield FieldError("invalid_format", detail, pointer="/telephone")
    for day in WEEKDAYS:
        yield from _span_errors(getattr(body.opening_hours, day), f"/openingHours/{day}")


def _line_errors(line: str, pointer: str) -> Iterator[FieldError]:
    name = pointer.split("/")[1]
    if error := text_error(line, name, is_required=False):
        yield error.at(pointer)
    elif not re.fullmatch(LINE, line):
        yield FieldError("invalid_character", f"{name} must be one line without control characters.", pointer=pointer)


def _span_errors(spans: tuple[TimeSpan, ...], pointer: str) -> Iterator[FieldError]:
    last: TimeSpan | None = None
    for index, span in sorted(enumerate(spans), key=lambda pair: pair[1].opens):
        if errors := list(_time_errors(span, f"{pointer}/{index}")):
            yield from errors
            continue
        if last and span.opens < last.closes:
            detail = f"{span.opens} to {span.closes} overlaps {last.opens} to {last.closes}."
            yield FieldError("contradiction", detail, pointer=f"{pointer}/{index}")
        last = span if last is None or span.closes > last.closes else last


def _time_errors(span: TimeSpan, pointer: str) -> Iterator[FieldError]:
    wrong = [name for name in ("opens", "closes") if not re.fullmatch(TIME, getattr(span, name))]
    for name in wrong:
        detail = f"{name} must be a time from 00:00 to 23:59, with two digits each."
        yield FieldError("invalid_format", detail, pointer=f"{pointer}/{name}")
    if not wrong and span.opens >= span.closes:
        detail = f"closes must be later than opens on the same day, but {span.closes} is not after {span.opens}."
        yield FieldError("contradiction", detail, pointer=f"{pointer}/closes")
